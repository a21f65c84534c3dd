"""Each signal of the catalogue on the real server: what subscribes to it starts, with what the signal told."""

import inspect
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from mlc.catalogue import BUILT_IN, Catalogue
from mlc.ids import job_news_id
from mlc.processes import BackTestRequest, BatchJobRequest, DeployRequest, ProcessRequest
from mlc.signals import (
    DEPLOYABLE_MODEL_CHANGED,
    DEPLOYED_BATCH_JOB,
    JOB_STATUS_CHANGED,
    MODEL_BACK_TEST,
    MODEL_CHANGED,
    MODEL_CREATED,
    MODEL_DATA_DRIFT_TEST,
    PREFIX,
    RUN_BACK_TEST_JIRA,
    RUN_BACK_TEST_SERVICE_NOW,
    SIGNALS,
    ChangedJob,
    StoredModelVariables,
)
from mlc.variables import Variables
from starter.client import MlcClient
from starter.files import external_file
from starter.signals import Signals, plain_variables
from starter.starting import Started
from tests.house import settings_for
from tests.sdk.listeners import LISTENERS, ModelRequest
from tests.stand_ins import StandIns
from worker.hosting import hosting

OUTPUT = external_file("file:///tmp/out.json")


@dataclass(frozen=True)
class Effect:
    """What a signal carries, plain and as a model, and the process that it starts with which request."""

    plain: dict[str, Any]
    typed: Variables
    process: str
    request: ProcessRequest


def deploy(key: str) -> Effect:
    request = DeployRequest(snapshot_id=key)
    return Effect({"DEPLOYABLE_MODEL": {"id": key, "name": "a model"}}, request, "deploy", request)


def back_test(key: str, process: str) -> Effect:
    request = BackTestRequest(snapshot_id=key, output_files=(OUTPUT,))
    plain = {"MODEL_ID": key, "OUTPUT_FILE": OUTPUT.model_dump(mode="json")}
    return Effect(plain, request, process, request)


def batch_job(key: str) -> Effect:
    request = BatchJobRequest(tag=key, model_stage="PROD")
    return Effect({"TAG": key, "MODEL_STAGE": "PROD"}, request, "batch-job", request)


def model(key: str) -> Effect:
    typed = StoredModelVariables(model_id=key)
    return Effect(
        {"STORED_MODEL": {"id": key, "more": 1}, "USER": "ann"},
        typed,
        "hear-of-model",
        ModelRequest(model_id=key),
    )


EFFECTS: dict[str, Callable[[str], Effect]] = {
    DEPLOYABLE_MODEL_CHANGED: deploy,
    MODEL_BACK_TEST: lambda key: back_test(key, "back-test"),
    RUN_BACK_TEST_JIRA: lambda key: back_test(key, "back-test"),
    RUN_BACK_TEST_SERVICE_NOW: lambda key: back_test(key, "hear-of-test"),
    DEPLOYED_BATCH_JOB: batch_job,
    MODEL_DATA_DRIFT_TEST: lambda key: back_test(key, "hear-of-test"),
    MODEL_CHANGED: model,
    MODEL_CREATED: model,
}


@pytest.fixture
async def client(temporal: WorkflowEnvironment, systems: StandIns) -> AsyncGenerator[MlcClient]:
    """Beside a worker that hosts the listeners too."""
    settings = settings_for(systems, f"mlc-signals-{uuid4().hex[:8]}")
    catalogue = Catalogue((*BUILT_IN, *LISTENERS))
    async with hosting(temporal.client, settings, catalogue=catalogue):
        yield MlcClient(temporal.client, settings.worker.task_queue, catalogue=catalogue)


@pytest.mark.parametrize("signal", sorted(set(SIGNALS) - {JOB_STATUS_CHANGED}))
async def test_a_signal_starts_its_process_with_what_it_told(
    client: MlcClient, service: str, signal: str
) -> None:
    effect = EFFECTS[signal](service)
    (started,) = await client.signal(signal, effect.plain, request_id="r")
    assert (started.process, started.joined) == (effect.process, False)
    try:
        assert await request_of(client, started.workflow_id, type(effect.request)) == effect.request
        (again,) = await method_of(client, signal)(effect.typed, request_id="r")
        assert again == started.model_copy(update={"joined": True}), "a model says the same as a mapping"
        if effect.process in {listener.name for listener in LISTENERS}:
            heard = await client.temporal.get_workflow_handle(started.workflow_id).result()
            assert type(effect.request).model_validate(heard) == effect.request
        else:
            assert (await client.status(started.workflow_id)).process == effect.process
    finally:
        await end(client, started.workflow_id)


async def test_news_of_a_job_are_looked_into(client: MlcClient, service: str) -> None:
    job = f"job-{service}"
    assert await client.signals.job_status_changed(ChangedJob(job_id=job)) == ()
    assert await client.temporal.get_workflow_handle(job_news_id(job)).result() is None


def test_every_signal_of_the_catalogue_has_its_method_and_no_method_is_of_another() -> None:
    methods = {
        name for name, _ in inspect.getmembers(Signals, inspect.isfunction) if not name.startswith("_")
    }
    assert methods == {method_name(signal) for signal in SIGNALS}
    for signal, known in SIGNALS.items():
        taken = inspect.signature(getattr(Signals, method_name(signal))).parameters["variables"]
        assert taken.annotation is known.variables


def test_what_a_model_was_not_given_is_not_sent() -> None:
    """It would be refused by a process that does not know the variable."""
    assert plain_variables(BackTestRequest(snapshot_id="s")) == {"MODEL_ID": "s"}


def method_name(signal: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", signal.removeprefix(PREFIX)).lower()


def method_of(client: MlcClient, signal: str) -> Callable[..., Awaitable[tuple[Started, ...]]]:
    return getattr(client.signals, method_name(signal))


async def request_of(client: MlcClient, workflow_id: str, kind: type[ProcessRequest]) -> ProcessRequest:
    """The argument that a process was started with, as it stands in its history."""
    history = await client.temporal.get_workflow_handle(workflow_id).fetch_history()
    given = history.events[0].workflow_execution_started_event_attributes.input.payloads
    (request,) = await client.temporal.data_converter.decode(given, [kind])
    return request


async def end(client: MlcClient, workflow_id: str) -> None:
    with suppress(RPCError):  # it may have ended
        await client.temporal.get_workflow_handle(workflow_id).terminate("the test is over")
