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
from activities.modelop.activities import ModelOpActivities
from activities.modelop.client import ModelOpClient
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
    modelop = ModelOpActivities(modelop_client, settings)
    jira = JiraActivities(jira_client, settings)
    decisions = DecisionActivities(jira_client, temporal, settings)
    on_modelop = [
        modelop.read_policy,
        modelop.read_snapshot,
        modelop.create_job,
        modelop.find_job,
        modelop.wait_for_job,
        modelop.read_job,
        modelop.cancel_job,
        modelop.store_test_result,
        modelop.read_test_result,
        modelop.judge_test_result,
        modelop.changes_since_last_deployment,
        modelop.approval_basis,
        modelop.find_runtimes,
        modelop.deploy,
        modelop.find_deployment,
        modelop.write_lineage,
        modelop.mirror_ticket,
    ]
    on_jira = [
        jira.open_ticket,
        jira.comment,
        jira.escalate,
        jira.settle_ticket,
        jira.settle_ticket_of_key,
        decisions.carry_decision,
        decisions.watch_tickets,
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
