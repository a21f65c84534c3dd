"""What the benchmarks share: a stack of their own, a login, and how figures look."""

import asyncio
import math
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from starter.client import MlcClient
from starter.stack.supervisor import Stack, StackInfo
from workflows.temporal import mlc_plugin

API = "/model-manage/api"
Json = dict[str, Any]

console = Console(highlight=False)


class Bench:
    """A running stack, and the ways to it."""

    def __init__(self, info: StackInfo, temporal: Client, moc: httpx.AsyncClient) -> None:
        self.info = info
        self.temporal = temporal
        self.client = MlcClient(temporal)
        self.moc = moc

    async def create(self, collection: str, body: Json) -> Json:
        """Creates an entity in ModelOp Center."""
        return (await self.moc.post(f"{API}/{collection}", json=body)).raise_for_status().json()


@asynccontextmanager
async def bench() -> AsyncGenerator[Bench]:
    """A stack in a temporary folder, with nothing in it."""
    with tempfile.TemporaryDirectory() as folder, console.status("Starting the stack"):
        async with Stack.start(Path(folder) / "state", "auto") as stack:
            info = stack.info
            temporal = await Client.connect(info.temporal, namespace=info.namespace, plugins=[mlc_plugin()])
            async with httpx.AsyncClient(base_url=info.moc, trust_env=False, timeout=60) as moc:
                form = {"username": info.accounts.moc.username, "password": info.accounts.moc.password}
                token = (await moc.post("/gocli/token", data=form)).raise_for_status().json()["access_token"]
                moc.headers["Authorization"] = f"Bearer {token}"
                yield Bench(info, temporal, moc)


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Runs a benchmark as a program. The pause lets the SDK's native core end before the interpreter does."""

    async def to_the_end() -> None:
        await main()
        await asyncio.sleep(0.1)

    asyncio.run(to_the_end())
    sys.stdout.flush()


def milliseconds(samples: Sequence[float]) -> tuple[str, str, str]:
    """p50, p99 and the largest of samples in seconds, as milliseconds."""
    ordered = sorted(samples)
    chosen = (quantile(ordered, 0.5), quantile(ordered, 0.99), ordered[-1])
    return tuple(f"{value * 1000:.0f}" for value in chosen)  # type: ignore[return-value]


def quantile(ordered: Sequence[float], part: float) -> float:
    """The smallest sample that at least this part of all samples does not exceed."""
    return ordered[max(math.ceil(part * len(ordered)) - 1, 0)]


def figures(title: str, *columns: str) -> Table:
    """A table for a terminal, or for a file."""
    return Table(*columns, title=f"{title} ({os.cpu_count()} cores)", title_justify="left")
