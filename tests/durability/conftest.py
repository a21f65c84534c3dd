"""A Temporal server of their own for these tests: they kill workers, which leave the singleton watcher behind."""

from collections.abc import AsyncGenerator

import pytest
from temporalio.client import Client

from mlc.ids import WATCH, WATCH_ID
from mlc.tickets import WatchState
from tests.durability.programs import TemporalServer, temporal_program
from tests.stand_ins import StandIns


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[TemporalServer]:
    async with temporal_program(tmp_path_factory.mktemp("temporal")) as program:
        yield program


@pytest.fixture(scope="module")
async def client(server: TemporalServer) -> Client:
    """The watcher of tickets is on a queue without workers: left alone it would hurry ahead of a hint now and then."""
    client = await server.client()
    await client.start_workflow(WATCH, WatchState(), id=WATCH_ID, task_queue="without-workers")
    return client


@pytest.fixture(scope="module")
async def working(outside: StandIns) -> StandIns:
    await outside.reset()
    return outside
