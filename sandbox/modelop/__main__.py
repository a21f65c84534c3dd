"""`python -m sandbox.modelop --port P --data DIR --accounts FILE [--gateway URL] [--issuer URL] [--host 127.0.0.1]`"""

import argparse
import asyncio
import json
import logging
import signal
import socket
import sqlite3
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, cast

import uvicorn
from starlette.applications import Starlette

from sandbox.modelop.app import create_app
from sandbox.modelop.entities import nested, string_list
from sandbox.modelop.tokens import UnusableKeyError

_USAGE_ERROR = 2
_SHUTDOWN_SECONDS = 1

_log = logging.getLogger("sandbox.modelop")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _give_up(message)


def main() -> None:
    options = _options()
    listening = _listen(options.host, options.port)
    address = f"http://{options.host}:{listening.getsockname()[1]}"
    app = _application(options, address)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # uvicorn shuts down on SIGTERM and then raises it anew; without a handler the exit code would speak of a crash.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    _log.info("ModelOp Center stand-in on %s", address)
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _options() -> argparse.Namespace:
    parser = _Parser(prog="python -m sandbox.modelop", description="A stand-in for ModelOp Center.")
    parser.add_argument("--port", type=_port, required=True, help="the port to listen on; 0 takes a free one")
    parser.add_argument("--data", type=Path, required=True, help="the folder that keeps the books")
    parser.add_argument(
        "--accounts", type=Path, required=True, help='JSON: {"moc": {"username", "password", "groups"?}}'
    )
    parser.add_argument("--gateway", type=_base_url, help="base URL that signals and /mlc-service go to")
    parser.add_argument(
        "--issuer", type=_base_url, help="what tokens name as theirs; default: the own address"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    return parser.parse_args()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)


def _base_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text!r} is no http URL")
    return text


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # asyncio sets this only on sockets that it opened itself; without it an answer may wait 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening.listen(128)
    except OSError as error:
        _give_up(f"cannot listen on {host}:{port}: {error.strerror or error}")
    return listening


def _application(options: argparse.Namespace, address: str) -> Starlette:
    accounts = _accounts(options.accounts)
    issuer = (options.issuer or address).rstrip("/")
    try:
        return create_app(options.data, accounts, options.gateway, issuer=issuer)
    except (OSError, sqlite3.Error, UnusableKeyError) as error:
        _give_up(f"cannot keep books in {options.data}: {error}")


def _accounts(path: Path) -> dict[str, Any]:
    try:
        accounts: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        _give_up(f"cannot read accounts: {path}: {error}")
    moc = cast("dict[str, Any]", accounts).get("moc") if isinstance(accounts, dict) else None
    if not isinstance(moc, dict) or not {"username", "password"} <= cast("dict[str, Any]", moc).keys():
        _give_up(f'{path} lacks {{"moc": {{"username", "password"}}}}')
    for name, account in cast("dict[str, Any]", accounts).items():
        groups = nested(account, "groups")
        if groups is not None and string_list(groups) != groups:
            _give_up(f"{path}: the groups of {name} are no array of names")
    return cast("dict[str, Any]", accounts)


def _give_up(message: str) -> NoReturn:
    sys.stderr.write(f"python -m sandbox.modelop: {' '.join(message.split())}\n")
    raise SystemExit(_USAGE_ERROR)


if __name__ == "__main__":
    main()
