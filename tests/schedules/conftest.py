"""Schedules on the real server, and a process that is over as soon as it is started."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from mlc.catalogue import BUILT_IN, Catalogue, ProcessDefinition
from mlc.processes import Id, ProcessRequest
from mlc.schedules import ScheduleDeclaration
from starter.schedules import Schedules


class ChimeRequest(ProcessRequest):
    """What the clock shall strike, whether it strikes until it is told to stop, and the notes, as many as there are."""

    bell: Id
    endless: bool = False
    tune: str = ""


@workflow.defn(name="chime")
class Chime:
    """A process of somebody's own."""

    def __init__(self) -> None:
        self._stopped = False

    @workflow.run
    async def run(self, request: ChimeRequest) -> str:
        await workflow.wait_condition(lambda: self._stopped or not request.endless)
        return request.bell

    @workflow.signal
    def stop(self) -> None:
        self._stopped = True


CHIME = ProcessDefinition(
    name="chime", title="Chime", request=ChimeRequest, workflow="tests.schedules.conftest:Chime"
)
CATALOGUE = Catalogue((*BUILT_IN, CHIME))


@dataclass(frozen=True)
class Belfry:
    """Schedules on a queue of their own, and a worker for what they start."""

    schedules: Schedules
    temporal: Client
    environment: WorkflowEnvironment
    task_queue: str
    # Names of schedules of this test begin with it: the server is everybody's.
    prefix: str

    def declared(self, name: str, **fields: Any) -> ScheduleDeclaration:
        """A chime at six, unless something else is said."""
        name = self.name(name)
        given = {"name": name, "process": "chime", "variables": {"BELL": name}, "cron": "0 6 * * *", **fields}
        return self.of(given)

    @staticmethod
    def of(given: dict[str, Any]) -> ScheduleDeclaration:
        return ScheduleDeclaration.model_validate(given)

    def name(self, name: str) -> str:
        return f"{self.prefix}-{name}"


@pytest.fixture
async def belfry(temporal: WorkflowEnvironment) -> AsyncGenerator[Belfry]:
    prefix = f"t{uuid4().hex[:8]}"
    client, queue = temporal.client, f"chimes-{prefix}"
    schedules = Schedules(client, queue, CATALOGUE)
    async with Worker(client, task_queue=queue, workflows=[Chime]):
        yield Belfry(schedules, client, temporal, queue, prefix)
        async for entry in await client.list_schedules(f"ScheduleId STARTS_WITH '{prefix}'"):
            with suppress(RPCError):  # the list is late: it shows what is deleted already
                await client.get_schedule_handle(entry.id).delete()
