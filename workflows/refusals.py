"""Which decisions hold: the one rule for Jira, SDK, command line and any Temporal client."""

from mlc.record import Decision, DecisionRequest, ProcessRecord
from mlc.tickets import OpenedTicket

REFUSED = "DecisionRefused"
DECIDED = "AlreadyDecided"
# The ticket may be one that the process is just opening: whoever carries the decision tries again.
NOT_WAITING = "NotWaiting"


def refusal(
    record: ProcessRecord,
    request: DecisionRequest,
    asked: OpenedTicket | None,
    answer: Decision | None,
    author: str | None,
    service_accounts: tuple[str, ...],
) -> tuple[str, str] | None:
    """Why the request cannot hold, as (failure type, one line for people); None when it can.

    `author` is given where four eyes are asked for; it binds reviews only.
    """
    if request.ticket and all(request.ticket not in (ticket.id, ticket.key) for ticket in record.tickets):
        return NOT_WAITING, f"{record.workflow_id} knows no ticket {request.ticket}"
    settled = answer or _decision_on(record, request, asked)
    if settled is not None:
        return DECIDED, settled.told()
    if asked is None:
        return (
            NOT_WAITING,
            f"{record.workflow_id} does not wait for a decision; its step is {record.step or 'between steps'}",
        )
    return _unfit(request, asked, author, service_accounts)


def _decision_on(
    record: ProcessRecord, request: DecisionRequest, asked: OpenedTicket | None
) -> Decision | None:
    """The earlier decision that this request comes too late for, if any."""
    if request.ticket:
        key = next(t.key for t in record.tickets if request.ticket in (t.id, t.key))
        return next((made for made in record.decisions if made.ticket == key), None)
    return record.decisions[-1] if asked is None and record.decisions else None


def _unfit(
    request: DecisionRequest, asked: OpenedTicket, author: str | None, service_accounts: tuple[str, ...]
) -> tuple[str, str] | None:
    ticket = asked.ticket
    if request.ticket and request.ticket not in (ticket.id, ticket.key):
        return REFUSED, f"{request.ticket} waits for nobody; the open ticket is {ticket.key}"
    if not request.by.strip():
        return REFUSED, "a decision needs the name of who made it: `by` is empty"
    if ticket.kind == "review" and request.decision in ("retry", "stop"):
        return REFUSED, f"{ticket.key} is a review: approve or reject it"
    names = {name.casefold() for name in (request.by.strip(), request.by_id, *request.aliases) if name}
    if names & {name.casefold() for name in (*asked.service_account, *service_accounts)}:
        return (
            REFUSED,
            f"{request.by} is the service account that opens the tickets: a decision is made by a person",
        )
    if author and ticket.kind == "review" and author.casefold() in names:
        return REFUSED, f"{request.by} made the snapshot: another person decides (four eyes)"
    return None
