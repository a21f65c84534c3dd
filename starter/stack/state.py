"""The state folder: all that a stack keeps, used by one stack at a time."""

import fcntl
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError

from mlc.contract import Contract
from starter.stack.errors import CannotStart

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


class PasswordAccount(Contract):
    """A login by password."""

    username: str
    password: str = Field(repr=False)


class TokenAccount(Contract):
    """A login by token."""

    username: str
    token: str = Field(repr=False)


class Accounts(Contract):
    """Who may use the stand-ins of this state folder: the product at ModelOp Center and Jira, and a person at Jira."""

    moc: PasswordAccount
    jira_service: TokenAccount
    jira_reviewer: TokenAccount


class StoredAccounts(Accounts):
    """The accounts file: also the secret by which Jira signs its webhooks."""

    webhook_secret: str = Field(repr=False)

    def people(self) -> Accounts:
        """The accounts alone, without the secret that only the parts share."""
        return Accounts(moc=self.moc, jira_service=self.jira_service, jira_reviewer=self.jira_reviewer)


@dataclass(frozen=True)
class StateFolder:
    """Where things are below the absolute `path`."""

    path: Path

    @property
    def accounts(self) -> Path:
        return self.path / "accounts.json"

    @property
    def configuration(self) -> Path:
        return self.path / "mlc.toml"

    @property
    def ports(self) -> Path:
        return self.path / "ports.json"

    def log(self, part: str) -> Path:
        return self.path / "logs" / f"{part}.log"


@contextmanager
def state_folder(path: Path) -> Generator[StateFolder]:
    """The folder, made where missing and held while the context is open.

    Raises CannotStart when another stack holds it (naming its pid) or when it cannot be written.
    """
    folder = StateFolder(path.absolute())
    try:
        folder.path.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
        folder.log("").parent.mkdir(exist_ok=True)
        lock = os.open(folder.path / "lock", os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    except OSError as error:
        raise CannotStart(f"the state folder {path} cannot be used: {error.strerror}") from error
    try:
        _hold(lock, path)
        yield folder
    finally:
        os.close(lock)


def _hold(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        pid = os.pread(lock, 20, 0).decode().strip() or "unknown"
        raise CannotStart(
            f"the state folder {path} is used by another stack (pid {pid}): end it, or take another folder with --state"
        ) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def load_accounts(folder: StateFolder) -> StoredAccounts:
    """The accounts of the stand-ins, made once for a state folder. Raises CannotStart for a file that is not theirs."""
    try:
        return StoredAccounts.model_validate_json(folder.accounts.read_bytes())
    except FileNotFoundError:
        accounts = _new_accounts()
    except (OSError, ValidationError) as error:
        raise CannotStart(
            f"{folder.accounts} does not hold the stand-ins' accounts: remove it, and new ones are made"
        ) from error
    write_private(folder.accounts, accounts.model_dump_json(indent=2) + "\n")
    return accounts


def _new_accounts() -> StoredAccounts:
    def secret() -> str:
        return secrets.token_urlsafe(24)

    return StoredAccounts(
        moc=PasswordAccount(username="modelop", password=secret()),
        jira_service=TokenAccount(username="mlc-service", token=secret()),
        jira_reviewer=TokenAccount(username="reviewer", token=secret()),
        webhook_secret=secret(),
    )


def write_private(file: Path, text: str) -> None:
    """Replaces the file at once, readable by its owner alone. Raises CannotStart."""
    draft = file.with_name(file.name + ".new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
        draft.replace(file)
    except OSError as error:
        raise CannotStart(f"{file} cannot be written: {error.strerror}") from error
