"""One process on a worker of its own that may be killed, and the story it lives when nothing disturbs it."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflowservice.v1 import ResetStickyTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowHandle
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError

from mlc.catalogue import ProcessDefinition
from mlc.processes import ProcessRequest
from mlc.record import Outcome, ProcessRecord
from mlc.search_attributes import MLC_TICKET
from tests.durability.programs import TemporalServer, WorkerProgram, worker_program
from tests.durability.wires import Wires, wires
from tests.stand_ins import StandIns
from workflows.process import Process

IN_TIME = 60.0
# Each story starts on something of its own.
OCCASION = "1"
TICKET = SearchAttributeKey.for_keyword(MLC_TICKET)


async def nobody(_: "Scenario") -> None:
    """Of the processes that wait for no person."""


@dataclass(frozen=True, eq=False)
class Story:
    """A process as it goes undisturbed.

    `prepare` makes what it works on, and answers what starts it; `people` act while it runs. `effects` are its changes
    outside, in their order; `once_each` is what they leave there, to the last thing. `moments` tell when a worker may be
    killed: after which request, and how many effects there were by then at the least.
    """

    name: str
    process: ProcessDefinition
    prepare: Callable[[StandIns], Awaitable[ProcessRequest]]
    outcome: Outcome
    effects: list[str]
    once_each: Counter[str]
    moments: Mapping[str, tuple[str, int]]
    people: Callable[["Scenario"], Coroutine[Any, Any, None]] = nobody


class Scenario:
    """A process, its worker, the wires between them and the outside, and the people around."""

    def __init__(
        self, story: Story, temporal: Client, both: StandIns, worker: WorkerProgram, between: Wires
    ) -> None:
        self.story = story
        self.temporal = temporal
        self.stand_ins = both
        self.worker = worker
        self.wires = between
        self.workflow_id = ""

    @property
    def handle(self) -> WorkflowHandle[Any, ProcessRecord]:
        return self.temporal.get_workflow_handle(self.workflow_id, result_type=ProcessRecord)

    async def begin(self) -> None:
        request = await self.story.prepare(self.stand_ins)
        self.workflow_id = self.story.process.workflow_id(request, OCCASION)
        await self.temporal.start_workflow(
            self.story.process.name, request, id=self.workflow_id, task_queue=self.worker.queue
        )

    async def review(self) -> str:
        """The key of the review ticket as soon as the process waits on it."""
        while True:
            described = await self.handle.describe()
            key = described.typed_search_attributes.get(TICKET)
            if key is not None:
                return key
            await asyncio.sleep(0.1)

    async def approve(self) -> None:
        """The reviewer moves the ticket, and somebody hints at it."""
        await self.stand_ins.move(await self.review(), "Done")
        await self.handle.signal(Process.ticket_changed)

    async def result(self) -> ProcessRecord:
        async with asyncio.timeout(IN_TIME):
            return await self.handle.result()

    async def lived(self) -> ProcessRecord:
        """The whole story, undisturbed but for what the wires do."""
        await self.begin()
        await self.story.people(self)
        return await self.result()

    async def recover(self) -> None:
        """A fresh worker; what Temporal would find out about the dead one by its timeouts, it is told at once."""
        described = await self.handle.describe()
        await self._tell_death(described)
        for child in described.raw_description.pending_children:
            started = self.temporal.get_workflow_handle(child.workflow_id)
            await self._tell_death(await started.describe())
        await self.worker.start()

    async def _tell_death(self, described: WorkflowExecutionDescription) -> None:
        service, execution = self.temporal.workflow_service, WorkflowExecution(workflow_id=described.id)
        await service.reset_sticky_task_queue(
            ResetStickyTaskQueueRequest(namespace=self.temporal.namespace, execution=execution)
        )
        for pending in described.raw_description.pending_activities:
            if pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
                attempt = self.temporal.get_async_activity_handle(
                    workflow_id=described.id, run_id=described.run_id, activity_id=pending.activity_id
                )
                await attempt.fail(RuntimeError("the worker is gone"))


@asynccontextmanager
async def at_work(server: TemporalServer, both: StandIns) -> AsyncGenerator[tuple[WorkerProgram, Wires]]:
    """A worker on wires."""
    async with (
        wires(both.moc_url, both.jira_url) as between,
        worker_program(server.address, between.moc, between.jira) as worker,
    ):
        yield worker, between


@asynccontextmanager
async def scenario(
    story: Story, server: TemporalServer, temporal: Client, both: StandIns
) -> AsyncGenerator[Scenario]:
    """A worker on wires, for a process that has not begun yet."""
    async with at_work(server, both) as (worker, between):
        yield Scenario(story, temporal, both, worker, between)


async def answered(handle: WorkflowHandle[Any, Any], within: float = 15) -> ProcessRecord:
    """The `record` query's answer, from whichever worker gives it first."""
    async with asyncio.timeout(within):
        while True:
            try:
                return await handle.query(Process.record, rpc_timeout=timedelta(seconds=3))
            except RPCError:
                await asyncio.sleep(0.1)
