"""The search index: what search sees, which may lag behind what is stored."""

import json
import sqlite3
from dataclasses import dataclass

from sandbox.jira import clock
from sandbox.jira.issues import Issue, Issues
from sandbox.jira.jql import Condition, Query
from sandbox.jira.settings import SettingsStore

# An entry counts once the lag has passed that held when it was written, or the one that holds now if that is
# shorter. The newest entry that counts is what the index knows of the issue.
KNOWN = """
FROM index_entries e JOIN projects p ON p.id = e.project_id
WHERE e.sequence = (SELECT MAX(v.sequence) FROM index_entries v
                    WHERE v.issue_id = e.issue_id AND (v.visible <= ? OR v.written <= ?))
"""
NEWEST = """
FROM index_entries e JOIN projects p ON p.id = e.project_id
WHERE e.sequence = (SELECT MAX(v.sequence) FROM index_entries v WHERE v.issue_id = e.issue_id)
"""


@dataclass(frozen=True)
class Page:
    issues: list[Issue]
    total: int


class SearchIndex:
    def __init__(self, database: sqlite3.Connection, issues: Issues, settings: SettingsStore) -> None:
        self._database = database
        self._issues = issues
        self._settings = settings

    def write(self, issue: Issue) -> None:
        """Notes the issue as it is now, and forgets the entries that no search can see any more."""
        written = clock.now()
        visible = written + self._lag()
        self._database.execute(
            "INSERT INTO index_entries (issue_id, written, visible, project_id, number, issuetype, status_id, labels, "
            "created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                issue.id,
                written,
                visible,
                issue.project.id,
                issue.number,
                issue.issuetype,
                issue.status.id,
                json.dumps(issue.labels),
                issue.created,
                issue.updated,
            ),
        )
        self._database.execute(
            "DELETE FROM index_entries WHERE issue_id = ? AND sequence < (SELECT MAX(sequence) "
            "FROM index_entries WHERE issue_id = ? AND (visible <= ? OR written <= ?))",
            (issue.id, issue.id, *self._horizon()),
        )

    def search(self, query: Query, start: int, limit: int) -> Page:
        found = f"{KNOWN} AND ({query.condition.sql})"
        parameters = [*self._horizon(), *query.condition.parameters]
        total = self._database.execute(f"SELECT COUNT(*) {found}", parameters).fetchone()[0]
        rows = self._database.execute(
            f"SELECT e.issue_id {found} ORDER BY {query.order} LIMIT ? OFFSET ?",
            [*parameters, limit, start],
        ).fetchall()
        return Page([self._issues.get(row["issue_id"]) for row in rows], total)

    def matches(self, issue: Issue, condition: Condition) -> bool:
        """Whether the issue, as last written, fulfils the condition."""
        row = self._database.execute(
            f"SELECT 1 {NEWEST} AND e.issue_id = ? AND ({condition.sql})",
            [issue.id, *condition.parameters],
        ).fetchone()
        return row is not None

    def _lag(self) -> int:
        """Milliseconds."""
        return round(self._settings.current.index_lag_seconds * 1000)

    def _horizon(self) -> tuple[int, int]:
        """Until when an entry must have become visible, or else have been written."""
        moment = clock.now()
        return moment, moment - self._lag()
