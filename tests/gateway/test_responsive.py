"""`signalResponsive`: a signal that tells what it started, for callers who go on with the result."""

import asyncio
import base64
import time
from contextlib import suppress
from typing import Any

import httpx
import pytest

from mlc.errors import NotFound
from mlc.policy import Policy
from mlc.signals import DEPLOYED_BATCH_JOB, PREFIX
from starter.client import MlcClient
from tests.gateway import doors
from tests.gateway.camunda import assert_conforms, needs_camunda
from tests.gateway.doors import RESPONSIVE, bearer, token_of
from tests.house import House, HouseWith
from tests.stand_ins import Json, answers, free_port, program

# A model that takes this long for each record.
SLOW = """
# modelop.score
def score(datum):
    import time
    time.sleep(datum["seconds"])
    yield datum
"""


def batch_job(tag: str, seconds: float | None = None) -> Json:
    variables: Json = {"TAG": {"value": tag}}
    if seconds is not None:
        variables["INPUT_FILE"] = {
            "value": {
                "assetType": "FILE",
                "filename": "in.json",
                "fileFormat": "JSON",
                "fileContent": base64.b64encode(f'{{"seconds": {seconds}}}\n'.encode()).decode(),
            }
        }
    return {"name": DEPLOYED_BATCH_JOB, "variables": variables}


async def deployed_for_batch(home: House, service: str) -> Json:
    """A snapshot that is deployed for batch under the tag."""
    engine = await home.stand_ins.runtime(service, online=False)
    snapshot = await home.stand_ins.snapshot(service, code=SLOW)
    await home.stand_ins.batch_deployment(snapshot, engine)
    return snapshot


async def started(
    door: httpx.AsyncClient, body: Json, wait: str | None = None, request_id: str | None = None
) -> dict[str, Any]:
    """The one process that was started."""
    answer = await door.post(
        RESPONSIVE,
        json=body,
        params={} if wait is None else {"wait": wait},
        headers={"X-Request-Id": request_id} if request_id else {},
    )
    assert answer.status_code == 200, answer.text
    [process] = answer.json()["processInstances"]
    return process


async def test_a_process_that_ends_within_the_wait_comes_with_its_record(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    snapshot = await deployed_for_batch(at_home, service)
    process = await started(door, batch_job(service, seconds=0), wait="30")
    [job] = await at_home.stand_ins.jobs_of(snapshot["id"])
    record = await at_home.client.status(process["id"])
    assert process == {
        "id": record.workflow_id,
        "process": "batch-job",
        "jobId": job["id"],
        "state": "completed",
        "result": record.model_dump(mode="json"),
    }
    assert process["result"]["outcome"] == "scored"
    assert process["result"]["recordCount"] == 1


async def test_without_a_wait_the_answer_comes_at_once_and_names_the_job(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    snapshot = await deployed_for_batch(at_home, service)
    process = await started(door, batch_job(service, seconds=5))
    assert set(process) == {"id", "process", "jobId", "state"}
    assert process["state"] == "running"
    [job] = await at_home.stand_ins.jobs_of(snapshot["id"])
    assert process["jobId"] == job["id"]
    await at_home.client.cancel(process["id"])
    await at_home.until(process["id"], "cancelled")


async def test_a_process_that_takes_longer_than_the_wait_is_told_as_running(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    await deployed_for_batch(at_home, service)
    began = time.monotonic()
    process = await started(door, batch_job(service, seconds=30), wait="2.5")
    assert 2.5 <= time.monotonic() - began < 6
    assert (process["state"], process["jobId"] is not None, "result" in process) == ("running", True, False)
    await at_home.client.cancel(process["id"])
    await at_home.until(process["id"], "cancelled")


async def test_a_process_that_fails_is_told_with_its_reason_and_the_status_is_200(
    door: httpx.AsyncClient, service: str
) -> None:
    process = await started(door, batch_job(service), wait="30")
    assert (process["state"], process["jobId"]) == ("completed", None)
    assert process["result"]["outcome"] == "failed"
    assert f"no model is deployed for batch under the tag {service}" in process["result"]["reason"]


async def test_the_same_request_sent_again_answers_with_the_same_process(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    await deployed_for_batch(at_home, service)
    body = batch_job(service, seconds=0)
    first = await started(door, body, wait="30", request_id="r1")
    again = await started(door, body, request_id="r1")
    assert again == first
    assert first["id"] == f"mlc-batch-{service}-r1"


async def test_a_caller_who_goes_away_does_no_harm(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    await deployed_for_batch(at_home, service)
    body = batch_job(service, seconds=2)
    with suppress(httpx.ReadTimeout):
        await door.post(
            RESPONSIVE, json=body, params={"wait": 60}, headers={"X-Request-Id": "r1"}, timeout=1.0
        )
    await at_home.until(f"mlc-batch-{service}-r1", "scored")


async def test_a_gateway_that_is_asked_to_end_tells_those_who_wait_what_there_is(
    at_home: House, service: str
) -> None:
    both, port = at_home.stand_ins, free_port()
    await deployed_for_batch(at_home, service)
    _, token = await token_of(both, "mlc-signal-responsive")
    trusted = {f"MLC_GATEWAY__AUTH__{name.upper()}": value for name, value in doors.of_stand_in(both).items()}
    environment = {
        "MLC_GATEWAY__PORT": str(port),
        "MLC_WORKER__TASK_QUEUE": at_home.settings.worker.task_queue,
        "TEMPORAL_ADDRESS": at_home.temporal.service_client.config.target_host,
        **trusted,
    }
    address = f"http://127.0.0.1:{port}"
    async with (
        program("starter.gateway", env=environment) as gateway,
        httpx.AsyncClient(base_url=address, headers=bearer(token), trust_env=False, timeout=90) as http,
    ):
        await answers(f"{address}/health")
        body = batch_job(service, seconds=2)
        waiting = asyncio.create_task(started(http, body, wait="60", request_id="r1"))
        await at_home.until_true(lambda: is_known(at_home, f"mlc-batch-{service}-r1"))
        gateway.terminate()
        assert await asyncio.to_thread(gateway.wait, 5) == 0
        process = await waiting
        assert (process["id"], process["state"]) == (f"mlc-batch-{service}-r1", "running")
    await at_home.until(f"mlc-batch-{service}-r1", "scored")


async def is_known(home: House, process: str) -> bool:
    try:
        await home.client.status(process)
    except NotFound:
        return False
    return True


async def test_a_process_that_was_stopped_from_outside_has_ended_without_a_result(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    await deployed_for_batch(at_home, service)
    body = batch_job(service, seconds=30)
    process = await started(door, body, request_id="r1")
    waiting = asyncio.create_task(started(door, body, wait="30", request_id="r1"))
    await at_home.handle(process["id"]).terminate("on purpose")
    ended = {"id": process["id"], "process": "batch-job", "jobId": None, "state": "completed"}
    assert await waiting == ended
    assert await started(door, body, request_id="r1") == ended


async def test_while_no_worker_works_the_process_is_started_and_told_as_running(
    at_home: House, service: str
) -> None:
    nobody_works = MlcClient(at_home.temporal, "nobody-works-here")
    _, token = await token_of(at_home.stand_ins, "mlc-signal-responsive")
    async with doors.door(nobody_works, doors.of_stand_in(at_home.stand_ins), token) as door:
        began = time.monotonic()
        process = await started(door, batch_job(service), wait="0.5")
        assert time.monotonic() - began < 5
    assert process == {"id": process["id"], "process": "batch-job", "jobId": None, "state": "running"}
    await at_home.handle(process["id"]).terminate("the test is over")


async def test_a_signal_that_starts_nothing_answers_with_an_empty_list(door: httpx.AsyncClient) -> None:
    wakes = {"name": PREFIX + "job_status_changed", "variables": {"JOB": {"value": {"id": "none"}}}}
    for body in ({"name": "somebody.elses"}, wakes):
        answer = await door.post(RESPONSIVE, json=body)
        assert (answer.status_code, answer.json()) == (200, {"processInstances": []})


@pytest.mark.parametrize("wait", ["-1", "60.1", "soon", "", "nan", "inf"])
async def test_a_wait_that_is_none_is_refused_before_anything_starts(
    at_home: House, door: httpx.AsyncClient, service: str, wait: str
) -> None:
    answer = await door.post(
        RESPONSIVE, json=batch_job(service), params={"wait": wait}, headers={"X-Request-Id": "r1"}
    )
    assert (answer.status_code, answer.json()["type"]) == (400, "InvalidRequestException")
    assert answer.json()["message"].startswith(f"wait is '{wait}'")
    assert (await door.get(f"{doors.PROCESSES}/mlc-batch-{service}-r1")).status_code == 404


@needs_camunda
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"variables": {}}, 400),
        ({"name": DEPLOYED_BATCH_JOB, "variables": {"TAG": {"value": "a b"}}}, 400),
        ({"name": DEPLOYED_BATCH_JOB, "variables": {"TAG": {"value": 1, "type": "Date"}}}, 400),
        ({"name": "x", "executionId": "e1"}, 500),
    ],
)
async def test_it_refuses_as_signal_does(door: httpx.AsyncClient, body: Json, status: int) -> None:
    responsive, plain = await door.post(RESPONSIVE, json=body), await door.post(doors.SIGNAL, json=body)
    assert responsive.status_code == plain.status_code == status
    assert responsive.json() == plain.json()
    assert_conforms("ExceptionDto", responsive.json())


async def test_a_deploy_that_waits_for_a_person_is_running_and_has_no_job(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(Policy()) as home:
        _, token = await token_of(home.stand_ins, "mlc-signal-responsive")
        await home.stand_ins.runtime(service, online=False)
        snapshot = await home.stand_ins.snapshot("jira", service)
        body = {
            "name": PREFIX + "deployable_model_changed",
            "variables": {"DEPLOYABLE_MODEL": {"value": snapshot}},
        }
        async with doors.door(home.client, doors.of_stand_in(home.stand_ins), token) as door:
            began = time.monotonic()
            process = await started(door, body)
            assert time.monotonic() - began < 4
        assert (process["process"], process["state"], process["jobId"]) == ("deploy", "running", None)
        await home.decide(process["id"], "reject")
        await home.until(process["id"], "rejected")
