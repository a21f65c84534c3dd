"""Errors in the shape in which Jira answers them."""

from collections.abc import Mapping, Sequence


class JiraError(Exception):
    """A request Jira refuses: `status` (HTTP), `messages` about the request, `errors` by field name."""

    def __init__(
        self, status: int, messages: str | Sequence[str] = (), errors: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.messages = [messages] if isinstance(messages, str) else list(messages)
        self.errors = dict(errors or {})
        super().__init__("; ".join([*self.messages, *(f"{k}: {v}" for k, v in self.errors.items())]))

    def body(self) -> dict[str, object]:
        """Jira's JSON: {"errorMessages": [text], "errors": {field: text}}."""
        return {"errorMessages": self.messages, "errors": self.errors}


class IssueNotFoundError(JiraError):
    """404: there is no such issue, or there is no longer one."""

    def __init__(self) -> None:
        super().__init__(404, "Issue Does Not Exist")
