"""One Temporal server and one pair of stand-ins for a test session; a worker and a queue for each test."""

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from temporalio.testing import WorkflowEnvironment

from tests.dmn.summary import pytest_terminal_summary as pytest_terminal_summary
from tests.house import House, HouseWith, house, temporal_server
from tests.stand_ins import StandIns, stand_ins

# A machine that is busy makes an example slow, not wrong. In CI the parent is hypothesis' own profile, which derandomizes.
settings.register_profile("mlc", deadline=None)
settings.load_profile("mlc")


@pytest.fixture(scope="session")
async def temporal() -> AsyncGenerator[WorkflowEnvironment]:
    async with temporal_server() as environment:
        yield environment


@pytest.fixture(scope="session")
async def outside(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[StandIns]:
    async with stand_ins(Path(tmp_path_factory.mktemp("stand-ins"))) as both:
        # Jobs run on any runtime that is free: this one always is, whatever becomes of a test's own.
        await both.runtime("jobs-alone", online=False, name="runtime-for-jobs")
        yield both


@pytest.fixture
async def systems(outside: StandIns) -> StandIns:
    """Both outside systems, in working order."""
    await outside.reset()
    return outside


@pytest.fixture
async def at_home(temporal: WorkflowEnvironment, systems: StandIns) -> AsyncGenerator[House]:
    async with house(temporal, systems) as home:
        yield home


@pytest.fixture
def house_with(temporal: WorkflowEnvironment, systems: StandIns) -> HouseWith:
    """A house with a policy or with settings of its own."""
    return partial(house, temporal, systems)


@pytest.fixture
def service() -> str:
    """A service tag that no other test uses."""
    return f"svc-{uuid4().hex[:8]}"
