"""A house whose watcher of tickets runs. There is one for a whole namespace: tests have it one after the other."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from mlc.ids import WATCH_ID
from tests.house import House, HouseWith
from worker.hosting import ensure_watcher


@asynccontextmanager
async def watched(
    temporal: WorkflowEnvironment, house_with: HouseWith, watch_seconds: float, **settings: Any
) -> AsyncGenerator[House]:
    """A house whose watcher looks in this rhythm."""
    async with house_with(watch_seconds=watch_seconds, **settings) as home:
        await no_watcher(home)
        with temporal.with_time_skipping_disabled():
            await ensure_watcher(home.temporal, home.settings)
        try:
            yield home
        finally:
            # Whichever runs by now: a test may have stopped the first.
            await no_watcher(home)


async def no_watcher(home: House) -> None:
    """Stops the watcher: on the queue of a test that is over nobody would work for it, and it would stand in another's place."""
    with suppress(RPCError):
        await home.handle(WATCH_ID).terminate("the test is over")
