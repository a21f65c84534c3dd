"""Which ports the parts listen on, all on loopback."""

import asyncio
import random
import socket
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from mlc.contract import Contract
from starter.stack.errors import CannotStart
from starter.stack.state import write_private

PortChoice = Literal["auto", "default"]

HOST = "127.0.0.1"
# Below the range that the kernel gives out by itself, to Temporal's inner services among others, so that nobody is
# handed one of our ports between our look at it and the part's start.
FREE_RANGE = range(15_000, 32_000)
# A stack that was killed leaves its ports a moment later than its lock.
RELEASE_SECONDS, LOOK_SECONDS = 1.0, 0.1


class Ports(Contract):
    """One port a part; the default values are the documented ones."""

    temporal: int = 7233
    temporal_ui: int = 8233
    moc: int = 8080
    jira: int = 8081
    gateway: int = 8082
    worker: int = 8083


USES = {
    "temporal": "Temporal",
    "temporal_ui": "the Temporal UI",
    "moc": "the stand-in ModelOp Center",
    "jira": "the stand-in Jira",
    "gateway": "the gateway",
    "worker": "the worker's health endpoint",
}


async def choose_ports(choice: PortChoice, memory: Path) -> Ports:
    """The default ports, or free ones, which `memory` keeps for the next time. Raises CannotStart naming those taken."""
    return await (_default_ports() if choice == "default" else _free_ports(memory))


async def default_ports_if_free() -> PortChoice:
    """The choice of whoever prefers the default ports, but does not insist."""
    return "auto" if await _taken(Ports()) else "default"


async def _default_ports() -> Ports:
    ports = Ports()
    taken = await _taken(ports)
    if taken:
        names = ", ".join(f"{port} ({USES[part]})" for part, port in taken.items())
        which = f"port {names} is" if len(taken) == 1 else f"ports {names} are"
        raise CannotStart(f"{which} taken by another program: end it, or take free ports with --ports auto")
    return ports


async def _free_ports(memory: Path) -> Ports:
    remembered = _remembered(memory)
    replaced = USES.keys() if remembered is None else (await _taken(remembered)).keys()
    fresh = dict(zip(replaced, _free(len(replaced)), strict=True))
    ports = (remembered or Ports()).model_copy(update=fresh)
    write_private(memory, ports.model_dump_json(indent=2) + "\n")
    return ports


def _remembered(memory: Path) -> Ports | None:
    try:
        return Ports.model_validate_json(memory.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


async def _taken(ports: Ports) -> dict[str, int]:
    """Those that stay taken, by part."""
    deadline = asyncio.get_running_loop().time() + RELEASE_SECONDS
    while True:
        taken = {part: port for part, port in ports if not _is_free(port)}
        if not taken or asyncio.get_running_loop().time() > deadline:
            return taken
        await asyncio.sleep(LOOK_SECONDS)


def _free(count: int) -> list[int]:
    found: list[int] = []
    for port in random.sample(FREE_RANGE, len(FREE_RANGE)):
        if len(found) == count:
            return found
        if _is_free(port):
            found.append(port)
    raise CannotStart(f"fewer than {count} free ports between {FREE_RANGE.start} and {FREE_RANGE.stop}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: a port on which connections of an ended server linger counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
