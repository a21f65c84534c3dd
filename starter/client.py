"""The client SDK: start processes, send signals, decide, look, wait, cancel. It loads no process's code."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal, cast

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from mlc.catalogue import Catalogue, installed
from mlc.contract import Contract
from mlc.dialect import Dialect
from mlc.errors import Conflict, InvalidInput, NotFound, Unavailable
from mlc.files import FileAsset
from mlc.ids import JOB_NEWS, WATCH, WATCH_ID
from mlc.processes import (
    BackTestRequest,
    BatchJobRequest,
    DeployRequest,
    FleetBackTestRequest,
    ProcessRequest,
)
from mlc.record import PAST, Decision, DecisionRequest, DecisionWord, ProcessRecord, ProcessRow
from mlc.search_attributes import MLC_MODEL, MLC_PROCESS, MLC_SNAPSHOT
from mlc.signals import ChangedJob, full_name, read_signal
from starter import handlers
from starter.failures import nobody_answers, rpc_error
from starter.hints import Hints
from starter.rows import process_row, search
from starter.schedules import Schedules
from starter.signals import Signals
from starter.starting import Started, Starting, occasion_of, read_request
from workflows.temporal import connect

TASK_QUEUE = "mlc"
ANSWER_WITHIN = timedelta(seconds=15)


class Trouble(Contract):
    """A call that Temporal is trying again: which one, how often it failed, and why the last time."""

    what: str
    attempt: int
    why: str


class MlcClient:
    """Talks to the processes. Errors are those of `mlc.errors`.

    `catalogue` are the processes that can be started, by default the installed ones. `dialect` is that of the ModelOp Center
    whose signals are passed on. Every start takes a `request_id`: the same one twice starts one process.

    >>> client = await MlcClient.connect()
    >>> record = await client.wait(await client.start_deploy(snapshot_id))
    >>> record.outcome, [step.name for step in record.steps]
    ('deployed', ['Model submitted', 'Testing', 'Analysis', 'Deployment'])

    >>> this_month = [embedded_file("drifted.csv")]
    >>> record = await client.wait(await client.start_back_test(snapshot_id, input_files=this_month))
    >>> record.outcome, record.tickets[0].kind
    ('rejected', 'alert')

    >>> fleet = await client.start_fleet_back_test(tag, at_once=5)
    >>> [process.outcome for process in (await client.wait(fleet)).processes]
    ['passed']

    >>> scoring = await client.start_batch_job(tag, input_files=[embedded_file("customers.csv")])
    >>> record = await client.wait(scoring, within=timedelta(minutes=1))
    >>> record.outcome, record.record_count
    ('scored', 2)

    >>> for _ in range(2):
    ...     await client.signal("MODEL_BACK_TEST", {"MODEL_ID": snapshot_id}, request_id="monday")
    (Started(process='back-test', workflow_id='mlc-back-test-...-monday', joined=False),)
    (Started(process='back-test', workflow_id='mlc-back-test-...-monday', joined=True),)

    >>> nightly = ScheduleDeclaration(
    ...     name="nightly", process="back-test", variables={"MODEL_ID": snapshot_id}, cron="0 6 * * *"
    ... )
    >>> (change,) = await client.schedules.apply([nightly])
    >>> change.action, (await client.wait(await client.schedules.trigger("nightly"))).outcome
    ('create', 'passed')

    >>> (waiting,) = await client.list(snapshot=submitted_id, state="running")
    >>> decision = await client.decide(waiting.workflow_id, "approve", by="ann", comment="well done")
    >>> decision.decision, decision.ticket == waiting.waiting_for
    ('approve', True)
    """

    def __init__(
        self,
        temporal: Client,
        task_queue: str = TASK_QUEUE,
        *,
        catalogue: Catalogue | None = None,
        dialect: Dialect | None = None,
    ) -> None:
        self.temporal = temporal
        self._task_queue = task_queue
        self._starting = Starting(temporal, task_queue)
        self._hints = Hints(temporal, task_queue, dialect or Dialect())
        self._catalogue = catalogue

    @classmethod
    async def connect(
        cls,
        *,
        task_queue: str = TASK_QUEUE,
        catalogue: Catalogue | None = None,
        dialect: Dialect | None = None,
    ) -> "MlcClient":
        """Connects by Temporal's standard configuration (`TEMPORAL_ADDRESS`, …). Raises Unavailable, InvalidInput."""
        return cls(await connect(), task_queue, catalogue=catalogue, dialect=dialect)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The processes that can be started."""
        return self._catalogue or installed()

    @cached_property
    def schedules(self) -> Schedules:
        """What starts processes by the clock."""
        return Schedules(self.temporal, self._task_queue, self.catalogue)

    @property
    def signals(self) -> Signals:
        """The signals of the catalogue, one method for each."""
        return Signals(self.signal)

    async def start_deploy(self, snapshot_id: str, *, request_id: str | None = None) -> str:
        """Starts the deploy process of a snapshot, or joins the one that runs; answers its workflow id."""
        request = read_request(DeployRequest, snapshot_id=snapshot_id)
        return (await self.start("deploy", request, request_id=request_id)).workflow_id

    async def start_back_test(
        self,
        snapshot_id: str,
        *,
        input_files: Sequence[FileAsset] = (),
        output_files: Sequence[FileAsset] = (),
        request_id: str | None = None,
    ) -> str:
        """Tests a snapshot on the input files, by default on its TEST_DATA asset; answers the workflow id."""
        request = read_request(
            BackTestRequest, snapshot_id=snapshot_id, input_files=input_files, output_files=output_files
        )
        return (await self.start("back-test", request, request_id=request_id)).workflow_id

    async def start_batch_job(
        self,
        tag: str,
        *,
        model_stage: str | None = None,
        input_files: Sequence[FileAsset] = (),
        output_files: Sequence[FileAsset] = (),
        request_id: str | None = None,
    ) -> str:
        """Scores with the most recent batch deployment that carries the tag; answers the workflow id."""
        request = read_request(
            BatchJobRequest,
            tag=tag,
            model_stage=model_stage,
            input_files=input_files,
            output_files=output_files,
        )
        return (await self.start("batch-job", request, request_id=request_id)).workflow_id

    async def start_fleet_back_test(
        self, tag: str, *, at_once: int = 20, request_id: str | None = None
    ) -> str:
        """Back-tests every deployed model that carries the tag, so many at once; answers the workflow id."""
        request = read_request(FleetBackTestRequest, tag=tag, at_once=at_once)
        return (await self.start("fleet-back-test", request, request_id=request_id)).workflow_id

    async def start(self, process: str, request: ProcessRequest, *, request_id: str | None = None) -> Started:
        """Starts any process of the catalogue. The same request id twice is one process.

        Raises InvalidInput for an unknown process and for a request of another one, Conflict for a request id that was used
        for another start, Unavailable.
        """
        definition = self.catalogue.process(process)
        if not isinstance(request, definition.request):
            raise InvalidInput(
                f"{process} is started with a {definition.request.__name__}, not with a {type(request).__name__}"
            )
        return await self._starting.start(definition, request, request_id, occasion_of(request_id))

    async def signal(
        self, name: str, variables: Mapping[str, Any], *, request_id: str | None = None
    ) -> tuple[Started, ...]:
        """Broadcasts a signal, by its name with or without prefix; answers the processes that it starts: maybe none.

        Raises InvalidInput naming the variable that is wrong, in which case nothing has started. When Unavailable is raised
        some may have: send the signal again, with the same request id. Conflict: the id was used for another start.
        """
        signal, plain = full_name(name), dict(variables)
        read = read_signal(signal, plain)
        definitions = self.catalogue.started_by(signal)
        requests = [definition.request.from_variables(plain, signal) for definition in definitions]
        occasion = occasion_of(request_id)
        if isinstance(read, ChangedJob):
            await self._hints.job_told(read.job_id, plain["JOB"])
        return tuple(
            [
                await self._starting.start(definition, request, request_id, occasion)
                for definition, request in zip(definitions, requests, strict=True)
            ]
        )

    async def job_changed(self, job_id: str, workflow_id: str | None) -> None:
        """Says that a job changed to the process that waits for it; without `workflow_id` the job is asked whose it is."""
        await self._hints.job(job_id, workflow_id)

    async def ticket_changed(self, ticket_id: str) -> None:
        """Says that a ticket changed; the watcher looks at it at once, and is started where it does not run."""
        await self._hints.ticket(ticket_id)

    async def ticket_deleted(self, ticket_key: str) -> None:
        """Says that a ticket is gone to the process that waits on it, which then looks and opens another."""
        await self._hints.ticket_gone(ticket_key)

    async def status(self, workflow_id: str) -> ProcessRecord:
        """The record so far, or the final one, which needs no worker. Raises NotFound, Unavailable when no worker answers."""
        handle = self._handle(workflow_id)
        try:
            described = await handle.describe()
            if described.workflow_type in (WATCH, JOB_NEWS):
                raise NotFound(f"{workflow_id} is no process: it serves those that are")
            status = described.status
            if status == WorkflowExecutionStatus.COMPLETED:
                return await handle.result()
            if status not in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW):
                how = status.name.lower() if status else "gone"
                raise Conflict(f"{workflow_id} was stopped from outside ({how}): it has no record")
            return await handle.query(handlers.RECORD, result_type=ProcessRecord, rpc_timeout=ANSWER_WITHIN)
        except RPCError as error:
            raise rpc_error(error, workflow_id) from None
        except WorkflowQueryFailedError as error:
            raise Unavailable(f"{workflow_id} cannot tell its record: {error}") from None

    async def wait(self, workflow_id: str, within: timedelta | None = None) -> ProcessRecord:
        """The final record, once there is one. When `within` is over: the record so far, whose state is `running`."""
        try:
            async with asyncio.timeout(within.total_seconds() if within is not None else None):
                return await self._handle(workflow_id).result()
        except TimeoutError:
            return await self.status(workflow_id)
        except RPCError as error:
            raise rpc_error(error, workflow_id) from None
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
        query = search({MLC_PROCESS: process, MLC_MODEL: model, MLC_SNAPSHOT: snapshot}, state)
        try:
            rows = [process_row(found) async for found in self.temporal.list_workflows(query, limit=limit)]
        except RPCError as error:
            raise Unavailable(f"Temporal cannot list the processes: {error.message}") from None
        return sorted(rows, key=lambda row: row.started_at, reverse=True)

    async def troubles(self, workflow_id: str) -> Sequence[Trouble]:
        """What is being tried again just now, such as calls to a Jira that is down."""
        try:
            described = await self._handle(workflow_id).describe()
        except RPCError as error:
            raise rpc_error(error, workflow_id) from None
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
        aliases: Sequence[str] = (),
    ) -> Decision:
        """Answers the open ticket of a process; the decision that holds comes back.

        `aliases` are further names of the person, such as the e-mail: none of them may be the author's where four eyes decide.
        Raises Conflict when the decision cannot hold (an earlier one does, the service account, four eyes), NotFound.
        """
        if not by.strip():
            raise InvalidInput("a decision needs the name of who made it: `by` is empty")
        if decision not in PAST:
            raise InvalidInput(f"decision {decision!r}: one of {', '.join(PAST)}")
        request = DecisionRequest(
            decision=decision, by=by, comment=comment, ticket=ticket, aliases=tuple(aliases)
        )
        try:
            # The SDK's own overloads leave a type variable open.
            return await self._handle(workflow_id).execute_update(  # pyright: ignore[reportUnknownMemberType]
                handlers.DECIDE, request, result_type=Decision, rpc_timeout=ANSWER_WITHIN
            )
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            raise Conflict(cause.message if isinstance(cause, ApplicationError) else str(cause)) from None
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            nobody = nobody_answers(workflow_id)
            raise Unavailable(
                f"{nobody} The decision may still count once one does: see `mlc status`"
            ) from None
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise rpc_error(error, workflow_id) from None
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
            raise rpc_error(error, workflow_id) from None
        record = await self.status(workflow_id)
        raise Conflict(f"{workflow_id} has ended already: {record.outcome}")

    def _handle(self, workflow_id: str) -> WorkflowHandle[Any, ProcessRecord]:
        handle = self.temporal.get_workflow_handle(workflow_id, result_type=ProcessRecord)
        return cast("WorkflowHandle[Any, ProcessRecord]", handle)


def _too_late(record: ProcessRecord) -> str:
    ended = f"{record.workflow_id} has ended: {record.outcome}"
    if not record.decisions:
        return ended
    return f"{ended}; {record.decisions[-1].told()}"
