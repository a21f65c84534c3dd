"""Signals that end a command in order."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def until_signal() -> Generator[list[signal.Signals]]:
    """Leaves the context in order at the first SIGINT, SIGTERM or SIGHUP; the value then holds that signal.

    The current task is cancelled, so that contexts inside are left too; further signals do not disturb their leaving.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is None:
        raise RuntimeError("until_signal is used outside a task")
    received: list[signal.Signals] = []

    def receive(number: signal.Signals) -> None:
        if not received:
            task.cancel()
        received.append(number)

    handled = [signal.SIGINT, signal.SIGTERM]
    # Whoever starts a program with nohup means it to survive the terminal.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        handled.append(signal.SIGHUP)
    for number in handled:
        loop.add_signal_handler(number, receive, number)
    try:
        yield received
    except asyncio.CancelledError:
        if not received:
            raise
        task.uncancel()
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
