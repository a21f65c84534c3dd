"""A Temporal server of their own for these tests: they kill workers, which leave the singleton watcher behind."""

from collections.abc import AsyncGenerator

import pytest
from temporalio.client import Client

from tests.durability.programs import TemporalServer, temporal_program
from tests.house import StandIns


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[TemporalServer]:
    async with temporal_program(tmp_path_factory.mktemp("temporal")) as program:
        yield program


@pytest.fixture(scope="module")
async def client(server: TemporalServer) -> Client:
    return await server.client()


@pytest.fixture(scope="module")
async def working(outside: StandIns) -> StandIns:
    await outside.reset()
    return outside
