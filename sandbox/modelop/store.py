"""The books on disk: one SQLite file with every entity, token, account and undelivered signal.

All calls are synchronous and short; they run on the event loop's thread, so a change that is made without an
`await` in between is never interleaved with another.
"""

import json
import re
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.modelop.entities import Entity

_FIELD = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entities (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (collection, id));
CREATE INDEX IF NOT EXISTS entities_by_age ON entities (collection, seq);
CREATE INDEX IF NOT EXISTS entities_by_job_status ON entities (collection, json_extract(body, '$.jobStatus'), seq);
CREATE INDEX IF NOT EXISTS entities_by_target_engine ON entities
    (collection, json_extract(body, '$.jobStatus'), json_extract(body, '$.targetEngine.name'), id);
CREATE TABLE IF NOT EXISTS accounts (username TEXT PRIMARY KEY, salt TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS memberships (username TEXT PRIMARY KEY, groups TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (digest TEXT PRIMARY KEY, username TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS outbox_by_name ON outbox
    (json_extract(body, '$.name'), json_extract(body, '$.variables.JOB.value.id'));
"""


@dataclass(frozen=True)
class PageRequest:
    """Which part of a collection: `number` counts from 0, `sort` is a field name, dotted for nested ones."""

    number: int = 0
    size: int = 20
    sort: str = "createdDate"
    descending: bool = False


class Store:
    """Opens (and creates) the database file; parent folders must exist. Raises `sqlite3.Error` where it cannot."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA busy_timeout = 2000")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Everything inside is written together or not at all."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def insert(self, collection: str, entity: Entity) -> None:
        self._db.execute(
            "INSERT INTO entities (collection, id, body) VALUES (?, ?, ?)",
            (collection, entity["id"], json.dumps(entity)),
        )

    def save(self, collection: str, entity: Entity) -> None:
        self._db.execute(
            "UPDATE entities SET body = ? WHERE collection = ? AND id = ?",
            (json.dumps(entity), collection, entity["id"]),
        )

    def delete(self, collection: str, entity_id: str) -> None:
        self._db.execute("DELETE FROM entities WHERE collection = ? AND id = ?", (collection, entity_id))

    def get(self, collection: str, entity_id: str) -> Entity | None:
        row = self._db.execute(
            "SELECT body FROM entities WHERE collection = ? AND id = ?", (collection, entity_id)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def count(self, collection: str) -> int:
        row = self._db.execute("SELECT count(*) FROM entities WHERE collection = ?", (collection,)).fetchone()
        return int(row[0])

    def page(self, collection: str, wanted: PageRequest) -> list[Entity]:
        # Creation order is the order of rows: unlike `createdDate` it has no ties.
        order = "seq" if wanted.sort == "createdDate" else _extract(wanted.sort)
        direction = "DESC" if wanted.descending else "ASC"
        rows = self._db.execute(
            f"SELECT body FROM entities WHERE collection = ? ORDER BY {order} {direction}, seq {direction}"  # noqa: S608
            " LIMIT ? OFFSET ?",
            (collection, wanted.size, wanted.number * wanted.size),
        )
        return [json.loads(row[0]) for row in rows]

    def find(self, collection: str, field: str, values: list[str]) -> list[Entity]:
        """The entities whose (dotted) `field` is one of `values`, oldest first."""
        marks = ", ".join("?" * len(values))
        rows = self._db.execute(
            f"SELECT body FROM entities WHERE collection = ? AND {_extract(field)} IN ({marks}) ORDER BY seq",  # noqa: S608
            (collection, *values),
        )
        return [json.loads(row[0]) for row in rows]

    def jobs_for_other_engines(self, statuses: list[str], names: list[str]) -> list[tuple[str, str]]:
        """Ids and target engines of the jobs in one of the statuses whose target engine has none of the names."""
        status_marks, name_marks = ", ".join("?" * len(statuses)), ", ".join("?" * len(names))
        status, target = _extract("jobStatus"), _extract("targetEngine.name")
        rows = self._db.execute(
            f"SELECT id, {target} FROM entities WHERE collection = 'jobs' AND {status} IN ({status_marks})"  # noqa: S608
            f" AND {target} IS NOT NULL AND {target} NOT IN ({name_marks})",
            (*statuses, *names),
        )
        return rows.fetchall()

    def add_account(self, username: str, salt: str, digest: str, groups: list[str]) -> None:
        with self.transaction():
            self._db.execute("INSERT OR REPLACE INTO accounts VALUES (?, ?, ?)", (username, salt, digest))
            self._db.execute(
                "INSERT OR REPLACE INTO memberships VALUES (?, ?)", (username, json.dumps(groups))
            )

    def groups(self, username: str) -> list[str]:
        row = self._db.execute("SELECT groups FROM memberships WHERE username = ?", (username,)).fetchone()
        return json.loads(row[0]) if row else []

    def account(self, username: str) -> tuple[str, str] | None:
        """Salt and digest of the account's password."""
        return self._db.execute(
            "SELECT salt, digest FROM accounts WHERE username = ?", (username,)
        ).fetchone()

    def add_token(self, digest: str, username: str, expires: float, now: float) -> None:
        with self.transaction():
            self._db.execute("DELETE FROM tokens WHERE expires < ?", (now,))
            self._db.execute("INSERT INTO tokens VALUES (?, ?, ?)", (digest, username, expires))

    def token_user(self, digest: str, now: float) -> str | None:
        row = self._db.execute(
            "SELECT username FROM tokens WHERE digest = ? AND expires > ?", (digest, now)
        ).fetchone()
        return row[0] if row else None

    def post(self, body: Entity) -> None:
        """Puts a signal into the outbox."""
        self._db.execute("INSERT INTO outbox (body) VALUES (?)", (json.dumps(body),))

    def withdraw(self, name: str, job_id: str) -> None:
        """Takes the signals of this name about this job out of the outbox."""
        self._db.execute(
            "DELETE FROM outbox WHERE json_extract(body, '$.name') = ?"
            " AND json_extract(body, '$.variables.JOB.value.id') = ?",
            (name, job_id),
        )

    def posted(self, name: str) -> list[tuple[int, int]]:
        """The signals of this name not yet delivered, oldest first: number, attempts made."""
        rows = self._db.execute(
            "SELECT seq, attempts FROM outbox WHERE json_extract(body, '$.name') = ? ORDER BY seq", (name,)
        )
        return rows.fetchall()

    def signal(self, number: int) -> Entity | None:
        """The posted signal, None where it has been withdrawn."""
        row = self._db.execute("SELECT body FROM outbox WHERE seq = ?", (number,)).fetchone()
        return json.loads(row[0]) if row else None

    def retry_later(self, number: int) -> None:
        self._db.execute("UPDATE outbox SET attempts = attempts + 1 WHERE seq = ?", (number,))

    def settle(self, number: int) -> None:
        self._db.execute("DELETE FROM outbox WHERE seq = ?", (number,))


def is_field(name: str) -> bool:
    """Whether `name` may name a (dotted) field of an entity."""
    return _FIELD.fullmatch(name) is not None


def _extract(field: str) -> str:
    if not is_field(field):
        raise ValueError(f"{field!r} is no field name")
    return f"json_extract(body, '$.{field}')"
