"""The stand-in as a whole: its stores, wired together over one database."""

import asyncio
from pathlib import Path

from sandbox.jira.database import open_database
from sandbox.jira.faults import Faults
from sandbox.jira.index import SearchIndex
from sandbox.jira.issues import Issues
from sandbox.jira.projects import Projects
from sandbox.jira.requests_served import RequestCounts
from sandbox.jira.settings import SettingsStore
from sandbox.jira.tracker import Tracker
from sandbox.jira.users import Accounts, Users
from sandbox.jira.webhooks import Outbox, WebhookDraft, Webhooks

START_WEBHOOK = "registered at start"


class Site:
    """Everything a request needs. Stores are used on the event loop alone, so that no two changes interleave."""

    def __init__(self, data: Path, accounts: Accounts, webhook: str | None) -> None:
        self.database = open_database(data)
        self.settings = SettingsStore(self.database)
        self.users = Users(self.database)
        self.projects = Projects(self.database)
        self.issues = Issues(self.database, self.projects)
        self.index = SearchIndex(self.database, self.issues, self.settings)
        self.webhooks = Webhooks(self.database, self.projects)
        self.letters = asyncio.Event()
        self.outbox = Outbox(
            self.database,
            self.webhooks,
            self.projects,
            self.issues,
            self.users,
            self.index,
            self.settings,
            self.letters.set,
        )
        self.tracker = Tracker(self.database, self.issues, self.users, self.index, self.outbox.post)
        self.faults = Faults()
        self.counts = RequestCounts()
        self.users.seed(accounts)
        self.projects.seed()
        self._register(webhook, accounts)

    def close(self) -> None:
        self.database.close()

    def _register(self, url: str | None, accounts: Accounts) -> None:
        """The webhook of the command line takes the place of the one an earlier start was given."""
        known = next((w for w in self.webhooks.all() if w.name == START_WEBHOOK), None)
        if url is None:
            if known:
                self.webhooks.remove(known.id)
            return
        draft = WebhookDraft(
            START_WEBHOOK, url, ["jira:issue_updated", "jira:issue_deleted"], "", accounts.webhook_secret
        )
        if known:
            self.webhooks.change(known.id, draft, accounts.service.username)
        else:
            self.webhooks.register(draft, accounts.service.username)
