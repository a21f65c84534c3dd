"""One Temporal server and one pair of stand-ins for a test session; a worker and a queue for each test."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.house import House, StandIns, house, stand_ins, temporal_server


@pytest.fixture(scope="session")
async def temporal() -> AsyncGenerator[WorkflowEnvironment]:
    async with temporal_server() as environment:
        yield environment


@pytest.fixture(scope="session")
async def outside(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[StandIns]:
    async with stand_ins(Path(tmp_path_factory.mktemp("stand-ins"))) as both:
        yield both


@pytest.fixture
async def at_home(temporal: WorkflowEnvironment, outside: StandIns) -> AsyncGenerator[House]:
    await outside.reset()
    async with house(temporal, outside) as home:
        yield home
