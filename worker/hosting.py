"""Which workflows and activities a worker hosts, and on which queues."""

from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import Worker

from activities.jira.activities import JiraActivities
from activities.jira.client import JiraClient
from activities.jira.decisions import DecisionActivities
from activities.modelop.activities import ModelOpActivities
from activities.modelop.client import ModelOpClient
from activities.signatures import Decisions, Jira, ModelOp
from mlc.ids import queue_of
from mlc.settings import Settings
from mlc.tickets import WatchState
from worker.heartbeats import Heartbeats
from workflows.deploy import Deploy
from workflows.watch import WATCH_ID, TicketWatch

WORKFLOWS = (Deploy, TicketWatch)
# The first task after a worker's death waits this long for it, because it alone holds the process in memory.
STICKY_WAIT = timedelta(seconds=3)
# The SDK may hold a heartbeat back; never for longer than this.
HEARTBEAT_AT_MOST = timedelta(seconds=3)


@asynccontextmanager
async def hosting(
    temporal: Client, settings: Settings, *, workflows_cached: int = 1000
) -> AsyncGenerator[list[Worker]]:
    """Runs the workers of all queues while the context is open; leaving it lets running activities finish."""
    queue = settings.worker.task_queue
    grace = timedelta(seconds=settings.worker.graceful_seconds)
    modelop_client, jira_client = ModelOpClient(settings.modelop), JiraClient(settings.jira)
    on_modelop = _activities(ModelOpActivities(modelop_client, settings), ModelOp)
    on_jira = [
        *_activities(JiraActivities(jira_client, settings), Jira),
        *_activities(DecisionActivities(jira_client, temporal, settings), Decisions),
    ]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(modelop_client.close)
        threads = stack.enter_context(ThreadPoolExecutor(settings.worker.activity_threads, "jira"))
        workers = [
            Worker(
                temporal,
                task_queue=queue,
                workflows=WORKFLOWS,
                activities=on_modelop,  # as local activities
                max_cached_workflows=workflows_cached,
                graceful_shutdown_timeout=grace,
                no_remote_activities=True,
                sticky_queue_schedule_to_start_timeout=STICKY_WAIT,
            ),
            Worker(
                temporal,
                task_queue=queue_of(queue, "modelop"),
                activities=on_modelop,
                graceful_shutdown_timeout=grace,
                interceptors=[Heartbeats()],
            ),
            Worker(
                temporal,
                task_queue=queue_of(queue, "jira"),
                activities=on_jira,
                activity_executor=threads,
                interceptors=[Heartbeats()],
                graceful_shutdown_timeout=grace,
                max_heartbeat_throttle_interval=HEARTBEAT_AT_MOST,
            ),
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


def _activities(implementation: object, signatures: type) -> list[Callable[..., Any]]:
    """The implementation's activities: one for each of the signatures."""
    return [getattr(implementation, name) for name in vars(signatures) if not name.startswith("_")]
