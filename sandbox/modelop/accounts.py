"""Who may call: user names with passwords, and the bearer tokens given out for them."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any

from sandbox.modelop.entities import nested
from sandbox.modelop.store import Store

SERVICE_USER = "modelop-center"
"""The stand-in's own name on the signals it sends."""


@dataclass
class Settings:
    """What tests may turn: a pause before each job starts and the life of new tokens, both in seconds."""

    job_delay_seconds: float = 0.0
    token_seconds: float = 3600.0


class Accounts:
    """Passwords and tokens, kept as digests.

    `accounts` is the parsed accounts file: every value with `username` and `password` becomes an account.
    """

    def __init__(self, store: Store, settings: Settings, accounts: dict[str, Any]) -> None:
        self._store = store
        self._settings = settings
        for account in accounts.values():
            username, password = nested(account, "username"), nested(account, "password")
            if isinstance(username, str) and isinstance(password, str):
                self.add(username, password)

    def add(self, username: str, password: str) -> None:
        salt = secrets.token_hex(16)
        self._store.add_account(username, salt, _digest(salt, password))

    def password_holds(self, username: str, password: str) -> bool:
        account = self._store.account(username)
        return account is not None and hmac.compare_digest(_digest(account[0], password), account[1])

    def issue_token(self, username: str) -> str:
        token = secrets.token_urlsafe(32)
        now = time.time()
        self._store.add_token(_digest("", token), username, now + self._settings.token_seconds, now)
        return token

    def user_of(self, authorization: str | None) -> str | None:
        """The user of an `Authorization: Bearer ...` header; None for a missing, unknown or expired token."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        return self._store.token_user(_digest("", token.strip()), time.time())


def _digest(salt: str, secret: str) -> str:
    return hashlib.sha256((salt + secret).encode()).hexdigest()
