"""The way of a decision from Jira to its process: one watcher for all tickets, one carrier for each that changed.

The watcher also has notifications follow their tickets, beside the decisions: none of them waits for ModelOp Center.
"""

import asyncio
import math
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError, RPCStatusCode

from activities.failures import async_failures
from activities.jira.activities import comment_once
from activities.jira.client import JiraClient
from activities.jira.following import ANSWER_WITHIN, Following
from activities.jira.reading import Move, TicketReading, reading_of
from activities.signatures import Decisions
from mlc.errors import Conflict, MlcError, NotFound, Unauthorized, Unavailable
from mlc.ids import TICKET_LABEL
from mlc.record import Decision, DecisionRequest, ProcessRecord
from mlc.settings import Settings
from mlc.tickets import TicketRef, WatchOrder

# A worker that starts for the first time looks this far back.
FIRST_LOOK = timedelta(days=1)
HEARTBEAT_SECONDS = 3.0
CARRIED_AT_ONCE = 8
# A process that does not know its ticket this long after a decision on it never will.
TOO_EARLY = timedelta(minutes=10)
NOT_WAITING = "NotWaiting"
DECIDED = "AlreadyDecided"


class DecisionActivities(Decisions):
    """Holds both ends: Jira and Temporal."""

    def __init__(self, jira: JiraClient, temporal: Client, following: Following, settings: Settings) -> None:
        self._jira = jira
        self._temporal = temporal
        self._following = following
        self._settings = settings.jira
        self._told: dict[str, str] = {}
        self._beside: asyncio.Task[None] | None = None

    @activity.defn
    async def carry_decision(self, ref: TicketRef) -> None:
        async with async_failures():
            await self._carry(ref.ticket_id)

    @activity.defn
    async def watch_tickets(self, order: WatchOrder) -> datetime:
        details = activity.info().heartbeat_details
        since = (
            datetime.fromisoformat(details[0]) if details else order.since or datetime.now(UTC) - FIRST_LOOK
        )
        end = datetime.now(UTC) + order.shift
        try:
            while datetime.now(UTC) < end:
                since = await self._look(since)
                await self._rest(since)
            return since
        finally:
            if self._beside is not None:
                self._beside.cancel()

    async def _look(self, since: datetime) -> datetime:
        """Carries what changed since; answers up to when all is done, which is `since` when something failed or goes on."""
        now = datetime.now(UTC)
        try:
            all_done = await self._carry_changed(since, now)
        except MlcError as error:
            activity.logger.warning("The tickets cannot be watched just now: %s", error)
            return since
        return now if all_done else since

    async def _carry_changed(self, since: datetime, now: datetime) -> bool:
        # Minutes back instead of a time of day: JQL reads times in the time zone of the account's profile.
        minutes = math.ceil((now - since).total_seconds() / 60) + self._settings.watch_overlap_minutes
        jql = f'labels = "{TICKET_LABEL}" AND updated >= "-{minutes}m" ORDER BY updated ASC'
        changed = {str(i.id): str(i.fields.updated) for i in await asyncio.to_thread(self._jira.find, jql)}
        untold = [ticket_id for ticket_id, updated in changed.items() if self._told.get(ticket_id) != updated]
        at_once, read = asyncio.Semaphore(CARRIED_AT_ONCE), list[TicketReading]()
        carried = await asyncio.gather(
            *(self._try_to_carry(ticket_id, since, at_once, read) for ticket_id in untold)
        )
        again = {ticket_id for ticket_id, done in zip(untold, carried, strict=True) if not done}
        # Looked at again until its notification is known to have followed.
        leading = [reading for reading in read if self._following.concerns(reading)]
        again.update(reading.ticket_id for reading in leading)
        self._told = {ticket_id: seen for ticket_id, seen in changed.items() if ticket_id not in again}
        if leading and (self._beside is None or self._beside.done()):
            self._beside = asyncio.create_task(self._follow(leading, changed))
        return not again

    async def _follow(self, leading: list[TicketReading], seen: dict[str, str]) -> None:
        """One after the other, until ModelOp Center fails: what is left is tried after the next look."""
        for reading in leading:
            try:
                await self._following.follow(reading)
            except Conflict as error:
                activity.logger.warning("%s is looked at again: %s", reading.key, error)
                continue
            except MlcError as error:
                again = error.retryable or isinstance(error, Unauthorized)
                activity.logger.warning(
                    "The notification of %s %s: %s", reading.key, "waits" if again else "is given up", error
                )
                if again:
                    return
            self._told[reading.ticket_id] = seen[reading.ticket_id]

    async def _try_to_carry(
        self, ticket_id: str, since: datetime, at_once: asyncio.Semaphore, read: list[TicketReading]
    ) -> bool:
        """Whether it was carried. One process that does not answer must not hold up the decisions for the others."""
        async with at_once:
            activity.heartbeat(since.isoformat())
            try:
                read.append(await self._carry(ticket_id))
            except NotFound as error:
                activity.logger.warning("Nothing to carry: %s", error)
            except MlcError as error:
                activity.logger.warning("Ticket %s is looked at again: %s", ticket_id, error)
                return False
            return True

    async def _rest(self, since: datetime) -> None:
        """Until the next look, with a sign of life every few seconds; a worker that shuts down hands over at once."""
        left = self._settings.watch_seconds
        while left > 0:
            activity.heartbeat(since.isoformat())
            pause = min(left, HEARTBEAT_SECONDS)
            try:
                await asyncio.wait_for(activity.wait_for_worker_shutdown(), timeout=pause)
            except TimeoutError:
                left -= pause
            else:
                raise ApplicationError(
                    "the worker shuts down", type="HandOver", category=ApplicationErrorCategory.BENIGN
                )

    async def _carry(self, ticket_id: str) -> TicketReading:
        """Raises NotFound when the ticket was deleted, Conflict when the process does not know the ticket yet."""
        reading = reading_of(await asyncio.to_thread(self._jira.read, ticket_id), self._settings)
        if not reading.awaits or reading.workflow_id is None or reading.namespace != self._temporal.namespace:
            return reading
        for move in reading.moves:
            too_late_or_refused = await self._send(reading, move)
            if too_late_or_refused is not None:
                await self._say(ticket_id, move.change_id, too_late_or_refused)
        if reading.closed:
            text = f"{reading.status} is neither an approval nor a rejection. The process keeps waiting."
            await self._say(ticket_id, str(reading.change_id), text)
        return reading

    async def _say(self, ticket_id: str, change_id: str, text: str) -> None:
        await asyncio.to_thread(comment_once, self._jira, ticket_id, f"undecided-{change_id}", text)

    async def _send(self, reading: TicketReading, move: Move) -> str | None:
        """Sends the decision to its process; answers what to tell its author when it does not hold, or None."""
        request = DecisionRequest(
            decision=move.answer,
            by=move.by,
            by_id=move.by_id,
            aliases=move.names,
            at=move.at,
            comment=move.comment,
            via="jira",
            ticket=reading.ticket_id,
            ticket_status=reading.status,
        )
        handle = self._temporal.get_workflow_handle(
            reading.workflow_id or "", first_execution_run_id=reading.run_id, result_type=ProcessRecord
        )
        try:
            # The same move of the same ticket is the same update, however often webhook and watcher tell of it.
            update_id = f"jira-{reading.ticket_id}-{move.change_id}"
            await handle.execute_update(  # pyright: ignore[reportUnknownMemberType] - open in the SDK
                "decide", request, id=update_id, result_type=Decision, rpc_timeout=ANSWER_WITHIN
            )
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            kind = cause.type if isinstance(cause, ApplicationError) else None
            why = cause.message if isinstance(cause, ApplicationError) else str(cause)
            if kind == NOT_WAITING and datetime.now(UTC) - move.at < TOO_EARLY:
                raise Conflict(why) from error
            if kind == DECIDED:
                # We close a ticket ourselves after a decision by another way.
                return None if await self._is_ours(move) else f"This comes too late: {why}."
            if kind == NOT_WAITING:
                return f"Not taken: {why}. If the process comes to know this ticket, it looks by itself."
            return f"This does not decide: {why}. The process keeps waiting."
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return await self._said_after_the_end(reading, move)
            raise Unavailable(
                f"Temporal did not take the decision on {reading.key}: {error.message}"
            ) from error
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            raise Unavailable(f"{reading.workflow_id} does not answer: does a worker run for it?") from error
        return None

    async def _said_after_the_end(self, reading: TicketReading, move: Move) -> str | None:
        """What to tell the author of a move that finds its process ended, unless it is the move that ended it."""
        handle = self._temporal.get_workflow_handle(
            reading.workflow_id or "", run_id=reading.run_id, result_type=ProcessRecord
        )
        try:
            record = await handle.result(rpc_timeout=ANSWER_WITHIN)
        except (WorkflowFailureError, RPCError):
            return None  # stopped from outside: there is no record to tell of
        decision = next((made for made in record.decisions if made.ticket == reading.key), None)
        if (decision is not None and decision.at == move.at) or await self._is_ours(move):
            return None
        told = decision.told() if decision else f"the process has ended: {record.outcome}"
        return f"This comes too late: {told}."

    async def _is_ours(self, move: Move) -> bool:
        """Whether the service account itself moved the ticket."""
        return bool(set(move.names) & set(await asyncio.to_thread(self._jira.myself)))
