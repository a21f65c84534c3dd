"""Signals at the gateway: they start and wake processes, or are refused at the door."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from mlc.errors import NotFound
from mlc.ids import deploy_workflow_id
from mlc.policy import Policy
from mlc.signals import DEPLOYED_BATCH_JOB, MODEL_BACK_TEST, PREFIX
from starter.client import MlcClient
from tests.gateway import doors
from tests.gateway.camunda import answers_of, assert_conforms, needs_camunda
from tests.gateway.doors import SIGNAL, token_of
from tests.house import House, HouseWith
from tests.stand_ins import StandIns
from workflows.temporal import mlc_plugin

CHANGED = PREFIX + "deployable_model_changed"
JOB_CHANGED = PREFIX + "job_status_changed"
INVALID = "InvalidRequestException"


def changed(**model: Any) -> dict[str, Any]:
    return {"name": CHANGED, "variables": {"DEPLOYABLE_MODEL": {"value": model}}}


def batch_job(tag: str, **more: Any) -> dict[str, Any]:
    return {"name": DEPLOYED_BATCH_JOB, "variables": {"TAG": {"value": tag}}, **more}


async def test_a_changed_snapshot_starts_its_deploy_process(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service)
    answer = await door.post(SIGNAL, json=changed(**snapshot))

    assert (answer.status_code, answer.content) == (204, b"")
    await at_home.until(deploy_workflow_id(snapshot["id"]), "deployed")


async def test_the_same_signal_again_joins_the_process_that_runs(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    snapshot = await at_home.stand_ins.snapshot("jira", service)
    process = deploy_workflow_id(snapshot["id"])
    for _ in range(3):
        await door.post(SIGNAL, json=changed(id=snapshot["id"]))
    await at_home.until(process, "review")
    await door.post(SIGNAL, json=changed(id=snapshot["id"]))
    assert len(await at_home.stand_ins.tickets_of(process)) == 1
    await at_home.decide(process, "reject")


async def test_a_back_test_starts_with_an_untyped_object_as_its_variable(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service)
    address = at_home.stand_ins.outside_file(f"{service}.json")
    output = {"assetType": "EXTERNAL_FILE", "fileUrl": address, "filename": "out.json", "fileFormat": "JSON"}
    variables = {"MODEL_ID": {"value": snapshot["id"]}, "OUTPUT_FILE": {"value": output}}
    answer = await door.post(
        SIGNAL, json={"name": MODEL_BACK_TEST, "variables": variables}, headers={"X-Request-Id": service}
    )

    assert answer.status_code == 204
    record = await at_home.until(f"mlc-back-test-{snapshot['id']}-{service}", "passed")
    assert record.outputs == (address,)


async def test_the_same_request_id_twice_starts_one_process(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    process = f"mlc-batch-{service}-r1"
    for _ in range(2):
        answer = await door.post(SIGNAL, json=batch_job(service), headers={"X-Request-Id": "r1"})
        assert answer.status_code == 204
    first = await at_home.until(process, "failed")

    await door.post(SIGNAL, json=batch_job(service), headers={"X-Request-Id": "r1"})
    assert (await at_home.client.status(process)).run_id == first.run_id
    await door.post(SIGNAL, json=batch_job(service), headers={"X-Request-Id": "r2"})
    await at_home.until(f"mlc-batch-{service}-r2", "failed")


async def test_a_request_id_with_other_variables_gets_409_and_starts_nothing(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    statuses: list[int] = []
    for body in (batch_job(f"{service}-a"), batch_job(service), batch_job(f"{service}-a")):
        request_id = "r" if body["variables"]["TAG"]["value"].endswith("-a") else "a-r"
        answer = await door.post(SIGNAL, json=body, headers={"X-Request-Id": request_id})
        statuses.append(answer.status_code)
        if answer.status_code != 204:
            assert answer.json()["type"] == "Conflict"
            assert f"mlc-batch-{service}-a-r" in answer.json()["message"]
    assert statuses == [204, 409, 204]
    await at_home.until(f"mlc-batch-{service}-a-r", "failed")


@pytest.mark.parametrize("request_id", ["", "two words", "x" * 201])
async def test_a_request_id_that_cannot_be_one_is_refused(
    door: httpx.AsyncClient, service: str, request_id: str
) -> None:
    answer = await door.post(SIGNAL, json=batch_job(service), headers={"X-Request-Id": request_id})
    assert (answer.status_code, answer.json()["type"]) == (400, INVALID)
    assert "request id" in answer.json()["message"]


async def test_a_changed_job_wakes_the_process_that_waits_for_it(house_with: HouseWith, service: str) -> None:
    async with house_with(Policy(poll=timedelta(hours=1))) as home:
        _, token = await token_of(home.stand_ins, "mlc-signal")
        await home.stand_ins.runtime(service, online=False)
        await home.stand_ins.set_moc(jobDelaySeconds=1)
        snapshot = await home.stand_ins.snapshot("run_test", service, table=None)
        process = await home.deploy(snapshot)

        async def job_is_over() -> bool:
            return [job["jobStatus"] for job in await home.stand_ins.jobs_of(snapshot["id"])] == ["COMPLETE"]

        await home.until_true(job_is_over)
        [job] = await home.stand_ins.jobs_of(snapshot["id"])
        assert (await home.client.status(process)).outcome is None
        async with doors.door(home.client, doors.of_stand_in(home.stand_ins), token) as door:
            began = time.monotonic()
            body = {"name": JOB_CHANGED, "variables": {"JOB": {"value": job}}}
            answer = await door.post(SIGNAL, json=body)
            assert (answer.status_code, answer.content) == (204, b"")
            assert time.monotonic() - began < 2
            await home.until(process, "deployed", within=10)


async def test_a_signal_that_nobody_listens_to_is_answered_with_204(door: httpx.AsyncClient) -> None:
    for body in ({"name": "somebody.elses", "variables": {}}, {"name": "x", "variables": None, "more": 1}):
        assert (await door.post(SIGNAL, json=body)).status_code == 204


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "DEPLOYABLE_MODEL is missing"),
        ({"DEPLOYABLE_MODEL": {"value": {}}}, "DEPLOYABLE_MODEL.id"),
        ({"DEPLOYABLE_MODEL": {"value": None}}, "DEPLOYABLE_MODEL"),
        ({"DEPLOYABLE_MODEL": {"value": {"id": 7}}}, "DEPLOYABLE_MODEL.id"),
        ({"DEPLOYABLE_MODEL": {"value": {"id": "two words"}}}, "DEPLOYABLE_MODEL.id"),
        ({"DEPLOYABLE_MODEL": {"value": {"id": "\ud800"}}}, "DEPLOYABLE_MODEL.id"),
        ({"DEPLOYABLE_MODEL": "not typed"}, "DEPLOYABLE_MODEL is not an object with a value"),
        ({"DEPLOYABLE_MODEL": {"value": "a", "type": "Strin"}}, "Unsupported value type 'Strin'"),
        ({"DEPLOYABLE_MODEL": {"value": "a", "type": "Integer"}}, "DEPLOYABLE_MODEL: 'a' is not a value of"),
        ({"DEPLOYABLE_MODEL": {"value": {"id": "fine"}}, "\ud800": 7}, "is not an object with a value"),
    ],
)
async def test_a_signal_whose_variable_does_not_validate_starts_nothing_and_gets_400_naming_it(
    at_home: House, door: httpx.AsyncClient, variables: dict[str, Any], named: str
) -> None:
    answer = await door.post(SIGNAL, content=json.dumps({"name": CHANGED, "variables": variables}))
    assert (answer.status_code, answer.json()["type"]) == (400, INVALID)
    assert named in answer.json()["message"]
    assert "\n" not in answer.json()["message"]
    for started in ("7", "two words", "a", "fine"):
        with pytest.raises(NotFound):
            await at_home.client.status(deploy_workflow_id(started))


async def test_a_variable_that_the_signal_does_not_have_is_refused(
    door: httpx.AsyncClient, service: str
) -> None:
    body = batch_job(service)
    body["variables"]["MODEL_STAG"] = {"value": "PROD"}
    answer = await door.post(SIGNAL, json=body)
    assert answer.status_code == 400
    assert "MODEL_STAG is not known" in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is not JSON"),
        (b"{", "the body is not JSON"),
        (b"\xff", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b'{"name": NaN}', "the body is not JSON: NaN"),
        (b"[]", "the body is not a JSON object"),
        (b"{}", "No signal name given"),
        (b'{"name": null}', "No signal name given"),
        (b'{"name": ""}', "No signal name given"),
        (b'{"name": 7}', "name: "),
        (b'{"name": "x", "variables": [1]}', "variables: "),
        (b'{"name": "x", "executionId": 7}', "executionId: "),
        (b'{"name": "x", "withoutTenantId": 7}', "withoutTenantId: "),
    ],
)
async def test_a_body_that_is_no_signal_gets_a_400_that_says_why(
    door: httpx.AsyncClient, body: bytes, said: str
) -> None:
    answer = await door.post(SIGNAL, content=body)
    assert (answer.status_code, answer.json()["type"]) == (400, INVALID)
    assert answer.json()["message"].startswith(said)


async def test_json_is_taken_under_its_own_name_alone(door: httpx.AsyncClient) -> None:
    for media_type, status in (
        ("application/json; charset=utf-8", 204),
        ("application/hal+json", 204),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
    ):
        answer = await door.post(SIGNAL, content=b'{"name": "x"}', headers={"Content-Type": media_type})
        assert answer.status_code == status
        assert status == 204 or "Content-Type: application/json" in answer.json()["message"]


async def test_a_body_that_is_too_large_is_refused_however_it_is_sent(
    door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("starter.gateway.bodies.LARGEST_BODY", 1000)

    async def in_parts():
        for _ in range(3):
            yield b" " * 400

    for content in (b" " * 1001, in_parts()):
        answer = await door.post(SIGNAL, content=content)
        assert answer.status_code == 413
        assert answer.json()["message"] == "the body is larger than 1000 bytes"


async def test_an_execution_that_is_named_has_not_subscribed(door: httpx.AsyncClient, service: str) -> None:
    answer = await door.post(SIGNAL, json=batch_job(service, executionId="e1"))
    assert (answer.status_code, answer.json()["type"]) == (500, "RestException")
    assert "'e1' has not subscribed" in answer.json()["message"]
    for tenant in ({"tenantId": "a"}, {"withoutTenantId": True}):
        answer = await door.post(SIGNAL, json=batch_job(service, executionId="e1", **tenant))
        assert (answer.status_code, answer.json()["type"]) == (400, INVALID)


async def test_processes_belong_to_no_tenant(at_home: House, door: httpx.AsyncClient, service: str) -> None:
    """So a signal to a tenant reaches none, and one to those without a tenant reaches all."""
    for request_id, tenant in (("to-a", {"tenantId": "a"}), ("to-none", {"withoutTenantId": True})):
        answer = await door.post(
            SIGNAL, json=batch_job(service, **tenant), headers={"X-Request-Id": request_id}
        )
        assert answer.status_code == 204
    await at_home.until(f"mlc-batch-{service}-to-none", "failed")
    with pytest.raises(NotFound):
        await at_home.client.status(f"mlc-batch-{service}-to-a")


@asynccontextmanager
async def relay(address: str) -> AsyncGenerator[str]:
    """A way to a server, cut when the context is left."""
    cut = asyncio.Event()

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                target.write(data)
        target.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = address.rsplit(":", 1)
        there, back = await asyncio.open_connection(host, int(port))
        pumps = [asyncio.create_task(pump(reader, back)), asyncio.create_task(pump(there, writer))]
        await cut.wait()
        for task, end in zip(pumps, (back, writer), strict=True):
            task.cancel()
            end.close()

    async with await asyncio.start_server(connect, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"
        cut.set()


async def test_while_temporal_is_down_the_answer_is_503_and_says_so(
    temporal: WorkflowEnvironment, outside: StandIns, service: str
) -> None:
    _, token = await token_of(outside, "mlc-admin")
    async with relay(temporal.client.service_client.config.target_host) as address:
        client = MlcClient(await Client.connect(address, plugins=[mlc_plugin()]))
    async with doors.door(client, doors.of_stand_in(outside), token) as door:
        answers = await asyncio.gather(
            door.post(SIGNAL, json=batch_job(service)),
            door.post(doors.RESPONSIVE, json=batch_job(service)),
            door.get(doors.PROCESSES),
            door.get(f"{doors.PROCESSES}/{service}"),
        )
        for answer in answers:
            assert (answer.status_code, answer.json()["type"]) == (503, "RestException")
            assert answer.json()["message"].startswith("Temporal")
        assert (await door.get("/health")).status_code == 503


async def test_the_gateway_is_healthy_while_temporal_answers(door: httpx.AsyncClient) -> None:
    answer = await door.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"temporal": True})


@needs_camunda
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 204),
        ({"variables": {"TAG": {"value": "x", "type": "String", "valueInfo": {}}}}, 204),
        ({"withoutTenantId": True, "executionId": None, "tenantId": None}, 204),
        ({"name": None}, 400),
        ({"variables": {"TAG": {"value": "x", "type": "Integer"}}}, 400),
        ({"variables": {}}, 400),
        ({"executionId": "e1"}, 500),
    ],
)
async def test_signal_answers_as_camundas_document_says(
    door: httpx.AsyncClient, change: dict[str, Any], status: int
) -> None:
    body = batch_job(f"nobody-{uuid4().hex[:8]}") | change
    assert_conforms("SignalDto", {name: value for name, value in body.items() if name != "name" or value})
    answer = await door.post(SIGNAL, json=body)
    assert answer.status_code == status
    schema = answers_of("post", "/signal")[status]
    if schema is None:
        assert answer.content == b""
    else:
        assert_conforms(schema, answer.json())
