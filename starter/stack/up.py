"""`mlc up`: the stack in one terminal, until Ctrl-C."""

import asyncio
import logging
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from starter.stack.errors import PartFailed, StackError
from starter.stack.interruption import until_signal
from starter.stack.ports import HOST, PortChoice, Ports
from starter.stack.supervisor import Stack

STARTING = "Starting Temporal, the stand-ins, the gateway and a worker"
ENDING = "Ending: the worker first, Temporal last"


async def up(state: Path, ports: PortChoice, as_json: bool) -> int:
    """Runs a stack until SIGINT, SIGTERM or SIGHUP; answers the exit code.

    0: ended as asked. 1: a part did not start. 2: a port is taken or the state folder is in use. With `as_json` stdout gets
    one JSON line when all is ready. Errors and restarts of parts go to stderr.
    """
    log_restarts()
    # What people read goes where programs do not.
    console = Console(stderr=as_json, highlight=False)
    try:
        with until_signal(), console.status(STARTING) as waiting:
            async with Stack.start(state, ports) as stack:
                waiting.stop()
                if as_json:
                    print_line(stack)
                else:
                    console.print(stack_table(stack), *_hints(stack), sep="\n")
                try:
                    await asyncio.Event().wait()
                finally:
                    waiting.update(ENDING)
                    waiting.start()
    except StackError as error:
        report(error)
        return error.exit_code
    return 0


def log_restarts() -> None:
    """Says on stderr which part died and why, and when it is back."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")


def report(error: StackError) -> None:
    """One line on stderr, below it the last lines of the log where a part is at fault."""
    last_lines = error.last_lines if isinstance(error, PartFailed) else ()
    sys.stderr.write("\n".join((f"mlc: {error}", *(f"    {line}" for line in last_lines))) + "\n")


def print_line(stack: Stack) -> None:
    """The JSON line."""
    sys.stdout.write(stack.info.model_dump_json(by_alias=True) + "\n")
    sys.stdout.flush()


def stack_table(stack: Stack) -> Table:
    """What runs where."""
    table = Table("Part", "Address", "What it does", "pid")
    for supervised in stack.supervised:
        part = supervised.part
        table.add_row(part.name, part.address, part.purpose, str(supervised.pid))
    return table


def _hints(stack: Stack) -> list[str]:
    port = stack.info.temporal.removeprefix(f"{HOST}:")
    elsewhere = (
        []
        if port == str(Ports().temporal)
        else [f"For `mlc` in another terminal:  export TEMPORAL_ADDRESS={stack.info.temporal}"]
    )
    return [
        f"Logs and data are in {stack.info.state}. Ctrl-C ends the stack; the next `mlc up` goes on from there.",
        *elsewhere,
    ]
