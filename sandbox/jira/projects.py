"""Projects, their statuses, and the workflow between them: every status is reachable from every other."""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox.jira.database import transaction
from sandbox.jira.errors import JiraError

Category = Literal["new", "indeterminate", "done"]

CATEGORY_KEYS: tuple[Category, ...] = ("new", "indeterminate", "done")

SEED_KEY = "MLC"
SEED_STATUSES: Mapping[str, Category] = {
    "To Do": "new",
    "In Progress": "indeterminate",
    "Done": "done",
    "Rejected": "done",
}
DONE_NAMES = {"done", "rejected", "approved", "declined", "closed", "resolved", "cancelled", "canceled"}


@dataclass(frozen=True)
class Status:
    id: int
    name: str
    category: Category


@dataclass(frozen=True)
class Project:
    id: int
    key: str
    name: str
    attachments_enabled: bool
    statuses: tuple[Status, ...]


@dataclass(frozen=True)
class Transition:
    id: int
    to: Status


class Projects:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def seed(self) -> None:
        if self.find(SEED_KEY) is None:
            self.create(SEED_KEY, "Model life cycle", SEED_STATUSES, attachments_enabled=True)

    def create(
        self, key: str, name: str, statuses: Mapping[str, Category], *, attachments_enabled: bool
    ) -> Project:
        """Adds a project; its first status is where issues begin. Raises JiraError(400) for a bad or taken key."""
        if not re.fullmatch(r"[A-Z][A-Z0-9_]+", key):
            raise JiraError(400, errors={"projectKey": "Project keys must start with an uppercase letter."})
        if self.find(key) is not None:
            raise JiraError(400, errors={"projectKey": f"Project '{key}' uses this project key."})
        if not statuses:
            raise JiraError(400, errors={"statuses": "A project needs at least one status."})
        with transaction(self._database):
            project_id = self._database.execute(
                "INSERT INTO projects (id, key, name, attachments_enabled) "
                "VALUES ((SELECT COALESCE(MAX(id), 9999) + 1 FROM projects), ?, ?, ?)",
                (key, name, attachments_enabled),
            ).lastrowid
            for position, (status, category) in enumerate(statuses.items()):
                self._database.execute(
                    "INSERT INTO statuses (id, name, category) "
                    "VALUES ((SELECT COALESCE(MAX(id), 9999) + 1 FROM statuses), ?, ?) ON CONFLICT DO NOTHING",
                    (status, category),
                )
                self._database.execute(
                    "INSERT INTO project_statuses SELECT ?, id, ? FROM statuses WHERE name = ?",
                    (project_id, position, status),
                )
        return self.get(key)

    def get(self, id_or_key: str) -> Project:
        project = self.find(id_or_key)
        if project is None:
            raise JiraError(404, f"No project could be found with key '{id_or_key}'.")
        return project

    def find(self, id_or_key: object) -> Project | None:
        row = self._database.execute(
            "SELECT * FROM projects WHERE key = ? OR CAST(id AS TEXT) = ?",
            (str(id_or_key).upper(), str(id_or_key)),
        ).fetchone()
        if row is None:
            return None
        statuses = self._database.execute(
            "SELECT s.* FROM statuses s JOIN project_statuses p ON p.status_id = s.id "
            "WHERE p.project_id = ? ORDER BY p.position",
            (row["id"],),
        )
        return Project(
            row["id"],
            row["key"],
            row["name"],
            bool(row["attachments_enabled"]),
            tuple(map(_status, statuses)),
        )

    def statuses(self) -> list[Status]:
        return [_status(row) for row in self._database.execute("SELECT * FROM statuses ORDER BY id")]


def transitions(project: Project, status: Status) -> list[Transition]:
    """What may follow `status`. The ids differ by project, as in Jira: only `to.name` says where one leads."""
    base = (project.id - 9999) * 100
    return [
        Transition(base + 10 * position + 1, to)
        for position, to in enumerate(project.statuses, start=1)
        if to.id != status.id
    ]


def categories(names: Sequence[str]) -> dict[str, Category]:
    """Gives each status its category: the first is new, those whose names end a ticket are done."""
    return {name: _category(name, position) for position, name in enumerate(names)}


def _category(name: str, position: int) -> Category:
    if name.casefold() in DONE_NAMES:
        return "done"
    return "new" if position == 0 else "indeterminate"


def _status(row: sqlite3.Row) -> Status:
    return Status(row["id"], row["name"], row["category"])
