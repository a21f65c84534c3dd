"""Webhooks: who wants to hear of what, and the signed letters waiting for them in the outbox."""

import hashlib
import hmac
import json
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from sandbox.jira import clock
from sandbox.jira.errors import JiraError
from sandbox.jira.index import SearchIndex
from sandbox.jira.issues import Issues
from sandbox.jira.jql import compile_jql
from sandbox.jira.projects import Projects
from sandbox.jira.representation import NAVIGABLE_FIELDS, Json, Representation
from sandbox.jira.settings import SettingsStore
from sandbox.jira.tracker import Event
from sandbox.jira.users import Users

EVENTS = {
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "comment_deleted",
}


@dataclass(frozen=True)
class Webhook:
    """`jql` narrows the issues it hears of, "" means all. With a secret its letters are signed."""

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    jql: str
    secret: str | None
    updated_by: str
    updated: int


@dataclass(frozen=True)
class WebhookDraft:
    name: str
    url: str
    events: Sequence[str]
    jql: str
    secret: str | None


@dataclass(frozen=True)
class Letter:
    """A webhook's body on its way; `attempts` counts the deliveries that failed, times are milliseconds."""

    id: int
    url: str
    secret: str | None
    identifier: str
    body: bytes
    created: int
    attempts: int


class Webhooks:
    """The registrations."""

    def __init__(self, database: sqlite3.Connection, projects: Projects) -> None:
        self._database = database
        self._projects = projects

    def all(self) -> list[Webhook]:
        return [_webhook(row) for row in self._database.execute("SELECT * FROM webhooks ORDER BY id")]

    def get(self, webhook_id: str | int) -> Webhook:
        found = [webhook for webhook in self.all() if str(webhook.id) == str(webhook_id)]
        if not found:
            raise JiraError(404, f"The webhook with id '{webhook_id}' does not exist")
        return found[0]

    def register(self, draft: WebhookDraft, username: str) -> Webhook:
        """Raises JiraError(400) for an address, an event or a filter that Jira would not take."""
        self._check(draft)
        row_id = self._database.execute(
            "INSERT INTO webhooks (name, url, events, jql, secret, updated_by, updated) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                draft.name,
                draft.url,
                json.dumps(list(draft.events)),
                draft.jql,
                draft.secret,
                username,
                clock.now(),
            ),
        ).lastrowid
        return self.get(row_id or 0)

    def change(self, webhook_id: int, draft: WebhookDraft, username: str) -> Webhook:
        """What waits in the outbox goes to the new address."""
        self._check(draft)
        self._database.execute(
            "UPDATE webhooks SET name = ?, url = ?, events = ?, jql = ?, secret = ?, updated_by = ?, updated = ? "
            "WHERE id = ?",
            (
                draft.name,
                draft.url,
                json.dumps(list(draft.events)),
                draft.jql,
                draft.secret,
                username,
                clock.now(),
                webhook_id,
            ),
        )
        return self.get(webhook_id)

    def remove(self, webhook_id: int) -> None:
        """Together with what waits for it in the outbox."""
        self._database.execute("DELETE FROM webhooks WHERE id = ?", (webhook_id,))

    def _check(self, draft: WebhookDraft) -> None:
        if not is_web_address(draft.url):
            raise JiraError(400, errors={"url": f"'{draft.url}' is not an http or https address."})
        unknown = [event for event in draft.events if event not in EVENTS]
        if unknown or not draft.events:
            raise JiraError(400, errors={"events": f"Unknown or missing events: {', '.join(unknown)}"})
        if draft.jql:
            compile_jql(draft.jql, self._projects)


class Outbox:
    """Letters not yet delivered; `wake` is called as soon as there is a new one."""

    def __init__(
        self,
        database: sqlite3.Connection,
        webhooks: Webhooks,
        projects: Projects,
        issues: Issues,
        users: Users,
        index: SearchIndex,
        settings: SettingsStore,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._webhooks = webhooks
        self._projects = projects
        self._issues = issues
        self._users = users
        self._index = index
        self._settings = settings
        self._wake = wake

    def post(self, event: Event) -> None:
        """One letter for each webhook that listens to this event; part of the change's own transaction."""
        if not self._settings.current.webhooks_enabled:
            return
        moment = clock.now()
        listening = [webhook for webhook in self._webhooks.all() if self._concerns(webhook, event)]
        body = json.dumps(self._body(event, moment)).encode() if listening else b""
        for webhook in listening:
            identifier = str(uuid.uuid4())
            letters = [(webhook.id, identifier, body, moment, moment)]
            self._database.executemany(
                "INSERT INTO outbox (webhook_id, identifier, body, created, next_attempt) VALUES (?, ?, ?, ?, ?)",
                letters * (1 + self._settings.current.webhook_duplicates),
            )
        if listening:
            self._wake()

    def due(self, limit: int) -> list[Letter]:
        rows = self._database.execute(
            "SELECT o.id, w.url, w.secret, o.identifier, o.body, o.created, o.attempts FROM outbox o "
            "JOIN webhooks w ON w.id = o.webhook_id WHERE o.next_attempt <= ? ORDER BY o.next_attempt, o.id LIMIT ?",
            (clock.now(), limit),
        )
        return [Letter(**dict(row)) for row in rows]

    def seconds_until_next(self) -> float | None:
        """None when the outbox is empty."""
        moment = self._database.execute("SELECT MIN(next_attempt) FROM outbox").fetchone()[0]
        return None if moment is None else max(0.0, (moment - clock.now()) / 1000)

    def remove(self, letter: Letter) -> None:
        self._database.execute("DELETE FROM outbox WHERE id = ?", (letter.id,))

    def postpone(self, letter: Letter, seconds: float) -> None:
        self._database.execute(
            "UPDATE outbox SET attempts = attempts + 1, next_attempt = ? WHERE id = ?",
            (clock.now() + round(seconds * 1000), letter.id),
        )

    def _concerns(self, webhook: Webhook, event: Event) -> bool:
        if event.name not in webhook.events:
            return False
        if event.comment and event.name == "jira:issue_updated" and self._settings.current.cloud:
            return False  # Cloud tells of a comment by the comment's own event alone.
        return not webhook.jql or self._index.matches(
            event.issue, compile_jql(webhook.jql, self._projects).condition
        )

    def _body(self, event: Event, moment: int) -> Json:
        user, base_url = event.caller.user, event.caller.base_url
        cloud = self._settings.current.cloud
        represent = Representation(self._users, self._issues, user.username, base_url, "2", cloud=cloud)
        body: Json = {
            "timestamp": moment,
            "webhookEvent": event.name,
            "issue_event_type_name": event.kind,
            "user": represent.user(user),
            "issue": represent.issue(event.issue, [NAVIGABLE_FIELDS]),
        }
        if event.history:
            items = [represent.item(item) for item in event.history.items]
            body["changelog"] = {"id": str(event.history.id), "items": items}
        if event.comment:
            body["comment"] = represent.comment(event.issue, event.comment)
        return body


def is_web_address(url: str) -> bool:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return address.scheme in ("http", "https") and bool(address.host) and (address.port or 1) <= 65_535


def signature(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature`: HMAC-SHA256 over the raw body."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def _webhook(row: sqlite3.Row) -> Webhook:
    return Webhook(
        row["id"],
        row["name"],
        row["url"],
        tuple(json.loads(row["events"])),
        row["jql"],
        row["secret"],
        row["updated_by"],
        row["updated"],
    )
