"""The Temporal server and the worker as programs that a test may kill at any moment."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryFile

import httpx
from temporalio.client import Client
from temporalio.service import RPCError

from mlc.search_attributes import ALL
from tests.house import temporal_binary
from tests.stand_ins import ACCOUNTS, ROOT, SERVICE_ACCOUNT, free_port
from workflows.temporal import mlc_plugin

SECONDS_TO_START = 20.0
SETTINGS = (
    "history.transferProcessorMaxPollRPS=1000",
    "history.timerProcessorMaxPollRPS=1000",
    # A worker that dies within a workflow task is missed after this long; Temporal's default is 10 s.
    'history.defaultWorkflowTaskTimeout="2s"',
)


class TemporalServer:
    """The server with its data in a file: started again, it goes on at the same port where it was."""

    def __init__(self, folder: Path) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self._file = folder / "temporal.db"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._launch()
        await self._ready()

    def _launch(self) -> None:
        command = [temporal_binary(), "server", "start-dev", "--headless", "--log-level", "error"]
        command += ["--port", self.address.rpartition(":")[2], "--db-filename", str(self._file)]
        command += ["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"]
        for setting in SETTINGS:
            command += ["--dynamic-config-value", setting]
        for name in ALL:
            command += ["--search-attribute", f"{name}=Keyword"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        """Ends it without a chance to tidy up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def client(self) -> Client:
        return await Client.connect(self.address, plugins=[mlc_plugin()])

    async def _ready(self) -> None:
        for _ in range(int(SECONDS_TO_START / 0.1)):
            try:
                client = await Client.connect(self.address)
                await client.count_workflows()
            except (RuntimeError, RPCError):
                await asyncio.sleep(0.1)
            else:
                return
        raise AssertionError(f"the Temporal server did not answer at {self.address}")


class WorkerProgram:
    """`python -m worker` on a queue of its own, with its settings in the environment alone."""

    def __init__(self, temporal: str, moc: str, jira: str, **settings: str) -> None:
        self.health_port = free_port()
        self.queue = f"mlc-{self.health_port}"
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("MLC_", "TEMPORAL_"))
            },
            "TEMPORAL_ADDRESS": temporal,
            "MLC_MODELOP__BASE_URL": moc,
            "MLC_MODELOP__USERNAME": ACCOUNTS["moc"]["username"],
            "MLC_MODELOP__PASSWORD": ACCOUNTS["moc"]["password"],
            "MLC_JIRA__BASE_URL": jira,
            "MLC_JIRA__USERNAME": SERVICE_ACCOUNT[0],
            "MLC_JIRA__TOKEN": SERVICE_ACCOUNT[1],
            "MLC_JIRA__WATCH_SECONDS": "0.5",
            "MLC_JIRA__INDEX_LAG_SECONDS": "1",
            "MLC_WORKER__TASK_QUEUE": self.queue,
            "MLC_WORKER__HEALTH_PORT": str(self.health_port),
            "MLC_WORKER__GRACEFUL_SECONDS": "2",
            "MLC_POLICY__POLL": "PT0.2S",
            **settings,
        }
        self.process: subprocess.Popen[str] | None = None
        # A file, because nobody empties a pipe while the worker runs.
        self._said = TemporaryFile("w+")  # noqa: SIM115 - it lives as long as the program

    @property
    def health_url(self) -> str:
        return f"http://127.0.0.1:{self.health_port}/health"

    def launch(self) -> None:
        """Starts it, and waits for nothing."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "worker"],
            env=self.environment,
            cwd=ROOT,
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )

    async def start(self) -> None:
        """Starts it, and waits until it says that it works."""
        self.launch()
        async with httpx.AsyncClient(trust_env=False) as http:
            for _ in range(int(SECONDS_TO_START / 0.1)):
                try:
                    if (await http.get(self.health_url)).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)
        self.kill()
        raise AssertionError(f"the worker did not start: {self.said()}")

    def kill(self) -> None:
        """`kill -9`."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def said(self) -> str:
        """What all its runs so far wrote to stderr."""
        self._said.seek(0)
        return self._said.read()

    async def until_said(self, text: str) -> None:
        """Waits until a line of its log holds the text."""
        for _ in range(int(SECONDS_TO_START / 0.1)):
            if text in self.said():
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"the worker did not say {text!r}: {self.said()}")

    async def ended(self, within: float = 15) -> tuple[int, str]:
        """Waits for its end; answers exit code and what it said."""
        assert self.process is not None
        code = await asyncio.to_thread(self.process.wait, within)
        return code, self.said()

    async def stop(self) -> tuple[int, str]:
        """SIGTERM, as a supervisor sends it; answers exit code and what it said."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()


@asynccontextmanager
async def worker_program(
    temporal: str, moc: str, jira: str, **settings: str
) -> AsyncGenerator[WorkerProgram]:
    """A worker that works."""
    worker = WorkerProgram(temporal, moc, jira, **settings)
    try:
        await worker.start()
        yield worker
    finally:
        worker.kill()


@asynccontextmanager
async def temporal_program(folder: Path) -> AsyncGenerator[TemporalServer]:
    server = TemporalServer(folder)
    await server.start()
    try:
        yield server
    finally:
        server.kill()
