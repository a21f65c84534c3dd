"""Issues and what hangs on them, as they are stored; reading only. `tracker` writes."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.jira.errors import IssueNotFoundError, JiraError
from sandbox.jira.jql import ISSUE_ID
from sandbox.jira.projects import Project, Projects, Status


@dataclass(frozen=True)
class Issue:
    """`assignee`, `reporter` and `creator` are user names; times are milliseconds since the epoch."""

    id: int
    project: Project
    number: int
    issuetype: str
    summary: str
    description: str | None
    status: Status
    priority: str
    resolution: str | None
    resolved: int | None
    assignee: str | None
    reporter: str
    creator: str
    duedate: str | None
    labels: tuple[str, ...]
    created: int
    updated: int

    @property
    def key(self) -> str:
        return f"{self.project.key}-{self.number}"


@dataclass(frozen=True)
class ChangeItem:
    """One changed field: `old` and `new` are ids (None where the field has none), the texts are for people."""

    field: str
    old: str | None
    old_text: str | None
    new: str | None
    new_text: str | None


@dataclass(frozen=True)
class History:
    id: int
    author: str
    created: int
    items: tuple[ChangeItem, ...]


@dataclass(frozen=True)
class Comment:
    id: int
    author: str
    update_author: str
    body: str
    created: int
    updated: int


@dataclass(frozen=True)
class Attachment:
    """`size` in bytes."""

    id: int
    issue_id: int
    author: str
    filename: str
    mime_type: str
    size: int
    created: int


@dataclass(frozen=True)
class RemoteLink:
    """`body` is what the caller sent: {"object": {"url", "title", ...}, "relationship"?, "application"?}."""

    id: int
    global_id: str | None
    body: dict[str, Any]


class Issues:
    def __init__(self, database: sqlite3.Connection, projects: Projects) -> None:
        self._database = database
        self._projects = projects

    def get(self, id_or_key: str | int) -> Issue:
        """Raises IssueNotFoundError."""
        text = str(id_or_key)
        if ISSUE_ID.fullmatch(text):
            rows = self._database.execute("SELECT * FROM issues WHERE id = ?", (int(text),))
        else:
            key, _, number = text.rpartition("-")
            rows = self._database.execute(
                "SELECT i.* FROM issues i JOIN projects p ON p.id = i.project_id WHERE p.key = ? AND i.number = ?",
                (key.upper(), int(number) if ISSUE_ID.fullmatch(number) else 0),
            )
        row = rows.fetchone()
        if row is None:
            raise IssueNotFoundError
        return self._issue(row)

    def newest(self, limit: int) -> list[Issue]:
        """The most recently changed issues."""
        rows = self._database.execute("SELECT * FROM issues ORDER BY updated DESC, id DESC LIMIT ?", (limit,))
        return [self._issue(row) for row in rows]

    def comments(self, issue: Issue) -> list[Comment]:
        """Oldest first."""
        rows = self._database.execute("SELECT * FROM comments WHERE issue_id = ? ORDER BY id", (issue.id,))
        return [_comment(row) for row in rows]

    def comment(self, issue: Issue, comment_id: str | int) -> Comment:
        row = self._database.execute(
            "SELECT * FROM comments WHERE issue_id = ? AND CAST(id AS TEXT) = ?", (issue.id, str(comment_id))
        ).fetchone()
        if row is None:
            raise JiraError(404, f"Can not find a comment for the id: {comment_id}.")
        return _comment(row)

    def attachments(self, issue: Issue) -> list[Attachment]:
        rows = self._database.execute(
            "SELECT id, issue_id, author, filename, mime_type, size, created FROM attachments "
            "WHERE issue_id = ? ORDER BY id",
            (issue.id,),
        )
        return [Attachment(**dict(row)) for row in rows]

    def attachment(self, attachment_id: str | int) -> Attachment:
        row = self._database.execute(
            "SELECT id, issue_id, author, filename, mime_type, size, created FROM attachments "
            "WHERE CAST(id AS TEXT) = ?",
            (str(attachment_id),),
        ).fetchone()
        if row is None:
            raise JiraError(404, f"The attachment with id '{attachment_id}' does not exist")
        return Attachment(**dict(row))

    def content(self, attachment: Attachment) -> bytes:
        row = self._database.execute("SELECT content FROM attachments WHERE id = ?", (attachment.id,))
        return row.fetchone()["content"]

    def histories(self, issue: Issue) -> list[History]:
        """Oldest first."""
        rows = self._database.execute("SELECT * FROM histories WHERE issue_id = ? ORDER BY id", (issue.id,))
        return [_history(row) for row in rows]

    def properties(self, issue: Issue) -> dict[str, Any]:
        rows = self._database.execute(
            "SELECT key, value FROM properties WHERE issue_id = ? ORDER BY key", (issue.id,)
        )
        return {row["key"]: json.loads(row["value"]) for row in rows}

    def remote_links(self, issue: Issue) -> list[RemoteLink]:
        rows = self._database.execute(
            "SELECT * FROM remote_links WHERE issue_id = ? ORDER BY id", (issue.id,)
        )
        return [RemoteLink(row["id"], row["global_id"], json.loads(row["body"])) for row in rows]

    def remote_link(self, issue: Issue, link_id: str | int) -> RemoteLink:
        found = [link for link in self.remote_links(issue) if str(link.id) == str(link_id)]
        if not found:
            raise JiraError(404, f"The remote issue link with id '{link_id}' does not exist")
        return found[0]

    def watchers(self, issue: Issue) -> Sequence[str]:
        """User names."""
        rows = self._database.execute(
            "SELECT username FROM watchers WHERE issue_id = ? ORDER BY username", (issue.id,)
        )
        return [row["username"] for row in rows]

    def _issue(self, row: sqlite3.Row) -> Issue:
        project = self._projects.get(str(row["project_id"]))
        values = {name: row[name] for name in row.keys() if name not in ("project_id", "status_id", "labels")}  # noqa: SIM118
        status = next(s for s in project.statuses if s.id == row["status_id"])
        return Issue(**values, project=project, status=status, labels=tuple(json.loads(row["labels"])))


def _comment(row: sqlite3.Row) -> Comment:
    return Comment(
        row["id"], row["author"], row["update_author"], row["body"], row["created"], row["updated"]
    )


def _history(row: sqlite3.Row) -> History:
    items = tuple(ChangeItem(*item) for item in json.loads(row["items"]))
    return History(row["id"], row["author"], row["created"], items)
