"""The one watcher of all tickets, as a durable singleton: whichever worker lives, runs it."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities.signatures import Decisions
from mlc.ids import WATCH, queue_of
from mlc.tickets import TicketRef, WatchOrder, WatchState
from workflows.calls import CARRY_DEADLINE, SILENCE, TRANSIENT

# A fresh history every few hours; the activity tells its place by heartbeat, so a dead worker is missed within seconds.
SHIFT = timedelta(hours=6)
AT_ONCE_AGAIN = RetryPolicy(initial_interval=timedelta(seconds=1), backoff_coefficient=1.0)


@workflow.defn(name=WATCH)
class TicketWatch:
    """Looks at Jira in an even rhythm, and at once at a ticket of which a webhook speaks."""

    @workflow.init
    def __init__(self, state: WatchState) -> None:
        self._since = state.since
        self._pending = list(state.pending)

    @workflow.run
    async def run(self, state: WatchState) -> None:
        """Watches for one shift, then hands over to the next."""
        watching = asyncio.create_task(self._watch())
        while not watching.done() and not workflow.info().is_continue_as_new_suggested():
            await workflow.wait_condition(lambda: bool(self._pending) or watching.done())
            if self._pending:
                await self._carry(self._pending.pop(0))
        watching.cancel()
        workflow.continue_as_new(WatchState(since=self._since, pending=tuple(self._pending)))

    @workflow.signal
    def ticket_changed(self, ref: TicketRef) -> None:
        """A webhook speaks of this ticket."""
        if ref not in self._pending:
            self._pending.append(ref)

    async def _watch(self) -> None:
        self._since = await workflow.execute_activity_method(
            Decisions.watch_tickets,
            WatchOrder(since=self._since, shift=SHIFT),
            task_queue=queue_of(workflow.info().task_queue, "jira"),
            start_to_close_timeout=SHIFT * 2,
            heartbeat_timeout=SILENCE,
            retry_policy=AT_ONCE_AGAIN,
            summary="Watch all tickets",
        )

    async def _carry(self, ref: TicketRef) -> None:
        try:
            await workflow.execute_activity_method(
                Decisions.carry_decision,
                ref,
                task_queue=queue_of(workflow.info().task_queue, "jira"),
                schedule_to_close_timeout=CARRY_DEADLINE,
                heartbeat_timeout=SILENCE,
                retry_policy=TRANSIENT,
                summary=f"Webhook: ticket {ref.ticket_id}",
            )
        except ActivityError as error:
            workflow.logger.warning("Ticket %s is left to the watcher: %s", ref.ticket_id, error.cause)
