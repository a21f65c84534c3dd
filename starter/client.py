"""The client SDK: start processes, decide, look, cancel, wait."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, cast

from pydantic import ValidationError
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import SearchAttributeKey, WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from mlc.contract import Contract
from mlc.errors import Conflict, InvalidInput, NotFound, Unavailable
from mlc.ids import deploy_workflow_id
from mlc.processes import DeployRequest
from mlc.record import Decision, DecisionRequest, DecisionWord, ProcessRecord, ProcessRow
from mlc.search_attributes import MLC_MODEL, MLC_OUTCOME, MLC_PROCESS, MLC_SNAPSHOT, MLC_STEP, MLC_TICKET
from mlc.tickets import TicketRef, WatchState
from workflows.deploy import Deploy
from workflows.process import Process
from workflows.temporal import connect
from workflows.watch import WATCH_ID, TicketWatch

TASK_QUEUE = "mlc"
ANSWER_WITHIN = timedelta(seconds=15)


class Trouble(Contract):
    """A call that Temporal is trying again: which one, how often it failed, and why the last time."""

    what: str
    attempt: int
    why: str


class MlcClient:
    """Talks to the processes. Errors are those of `mlc.errors`.

    >>> client = await MlcClient.connect()
    >>> workflow_id = await client.start_deploy("5f0c…")
    >>> record = await client.wait(workflow_id)
    """

    def __init__(self, temporal: Client, task_queue: str = TASK_QUEUE) -> None:
        self.temporal = temporal
        self._task_queue = task_queue

    @classmethod
    async def connect(cls, *, task_queue: str = TASK_QUEUE) -> "MlcClient":
        """Connects by Temporal's standard configuration (`TEMPORAL_ADDRESS`, …). Raises Unavailable, InvalidInput."""
        return cls(await connect(), task_queue)

    async def start_deploy(self, snapshot_id: str) -> str:
        """Starts the deploy process of a snapshot, or joins the one that runs; answers its workflow id."""
        try:
            request = DeployRequest(snapshot_id=snapshot_id)
        except ValidationError:
            raise InvalidInput(f"snapshot id {snapshot_id!r}: 1 to 200 characters without blanks") from None
        workflow_id = deploy_workflow_id(snapshot_id)
        try:
            await self.temporal.start_workflow(
                Deploy.run,
                request,
                id=workflow_id,
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"Deploy snapshot {snapshot_id}",
            )
        except RPCError as error:
            raise _rpc_error(error, workflow_id) from None
        return workflow_id

    async def status(self, workflow_id: str) -> ProcessRecord:
        """The record so far, or the final one, which needs no worker. Raises NotFound, Unavailable when no worker answers."""
        handle = self._handle(workflow_id)
        try:
            status = (await handle.describe()).status
            if status == WorkflowExecutionStatus.COMPLETED:
                return await handle.result()
            if status not in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW):
                how = status.name.lower() if status else "gone"
                raise Conflict(f"{workflow_id} was stopped from outside ({how}): it has no record")
            return await handle.query(Process.record, rpc_timeout=ANSWER_WITHIN)
        except RPCError as error:
            raise _rpc_error(error, workflow_id) from None
        except WorkflowQueryFailedError as error:
            raise Unavailable(f"{workflow_id} cannot tell its record: {error}") from None

    async def troubles(self, workflow_id: str) -> list[Trouble]:
        """What is being tried again just now, such as calls to a Jira that is down."""
        try:
            described = await self._handle(workflow_id).describe()
        except RPCError as error:
            raise _rpc_error(error, workflow_id) from None
        return [
            Trouble(what=p.activity_type.name, attempt=p.attempt, why=p.last_failure.message)
            for p in described.raw_description.pending_activities
            if p.HasField("last_failure")
            and p.last_failure.application_failure_info.type != "JobStillRunning"
        ]

    async def decide(
        self,
        workflow_id: str,
        decision: DecisionWord,
        *,
        by: str,
        comment: str = "",
        ticket: str | None = None,
    ) -> Decision:
        """Answers the open ticket of a process; the decision that holds comes back.

        Raises Conflict when the decision cannot hold (an earlier one does, the service account, four eyes), NotFound.
        """
        if not by.strip():
            raise InvalidInput("a decision needs the name of who made it: `by` is empty")
        request = DecisionRequest(decision=decision, by=by, comment=comment, ticket=ticket)
        try:
            # The SDK's own overloads leave a type variable open.
            return await self._handle(workflow_id).execute_update(  # pyright: ignore[reportUnknownMemberType]
                Process.decide, request, rpc_timeout=ANSWER_WITHIN
            )
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            raise Conflict(cause.message if isinstance(cause, ApplicationError) else str(cause)) from None
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            nobody = _nobody_answers(workflow_id)
            raise Unavailable(
                f"{nobody} The decision may still count once one does: see `mlc status`"
            ) from None
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise _rpc_error(error, workflow_id) from None
        raise Conflict(_too_late(await self.status(workflow_id)))

    async def cancel(self, workflow_id: str) -> None:
        """Asks a process to wind up: tickets are commented and closed, a running job is cancelled."""
        if workflow_id == WATCH_ID:
            raise InvalidInput(f"{workflow_id} watches the tickets of all processes and is none itself")
        handle = self._handle(workflow_id)
        try:
            # Temporal takes the request to cancel what has ended, and does nothing.
            if (await handle.describe()).status == WorkflowExecutionStatus.RUNNING:
                await handle.cancel()
                return
        except RPCError as error:
            raise _rpc_error(error, workflow_id) from None
        record = await self.status(workflow_id)
        raise Conflict(f"{workflow_id} has ended already: {record.outcome}")

    async def ticket_changed(self, ticket_id: str) -> None:
        """Says that a ticket changed; the watcher looks at it at once, and is started where it does not run."""
        await self.temporal.start_workflow(
            TicketWatch.run,
            WatchState(),
            id=WATCH_ID,
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="ticket_changed",
            start_signal_args=[TicketRef(ticket_id=ticket_id)],
        )

    async def ticket_deleted(self, ticket_key: str) -> None:
        """Says that a ticket is gone to the process that waits on it, which then looks and opens another."""
        # Found by a search that may be late: this is a hint, and whoever misses it finds out at the next reminder.
        waiting = f"{MLC_TICKET} = {_quoted(ticket_key)} AND ExecutionStatus = 'Running'"
        async for execution in self.temporal.list_workflows(waiting):
            await self._handle(execution.id).signal(Process.ticket_changed)

    async def wait(self, workflow_id: str) -> ProcessRecord:
        """The final record, once there is one."""
        try:
            return await self._handle(workflow_id).result()
        except RPCError as error:
            raise _rpc_error(error, workflow_id) from None
        except WorkflowFailureError as error:
            raise Conflict(f"{workflow_id} was stopped from outside: {error.cause}") from None

    async def list(
        self,
        *,
        process: str | None = None,
        model: str | None = None,
        snapshot: str | None = None,
        state: Literal["running", "completed"] | None = None,
        limit: int = 200,
    ) -> Sequence[ProcessRow]:
        """The processes, newest first. A process that changed within the last second may be told as it was."""
        wanted = {MLC_PROCESS: process, MLC_MODEL: model, MLC_SNAPSHOT: snapshot}
        parts = [f"{name} = {_quoted(value)}" for name, value in wanted.items() if value is not None]
        parts = parts or [f"{MLC_PROCESS} IS NOT NULL"]
        if state is not None:
            parts.append(f"ExecutionStatus {'=' if state == 'running' else '!='} 'Running'")
        try:
            rows = [row async for row in self.temporal.list_workflows(" AND ".join(parts), limit=limit)]
        except RPCError as error:
            raise Unavailable(f"Temporal cannot list the processes: {error.message}") from None
        return sorted((_row(row) for row in rows), key=lambda row: row.started_at, reverse=True)

    def _handle(self, workflow_id: str) -> WorkflowHandle[Process, ProcessRecord]:
        handle = self.temporal.get_workflow_handle(workflow_id, result_type=ProcessRecord)
        return cast("WorkflowHandle[Process, ProcessRecord]", handle)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _row(execution: WorkflowExecution) -> ProcessRow:
    def text(name: str) -> str | None:
        return execution.typed_search_attributes.get(SearchAttributeKey.for_keyword(name))

    running = execution.status == WorkflowExecutionStatus.RUNNING
    return ProcessRow(
        workflow_id=execution.id,
        process=text(MLC_PROCESS) or execution.workflow_type,
        model_name=text(MLC_MODEL),
        snapshot_id=text(MLC_SNAPSHOT),
        state="running" if running else "completed",
        step=text(MLC_STEP),
        waiting_for=text(MLC_TICKET),
        outcome=text(MLC_OUTCOME),
        started_at=execution.start_time,
    )


def _too_late(record: ProcessRecord) -> str:
    ended = f"{record.workflow_id} has ended: {record.outcome}"
    if not record.decisions:
        return ended
    return f"{ended}; {record.decisions[-1].told()}"


def _nobody_answers(workflow_id: str) -> Unavailable:
    return Unavailable(f"no worker answers for {workflow_id}: is `mlc worker` running?")


def _rpc_error(error: RPCError, workflow_id: str) -> NotFound | Unavailable:
    if error.status == RPCStatusCode.NOT_FOUND and error.message.startswith("Namespace "):
        return Unavailable(f"Temporal: {error.message} Set TEMPORAL_NAMESPACE, or create it")
    if error.status == RPCStatusCode.NOT_FOUND:
        return NotFound(f"no process {workflow_id}: `mlc list` shows those there are")
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return _nobody_answers(workflow_id)
    return Unavailable(f"Temporal: {error.message}")
