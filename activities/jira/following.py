"""Tickets outlive their processes: from then on their notifications in ModelOp Center follow them from here."""

from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.jira.reading import TicketReading
from activities.modelop.mirrors import MirroredTicket, Mirrors
from mlc.errors import Conflict, Unavailable

# Shorter than the watcher may be silent.
ANSWER_WITHIN = timedelta(seconds=5)


class Following:
    """Holds both ends: ModelOp Center, and Temporal, which knows whether a ticket's process still runs."""

    def __init__(self, mirrors: Mirrors, temporal: Client) -> None:
        self._mirrors = mirrors
        self._temporal = temporal

    def concerns(self, reading: TicketReading) -> bool:
        """Whether this is a ticket of ours that ever left the status in which it was opened."""
        ours = reading.workflow_id is not None and reading.namespace == self._temporal.namespace
        return ours and (reading.done or reading.change_id is not None)

    async def follow(self, reading: TicketReading) -> None:
        """Has the notification as open as its ticket, unless a process waits for the ticket: that one does it itself.

        Raises Conflict while the notification is still to come.
        """
        # Asked first: a process that has ended writes no notification any more.
        runs = await self._runs(reading)
        if runs and reading.awaits:
            return
        ticket = MirroredTicket(
            id=reading.ticket_id,
            status=reading.status,
            open=not reading.done,
            moved_by=reading.moved_by,
            created=reading.created,
        )
        if not await self._mirrors.follow(ticket) and runs:
            raise Conflict(f"{reading.key} has no notification yet")

    async def _runs(self, reading: TicketReading) -> bool:
        """Whether the ticket's process runs, in whichever of its histories."""
        try:
            latest = await self._temporal.get_workflow_handle(reading.workflow_id or "").describe(
                rpc_timeout=ANSWER_WITHIN
            )
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise Unavailable(f"Temporal does not tell of {reading.workflow_id}: {error.message}") from error
        first = latest.raw_description.workflow_execution_info.first_run_id
        return latest.status == WorkflowExecutionStatus.RUNNING and first == reading.run_id
