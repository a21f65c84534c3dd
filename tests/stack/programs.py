"""`mlc up` and `mlc demo` as a user runs them: programs of their own, seen from outside."""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

MLC = str(Path(sys.executable).with_name("mlc"))
# What a user's shell may hold for another installation; none of it concerns the parts of a stack.
ELSEWHERE = {
    "TEMPORAL_ADDRESS": "temporal.example:7233",
    "TEMPORAL_NAMESPACE": "elsewhere",
    "MLC_JIRA__PROJECT": "ELSEWHERE",
    "mlc_modelop__base_url": "http://modelop.example",
}
PARTS = {
    "temporal": "start-dev",
    "moc": "sandbox.modelop",
    "jira": "sandbox.jira",
    "gateway": "starter.gateway",
    "worker": "worker",
}
T = TypeVar("T")


class RunningStack:
    """`mlc up --json` that is ready; `info` is its line, `ready_after` the seconds until it came."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        self.process = process
        self._errors = errors
        began = time.monotonic()
        assert process.stdout
        line = process.stdout.readline()
        assert line, f"mlc up ended with {process.wait()}: {self.said}"
        self.ready_after = time.monotonic() - began
        self.info: dict[str, Any] = json.loads(line)

    @property
    def said(self) -> str:
        """What it wrote on stderr so far."""
        return self._errors.read_text()

    def pid_of(self, part: str) -> int:
        return next(pid for pid, command in children(self.process.pid) if PARTS[part] in command)

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """The exit code, and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(20)
        return code, time.monotonic() - began


@contextmanager
def running_stack(state: Path) -> Generator[RunningStack]:
    errors = state.with_name(f"{state.name}-stderr-{time.monotonic_ns()}.txt")
    with errors.open("w") as stderr:
        process = subprocess.Popen(
            [MLC, "up", "--state", str(state), "--ports", "auto", "--json"],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={**os.environ, **ELSEWHERE},
        )
    with process:
        try:
            yield RunningStack(process, errors)
        finally:
            process.terminate()


def children(pid: int) -> list[tuple[int, list[str]]]:
    """The child processes with their command lines."""
    found: list[tuple[int, list[str]]] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_text().split("\0")
        except OSError:
            continue
        if parent == pid:
            found.append((int(entry.name), command))
    return found


def alive(pid: int) -> bool:
    """Whether the process runs; a dead one that nobody has collected does not."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def until(holds: Callable[[], T], what: str, within: float = 20) -> T:
    """The first true answer."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if answer := holds():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come true within {within} s")


@contextmanager
def default_ports() -> Generator[None]:
    """For one test at a time, however many run side by side."""
    with (Path(tempfile.gettempdir()) / "mlc-tests-default-ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def has_control_codes(text: str) -> bool:
    """Whether the text holds more than characters and line ends."""
    return re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text) is not None
