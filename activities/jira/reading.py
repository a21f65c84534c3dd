"""What a ticket says: its decision, by whom, since when. Read from the issue itself, which no index delays."""

from datetime import datetime, timedelta
from typing import Any, cast

from mlc.contract import Contract
from mlc.record import DecisionWord
from mlc.settings import JiraSettings

Json = dict[str, Any]

# A reviewer's comment belongs to the decision when it was written at most this long before it.
SAME_BREATH = timedelta(minutes=15)


class TicketReading(Contract):
    """A ticket as it is now.

    `change_id` names the change that led to the status. `answer` is what that status says, whoever moved it there;
    `closed` when the status is of the category done and says neither go nor end. `awaits`: a process wants an answer.
    """

    ticket_id: str
    key: str
    status: str
    change_id: str | None = None
    answer: DecisionWord | None = None
    closed: bool = False
    by: str = ""
    by_id: str | None = None
    names: tuple[str, ...] = ()
    at: datetime | None = None
    comment: str = ""
    workflow_id: str | None = None
    run_id: str | None = None
    namespace: str | None = None
    awaits: bool = False


def reading_of(issue: Json, settings: JiraSettings) -> TicketReading:
    """Reads `GET issue/{id}?expand=changelog&properties=mlc`."""
    fields = cast(Json, issue["fields"])
    status = cast(Json, fields["status"])
    name = str(status["name"])
    answer = _answer(name, settings)
    category = str(cast(Json, status.get("statusCategory") or {}).get("key") or "")
    ours = cast(Json, cast(Json, issue.get("properties") or {}).get("mlc") or {})
    change = _last_status_change(issue, name)
    author = cast(Json, (change or {}).get("author") or {})
    at = _time(str(change["created"])) if change else None
    return TicketReading(
        ticket_id=str(issue["id"]),
        key=str(issue["key"]),
        status=name,
        change_id=str(change["id"]) if change else None,
        answer=answer,
        closed=category == "done" and answer is None,
        by=str(author.get("name") or author.get("displayName") or ""),
        by_id=author.get("accountId"),
        names=_names(author),
        at=at,
        comment=_comment(fields, author, at),
        workflow_id=ours.get("workflowId"),
        run_id=ours.get("runId"),
        namespace=ours.get("namespace"),
        awaits=bool(ours.get("awaits")),
    )


def _answer(status: str, settings: JiraSettings) -> DecisionWord | None:
    word = status.casefold()
    if word in (name.casefold() for name in settings.approve_statuses):
        return "approve"
    if word in (name.casefold() for name in settings.reject_statuses):
        return "reject"
    return None


def _last_status_change(issue: Json, status: str) -> Json | None:
    """The newest entry that changed the status, if it led to where the ticket is now."""
    histories = cast(list[Json], cast(Json, issue.get("changelog") or {}).get("histories") or [])
    # Cloud lists the newest first, Data Center the oldest.
    for entry in sorted(histories, key=lambda entry: int(entry["id"]), reverse=True):
        for item in reversed(cast(list[Json], entry.get("items") or [])):
            if item.get("field") == "status":
                return entry if item.get("toString") == status else None
    return None


def _names(author: Json) -> tuple[str, ...]:
    names = (author.get(field) for field in ("accountId", "name", "key", "emailAddress", "displayName"))
    return tuple(str(name) for name in names if name)


def _comment(fields: Json, author: Json, at: datetime | None) -> str:
    """The newest comment that the author of the decision wrote with it."""
    comments = cast(list[Json], cast(Json, fields.get("comment") or {}).get("comments") or [])
    mine = set(_names(author))
    for comment in reversed(comments):
        if mine & set(_names(cast(Json, comment.get("author") or {}))) and at is not None:
            written = _time(str(comment["created"]))
            return str(comment.get("body") or "") if written >= at - SAME_BREATH else ""
    return ""


def _time(text: str) -> datetime:
    """Jira writes `2026-11-22T08:00:00.000+0000`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
