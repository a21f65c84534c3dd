"""The notifications of tickets that no process looks after any more."""

from datetime import datetime

from activities.modelop.client import ModelOpClient
from activities.modelop.finding import find_recent
from activities.modelop.lineage import is_mirror_of
from mlc.contract import Contract
from mlc.dialect import Dialect, Json


class MirroredTicket(Contract):
    """What a notification tells of its ticket. `moved_by` brought the ticket to its status; `created` bounds the search."""

    id: str
    status: str
    open: bool
    moved_by: str | None
    created: datetime | None


class Mirrors:
    """Finds a ticket's notification, and has it open or closed as the ticket is."""

    def __init__(self, client: ModelOpClient, dialect: Dialect) -> None:
        self._client = client
        self._collection = dialect.notifications

    async def follow(self, ticket: MirroredTicket) -> bool:
        """Whether there is a notification. Raises Conflict when somebody else changed it meanwhile."""
        known = await find_recent(
            self._client,
            self._collection,
            lambda entity: is_mirror_of(entity, ticket.id),
            int(ticket.created.timestamp() * 1000) if ticket.created else None,
        )
        if known is not None and known.get("open") != ticket.open:
            await self._client.patch(self._collection, str(known["id"]), _change(known, ticket))
        return known is not None


def _change(known: Json, ticket: MirroredTicket) -> Json:
    assignment: Json = {
        **known["assignment"],
        "jiraCurrentStatus": ticket.status,
        "closedBy": None if ticket.open else ticket.moved_by,
    }
    return {"open": ticket.open, "assignment": assignment, "version": known.get("version")}
