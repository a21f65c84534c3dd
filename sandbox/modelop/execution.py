"""Model code in a process of its own: isolated interpreter, empty environment, limits, no survivors."""

import asyncio
import json
import math
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.modelop.entities import Entity

_RUNNER = Path(__file__).with_name("runner.py")
_KEPT_LINES = 100
_KEPT_LINE_CHARACTERS = 2000
_READ_BYTES = 65536
# The modification time of the files that the model is given: one that it writes again, even the same, has another.
_LAID_OUT = 0.0


@dataclass(frozen=True)
class Limits:
    """What a run may use: wall clock seconds, bytes of address space, bytes of a result or of one written file."""

    seconds: float = 60.0
    memory_bytes: int = 4 * 1024**3
    output_bytes: int = 32 * 1024**2


@dataclass(frozen=True)
class ModelRun:
    """One call of a model's function: `files` are laid into its working directory under their relative paths.

    `inputs` are `{name, format: "CSV"|"JSON", content: base64}`; `raw_json` is what `init` is given. Each of `outputs` is
    `{format, input}`: the scores of the input with that index, of all inputs where it is None.
    """

    function: str
    source: str
    function_names: dict[str, str]
    files: dict[str, bytes]
    raw_json: str
    inputs: list[Entity] = field(default_factory=list[Entity])
    outputs: list[Entity] = field(default_factory=list[Entity])
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class RunOutcome:
    """`results` has one result for each output asked for, None for a run that failed; `written` are the model's files."""

    results: list[bytes] | None
    messages: list[str]
    written: dict[str, bytes] = field(default_factory=dict[str, bytes])


class Tail:
    """The last lines of what a process prints, however much it prints."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._open = b""

    async def drain(self, reader: asyncio.StreamReader) -> None:
        """Reads until the process has closed its end."""
        while chunk := await reader.read(_READ_BYTES):
            *lines, rest = (self._open + chunk).split(b"\n")
            # A line without an end must not grow without end either.
            self._open = rest[-_READ_BYTES:]
            self._lines.extend(_line(line) for line in lines)

    def lines(self) -> list[str]:
        last = [_line(self._open)] if self._open else []
        return [*self._lines, *last][-_KEPT_LINES:]


def _line(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").rstrip("\r")[:_KEPT_LINE_CHARACTERS]


async def run_model(run: ModelRun, work: Path) -> RunOutcome:
    """Runs the function to its end or its limits. Cancelling kills the process and everything it started."""
    with tempfile.TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        async with started(run, folder) as process:
            tail = Tail()
            assert process.stdout is not None  # noqa: S101 it was asked for as a pipe
            try:
                async with asyncio.timeout(run.limits.seconds):
                    await tail.drain(process.stdout)
                    await process.wait()
            except TimeoutError:
                return RunOutcome(
                    None, [*tail.lines(), f"Stopped: the time limit of {run.limits.seconds:g} s is over"]
                )
        if process.returncode != 0:
            return RunOutcome(None, [*tail.lines(), *_death(process.returncode, run.limits)])
        results = [folder / f"result.{index}" for index in range(len(run.outputs))]
        if not all(result.exists() for result in results):
            return RunOutcome(None, [*tail.lines(), "The model ended its process before there was a result"])
        files = _written_files(folder / "model")
        size = sum(path.stat().st_size for path in files)
        if size > run.limits.output_bytes:
            reason = f"The model wrote files of {size} bytes, the limit is {run.limits.output_bytes}"
            return RunOutcome(None, [*tail.lines(), reason])
        written = {path.relative_to(folder / "model").as_posix(): path.read_bytes() for path in files}
        return RunOutcome([result.read_bytes() for result in results], tail.lines(), written)


def _death(returncode: int | None, limits: Limits) -> list[str]:
    """What to say of a process that a signal ended; one that exited has said it itself."""
    if returncode is None or returncode >= 0:
        return []
    if returncode == -signal.SIGXCPU:
        return [f"Stopped: the limit of {_cpu_seconds(limits)} s CPU time is over"]
    return [f"The model's process was ended by {signal.Signals(-returncode).name}"]


def _cpu_seconds(limits: Limits) -> int:
    # One second more than the wall clock: a busy single thread is then told about the time limit.
    return math.ceil(limits.seconds) + 1


@asynccontextmanager
async def started(run: ModelRun, folder: Path) -> AsyncGenerator[Process]:
    """The model's process in `folder`; on leaving, its whole process group is killed."""
    request = _lay_out(run, folder)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-X", "utf8", str(_RUNNER), str(request)),
        stdin=PIPE,
        stdout=PIPE,
        # An online model answers on its standard output; what its code prints comes on the other.
        stderr=PIPE if run.function == "serve" else STDOUT,
        cwd=folder / "model",
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder)},
        start_new_session=True,
        limit=run.limits.output_bytes,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _lay_out(run: ModelRun, folder: Path) -> Path:
    model = folder / "model"
    for path, embedded in run.files.items():
        (model / path).parent.mkdir(parents=True, exist_ok=True)
        (model / path).write_bytes(embedded)
        os.utime(model / path, (_LAID_OUT, _LAID_OUT))
    request = folder / "request"
    request.write_text(
        json.dumps(
            {
                "function": run.function,
                "source": run.source,
                "functionNames": run.function_names,
                "rawJson": run.raw_json,
                "inputs": run.inputs,
                "outputs": run.outputs,
                "result": str(folder / "result"),
                "memoryBytes": run.limits.memory_bytes,
                "cpuSeconds": None if run.function == "serve" else _cpu_seconds(run.limits),
                "fileBytes": run.limits.output_bytes * 2,
                "outputBytes": run.limits.output_bytes,
            }
        ),
        "utf-8",
    )
    return request


def _written_files(model: Path) -> list[Path]:
    return [
        path
        for path in sorted(model.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and "__pycache__" not in path.parts
        and path.stat().st_mtime != _LAID_OUT
    ]


def empty_folder(folder: Path) -> None:
    """Makes the folder anew, without what an earlier process left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
