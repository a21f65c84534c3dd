"""One part as a process: started, watched, started again when it dies, ended."""

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from starter.stack.errors import PartFailed
from starter.stack.parts import Part

logger = logging.getLogger("mlc.stack")

LEASH = (sys.executable, "-I", "-S", str(Path(__file__).with_name("leash.py")))
READY_SECONDS, LOOK_SECONDS = 30.0, 0.05
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 15.0
STEADY_SECONDS = 30.0
LAST_LINES, TAIL_BYTES = 5, 8192
LARGEST_LOG_BYTES = 10 * 1024 * 1024


class SupervisedPart:
    """A part in a process group of its own, with its output in a log file that goes on from start to start."""

    def __init__(self, part: Part, environment: Mapping[str, str], log: Path) -> None:
        self.part = part
        self._environment = environment
        self._log = log
        self._log_start = 0
        self._process: Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process that runs, or None."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Returns once the part is ready, and from then on starts it again whenever it dies. Raises PartFailed."""
        process = await self._spawn()
        await self._until_ready(process)
        self._keeper = asyncio.create_task(self._keep(process), name=f"keep {self.part.name}")

    async def stop(self) -> None:
        """Ends the part and all it started: SIGTERM, and SIGKILL after its grace."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            await self._terminate(process)
        _kill_group(process)
        await process.wait()

    async def _terminate(self, process: Process) -> None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(self.part.grace_seconds):
                await process.wait()
        except TimeoutError:
            logger.warning(
                "%s did not end within %g s and is killed", self.part.name, self.part.grace_seconds
            )

    async def _keep(self, process: Process) -> None:
        clock = asyncio.get_running_loop().time
        pause, ready_at = FIRST_PAUSE_SECONDS, clock()
        while True:
            await process.wait()
            _kill_group(process)
            if clock() - ready_at > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            logger.warning("%s; it starts again in %g s", self._death(process), pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            process = await self._spawn()
            try:
                await self._until_ready(process)
            except PartFailed as error:
                if process.returncode is None:
                    logger.warning("%s", error)
                _kill_group(process)
                continue
            ready_at = clock()
            logger.warning("%s is back (pid %s)", self.part.name, process.pid)

    async def _spawn(self) -> Process:
        if self._log.exists() and self._log.stat().st_size > LARGEST_LOG_BYTES:
            self._log.replace(self._log.with_name(self._log.name + ".1"))
        with self._log.open("ab") as log:
            self._log_start = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *(*LEASH, str(os.getpid()), *self.part.command),
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        return self._process

    async def _until_ready(self, process: Process) -> None:
        clock = asyncio.get_running_loop().time
        deadline = clock() + READY_SECONDS
        while process.returncode is None and not await self.part.ready():
            if clock() < deadline:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            late = f"{self.part.name} is not ready after {READY_SECONDS:g} s, its log is {self._log}"
            raise PartFailed(late, self._last_lines())
        if process.returncode is not None:
            raise PartFailed(f"{self._death(process)}, its log is {self._log}", self._last_lines())

    def _death(self, process: Process) -> str:
        code = process.returncode or 0
        how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        # Who is killed from outside has no last words of its own.
        said = self._last_lines()[-1:] if code > 0 else ()
        return f"{self.part.name} ended ({how}{''.join(f': {line}' for line in said)})"

    def _last_lines(self) -> tuple[str, ...]:
        """The last lines that the present process has logged."""
        with self._log.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, end - TAIL_BYTES))
            text = log.read().decode("utf-8", "replace")
        return tuple(line.strip() for line in text.splitlines() if line.strip())[-LAST_LINES:]


def _kill_group(process: Process) -> None:
    """Also what the part has left behind."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
