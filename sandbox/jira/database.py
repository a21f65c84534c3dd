"""Where the stand-in keeps everything: one SQLite file in WAL mode."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
  username TEXT PRIMARY KEY, account_id TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, email TEXT NOT NULL,
  token_digest TEXT NOT NULL, admin INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS statuses (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, category TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS projects (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  attachments_enabled INTEGER NOT NULL, last_number INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS project_statuses (
  project_id INTEGER NOT NULL REFERENCES projects, status_id INTEGER NOT NULL REFERENCES statuses,
  position INTEGER NOT NULL, PRIMARY KEY (project_id, status_id));
CREATE TABLE IF NOT EXISTS issues (
  id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects, number INTEGER NOT NULL,
  issuetype TEXT NOT NULL, summary TEXT NOT NULL, description TEXT, status_id INTEGER NOT NULL REFERENCES statuses,
  priority TEXT NOT NULL, resolution TEXT, resolved INTEGER, assignee TEXT, reporter TEXT NOT NULL,
  creator TEXT NOT NULL, duedate TEXT, labels TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
  UNIQUE (project_id, number));
CREATE TABLE IF NOT EXISTS comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
  author TEXT NOT NULL, update_author TEXT NOT NULL, body TEXT NOT NULL,
  created INTEGER NOT NULL, updated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS attachments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
  author TEXT NOT NULL, filename TEXT NOT NULL, mime_type TEXT NOT NULL, size INTEGER NOT NULL,
  created INTEGER NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS properties (
  issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (issue_id, key));
CREATE TABLE IF NOT EXISTS remote_links (
  id INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
  global_id TEXT, body TEXT NOT NULL, UNIQUE (issue_id, global_id));
CREATE TABLE IF NOT EXISTS watchers (
  issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE, username TEXT NOT NULL,
  PRIMARY KEY (issue_id, username));
CREATE TABLE IF NOT EXISTS histories (
  id INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
  author TEXT NOT NULL, created INTEGER NOT NULL, items TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS index_entries (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
  written INTEGER NOT NULL, visible INTEGER NOT NULL, project_id INTEGER NOT NULL, number INTEGER NOT NULL,
  issuetype TEXT NOT NULL, status_id INTEGER NOT NULL, labels TEXT NOT NULL,
  created INTEGER NOT NULL, updated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS webhooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, url TEXT NOT NULL, events TEXT NOT NULL,
  jql TEXT NOT NULL, secret TEXT, updated_by TEXT NOT NULL, updated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, webhook_id INTEGER NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  identifier TEXT NOT NULL, body BLOB NOT NULL, created INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS comments_of_issue ON comments (issue_id);
CREATE INDEX IF NOT EXISTS attachments_of_issue ON attachments (issue_id);
CREATE INDEX IF NOT EXISTS histories_of_issue ON histories (issue_id);
CREATE INDEX IF NOT EXISTS entries_of_issue ON index_entries (issue_id, sequence);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (next_attempt);
"""


def open_database(data: Path) -> sqlite3.Connection:
    """The database under `data`, which is created, readable by its owner alone, if it is not there.

    Raises OSError or sqlite3.Error when the directory cannot be written.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = sqlite3.connect(data / "jira.sqlite3", isolation_level=None, check_same_thread=False)
    database.row_factory = sqlite3.Row
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA foreign_keys = ON")
    database.executescript(SCHEMA)
    return database


@contextmanager
def transaction(database: sqlite3.Connection) -> Generator[None]:
    """All or nothing; inside another transaction it is a part of that one."""
    if database.in_transaction:
        yield
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
