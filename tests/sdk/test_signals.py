"""Signals from Python: what each starts or wakes, and that a wrong one starts nothing."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType

from mlc.catalogue import BACK_TEST, BUILT_IN, Catalogue, ProcessDefinition
from mlc.dialect import Dialect
from mlc.errors import InvalidInput, NotFound
from mlc.ids import job_news_id
from mlc.policy import Policy
from mlc.processes import BackTestRequest, BatchJobRequest
from mlc.signals import MODEL_BACK_TEST, SIGNALS
from starter.client import MlcClient
from starter.starting import Started
from tests.house import House, HouseWith
from tests.stand_ins import Json


@pytest.fixture
async def snapshot(at_home: House, service: str) -> Json:
    await at_home.stand_ins.runtime(service)
    return await at_home.stand_ins.snapshot(service)


@pytest.mark.parametrize(
    ("signal", "process", "outcome"),
    [
        ("deployable_model_changed", "deploy", "deployed"),
        ("MODEL_BACK_TEST", "back-test", "passed"),
        ("Run_Back_Test_Jira", "back-test", "passed"),
        ("com.modelop.mlc.definitions.Signals_MODEL_BACK_TEST", "back-test", "passed"),
    ],
)
async def test_a_signal_starts_what_listens_to_it(
    at_home: House, snapshot: Json, signal: str, process: str, outcome: str
) -> None:
    variables = {"DEPLOYABLE_MODEL": snapshot} if process == "deploy" else {"MODEL_ID": snapshot["id"]}
    (started,) = await at_home.client.signal(signal, variables)
    assert (started.process, started.joined) == (process, False)
    record = await at_home.client.wait(started.workflow_id)
    assert (record.outcome, record.snapshot_id) == (outcome, snapshot["id"])


async def test_a_batch_job_is_started_by_its_signal(at_home: House, service: str) -> None:
    (started,) = await at_home.client.signal("DEPLOYED_BATCH_JOB", {"TAG": service}, request_id="r-1")
    assert started == Started(process="batch-job", workflow_id=f"mlc-batch-{service}-r-1", joined=False)
    assert (await at_home.client.wait(started.workflow_id)).outcome == "failed"


async def test_the_same_request_id_twice_starts_one_process(at_home: House, snapshot: Json) -> None:
    for _ in range(2):
        *_, last = await at_home.client.signal(
            "MODEL_BACK_TEST", {"MODEL_ID": snapshot["id"]}, request_id="r"
        )
    assert last.joined
    await at_home.client.wait(last.workflow_id)
    assert len(await at_home.stand_ins.jobs_of(snapshot["id"])) == 1


@pytest.mark.parametrize(
    ("signal", "variable"),
    [
        ("Run_Back_Test_ServiceNow", "MODEL_ID"),
        ("MODEL_DATA_DRIFT_TEST", "MODEL_ID"),
        ("model_changed", "STORED_MODEL"),
        ("model_created", "STORED_MODEL"),
        ("my.own.signal", "MODEL_ID"),
        ("never_heard_of", "MODEL_ID"),
    ],
)
async def test_a_signal_that_nobody_listens_to_is_taken_and_starts_nothing(
    at_home: House, signal: str, variable: str
) -> None:
    assert await at_home.client.signal(signal, {variable: "an-id"}) == ()


@pytest.mark.parametrize(
    ("signal", "variables", "complaint"),
    [
        ("deployable_model_changed", {}, "variable DEPLOYABLE_MODEL is missing"),
        ("deployable_model_changed", {"DEPLOYABLE_MODEL": {"name": "x"}}, "variable DEPLOYABLE_MODEL.id: "),
        ("MODEL_BACK_TEST", {"MODEL": "s"}, "variable MODEL is not known; there are MODEL_ID, INPUT_FILE, "),
        ("MODEL_BACK_TEST", {"MODEL_ID": 7}, "variable MODEL_ID: "),
        ("DEPLOYED_BATCH_JOB", {"TAG": "t", "INPUT_FILE": "x.csv"}, "variable INPUT_FILE.0: "),
        ("MODEL_DATA_DRIFT_TEST", {}, "variable MODEL_ID is missing"),
        ("model_created", {"STORED_MODEL": {}}, "variable STORED_MODEL.id: "),
        ("job_status_changed", {"JOB": {}}, "variable JOB.id: "),
    ],
)
async def test_a_wrong_variable_is_named_and_nothing_starts(
    at_home: House, signal: str, variables: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await at_home.client.signal(signal, variables)
    name, _, rest = str(refused.value).partition(": ")
    assert name in SIGNALS
    assert rest.startswith(complaint)


class PickyRequest(BatchJobRequest):
    """The request of somebody's own process that also listens to back-tests, and wants a TAG."""


PICKY = ProcessDefinition(
    name="picky", title="Picky", request=PickyRequest, workflow="nowhere:Picky", signals=(MODEL_BACK_TEST,)
)
SHADOW = ProcessDefinition(
    name="shadow",
    title="Shadow",
    request=BackTestRequest,
    workflow="nowhere:Shadow",
    signals=(MODEL_BACK_TEST,),
)


async def test_all_are_validated_before_any_is_started(at_home: House, snapshot: Json) -> None:
    client = client_with(at_home, BACK_TEST, PICKY)
    with pytest.raises(InvalidInput, match="variable MODEL_ID is not known; there are TAG"):
        await client.signal("MODEL_BACK_TEST", {"MODEL_ID": snapshot["id"]}, request_id="r")
    with pytest.raises(NotFound):
        await at_home.client.status(f"mlc-back-test-{snapshot['id']}-r")


async def test_a_broadcast_starts_every_process_that_listens_each_under_an_id_of_its_own(
    at_home: House, snapshot: Json
) -> None:
    client = client_with(at_home, *BUILT_IN, SHADOW)
    started = await client.signal("MODEL_BACK_TEST", {"MODEL_ID": snapshot["id"]})
    assert [one.process for one in started] == ["back-test", "shadow"]
    tested, shadow = (one.workflow_id for one in started)
    assert shadow == tested.replace("back-test", "shadow")
    await at_home.client.wait(tested)
    await at_home.handle(shadow).terminate("its code is nowhere")


async def a_process_that_waits_for_its_job(home: House, service: str) -> tuple[str, Json]:
    """A back-test whose job has ended, while the process would look again in an hour only."""
    await home.stand_ins.set_moc(jobDelaySeconds=1)
    await home.stand_ins.runtime(service)
    snapshot = await home.stand_ins.snapshot(service)
    process = await home.client.start_back_test(snapshot["id"])

    async def has_ended() -> bool:
        return any(job["jobStatus"] == "COMPLETE" for job in await home.stand_ins.jobs_of(snapshot["id"]))

    await home.until_true(has_ended)
    (job,) = await home.stand_ins.jobs_of(snapshot["id"])
    assert (await home.client.status(process)).outcome is None
    return process, job


@pytest.fixture
def rarely() -> Policy:
    """A process that would look for its job once an hour."""
    return Policy(poll=timedelta(hours=1), step_deadline=timedelta(seconds=20))


async def test_a_job_that_names_its_process_wakes_it(
    house_with: HouseWith, rarely: Policy, service: str
) -> None:
    async with house_with(rarely) as home:
        process, job = await a_process_that_waits_for_its_job(home, service)
        assert await home.client.signal("job_status_changed", {"JOB": job}) == ()
        assert (await home.until(process, "passed")).jobs[0].id == job["id"]


async def test_the_id_of_a_job_alone_is_enough(house_with: HouseWith, rarely: Policy, service: str) -> None:
    async with house_with(rarely) as home:
        process, job = await a_process_that_waits_for_its_job(home, service)
        assert await home.client.signal("job_status_changed", {"JOB": job["id"]}) == ()
        await home.handle(job_news_id(job["id"])).result()
        await home.until(process, "passed")


async def test_a_dialect_may_call_the_parameter_of_a_job_otherwise(
    house_with: HouseWith, rarely: Policy, service: str
) -> None:
    async with house_with(rarely) as home:
        process, job = await a_process_that_waits_for_its_job(home, service)
        elsewhere = {**job, "jobParameters": {"process": process}}
        client = MlcClient(
            home.temporal, home.settings.worker.task_queue, dialect=Dialect(process_parameter="process")
        )
        await client.signal("job_status_changed", {"JOB": elsewhere})
        await home.until(process, "passed")


@pytest.mark.parametrize("parameters", [{}, {"mlcProcess": f"mlc-deploy-{uuid4()}"}, {"mlcProcess": 7}])
async def test_a_job_that_nobody_waits_for_is_nothing(at_home: House, parameters: Json) -> None:
    job = {"id": f"job-{uuid4()}", "jobParameters": parameters}
    assert await at_home.client.signal("job_status_changed", {"JOB": job}) == ()
    with pytest.raises(NotFound):
        await at_home.client.status(job_news_id(job["id"]))


async def test_a_workflow_of_others_gets_no_news_whatever_a_job_claims(at_home: House, service: str) -> None:
    job_id = f"job-{service}"
    for foreign in (f"payroll-{service}", f"not-mlc-{service}"):
        handle = await at_home.temporal.start_workflow("payroll", id=foreign, task_queue=f"nobody-{service}")
        try:
            job = {"id": job_id, "jobParameters": {"mlcProcess": foreign}}
            assert await at_home.client.signal("job_status_changed", {"JOB": job}) == ()
            await at_home.client.job_changed(job_id, foreign)
            kinds = [event.event_type async for event in handle.fetch_history_events()]
            assert EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED not in kinds
        finally:
            await handle.terminate("the test is over")


async def test_the_same_job_told_twice_at_once_is_looked_at_once(at_home: House, service: str) -> None:
    client = MlcClient(at_home.temporal, f"nobody-{service}")  # so that it is still being looked at
    job = f"job-{service}"
    await asyncio.gather(*(client.signal("job_status_changed", {"JOB": job}) for _ in range(3)))
    first = (await at_home.handle(job_news_id(job)).describe()).run_id
    await client.signal("job_status_changed", {"JOB": job})
    assert (await at_home.handle(job_news_id(job)).describe()).run_id == first
    await at_home.handle(job_news_id(job)).terminate("the test is over")


def client_with(home: House, *processes: ProcessDefinition) -> MlcClient:
    return MlcClient(home.temporal, home.settings.worker.task_queue, catalogue=Catalogue(processes))
