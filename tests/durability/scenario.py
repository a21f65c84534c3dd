"""One deploy of everything (training, test, review, two runtimes) on a worker of its own that may be killed."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, get_args
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflowservice.v1 import ResetStickyTaskQueueRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError

from mlc.ids import deploy_workflow_id
from mlc.processes import DeployRequest
from mlc.record import ProcessRecord, TicketKind
from mlc.search_attributes import MLC_TICKET
from tests.durability.programs import TemporalServer, WorkerProgram, worker_program
from tests.durability.wires import Wires, wires
from tests.house import Json, StandIns
from workflows.deploy import Deploy
from workflows.process import Process

# A dead worker is missed after this long when it dies within a workflow task; Temporal's default is 10 s.
WORKFLOW_TASK = timedelta(seconds=2)
IN_TIME = 60.0
KINDS = frozenset(get_args(TicketKind))
TICKET = SearchAttributeKey.for_keyword(MLC_TICKET)


# What an undisturbed scenario leaves outside, to the last thing.
ONCE_EACH = {
    "MODEL_BATCH_TRAINING_JOB COMPLETE": 1,
    "MODEL_BATCH_TEST_JOB COMPLETE": 1,
    "modelTestResults": 1,
    "modelMLCs": 1,
    "ticket review Done": 1,
    "attachments": 1,
    "comments": 0,
    "notification TICKET open=False": 1,
    "notification PROCESS open=False": 1,
    "deployment ONLINE DEPLOYED": 1,
    "deployment BATCH DEPLOYED": 1,
}


class Scenario:
    """A process, its worker, the wires between them and the outside, and the people around."""

    def __init__(self, temporal: Client, both: StandIns, worker: WorkerProgram, between: Wires) -> None:
        self.temporal = temporal
        self.stand_ins = both
        self.worker = worker
        self.wires = between
        self.snapshot: Json = {}

    @property
    def workflow_id(self) -> str:
        return deploy_workflow_id(self.snapshot["id"])

    @property
    def handle(self) -> WorkflowHandle[Any, ProcessRecord]:
        return self.temporal.get_workflow_handle_for(Deploy.run, self.workflow_id)

    async def begin(self) -> None:
        tag = f"svc-{uuid4().hex[:8]}"
        await self.stand_ins.runtime(tag, name=f"a-{tag}")
        await self.stand_ins.runtime(tag, name=f"b-{tag}", online=False)
        self.snapshot = await self.stand_ins.snapshot("train", "run_test", "jira", tag, training_data=True)
        await self.temporal.start_workflow(
            Deploy.run,
            DeployRequest(snapshot_id=self.snapshot["id"]),
            id=self.workflow_id,
            task_queue=self.worker.queue,
            task_timeout=WORKFLOW_TASK,
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

    async def recover(self) -> None:
        """A fresh worker; what Temporal would find out about the dead one by its timeouts, it is told at once."""
        service = self.temporal.workflow_service
        execution = WorkflowExecution(workflow_id=self.workflow_id)
        await service.reset_sticky_task_queue(
            ResetStickyTaskQueueRequest(namespace=self.temporal.namespace, execution=execution)
        )
        described = await self.handle.describe()
        for pending in described.raw_description.pending_activities:
            if pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
                attempt = self.temporal.get_async_activity_handle(
                    workflow_id=self.workflow_id, run_id=described.run_id, activity_id=pending.activity_id
                )
                await attempt.fail(RuntimeError("the worker is gone"))
        await self.worker.start()

    def kill_after(self, is_the_moment: Callable[[str], bool]) -> asyncio.Event:
        """Kills the worker between a request and its answer, once; the event tells when."""
        killed = asyncio.Event()

        def look(request: str) -> None:
            if not killed.is_set() and is_the_moment(request):
                self.worker.kill()
                killed.set()

        self.wires.after = look
        return killed

    async def tally(self) -> Counter[str]:
        """How often each thing exists outside because of this process."""
        snapshot_id, both = self.snapshot["id"], self.stand_ins
        jobs, deployments = await both.jobs_of(snapshot_id), await both.deployments_of(snapshot_id)
        counts = Counter(f"{job['jobType']} {job['jobStatus']}" for job in jobs)
        counts.update(f"deployment {made['deploymentType']} {made['state']}" for made in deployments)
        for collection in ("modelTestResults", "modelMLCs"):
            mine = [
                body for body in await both.all(collection) if body["deployableModel"]["id"] == snapshot_id
            ]
            counts[collection] = len(mine)
        told = [body for body in await both.all("notifications") if body["deployableModelId"] == snapshot_id]
        counts.update(f"notification {body['notificationType']} open={body['open']}" for body in told)
        for ticket in await both.tickets_of(self.workflow_id):
            fields = (await both.issue(ticket["key"]))["fields"]
            (kind,) = KINDS.intersection(fields["labels"])
            counts[f"ticket {kind} {fields['status']['name']}"] += 1
            counts["attachments"] += len(fields["attachment"])
            counts["comments"] += len(fields["comment"]["comments"])
        return counts


@asynccontextmanager
async def scenario(
    server: TemporalServer, temporal: Client, both: StandIns, **settings: str
) -> AsyncGenerator[Scenario]:
    """A worker on wires, with a process that has begun."""
    async with (
        wires(both.moc_url, both.jira_url) as between,
        worker_program(server.address, between.moc, between.jira, **settings) as worker,
    ):
        yield Scenario(temporal, both, worker, between)


async def answered(handle: WorkflowHandle[Any, Any], within: float = 15) -> ProcessRecord:
    """The `record` query's answer, from whichever worker gives it first."""
    async with asyncio.timeout(within):
        while True:
            try:
                return await handle.query(Process.record, rpc_timeout=timedelta(seconds=3))
            except RPCError:
                await asyncio.sleep(0.1)
