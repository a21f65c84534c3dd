"""Stored things as Jira's JSON: Cloud or Server, with wiki markup (version 2) or Atlassian documents (version 3)."""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import quote

from sandbox.jira.adf import document_of
from sandbox.jira.clock import timestamp
from sandbox.jira.issues import Attachment, ChangeItem, Comment, History, Issue, Issues, RemoteLink
from sandbox.jira.projects import Project, Status, Transition
from sandbox.jira.schemes import CATEGORIES, ISSUE_TYPES, PRIORITIES, RESOLUTIONS, Option, named
from sandbox.jira.users import User, Users

Json = dict[str, Any]

ALL_FIELDS = "*all"
NAVIGABLE_FIELDS = "*navigable"
NOT_NAVIGABLE = {"comment", "attachment"}


class Representation:
    """`viewer` is a user name, `base_url` the address they used; `version` is 2, 3 or latest, as in every `self`."""

    def __init__(
        self, users: Users, issues: Issues, viewer: str, base_url: str, version: str, *, cloud: bool
    ) -> None:
        self._users = users
        self._issues = issues
        self._viewer = viewer
        self._base_url = base_url
        self._root = f"{base_url}/rest/api/{version}"
        self._documents = version == "3"
        self._cloud = cloud
        self._fields: Mapping[str, Callable[[Issue], Any]] = {
            "summary": lambda issue: issue.summary,
            "description": lambda issue: self._rich_text(issue.description),
            "issuetype": lambda issue: self.option("issuetype", named(ISSUE_TYPES, issue.issuetype)),
            "project": lambda issue: self.project(issue.project),
            "status": lambda issue: self.status(issue.status),
            "priority": lambda issue: self.option("priority", named(PRIORITIES, issue.priority)),
            "resolution": lambda issue: (
                self.option("resolution", named(RESOLUTIONS, issue.resolution)) if issue.resolution else None
            ),
            "resolutiondate": lambda issue: timestamp(issue.resolved) if issue.resolved else None,
            "labels": lambda issue: list(issue.labels),
            "assignee": lambda issue: self.username(issue.assignee) if issue.assignee else None,
            "reporter": lambda issue: self.username(issue.reporter),
            "creator": lambda issue: self.username(issue.creator),
            "created": lambda issue: timestamp(issue.created),
            "updated": lambda issue: timestamp(issue.updated),
            "duedate": lambda issue: issue.duedate,
            "attachment": lambda issue: [self.attachment(a) for a in self._issues.attachments(issue)],
            "comment": lambda issue: self.comments(issue, 0, None),
            "watches": self.watches,
        }

    def issue(self, issue: Issue, fields: Collection[str]) -> Json:
        """`fields` are field ids, `*all`, `*navigable`, or an id after a minus sign to leave it out."""
        chosen = self._chosen(fields)
        return self.reference(issue) | {
            "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
            "fields": {name: read(issue) for name, read in self._fields.items() if name in chosen},
        }

    def reference(self, issue: Issue) -> Json:
        return {"id": str(issue.id), "key": issue.key, "self": f"{self._root}/issue/{issue.id}"}

    def changelog(self, issue: Issue) -> Json:
        """Server tells the oldest change first, Cloud the newest."""
        histories = [self.history(history) for history in self._issues.histories(issue)]
        if self._cloud:
            histories.reverse()
        return {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories}

    def history(self, history: History) -> Json:
        return {
            "id": str(history.id),
            "author": self.username(history.author),
            "created": timestamp(history.created),
            "items": [self.item(item) for item in history.items],
        }

    def item(self, item: ChangeItem) -> Json:
        old, new = item.old, item.new
        if item.field in ("assignee", "reporter"):
            old, new = (self.identifier(name) if name else None for name in (old, new))
        body: Json = {
            "field": item.field,
            "fieldtype": "jira",
            "from": old,
            "fromString": item.old_text,
            "to": new,
            "toString": item.new_text,
        }
        return body | {"fieldId": item.field} if self._cloud else body

    def identifier(self, username: str) -> str:
        """What names a user in requests: the account id on Cloud, the user name on Server."""
        return self._users.get(username).account_id if self._cloud else username

    def username(self, username: str) -> Json:
        return self.user(self._users.get(username))

    def user(self, user: User) -> Json:
        shared = {
            "displayName": user.display_name,
            "emailAddress": user.email,
            "active": True,
            "timeZone": "Etc/UTC",
        }
        if self._cloud:
            address = f"{self._root}/user?accountId={quote(user.account_id)}"
            return {"self": address, "accountId": user.account_id, "accountType": "atlassian", **shared}
        address = f"{self._root}/user?username={quote(user.username)}"
        return {"self": address, "name": user.username, "key": user.username, **shared}

    def status(self, status: Status) -> Json:
        category_id, name, color = CATEGORIES[status.category]
        return {
            "self": f"{self._root}/status/{status.id}",
            "id": str(status.id),
            "name": status.name,
            "description": "",
            "statusCategory": {
                "self": f"{self._root}/statuscategory/{category_id}",
                "id": category_id,
                "key": status.category,
                "colorName": color,
                "name": name,
            },
        }

    def option(self, kind: str, option: Option) -> Json:
        """An issue type, priority or resolution."""
        body = {
            "self": f"{self._root}/{kind}/{option.id}",
            "id": option.id,
            "name": option.name,
            "description": option.description,
        }
        return body | {"subtask": False} if kind == "issuetype" else body

    def project(self, project: Project) -> Json:
        return {
            "self": f"{self._root}/project/{project.id}",
            "id": str(project.id),
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "business",
        }

    def transition(self, transition: Transition) -> Json:
        return {
            "id": str(transition.id),
            "name": transition.to.name,
            "to": self.status(transition.to),
            "hasScreen": False,
            "isGlobal": True,
            "isInitial": False,
            "isConditional": False,
        }

    def comments(self, issue: Issue, start: int, limit: int | None) -> Json:
        comments = self._issues.comments(issue)
        page = comments[start : None if limit is None else start + limit]
        return {
            "startAt": start,
            "maxResults": len(comments) if limit is None else limit,
            "total": len(comments),
            "comments": [self.comment(issue, comment) for comment in page],
        }

    def comment(self, issue: Issue, comment: Comment) -> Json:
        return {
            "self": f"{self._root}/issue/{issue.id}/comment/{comment.id}",
            "id": str(comment.id),
            "author": self.username(comment.author),
            "updateAuthor": self.username(comment.update_author),
            "body": self._rich_text(comment.body),
            "created": timestamp(comment.created),
            "updated": timestamp(comment.updated),
        }

    def attachment(self, attachment: Attachment) -> Json:
        if self._cloud:
            content = f"{self._root}/attachment/content/{attachment.id}"
        else:
            content = f"{self._base_url}/secure/attachment/{attachment.id}/{quote(attachment.filename)}"
        return {
            "self": f"{self._root}/attachment/{attachment.id}",
            "id": str(attachment.id),
            "filename": attachment.filename,
            "author": self.username(attachment.author),
            "created": timestamp(attachment.created),
            "size": attachment.size,
            "mimeType": attachment.mime_type,
            "content": content,
        }

    def remote_link(self, issue: Issue, link: RemoteLink) -> Json:
        body: Json = {"id": link.id, "self": f"{self._root}/issue/{issue.id}/remotelink/{link.id}"}
        if link.global_id:
            body["globalId"] = link.global_id
        return body | link.body

    def watches(self, issue: Issue) -> Json:
        watchers = self._issues.watchers(issue)
        return {
            "self": f"{self._root}/issue/{issue.key}/watchers",
            "watchCount": len(watchers),
            "isWatching": self._viewer in watchers,
        }

    def _rich_text(self, text: str | None) -> object:
        return document_of(text) if self._documents and text is not None else text

    def _chosen(self, fields: Collection[str]) -> set[str]:
        chosen: set[str] = set()
        if ALL_FIELDS in fields or all(name.startswith("-") for name in fields):
            chosen |= set(self._fields)
        if NAVIGABLE_FIELDS in fields:
            chosen |= set(self._fields) - NOT_NAVIGABLE
        chosen |= {name for name in fields if name in self._fields}
        return chosen - {name[1:] for name in fields if name.startswith("-")}
