"""The reviewer of the demonstration, who answers tickets in Jira as people do: by moving them."""

from typing import Any, cast

import httpx

from mlc.record import TicketEntry
from starter.demo.errors import DemoFailed
from starter.stack.state import TokenAccount

APPROVED_STATUS = "Done"


class Reviewer:
    """A person with an account in Jira who is not the service account. `http` has Jira's base URL."""

    def __init__(self, http: httpx.AsyncClient, account: TokenAccount) -> None:
        self._http = http
        self._http.headers["Authorization"] = f"Bearer {account.token}"
        self.name = account.username

    async def approve(self, ticket: TicketEntry, comment: str) -> None:
        """Moves the ticket to Done with a comment. Raises DemoFailed when Jira refuses."""
        transitions = f"/rest/api/2/issue/{ticket.key}/transitions"
        try:
            offered = (await self._http.get(transitions)).raise_for_status().json()["transitions"]
            chosen = _leading_to(APPROVED_STATUS, cast("list[dict[str, Any]]", offered), ticket)
            body = {"transition": {"id": chosen}, "update": {"comment": [{"add": {"body": comment}}]}}
            (await self._http.post(transitions, json=body)).raise_for_status()
        except httpx.HTTPError as error:
            raise DemoFailed(f"Jira does not take the decision on {ticket.key}: {error}") from error


def _leading_to(status: str, transitions: list[dict[str, Any]], ticket: TicketEntry) -> str:
    """The transition's id. Ids differ from project to project; the status it leads to has a name."""
    for transition in transitions:
        if transition["to"]["name"] == status:
            return str(transition["id"])
    raise DemoFailed(f"{ticket.key} cannot be moved to {status} from {ticket.status}")
