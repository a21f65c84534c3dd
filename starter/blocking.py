"""The client SDK without `await`: for notebooks and plain scripts."""

import asyncio
import threading
import weakref
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Literal, TypeVar

from mlc.catalogue import Catalogue
from mlc.dialect import Dialect
from mlc.files import FileAsset
from mlc.processes import BackTestRequest, BatchJobRequest, DeployRequest, ProcessRequest
from mlc.record import Decision, DecisionWord, ProcessRecord, ProcessRow
from mlc.schedules import Overlap, ScheduleChange, ScheduleDeclaration, ScheduleDetails, ScheduleRow
from mlc.signals import ChangedJob, StoredModelVariables
from starter.client import TASK_QUEUE, MlcClient, Trouble
from starter.schedules import Schedules
from starter.signals import Sent, Signals
from starter.starting import Started
from workflows.temporal import LAST_BREATH_SECONDS

T = TypeVar("T")


class Loop:
    """An event loop in a thread of its own, so that it also serves where another loop runs, as in a notebook."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mlc", daemon=True)
        self._thread.start()
        # Also when nobody closes it: a loop that is torn down by the end of the interpreter may abort it.
        self.close = weakref.finalize(self, _stop, self._loop, self._thread)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs to the end; Ctrl-C, or any other interruption, cancels the work."""
        if not self.close.alive:
            work.close()
            raise RuntimeError("the client is closed")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    if (
        threading.current_thread() is thread
    ):  # the garbage collector came by in there, and cannot wait for itself
        loop.stop()
        return
    asyncio.run_coroutine_threadsafe(asyncio.sleep(LAST_BREATH_SECONDS), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class BlockingSchedules:
    """`Schedules`, call by call the same."""

    def __init__(self, loop: Loop, schedules: Schedules) -> None:
        self._loop = loop
        self._schedules = schedules

    def create(self, declaration: ScheduleDeclaration) -> ScheduleChange:
        """As `Schedules.create`."""
        return self._loop.run(self._schedules.create(declaration))

    def check(self, declaration: ScheduleDeclaration) -> None:
        """As `Schedules.check`."""
        self._schedules.check(declaration)

    def apply(
        self, declarations: Sequence[ScheduleDeclaration], *, prune: bool = False, dry_run: bool = False
    ) -> Sequence[ScheduleChange]:
        """As `Schedules.apply`."""
        return self._loop.run(self._schedules.apply(declarations, prune=prune, dry_run=dry_run))

    def list(self) -> Sequence[ScheduleRow]:
        """As `Schedules.list`."""
        return self._loop.run(self._schedules.list())

    def describe(self, name: str) -> ScheduleDetails:
        """As `Schedules.describe`."""
        return self._loop.run(self._schedules.describe(name))

    def pause(self, name: str, note: str = "") -> None:
        """As `Schedules.pause`."""
        self._loop.run(self._schedules.pause(name, note))

    def resume(self, name: str, note: str = "") -> None:
        """As `Schedules.resume`."""
        self._loop.run(self._schedules.resume(name, note))

    def trigger(self, name: str) -> str | None:
        """As `Schedules.trigger`."""
        return self._loop.run(self._schedules.trigger(name))

    def backfill(
        self, name: str, start: datetime, end: datetime, overlap: Overlap = "buffer_all"
    ) -> Sequence[datetime]:
        """As `Schedules.backfill`."""
        return self._loop.run(self._schedules.backfill(name, start, end, overlap))

    def delete(self, name: str) -> None:
        """As `Schedules.delete`."""
        self._loop.run(self._schedules.delete(name))


class BlockingSignals:
    """`Signals`, call by call the same.

    >>> from mlc.processes import BackTestRequest
    >>> with BlockingMlcClient.connect() as client:
    ...     (started,) = client.signals.model_back_test(BackTestRequest(snapshot_id=snapshot_id))
    ...     record = client.wait(started.workflow_id)
    >>> record.outcome
    'passed'
    """

    def __init__(self, loop: Loop, signals: Signals) -> None:
        self._loop = loop
        self._signals = signals

    def deployable_model_changed(self, variables: DeployRequest, *, request_id: str | None = None) -> Sent:
        """As `Signals.deployable_model_changed`."""
        return self._loop.run(self._signals.deployable_model_changed(variables, request_id=request_id))

    def model_back_test(self, variables: BackTestRequest, *, request_id: str | None = None) -> Sent:
        """As `Signals.model_back_test`."""
        return self._loop.run(self._signals.model_back_test(variables, request_id=request_id))

    def run_back_test_jira(self, variables: BackTestRequest, *, request_id: str | None = None) -> Sent:
        """As `Signals.run_back_test_jira`."""
        return self._loop.run(self._signals.run_back_test_jira(variables, request_id=request_id))

    def run_back_test_service_now(self, variables: BackTestRequest, *, request_id: str | None = None) -> Sent:
        """As `Signals.run_back_test_service_now`."""
        return self._loop.run(self._signals.run_back_test_service_now(variables, request_id=request_id))

    def deployed_batch_job(self, variables: BatchJobRequest, *, request_id: str | None = None) -> Sent:
        """As `Signals.deployed_batch_job`."""
        return self._loop.run(self._signals.deployed_batch_job(variables, request_id=request_id))

    def model_data_drift_test(self, variables: BackTestRequest, *, request_id: str | None = None) -> Sent:
        """As `Signals.model_data_drift_test`."""
        return self._loop.run(self._signals.model_data_drift_test(variables, request_id=request_id))

    def model_changed(self, variables: StoredModelVariables, *, request_id: str | None = None) -> Sent:
        """As `Signals.model_changed`."""
        return self._loop.run(self._signals.model_changed(variables, request_id=request_id))

    def model_created(self, variables: StoredModelVariables, *, request_id: str | None = None) -> Sent:
        """As `Signals.model_created`."""
        return self._loop.run(self._signals.model_created(variables, request_id=request_id))

    def job_status_changed(self, variables: ChangedJob, *, request_id: str | None = None) -> Sent:
        """As `Signals.job_status_changed`."""
        return self._loop.run(self._signals.job_status_changed(variables, request_id=request_id))


class BlockingMlcClient:
    """`MlcClient`, call by call the same, each waiting for its answer. Close it, or use it in a `with` statement.

    >>> with BlockingMlcClient.connect() as client:
    ...     record = client.wait(client.start_back_test(snapshot_id))
    >>> record.outcome, [step.name for step in record.steps]
    ('passed', ['Get model', 'Get data', 'Testing', 'Analysis'])
    """

    def __init__(self, loop: Loop, client: MlcClient) -> None:
        self._loop = loop
        self._client = client

    @classmethod
    def connect(
        cls,
        *,
        task_queue: str = TASK_QUEUE,
        catalogue: Catalogue | None = None,
        dialect: Dialect | None = None,
    ) -> "BlockingMlcClient":
        """Connects by Temporal's standard configuration (`TEMPORAL_ADDRESS`, …). Raises Unavailable, InvalidInput."""
        loop = Loop()
        try:
            connecting = MlcClient.connect(task_queue=task_queue, catalogue=catalogue, dialect=dialect)
            return cls(loop, loop.run(connecting))
        except BaseException:
            loop.close()
            raise

    def close(self) -> None:
        """Ends the thread behind the client."""
        self._loop.close()

    def __enter__(self) -> "BlockingMlcClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def catalogue(self) -> Catalogue:
        """The processes that can be started."""
        return self._client.catalogue

    @property
    def schedules(self) -> BlockingSchedules:
        """What starts processes by the clock."""
        return BlockingSchedules(self._loop, self._client.schedules)

    @property
    def signals(self) -> BlockingSignals:
        """The signals of the catalogue, one method for each."""
        return BlockingSignals(self._loop, self._client.signals)

    def start_deploy(self, snapshot_id: str, *, request_id: str | None = None) -> str:
        """As `MlcClient.start_deploy`."""
        return self._loop.run(self._client.start_deploy(snapshot_id, request_id=request_id))

    def start_back_test(
        self,
        snapshot_id: str,
        *,
        input_files: Sequence[FileAsset] = (),
        output_files: Sequence[FileAsset] = (),
        request_id: str | None = None,
    ) -> str:
        """As `MlcClient.start_back_test`."""
        return self._loop.run(
            self._client.start_back_test(
                snapshot_id, input_files=input_files, output_files=output_files, request_id=request_id
            )
        )

    def start_batch_job(
        self,
        tag: str,
        *,
        model_stage: str | None = None,
        input_files: Sequence[FileAsset] = (),
        output_files: Sequence[FileAsset] = (),
        request_id: str | None = None,
    ) -> str:
        """As `MlcClient.start_batch_job`."""
        return self._loop.run(
            self._client.start_batch_job(
                tag,
                model_stage=model_stage,
                input_files=input_files,
                output_files=output_files,
                request_id=request_id,
            )
        )

    def start_fleet_back_test(self, tag: str, *, at_once: int = 20, request_id: str | None = None) -> str:
        """As `MlcClient.start_fleet_back_test`."""
        return self._loop.run(self._client.start_fleet_back_test(tag, at_once=at_once, request_id=request_id))

    def start(self, process: str, request: ProcessRequest, *, request_id: str | None = None) -> Started:
        """As `MlcClient.start`."""
        return self._loop.run(self._client.start(process, request, request_id=request_id))

    def signal(
        self, name: str, variables: Mapping[str, Any], *, request_id: str | None = None
    ) -> tuple[Started, ...]:
        """As `MlcClient.signal`."""
        return self._loop.run(self._client.signal(name, variables, request_id=request_id))

    def status(self, workflow_id: str) -> ProcessRecord:
        """As `MlcClient.status`."""
        return self._loop.run(self._client.status(workflow_id))

    def wait(self, workflow_id: str, within: timedelta | None = None) -> ProcessRecord:
        """As `MlcClient.wait`."""
        return self._loop.run(self._client.wait(workflow_id, within))

    def list(
        self,
        *,
        process: str | None = None,
        model: str | None = None,
        snapshot: str | None = None,
        state: Literal["running", "completed"] | None = None,
        limit: int = 200,
    ) -> Sequence[ProcessRow]:
        """As `MlcClient.list`."""
        return self._loop.run(
            self._client.list(process=process, model=model, snapshot=snapshot, state=state, limit=limit)
        )

    def troubles(self, workflow_id: str) -> Sequence[Trouble]:
        """As `MlcClient.troubles`."""
        return self._loop.run(self._client.troubles(workflow_id))

    def decide(
        self,
        workflow_id: str,
        decision: DecisionWord,
        *,
        by: str,
        comment: str = "",
        ticket: str | None = None,
        aliases: Sequence[str] = (),
    ) -> Decision:
        """As `MlcClient.decide`."""
        return self._loop.run(
            self._client.decide(workflow_id, decision, by=by, comment=comment, ticket=ticket, aliases=aliases)
        )

    def cancel(self, workflow_id: str) -> None:
        """As `MlcClient.cancel`."""
        self._loop.run(self._client.cancel(workflow_id))

    def job_changed(self, job_id: str, workflow_id: str | None) -> None:
        """As `MlcClient.job_changed`."""
        self._loop.run(self._client.job_changed(job_id, workflow_id))

    def ticket_changed(self, ticket_id: str) -> None:
        """As `MlcClient.ticket_changed`."""
        self._loop.run(self._client.ticket_changed(ticket_id))

    def ticket_deleted(self, ticket_key: str) -> None:
        """As `MlcClient.ticket_deleted`."""
        self._loop.run(self._client.ticket_deleted(ticket_key))
