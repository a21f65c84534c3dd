"""A user's shell: `mlc` and Temporal's own client as programs, and what they said."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlc.record import ProcessRecord

PROGRAMS = Path(sys.executable).parent
# What belongs to the tester's own shell, not to the user's.
FOREIGN = ("TEMPORAL_", "MLC_", "COLUMNS", "LINES", "FORCE_COLOR", "TTY_")
WITHIN_SECONDS = 30


@dataclass(frozen=True)
class Said:
    """How a program ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document that it is."""
        return json.loads(self.out)

    @property
    def record(self) -> ProcessRecord:
        return ProcessRecord.model_validate(self.document)

    @property
    def complaint(self) -> str:
        """The one line on standard error."""
        assert self.out == ""
        assert self.err.startswith("mlc: "), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err.removeprefix("mlc: ").rstrip()


class Shell:
    """Runs programs with these environment variables, in a folder of its own."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        self._variables = {**kept, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **variables}

    def with_(self, **variables: str) -> "Shell":
        """The same shell with some variables more, or other ones."""
        return Shell(self._folder, {**self._variables, **variables})

    async def mlc(self, *arguments: str) -> Said:
        async with self.started("mlc", *arguments) as process:
            return await ended(process)

    async def temporal(self, *arguments: str) -> Said:
        """Temporal's command line client."""
        async with self.started("temporal", *arguments) as process:
            return await ended(process)

    @asynccontextmanager
    async def started(self, program: str, *arguments: str) -> AsyncGenerator[asyncio.subprocess.Process]:
        """The running program; killed if the test ends before it."""
        process = await asyncio.create_subprocess_exec(
            PROGRAMS / program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._variables,
            cwd=self._folder,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def ended(process: asyncio.subprocess.Process) -> Said:
    """What the program said, once it has ended."""
    async with asyncio.timeout(WITHIN_SECONDS):
        out, err = await process.communicate()
    return Said(process.returncode or 0, out.decode(), err.decode())
