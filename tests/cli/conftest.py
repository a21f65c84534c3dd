"""One running stack, and a shell that is set up for it."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client

from mlc.errors import NotFound
from mlc.ids import deploy_workflow_id
from mlc.record import ProcessRecord
from starter.client import MlcClient
from tests.cli.shell import WITHIN_SECONDS, Shell
from tests.stack.programs import RunningStack, running_stack
from tests.stand_ins import StandIns
from workflows.temporal import mlc_plugin

SERVICE_TAG = "cli"


class Temporal:
    """What the tests look at and make beside the command line, at no cost of programs."""

    def __init__(self, client: MlcClient) -> None:
        self._client = client

    async def record(self, workflow_id: str) -> ProcessRecord:
        return await self._client.status(workflow_id)

    async def until(self, snapshot_id: str, what: str) -> ProcessRecord:
        """The record as soon as the process waits on a ticket of this kind, or has this outcome."""
        async with asyncio.timeout(WITHIN_SECONDS):
            while True:
                with suppress(NotFound):
                    record = await self.record(deploy_workflow_id(snapshot_id))
                    kinds = {ticket.key: ticket.kind for ticket in record.tickets}
                    if what in (record.outcome, kinds.get(record.waiting_for or "")):
                        return record
                await asyncio.sleep(0.05)


@dataclass(frozen=True)
class Processes:
    """One process of each kind that is only looked at."""

    deployed: ProcessRecord
    rejected: ProcessRecord
    in_review: ProcessRecord


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("cli") / "state") as running:
        yield running


@pytest.fixture
def lonely(tmp_path: Path) -> Shell:
    """The shell of somebody who has set nothing."""
    return Shell(tmp_path, {})


@pytest.fixture(scope="session")
def shell(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The shell of somebody who uses the stack."""
    variables = {"TEMPORAL_ADDRESS": stack.info["temporal"], "MLC_CONFIG": stack.info["config"]}
    return Shell(tmp_path_factory.mktemp("home"), variables)


@pytest.fixture(scope="session")
async def temporal(stack: RunningStack) -> Temporal:
    return Temporal(MlcClient(await Client.connect(stack.info["temporal"], plugins=[mlc_plugin()])))


@pytest.fixture(scope="session")
async def world(stack: RunningStack) -> AsyncGenerator[StandIns]:
    """The stack's ModelOp Center and Jira, with a runtime that the snapshots of these tests go to."""
    info = stack.info
    books = Path(info["state"]) / "modelop" / "modelop.sqlite3"
    both = StandIns(info["moc"], info["jira"], books, info["accounts"])
    await both.log_in()
    await both.runtime(SERVICE_TAG, name="runtime-1")
    yield both
    await both.close()


@pytest.fixture(scope="session")
async def processes(temporal: Temporal, world: StandIns) -> Processes:
    """ModelOp Center tells of each new snapshot, so their processes start by themselves."""
    good = await world.snapshot("run_test", SERVICE_TAG)
    bad = await world.snapshot("run_test", SERVICE_TAG, auc=0.5)
    reviewed = await world.snapshot("run_test", "jira", SERVICE_TAG)
    deployed, rejected, in_review = await asyncio.gather(
        temporal.until(good["id"], "deployed"),
        temporal.until(bad["id"], "rejected"),
        temporal.until(reviewed["id"], "review"),
    )
    return Processes(deployed, rejected, in_review)


@pytest.fixture
async def reviewed(temporal: Temporal, world: StandIns) -> ProcessRecord:
    """A process that waits for its review, of this test alone."""
    snapshot = await world.snapshot("jira", SERVICE_TAG)
    return await temporal.until(snapshot["id"], "review")


@pytest.fixture
async def in_error(temporal: Temporal, shell: Shell) -> ProcessRecord:
    """A process that waits on its error ticket: nobody knows its snapshot."""
    snapshot = f"unknown-{uuid4().hex[:8]}"
    await shell.mlc("deploy", snapshot)
    return await temporal.until(snapshot, "error")
