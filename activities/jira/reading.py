"""What a ticket says: its decision, by whom, since when. Read from the issue itself, which no index delays."""

from datetime import datetime, timedelta
from typing import Any, cast

from mlc.contract import Contract
from mlc.record import DecisionWord
from mlc.settings import JiraSettings

Json = dict[str, Any]

# A reviewer's comment belongs to the decision when it was written at most this long before or after it.
SAME_BREATH = timedelta(minutes=15)


class Move(Contract):
    """A move to a status that says go on or end: which, by whom, when, with which comment. `change_id` identifies it."""

    change_id: str
    status: str
    answer: DecisionWord
    by: str
    by_id: str | None = None
    names: tuple[str, ...] = ()
    at: datetime
    comment: str = ""


class TicketReading(Contract):
    """A ticket as it is now.

    `moves` are those since it was last open, oldest first: whoever decided first is the first of them. `done`: the status
    is of the category done, or says go or end. `closed`: it is done and says neither; `change_id` is what led there, and
    `moved_by` who. `awaits`: a process wants an answer.
    """

    ticket_id: str
    key: str
    status: str
    moves: tuple[Move, ...] = ()
    change_id: str | None = None
    moved_by: str | None = None
    created: datetime | None = None
    done: bool = False
    closed: bool = False
    workflow_id: str | None = None
    run_id: str | None = None
    namespace: str | None = None
    awaits: bool = False


def reading_of(issue: Json, settings: JiraSettings) -> TicketReading:
    """Reads `GET issue/{id}?expand=changelog&properties=mlc`."""
    fields = cast(Json, issue["fields"])
    status = cast(Json, fields["status"])
    name = str(status["name"])
    category = str(cast(Json, status.get("statusCategory") or {}).get("key") or "")
    ours = cast(Json, cast(Json, issue.get("properties") or {}).get("mlc") or {})
    changes = _status_changes(issue)
    decides = _answer(name, settings) is not None
    return TicketReading(
        ticket_id=str(issue["id"]),
        key=str(issue["key"]),
        status=name,
        moves=_moves(changes, name, fields, settings),
        change_id=str(changes[-1][0]["id"]) if changes else None,
        moved_by=_person(changes[-1][0]) if changes and changes[-1][1] == name else None,
        created=_time(str(fields["created"])) if "created" in fields else None,
        done=category == "done" or decides,
        closed=category == "done" and not decides,
        workflow_id=ours.get("workflowId"),
        run_id=ours.get("runId"),
        namespace=ours.get("namespace"),
        awaits=bool(ours.get("awaits")),
    )


def _status_changes(issue: Json) -> list[tuple[Json, str]]:
    """The changelog's entries that changed the status, oldest first, each with the status it led to."""
    histories = cast(list[Json], cast(Json, issue.get("changelog") or {}).get("histories") or [])
    return [
        (entry, str(item.get("toString")))
        # Cloud lists the newest first, Data Center the oldest.
        for entry in sorted(histories, key=lambda entry: int(entry["id"]))
        for item in cast(list[Json], entry.get("items") or [])
        if item.get("field") == "status"
    ]


def _moves(
    changes: list[tuple[Json, str]], now: str, fields: Json, settings: JiraSettings
) -> tuple[Move, ...]:
    """The deciding moves since the ticket was last open; none when the changelog lags behind the status."""
    moves: list[Move] = []
    for entry, status in changes:
        answer = _answer(status, settings)
        if answer is None:
            moves.clear()
        else:
            moves.append(_move(entry, status, answer, fields))
    return tuple(moves) if moves and moves[-1].status == now else ()


def _move(entry: Json, status: str, answer: DecisionWord, fields: Json) -> Move:
    author, at = cast(Json, entry.get("author") or {}), _time(str(entry["created"]))
    return Move(
        change_id=str(entry["id"]),
        status=status,
        answer=answer,
        by=_person(entry),
        by_id=author.get("accountId"),
        names=_names(author),
        at=at,
        comment=_comment(fields, author, at),
    )


def _person(entry: Json) -> str:
    author = cast(Json, entry.get("author") or {})
    return str(author.get("name") or author.get("displayName") or "")


def _answer(status: str, settings: JiraSettings) -> DecisionWord | None:
    word = status.casefold()
    if word in (name.casefold() for name in settings.approve_statuses):
        return "approve"
    if word in (name.casefold() for name in settings.reject_statuses):
        return "reject"
    return None


def _names(author: Json) -> tuple[str, ...]:
    names = (author.get(field) for field in ("accountId", "name", "key", "emailAddress", "displayName"))
    return tuple(str(name) for name in names if name)


def _comment(fields: Json, author: Json, at: datetime) -> str:
    """What the author of the move wrote nearest to it."""
    comments = cast(list[Json], cast(Json, fields.get("comment") or {}).get("comments") or [])
    mine = set(_names(author))
    written = [
        (abs(_time(str(comment["created"])) - at), str(comment.get("body") or ""))
        for comment in reversed(comments)
        if mine & set(_names(cast(Json, comment.get("author") or {})))
    ]
    near = [(distance, text) for distance, text in written if distance <= SAME_BREATH]
    return min(near, key=lambda one: one[0])[1] if near else ""


def _time(text: str) -> datetime:
    """Jira writes `2026-11-22T08:00:00.000+0000`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
