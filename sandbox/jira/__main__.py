"""Starts the stand-in: `python -m sandbox.jira --port P --data DIR --accounts FILE [--webhook URL]`."""

import argparse
import json
import signal
import socket
import sqlite3
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, cast

import uvicorn

from sandbox.jira.app import create_app
from sandbox.jira.errors import JiraError

SHUTDOWN_SECONDS = 1


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _fail(message)


def main() -> None:
    """Serves until SIGTERM or Ctrl-C, then exits with 0; exits with 2 and one line on stderr if it cannot start."""
    arguments = _arguments()
    try:
        listener = socket.create_server((arguments.host, arguments.port))
        # An answer leaves as two small packets; without this the second waits 40 ms for the first's acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, OverflowError) as error:
        _fail(f"cannot listen on {arguments.host}:{arguments.port}: {error}")
    try:
        app = create_app(arguments.data, _accounts(arguments.accounts), arguments.webhook)
    except (OSError, sqlite3.Error, ValueError, JiraError) as error:
        _fail(str(error))
    # uvicorn raises the signal that ended it once more; without these handlers that would end the process with it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stay)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS
    )
    uvicorn.Server(config).run(sockets=[listener])


def _stay(number: int, frame: FrameType | None) -> None:
    """The shutdown is under way already."""


def _arguments() -> argparse.Namespace:
    parser = _Arguments(
        prog="python -m sandbox.jira", description="A stand-in Jira for tests and demonstrations."
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="a directory for what it keeps")
    parser.add_argument("--accounts", type=Path, required=True, help="a JSON file with the accounts")
    parser.add_argument("--webhook", metavar="URL", help="where to tell of updated issues")
    parser.add_argument("--host", default="127.0.0.1")
    return parser.parse_args()


def _accounts(file: Path) -> dict[str, Any]:
    try:
        accounts = json.loads(file.read_text())
    except OSError as error:
        raise ValueError(f"cannot read {file}: {error.strerror}") from None
    except ValueError:
        raise ValueError(f"{file} is not JSON") from None
    if not isinstance(accounts, dict):
        raise ValueError(f"{file} does not hold a JSON object")  # noqa: TRY004
    return cast("dict[str, Any]", accounts)


def _fail(message: str) -> NoReturn:
    sys.stderr.write(f"sandbox.jira: {' '.join(message.split())}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
