"""Tickets as the processes ask for them; how they read in Jira is the business of the Jira activities."""

from datetime import datetime, timedelta
from typing import Literal

from mlc.contract import Contract
from mlc.record import ProcessRecord, TicketEntry, TicketKind

Settlement = Literal["go", "end", "cancel"]


class TicketOrder(Contract):
    """Asks for one ticket. `label key` finds it again; all else is what a person needs to decide.

    `choices` says what each status does: (status word, consequence). Empty when nobody waits for an answer.
    """

    key: str
    kind: TicketKind
    step: str
    cycle: int
    workflow_id: str
    run_id: str
    namespace: str
    summary: str
    lead: str
    facts: tuple[tuple[str, str], ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    changes: tuple[str, ...] = ()
    changes_since: str | None = None
    messages: tuple[str, ...] = ()
    record: ProcessRecord
    due: datetime | None = None


class OpenedTicket(Contract):
    """The ticket that now exists, and the names of the account that opened it, whose own transitions never count."""

    ticket: TicketEntry
    service_account: tuple[str, ...] = ()


class TicketNote(Contract):
    """A comment on a ticket, once: `key` tells whether it is there already."""

    ticket_id: str
    key: str
    text: str


class TicketSettlement(Contract):
    """Comment, and move the ticket to a status that says `to`, if the project's workflow offers one from where it is."""

    ticket_id: str
    key: str
    text: str
    to: Settlement


class TicketKeySettlement(Contract):
    """The same for a ticket of which only the label key is known, because its creation was interrupted."""

    key: str
    text: str
    to: Settlement


class Escalation(Contract):
    """Watchers to add to a ticket whose deadline has passed, and the comment that says so."""

    ticket_id: str
    key: str
    text: str
    people: tuple[str, ...]


class TicketRef(Contract):
    """A ticket by its id."""

    ticket_id: str


class WatchOrder(Contract):
    """Asks for one shift of watching, from the moment up to which everything was seen."""

    since: datetime | None
    shift: timedelta


class WatchState(Contract):
    """What one run of the watcher hands to the next."""

    since: datetime | None = None
    pending: tuple[TicketRef, ...] = ()


class NotificationOrder(Contract):
    """Mirrors a ticket into ModelOp Center's notifications; the same ticket again updates the one that exists."""

    ticket: TicketEntry
    model_name: str | None
    snapshot_id: str | None
    message: str
    open: bool
    created_after_ms: int
    closed_by: str | None = None
