"""The tickets of a process: opening them, waiting for a person's answer, and who may give it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from activities.signatures import Decisions, Jira, ModelOp
from mlc.errors import NotFound
from mlc.ids import effect_key, queue_of
from mlc.modelop import Changes, Snapshot
from mlc.policy import Policy
from mlc.record import Decision, DecisionRequest, DecisionWord, TicketEntry, TicketKind
from mlc.text import plain
from mlc.tickets import (
    Escalation,
    NotificationOrder,
    OpenedTicket,
    Settlement,
    TicketKeySettlement,
    TicketNote,
    TicketOrder,
    TicketRef,
    TicketSettlement,
)
from workflows.calls import (
    CARRY_DEADLINE,
    SILENCE,
    TRANSIENT,
    explain,
    kind_of,
    note_in_modelop,
    start_on_jira,
)
from workflows.ledger import Ledger
from workflows.refusals import refusal

A = TypeVar("A")
R = TypeVar("R")

NAME_LENGTH, COMMENT_LENGTH = 200, 10_000
SLOW_OPENING = timedelta(seconds=30)
GO: frozenset[DecisionWord] = frozenset({"approve", "retry"})


class TicketGone(Exception):  # noqa: N818
    """The ticket that the process waits on does not exist any more."""


class Tickets:
    """Opens the tickets of one process and receives the answers. At most one ticket is waited on at a time."""

    def __init__(self, ledger: Ledger, chain: str) -> None:
        self.policy = Policy()
        self.snapshot: Snapshot | None = None
        self._ledger = ledger
        self._chain = chain
        self._asked: OpenedTicket | None = None
        self._answer: Decision | None = None
        self._opening: str | None = None
        self._hinted = False
        self._overlooked = False
        self._closing: list[asyncio.Task[None]] = []
        self._notes: asyncio.Task[None] | None = None

    async def open(
        self,
        kind: TicketKind,
        *,
        summary: str,
        lead: str,
        messages: tuple[str, ...] = (),
        choices: tuple[tuple[str, str], ...] = (),
        changes: Changes | None = None,
        due: datetime | None = None,
    ) -> OpenedTicket:
        """Opens one ticket for the current step; while Jira is away this is tried without end."""
        record = self._ledger.record
        step = record.step or record.process
        cycle = 1 + sum(1 for ticket in record.tickets if ticket.step == step)
        info = workflow.info()
        order = TicketOrder(
            key=effect_key(self._chain, step, cycle),
            kind=kind,
            step=step,
            cycle=cycle,
            workflow_id=info.workflow_id,
            run_id=info.first_execution_run_id,
            namespace=info.namespace,
            summary=f"{record.model_name or record.snapshot_id or record.process}: {summary}",
            lead=lead,
            facts=_facts(self.snapshot, record.snapshot_id),
            choices=choices,
            changes=changes.lines if changes else (),
            changes_since=changes.since if changes else None,
            messages=messages,
            record=record,
            due=due,
        )
        self._opening, began = order.key, workflow.now()
        self._ledger.publish()
        opened = await start_on_jira(Jira.open_ticket, order, summary=f"{kind} ticket: {summary}")
        self._opening = None
        # Whoever decided before the process knew its ticket was told to wait: then it looks by itself.
        self._overlooked = workflow.now() - began > SLOW_OPENING
        self._ledger.ticket(opened.ticket)
        self._mirror(opened.ticket, lead, is_open=True)
        return opened

    async def answer(self, opened: OpenedTicket) -> Decision:
        """Waits, without end and without cost, until a person has answered; the ticket is settled then.

        Raises TicketGone when the ticket turns out to be deleted.
        """
        self._ask(opened)
        await self._answered_within(None)
        return await self._take_answer(opened)

    async def answer_in_time(self, opened: OpenedTicket) -> Decision | None:
        """The same with the reminders of the review policy; None when the time is over, and the ticket is closed."""
        self._ask(opened)
        review, ticket = self.policy.review, opened.ticket
        if await self._answered_within(review.deadline / 2):
            return await self._take_answer(opened)
        await self.say(
            ticket, "reminder", f"Half of the time for {ticket.key} has passed: it waits for a decision."
        )
        if await self._answered_within(review.deadline / 2):
            return await self._take_answer(opened)
        await self._escalate(ticket)
        if await self._answered_within(review.grace):
            return await self._take_answer(opened)
        self._asked = None
        await self.close(
            ticket,
            "cancel",
            "Nobody decided in time. The process has ended as expired; nothing was deployed.",
        )
        return None

    def refusal(self, request: DecisionRequest) -> tuple[str, str] | None:
        """Why this decision cannot hold, as (failure type, one line); None when it can."""
        author = self.snapshot.author if self.snapshot and self.policy.review.four_eyes else None
        service = self.policy.review.service_accounts
        return refusal(self._ledger.record, request, self._asked, self._answer, author, service)

    def decide(self, request: DecisionRequest) -> Decision:
        """Takes a decision that `refusal` let pass."""
        if self._asked is None:
            raise RuntimeError("a decision was taken that was never asked for")
        ticket = self._asked.ticket
        decision = Decision(
            decision=_word(ticket.kind, request.decision),
            by=plain(request.by, NAME_LENGTH),
            at=request.at or workflow.now(),
            comment=request.comment[:COMMENT_LENGTH],
            via=request.via,
            by_id=request.by_id,
            ticket=ticket.key,
        )
        self._answer = decision
        self._ledger.decision(decision)
        if request.ticket_status:
            self._ledger.ticket(ticket.model_copy(update={"status": request.ticket_status}))
        return decision

    def hint(self) -> None:
        """Somebody says that the ticket changed: look at it."""
        self._hinted = True

    async def close(self, ticket: TicketEntry, to: Settlement, text: str) -> None:
        """Comments on the ticket and closes it where the project's workflow allows."""
        key = effect_key(self._chain, f"settle {ticket.id}", 1)
        settlement = TicketSettlement(ticket_id=ticket.id, key=key, text=text, to=to)
        status = await self._in_jira(Jira.settle_ticket, settlement, f"Close {ticket.key}")
        settled = ticket.model_copy(update={"status": status or ticket.status})
        self._ledger.ticket(settled)
        self._mirror(settled, text, is_open=False)

    async def say(self, ticket: TicketEntry, about: str, text: str) -> None:
        """Comments once; `about` names the occasion."""
        key = effect_key(self._chain, f"{about} {ticket.id}", 1)
        note = TicketNote(ticket_id=ticket.id, key=key, text=text)
        await self._in_jira(Jira.comment, note, f"Comment on {ticket.key}: {about}")

    async def settled(self) -> None:
        """Waits for the tickets that are still being closed."""
        for closing in self._closing:
            await closing
        if self._notes is not None:
            await self._notes

    async def abandon(self, text: str) -> None:
        """Closes what nobody has answered, and a ticket whose opening was interrupted."""
        self._asked = None
        answered = {made.ticket for made in self._ledger.record.decisions}
        for ticket in self._ledger.record.tickets:
            if ticket.key not in answered:
                await self.close(ticket, "cancel", text)
        if self._opening is not None:
            settlement = TicketKeySettlement(key=self._opening, text=text, to="cancel")
            await self._in_jira(Jira.settle_ticket_of_key, settlement, "Close an interrupted ticket")

    def _ask(self, opened: OpenedTicket) -> None:
        self._asked, self._answer, self._hinted = opened, None, self._overlooked
        self._ledger.wait_for(opened.ticket.key)

    async def _answered_within(self, patience: timedelta | None) -> bool:
        until = None if patience is None else workflow.now() + patience
        while self._answer is None:
            left = None if until is None else max(until - workflow.now(), timedelta(0))
            try:
                await workflow.wait_condition(
                    lambda: self._answer is not None or self._hinted,
                    timeout=left,
                    timeout_summary=f"Patience with {self._ledger.record.waiting_for}",
                )
            except TimeoutError:
                return False
            if self._hinted and self._answer is None:
                await self._look()
        return True

    async def _look(self) -> None:
        self._hinted = False
        if self._asked is None:
            return
        try:
            await workflow.execute_activity_method(
                Decisions.carry_decision,
                TicketRef(ticket_id=self._asked.ticket.id),
                task_queue=queue_of(workflow.info().task_queue, "jira"),
                schedule_to_close_timeout=CARRY_DEADLINE,
                heartbeat_timeout=SILENCE,
                retry_policy=TRANSIENT,
                summary=f"Look at {self._asked.ticket.key}",
            )
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            if kind_of(error) == NotFound.__name__:
                raise self._gone() from None
            workflow.logger.warning("The watcher will look instead: %s", explain(error))

    def _gone(self) -> TicketGone:
        """A deleted ticket decides nothing; it is no longer waited on."""
        if self._asked is None:
            raise RuntimeError("no ticket is waited on")
        ticket, self._asked = self._asked.ticket, None
        self._ledger.ticket(ticket.model_copy(update={"status": "deleted"}))
        self._ledger.wait_for(None)
        return TicketGone(f"{ticket.key} was deleted, which decides nothing")

    async def _take_answer(self, opened: OpenedTicket) -> Decision:
        answer = self._answer
        if answer is None:
            raise RuntimeError("no answer to take")
        self._asked, self._answer = None, None
        self._ledger.wait_for(None)
        ticket = next(known for known in self._ledger.record.tickets if known.id == opened.ticket.id)
        if answer.via == "api":
            text = f"{answer.by} decided: {answer.decision}." + (
                f"\n{answer.comment}" if answer.comment else ""
            )
            # Not waited for here: whoever decides past a Jira that is away wants the process to go on.
            closing = self.close(ticket, "go" if answer.decision in GO else "end", text)
            self._closing.append(asyncio.create_task(closing))
        else:
            self._mirror(ticket, f"{answer.decision} by {answer.by}", is_open=False, closed_by=answer.by)
        return answer

    async def _escalate(self, ticket: TicketEntry) -> None:
        text = (
            f"The time for {ticket.key} is over. Without a decision the process ends as expired in "
            f"{_days(self.policy.review.grace)}; nothing is ever approved by time."
        )
        key = effect_key(self._chain, f"escalation {ticket.id}", 1)
        people = self.policy.review.escalate_to
        escalation = Escalation(ticket_id=ticket.id, key=key, text=text, people=people)
        await self._in_jira(Jira.escalate, escalation, f"Escalate {ticket.key}")

    async def _in_jira(self, activity: Callable[[Any, A], R], argument: A, summary: str) -> R | None:
        """An effect on a ticket that exists; it never keeps the process longer than a step may take."""
        try:
            return await start_on_jira(
                activity, argument, summary=summary, deadline=self.policy.step_deadline
            )
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            if kind_of(error) == NotFound.__name__ and self._asked is not None:
                raise self._gone() from None
            workflow.logger.warning("%s: given up: %s", summary, explain(error))
            return None

    def _mirror(
        self, ticket: TicketEntry, message: str, *, is_open: bool, closed_by: str | None = None
    ) -> None:
        """In the background, one after the other: nobody waits for a note to ModelOp Center."""
        record = self._ledger.record
        order = NotificationOrder(
            ticket=ticket,
            model_name=record.model_name,
            snapshot_id=record.snapshot_id,
            message=message,
            open=is_open,
            created_after_ms=self._ledger.started_ms,
            closed_by=closed_by,
        )
        self._notes = asyncio.create_task(self._noted(order, self._notes))

    async def _noted(self, order: NotificationOrder, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        summary = f"Mirror {order.ticket.key}"
        await note_in_modelop(ModelOp.mirror_ticket, order, summary, self.policy.step_deadline)


def _word(kind: TicketKind, said: DecisionWord) -> DecisionWord:
    if kind == "review":
        return "approve" if said in GO else "reject"
    return "retry" if said in GO else "stop"


def _days(time: timedelta) -> str:
    hours = time.total_seconds() / 3600
    return f"{hours / 24:g} days" if hours >= 24 else f"{hours:g} hours"


def _facts(snapshot: Snapshot | None, snapshot_id: str | None) -> tuple[tuple[str, str], ...]:
    if snapshot is None:
        return (("Snapshot", snapshot_id),) if snapshot_id else ()
    facts = (
        ("Model", snapshot.model_name),
        ("Model id", snapshot.model_id),
        ("Snapshot", f"{snapshot.name} ({snapshot.id})"),
        ("Description", snapshot.description),
        ("Owner", snapshot.owner),
        ("Risk", snapshot.risk),
        ("Author", snapshot.author),
        ("Tags", ", ".join(snapshot.tags)),
        ("Stage", snapshot.stage or ""),
    )
    return tuple((name, value) for name, value in facts if value)
