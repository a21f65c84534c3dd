"""Who may call: user names with passwords and groups, and the bearer tokens given out for them."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any

from sandbox.modelop.entities import Entity, nested, string_list
from sandbox.modelop.store import Store
from sandbox.modelop.tokens import TokenIssuer

SERVICE_USER = "modelop-center"
"""The stand-in's own name on the signals it sends."""
SERVICE_GROUPS = ["mlc-signal"]
_GROUPS_OF_MOC = ["mlc-admin"]


@dataclass
class Settings:
    """What tests may turn: a pause before each job starts and the life of new tokens, both in seconds."""

    job_delay_seconds: float = 0.0
    token_seconds: float = 3600.0


class Accounts:
    """Passwords and tokens, kept as digests.

    `accounts` is the parsed accounts file: every value with `username` and `password` becomes an account, in the groups
    that its `groups` name. Without `groups` the account `moc` is an administrator and any other is in no group.
    """

    def __init__(
        self, store: Store, settings: Settings, issuer: TokenIssuer, accounts: dict[str, Any]
    ) -> None:
        self._store = store
        self._settings = settings
        self._issuer = issuer
        for name, account in accounts.items():
            username, password = nested(account, "username"), nested(account, "password")
            groups = nested(account, "groups")
            if groups is None and name == "moc":
                groups = _GROUPS_OF_MOC
            if isinstance(username, str) and isinstance(password, str):
                self.add(username, password, string_list(groups))

    def add(self, username: str, password: str, groups: list[str]) -> None:
        salt = secrets.token_hex(16)
        self._store.add_account(username, salt, _digest(salt, password), groups)

    def password_holds(self, username: str, password: str) -> bool:
        account = self._store.account(username)
        return account is not None and hmac.compare_digest(_digest(account[0], password), account[1])

    @property
    def token_seconds(self) -> float:
        """The life of a token that is issued now."""
        return self._settings.token_seconds

    def issue_token(self, username: str) -> str:
        groups = SERVICE_GROUPS if username == SERVICE_USER else self._store.groups(username)
        now = time.time()
        expires = now + self._settings.token_seconds
        token = self._issuer.issue(username, groups, now, expires)
        self._store.add_token(_digest("", token), username, expires, now)
        return token

    def jwks(self) -> Entity:
        """The public keys that the tokens can be checked with."""
        return self._issuer.jwks()

    def user_of(self, authorization: str | None) -> str | None:
        """The user of an `Authorization: Bearer ...` header; None for a missing, unknown or expired token."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        return self._store.token_user(_digest("", token.strip()), time.time())


def _digest(salt: str, secret: str) -> str:
    return hashlib.sha256((salt + secret).encode()).hexdigest()
