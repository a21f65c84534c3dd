"""Everything that changes an issue. REST and the pages act through this alone, so both leave the same traces."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from sandbox.jira import clock
from sandbox.jira.changes import changed_items, resolution_after
from sandbox.jira.database import transaction
from sandbox.jira.errors import JiraError
from sandbox.jira.index import SearchIndex
from sandbox.jira.issues import ChangeItem, Comment, History, Issue, Issues
from sandbox.jira.projects import Project, transitions
from sandbox.jira.schemes import DEFAULT_PRIORITY
from sandbox.jira.users import User, Users

PROPERTY_LIMIT = 32_768
PROPERTY_KEY_LIMIT = 255


@dataclass(frozen=True)
class Caller:
    """Who acts, and under which address (`http://host:port`) they reached the stand-in."""

    user: User
    base_url: str


@dataclass(frozen=True)
class Event:
    """What webhooks tell: `name` as in `webhookEvent`, `kind` as in `issue_event_type_name`."""

    name: str
    kind: str
    issue: Issue
    caller: Caller
    history: History | None = None
    comment: Comment | None = None


Listener = Callable[[Event], None]


class Tracker:
    """Each method is one transaction: the change, its history, the index entry and the webhooks, or nothing."""

    def __init__(
        self,
        database: sqlite3.Connection,
        issues: Issues,
        users: Users,
        index: SearchIndex,
        listener: Listener,
    ) -> None:
        self._database = database
        self._issues = issues
        self._users = users
        self._index = index
        self._listener = listener

    def create(
        self, caller: Caller, project: Project, values: Mapping[str, Any], properties: Mapping[str, Any]
    ) -> Issue:
        """`values` as `FieldReader.read` gives them, `summary` and `issuetype` among them."""
        moment = clock.now()
        with transaction(self._database):
            number = self._database.execute(
                "UPDATE projects SET last_number = last_number + 1 WHERE id = ? RETURNING last_number",
                (project.id,),
            ).fetchone()[0]
            issue_id = self._database.execute(
                "INSERT INTO issues (id, project_id, number, issuetype, summary, description, status_id, priority, "
                "assignee, reporter, creator, duedate, labels, created, updated) VALUES "
                "((SELECT MAX(10000, COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'issues'), 0)) + 1), "
                "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    project.id,
                    number,
                    values["issuetype"],
                    values["summary"],
                    values.get("description"),
                    project.statuses[0].id,
                    values.get("priority", DEFAULT_PRIORITY),
                    values.get("assignee"),
                    values.get("reporter", caller.user.username),
                    caller.user.username,
                    values.get("duedate"),
                    json.dumps(values.get("labels", [])),
                    moment,
                    moment,
                ),
            ).lastrowid
            issue = self._issues.get(cast("int", issue_id))
            for key, value in properties.items():
                self._write_property(issue, key, value)
            self._watch(issue, caller.user)
            self._index.write(issue)
            self._listener(Event("jira:issue_created", "issue_created", issue, caller))
        return issue

    def edit(
        self,
        caller: Caller,
        issue: Issue,
        values: Mapping[str, Any],
        properties: Mapping[str, Any],
        comments: Sequence[str],
    ) -> Issue:
        with transaction(self._database):
            for key, value in properties.items():
                self._write_property(issue, key, value)
            if values:
                issue = self._change(caller, issue, self._with(issue, values), "issue_updated")
            for body in comments:
                self.comment(caller, issue, body)
        return issue

    def transition(
        self,
        caller: Caller,
        issue: Issue,
        transition_id: str,
        values: Mapping[str, Any],
        comments: Sequence[str],
    ) -> Issue:
        """Raises JiraError(400) when the transition does not lead out of the issue's present status."""
        chosen = [t for t in transitions(issue.project, issue.status) if str(t.id) == transition_id]
        if not chosen:
            raise JiraError(
                400,
                f"It seems that you have tried to perform a workflow operation ({transition_id}) that is not valid "
                f"for the current state of this issue ({issue.key}). The likely cause is that somebody has changed "
                "the issue recently, please look at the issue history for details.",
            )
        after = replace(self._with(issue, values), status=chosen[0].to)
        resolution = resolution_after(after.status, cast("str | None", values.get("resolution")))
        after = replace(after, resolution=resolution, resolved=clock.now() if resolution else None)
        with transaction(self._database):
            issue = self._change(caller, issue, after, "issue_generic")
            for body in comments:
                self.comment(caller, issue, body)
        return issue

    def delete(self, caller: Caller, issue: Issue) -> None:
        with transaction(self._database):
            self._listener(Event("jira:issue_deleted", "issue_deleted", issue, caller))
            self._database.execute("DELETE FROM issues WHERE id = ?", (issue.id,))

    def comment(self, caller: Caller, issue: Issue, body: str) -> Comment:
        """Raises JiraError(400) for an empty body."""
        _refuse_empty(body)
        moment = clock.now()
        with transaction(self._database):
            comment_id = self._database.execute(
                "INSERT INTO comments (issue_id, author, update_author, body, created, updated) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (issue.id, caller.user.username, caller.user.username, body, moment, moment),
            ).lastrowid
            comment = self._issues.comment(issue, cast("int", comment_id))
            self._tell_of_comment(caller, issue, comment, "comment_created", "issue_commented")
        return comment

    def edit_comment(self, caller: Caller, issue: Issue, comment: Comment, body: str) -> Comment:
        _refuse_empty(body)
        with transaction(self._database):
            self._database.execute(
                "UPDATE comments SET body = ?, update_author = ?, updated = ? WHERE id = ?",
                (body, caller.user.username, clock.now(), comment.id),
            )
            comment = self._issues.comment(issue, comment.id)
            self._tell_of_comment(caller, issue, comment, "comment_updated", "issue_comment_edited")
        return comment

    def delete_comment(self, caller: Caller, issue: Issue, comment: Comment) -> None:
        with transaction(self._database):
            self._database.execute("DELETE FROM comments WHERE id = ?", (comment.id,))
            self._tell_of_comment(caller, issue, comment, "comment_deleted", "issue_comment_deleted")

    def attach(self, caller: Caller, issue: Issue, filename: str, mime_type: str, content: bytes) -> int:
        """The new attachment's id."""
        with transaction(self._database):
            attachment_id = self._database.execute(
                "INSERT INTO attachments (issue_id, author, filename, mime_type, size, created, content) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (issue.id, caller.user.username, filename, mime_type, len(content), clock.now(), content),
            ).lastrowid
            item = ChangeItem("Attachment", None, None, str(attachment_id), filename)
            self._record(caller, issue, [item], "issue_updated")
        return cast("int", attachment_id)

    def detach(self, caller: Caller, attachment_id: int) -> None:
        attachment = self._issues.attachment(attachment_id)
        issue = self._issues.get(attachment.issue_id)
        with transaction(self._database):
            self._database.execute("DELETE FROM attachments WHERE id = ?", (attachment_id,))
            item = ChangeItem("Attachment", str(attachment_id), attachment.filename, None, None)
            self._record(caller, issue, [item], "issue_updated")

    def link(
        self, caller: Caller, issue: Issue, global_id: str | None, body: Mapping[str, Any]
    ) -> tuple[int, bool]:
        """The remote link's id, and whether it is new; a link of the same global id is replaced."""
        known = next(
            (x for x in self._issues.remote_links(issue) if global_id and x.global_id == global_id), None
        )
        if known:
            self._database.execute(
                "UPDATE remote_links SET body = ? WHERE id = ?", (json.dumps(body), known.id)
            )
            return known.id, False
        with transaction(self._database):
            link_id = self._database.execute(
                "INSERT INTO remote_links (issue_id, global_id, body) VALUES (?, ?, ?)",
                (issue.id, global_id, json.dumps(body)),
            ).lastrowid
            text = f'This issue links to "{body["object"]["title"]}"'
            item = ChangeItem("RemoteIssueLink", None, None, str(link_id), text)
            self._record(caller, issue, [item], "issue_updated")
        return cast("int", link_id), True

    def unlink(self, caller: Caller, issue: Issue, link_id: int) -> None:
        link = self._issues.remote_link(issue, link_id)
        with transaction(self._database):
            self._database.execute("DELETE FROM remote_links WHERE id = ?", (link.id,))
            text = f'This issue links to "{link.body["object"]["title"]}"'
            item = ChangeItem("RemoteIssueLink", str(link.id), text, None, None)
            self._record(caller, issue, [item], "issue_updated")

    def set_property(self, issue: Issue, key: str, value: object) -> bool:
        """Whether the property is new. Raises JiraError(400) when key or value are too long."""
        new = key not in self._issues.properties(issue)
        self._write_property(issue, key, value)
        return new

    def delete_property(self, issue: Issue, key: str) -> None:
        self._database.execute("DELETE FROM properties WHERE issue_id = ? AND key = ?", (issue.id, key))

    def watch(self, issue: Issue, user: User) -> None:
        self._watch(issue, user)

    def unwatch(self, issue: Issue, user: User) -> None:
        self._database.execute(
            "DELETE FROM watchers WHERE issue_id = ? AND username = ?", (issue.id, user.username)
        )

    def _with(self, issue: Issue, values: Mapping[str, Any]) -> Issue:
        changes = dict(values)
        if "labels" in changes:
            changes["labels"] = tuple(changes["labels"])
        return replace(issue, **changes)

    def _change(self, caller: Caller, before: Issue, after: Issue, kind: str) -> Issue:
        items = changed_items(before, after, self._users)
        if not items:
            return before
        self._database.execute(
            "UPDATE issues SET issuetype = ?, summary = ?, description = ?, status_id = ?, priority = ?, "
            "resolution = ?, resolved = ?, assignee = ?, reporter = ?, duedate = ?, labels = ? WHERE id = ?",
            (
                after.issuetype,
                after.summary,
                after.description,
                after.status.id,
                after.priority,
                after.resolution,
                after.resolved,
                after.assignee,
                after.reporter,
                after.duedate,
                json.dumps(after.labels),
                after.id,
            ),
        )
        return self._record(caller, after, items, kind)

    def _record(self, caller: Caller, issue: Issue, items: Sequence[ChangeItem], kind: str) -> Issue:
        moment = clock.now()
        stored = json.dumps([[i.field, i.old, i.old_text, i.new, i.new_text] for i in items])
        history_id = self._database.execute(
            "INSERT INTO histories (issue_id, author, created, items) VALUES (?, ?, ?, ?)",
            (issue.id, caller.user.username, moment, stored),
        ).lastrowid
        issue = self._touch(issue)
        history = History(cast("int", history_id), caller.user.username, moment, tuple(items))
        self._listener(Event("jira:issue_updated", kind, issue, caller, history=history))
        return issue

    def _tell_of_comment(self, caller: Caller, issue: Issue, comment: Comment, name: str, kind: str) -> None:
        issue = self._touch(issue)
        self._listener(Event(name, kind, issue, caller, comment=comment))
        self._listener(Event("jira:issue_updated", kind, issue, caller, comment=comment))

    def _touch(self, issue: Issue) -> Issue:
        """Notes the moment of the change, which never runs backwards, and renews the index entry."""
        self._database.execute(
            "UPDATE issues SET updated = MAX(updated, ?) WHERE id = ?", (clock.now(), issue.id)
        )
        issue = self._issues.get(issue.id)
        self._index.write(issue)
        return issue

    def _write_property(self, issue: Issue, key: str, value: object) -> None:
        if not key or len(key) > PROPERTY_KEY_LIMIT:
            raise JiraError(400, "The property key must have 1 to 255 characters.")
        text = json.dumps(value)
        if len(text.encode()) > PROPERTY_LIMIT:
            raise JiraError(400, "The property value must be at most 32768 bytes.")
        self._database.execute("INSERT OR REPLACE INTO properties VALUES (?, ?, ?)", (issue.id, key, text))

    def _watch(self, issue: Issue, user: User) -> None:
        self._database.execute("INSERT OR IGNORE INTO watchers VALUES (?, ?)", (issue.id, user.username))


def _refuse_empty(body: str) -> None:
    if not body.strip():
        raise JiraError(400, errors={"comment": "Comment body can not be empty!"})
