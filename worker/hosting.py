"""Which workflows and activities a worker hosts, and on which queues."""

from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import Worker

from activities.jira.activities import JiraActivities
from activities.jira.client import JiraClient
from activities.jira.decisions import DecisionActivities
from activities.jira.following import Following
from activities.modelop.activities import ModelOpActivities
from activities.modelop.client import ModelOpClient
from activities.modelop.mirrors import Mirrors
from activities.signatures import Decisions, Jira, ModelOp
from mlc.catalogue import Catalogue, installed
from mlc.ids import WATCH_ID, queue_of
from mlc.settings import Settings
from mlc.tickets import WatchState
from worker.failures import Failures
from worker.heartbeats import Heartbeats
from worker.processes import Activity, activities_of, refusal_of_sandbox, workflows_of
from workflows.job_news import JobNews
from workflows.watch import TicketWatch

# Workflows that serve the processes and are none themselves.
SERVANTS = (TicketWatch, JobNews)

# The first task after a worker's death waits this long for it, because it alone holds the process in memory.
STICKY_WAIT = timedelta(seconds=3)
# The SDK may hold a heartbeat back; never for longer than this.
HEARTBEAT_AT_MOST = timedelta(seconds=3)


@asynccontextmanager
async def hosting(
    temporal: Client,
    settings: Settings,
    *,
    catalogue: Catalogue | None = None,
    workflows_cached: int = 1000,
) -> AsyncGenerator[list[Worker]]:
    """Runs the workers of all queues while the context is open; leaving it lets running activities finish.

    `catalogue` holds the processes to host, by default those that are installed. Raises InvalidInput naming the process
    whose code cannot be hosted.
    """
    catalogue = catalogue or installed()
    queue, threads = settings.worker.task_queue, settings.worker.activity_threads
    grace = timedelta(seconds=settings.worker.graceful_seconds)
    modelop_client, jira_client = ModelOpClient(settings.modelop), JiraClient(settings.jira)
    on_modelop = _activities(ModelOpActivities(modelop_client, settings, catalogue), ModelOp)
    following = Following(Mirrors(modelop_client, settings.modelop.dialect), temporal)
    on_jira = [
        *_activities(JiraActivities(jira_client, settings), Jira),
        *_activities(DecisionActivities(jira_client, temporal, following, settings), Decisions),
    ]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(modelop_client.close)
        jira_threads = stack.enter_context(ThreadPoolExecutor(threads, "jira"))
        own_threads = stack.enter_context(ThreadPoolExecutor(threads, "own"))
        own = activities_of(catalogue, settings, taken=(*on_modelop, *on_jira))

        def on_queue_of(
            system: str, activities: list[Activity], executor: ThreadPoolExecutor | None = None
        ) -> Worker:
            return Worker(
                temporal,
                task_queue=queue_of(queue, system),
                activities=activities,
                activity_executor=executor,
                interceptors=[Heartbeats(), Failures()],
                graceful_shutdown_timeout=grace,
                max_heartbeat_throttle_interval=HEARTBEAT_AT_MOST,
            )

        with refusal_of_sandbox(catalogue):
            processes = Worker(
                temporal,
                task_queue=queue,
                workflows=[*workflows_of(catalogue), *SERVANTS],
                activities=[*on_modelop, *own],  # as local activities
                activity_executor=own_threads,
                interceptors=[Failures()],
                max_cached_workflows=workflows_cached,
                graceful_shutdown_timeout=grace,
                no_remote_activities=True,
                sticky_queue_schedule_to_start_timeout=STICKY_WAIT,
            )
        workers = [
            processes,
            on_queue_of("modelop", on_modelop),
            on_queue_of("jira", on_jira, jira_threads),
            *([on_queue_of("own", own, own_threads)] if own else []),
        ]
        for worker in workers:
            await stack.enter_async_context(worker)
        yield workers


async def ensure_watcher(temporal: Client, settings: Settings) -> WorkflowHandle[TicketWatch, None]:
    """Starts the one watcher of all tickets, or finds it running."""
    return await temporal.start_workflow(
        TicketWatch.run,
        WatchState(),
        id=WATCH_ID,
        task_queue=settings.worker.task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="Watches all tickets",
    )


def _activities(implementation: object, signatures: type) -> list[Activity]:
    """The implementation's activities: one for each of the signatures."""
    return [getattr(implementation, name) for name in vars(signatures) if not name.startswith("_")]
