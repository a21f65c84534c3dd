"""A process as `mlc new-process` writes it, and a worker that hosts it beside those of the product."""

import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from mlc.catalogue import BUILT_IN, Catalogue, ProcessDefinition
from mlc.record import ProcessRecord
from starter.client import MlcClient
from starter.new_process.writing import write_process
from tests.house import settings_for
from tests.stand_ins import Json, StandIns
from worker.hosting import hosting

NAME = "night-watch"


@dataclass(frozen=True)
class Home:
    """A worker with a process of somebody's own."""

    client: MlcClient
    definition: ProcessDefinition
    stand_ins: StandIns

    async def ended(self, snapshot: Json) -> ProcessRecord:
        request = self.definition.request.from_variables({"MODEL_ID": snapshot["id"]}, "test")
        started = await self.client.start(self.definition.name, request)
        return await self.client.wait(started.workflow_id)


Hosted = Callable[..., AbstractAsyncContextManager[Home]]


@pytest.fixture(scope="session")
def night_watch(tmp_path_factory: pytest.TempPathFactory) -> ProcessDefinition:
    """The definition of a written process, whose package can be imported."""
    folder = write_process(NAME, tmp_path_factory.mktemp("own"))
    sys.path.append(str(folder))
    definition = import_module("night_watch.definition").PROCESS
    assert isinstance(definition, ProcessDefinition)
    return definition


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Writes a module of this test alone; answers its name."""
    monkeypatch.syspath_prepend(tmp_path)

    def written(text: str) -> str:
        name = f"own_{uuid4().hex[:8]}"
        (tmp_path / f"{name}.py").write_text(text)
        return name

    return written


@pytest.fixture
def hosted(temporal: WorkflowEnvironment, systems: StandIns) -> Hosted:
    """Hosts processes beside the product's own, on a queue of its own."""

    @asynccontextmanager
    async def home(*definitions: ProcessDefinition, client: Client | None = None) -> AsyncGenerator[Home]:
        settings = settings_for(systems, f"mlc-own-{uuid4().hex[:8]}")
        catalogue, connected = Catalogue((*BUILT_IN, *definitions)), client or temporal.client
        async with hosting(connected, settings, catalogue=catalogue):
            queue = settings.worker.task_queue
            yield Home(MlcClient(connected, queue, catalogue=catalogue), definitions[0], systems)

    return home
