"""Who may speak: the service account, the reviewer and the people a test adds."""

import base64
import binascii
import hashlib
import hmac
import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sandbox.jira.errors import JiraError


@dataclass(frozen=True)
class User:
    username: str
    account_id: str
    display_name: str
    email: str
    admin: bool


@dataclass(frozen=True)
class Account:
    """A user's way in; the token is the password of basic authentication and the personal access token alike."""

    username: str
    token: str


@dataclass(frozen=True)
class Accounts:
    service: Account
    reviewer: Account
    webhook_secret: str


def read_accounts(accounts: Mapping[str, Any]) -> Accounts:
    """From {"jiraService": {"username", "token"}, "jiraReviewer": {...}, "webhookSecret": text}.

    Raises ValueError, in one line, for anything missing or not a text.
    """
    secret = accounts.get("webhookSecret")
    if not isinstance(secret, str) or not secret:
        raise ValueError("accounts: webhookSecret must be a text")
    return Accounts(_read_account(accounts, "jiraService"), _read_account(accounts, "jiraReviewer"), secret)


def _read_account(accounts: Mapping[str, Any], name: str) -> Account:
    account: object = accounts.get(name)
    if not isinstance(account, Mapping):
        raise ValueError(f'accounts: {name} must be {{"username", "token"}}')  # noqa: TRY004
    username, token = (cast("Mapping[str, object]", account).get(part) for part in ("username", "token"))
    if not (isinstance(username, str) and username and isinstance(token, str) and token):
        raise ValueError(f"accounts: {name} needs a username and a token")
    return Account(username, token)


class Users:
    """Reads and writes users; a user once added stays, for what they did stays signed by them."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def seed(self, accounts: Accounts) -> None:
        self.put(accounts.service, "Model Life Cycle", admin=True)
        self.put(accounts.reviewer, "Rita Reviewer", admin=False)

    def put(self, account: Account, display_name: str, *, admin: bool) -> User:
        """Adds the user, or gives the one of this name a new display name and token."""
        email = account.username if "@" in account.username else f"{account.username}@example.com"
        self._database.execute(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (username) DO UPDATE SET "
            "display_name = excluded.display_name, token_digest = excluded.token_digest, admin = excluded.admin",
            (
                account.username,
                _account_id(account.username),
                display_name,
                email,
                _digest(account.token),
                admin,
            ),
        )
        return self.get(account.username)

    def get(self, username: str) -> User:
        """Raises JiraError(404)."""
        row = self._database.execute("SELECT * FROM users WHERE username = ?", (username,)).fetchone()
        if row is None:
            raise JiraError(404, f"The user named '{username}' does not exist")
        return _user(row)

    def identified(self, identifier: object, *, cloud: bool) -> User | None:
        """Cloud names a user by the account id, Server by the user name; neither takes the other's."""
        column = "account_id" if cloud else "username"
        row = self._database.execute(
            f"SELECT * FROM users WHERE {column} = ?",  # noqa: S608
            (str(identifier),),
        ).fetchone()
        return _user(row) if row else None

    def all(self) -> list[User]:
        return [_user(row) for row in self._database.execute("SELECT * FROM users ORDER BY display_name")]

    def search(self, text: str) -> list[User]:
        """Those whose name, display name or e-mail address holds the text; `.` finds everybody, as in Jira."""
        wanted = "" if text == "." else text.casefold()
        return [
            user
            for user in self.all()
            if any(
                wanted in name.casefold()
                for name in (user.username, user.display_name, user.email, user.account_id)
            )
        ]

    def authenticate(self, authorization: str | None) -> User | None:
        """The user of an Authorization header; None without one. Raises JiraError(401) if it is not valid."""
        if not authorization:
            return None
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() == "basic":
            return self._authenticate_basic(credentials)
        if scheme.lower() == "bearer":
            return self._authenticate_token(credentials.strip())
        raise unauthorized()

    def _authenticate_basic(self, credentials: str) -> User:
        try:
            name, _, token = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise unauthorized() from None
        row = self._database.execute("SELECT * FROM users WHERE ? IN (username, email)", (name,)).fetchone()
        if row is None or not hmac.compare_digest(row["token_digest"], _digest(token)):
            raise unauthorized()
        return _user(row)

    def _authenticate_token(self, token: str) -> User:
        row = self._database.execute(
            "SELECT * FROM users WHERE token_digest = ?", (_digest(token),)
        ).fetchone()
        if row is None:
            raise unauthorized()
        return _user(row)


def unauthorized() -> JiraError:
    return JiraError(401, "You are not authenticated. Authentication required to perform this operation.")


def _account_id(username: str) -> str:
    return f"712020:{uuid.uuid5(uuid.NAMESPACE_URL, f'jira-user:{username}')}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _user(row: sqlite3.Row) -> User:
    return User(row["username"], row["account_id"], row["display_name"], row["email"], bool(row["admin"]))
