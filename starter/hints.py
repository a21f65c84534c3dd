"""Hints that something changed outside. What holds is read afresh by whoever gets one; who misses one finds out later."""

from collections.abc import Mapping
from typing import Any, cast

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from mlc.catalogue import OWN_PREFIX
from mlc.dialect import Dialect
from mlc.errors import NotFound
from mlc.ids import JOB_NEWS, WATCH, WATCH_ID, job_news_id
from mlc.modelop import JobRef
from mlc.search_attributes import MLC_TICKET
from mlc.tickets import TicketRef, WatchState
from starter import handlers
from starter.failures import rpc_error
from starter.rows import search


class Hints:
    """Passes hints on to the workflows that they concern. Raises Unavailable when Temporal does not answer."""

    def __init__(self, temporal: Client, task_queue: str, dialect: Dialect) -> None:
        self._temporal = temporal
        self._task_queue = task_queue
        self._dialect = dialect

    async def job_told(self, job_id: str, job: object) -> None:
        """A job as the signal told it: whole, so that it names its process or is not ours, or its id alone."""
        parameters: object = (
            cast(Mapping[str, Any], job).get("jobParameters") if isinstance(job, dict) else None
        )
        if not isinstance(parameters, dict):
            await self.job(job_id, None)
            return
        process = cast(Mapping[str, Any], parameters).get(self._dialect.process_parameter)
        if isinstance(process, str) and process:
            await self.job(job_id, process)

    async def job(self, job_id: str, workflow_id: str | None) -> None:
        """A job changed. Without `workflow_id` the job is read first, to learn whose it is.

        A workflow whose id is none of ours is left alone, whatever the job claims.
        """
        if workflow_id is not None:
            if workflow_id.startswith(OWN_PREFIX):
                await self._signal(workflow_id, handlers.JOB_STATUS_CHANGED)
            return
        looking = job_news_id(job_id)
        try:
            await self._temporal.start_workflow(  # pyright: ignore[reportUnknownMemberType] - the SDK's overloads
                JOB_NEWS,
                JobRef(job_id=job_id),
                id=looking,
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
        except RPCError as error:
            raise rpc_error(error, looking) from None

    async def ticket(self, ticket_id: str) -> None:
        """A ticket changed: the watcher looks at it at once, and is started where it does not run."""
        try:
            await self._temporal.start_workflow(  # pyright: ignore[reportUnknownMemberType] - the SDK's overloads
                WATCH,
                WatchState(),
                id=WATCH_ID,
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal=handlers.TICKET_CHANGED,
                start_signal_args=[TicketRef(ticket_id=ticket_id)],
            )
        except RPCError as error:
            raise rpc_error(error, WATCH_ID) from None

    async def ticket_gone(self, ticket_key: str) -> None:
        """A ticket is gone: the process that waits on it looks, and opens another."""
        # Found by a search that may be late: whoever is missed finds out at the next reminder.
        waiting = self._temporal.list_workflows(search({MLC_TICKET: ticket_key}, "running"))
        try:
            found = [execution.id async for execution in waiting]
        except RPCError as error:
            raise rpc_error(error, ticket_key) from None
        for workflow_id in found:
            await self._signal(workflow_id, handlers.TICKET_CHANGED)

    async def _signal(self, workflow_id: str, hint: str) -> None:
        try:
            await self._temporal.get_workflow_handle(workflow_id).signal(hint)
        except RPCError as error:
            problem = rpc_error(error, workflow_id)
            if not isinstance(problem, NotFound):
                raise problem from None
