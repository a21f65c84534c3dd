"""ModelOp Center's signals at the gateway: they start processes, or are refused at the door."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from mlc.errors import NotFound
from mlc.ids import deploy_workflow_id
from starter.gateway.app import gateway
from tests.house import House

CHANGED = "com.modelop.mlc.definitions.Signals_deployable_model_changed"


@pytest.fixture
async def door(at_home: House) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(gateway(at_home.client, at_home.settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        yield http


def signal(**model: Any) -> dict[str, Any]:
    return {"name": CHANGED, "variables": {"DEPLOYABLE_MODEL": {"value": model}}}


async def test_a_changed_snapshot_starts_its_deploy_process(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service)
    answer = await door.post("/mlc-service/rest/signal", json=signal(**snapshot))

    assert (answer.status_code, answer.content) == (204, b"")
    await at_home.until(deploy_workflow_id(snapshot["id"]), "deployed")


async def test_the_same_signal_again_joins_the_process_that_runs(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    snapshot = await at_home.stand_ins.snapshot("jira", service)
    process = deploy_workflow_id(snapshot["id"])
    for _ in range(3):
        await door.post("/mlc-service/rest/signal", json=signal(id=snapshot["id"]))
    await at_home.until(process, "review")
    await door.post("/mlc-service/rest/signal", json=signal(id=snapshot["id"]))
    assert len(await at_home.stand_ins.tickets_of(process)) == 1


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "DEPLOYABLE_MODEL is missing"),
        ({"DEPLOYABLE_MODEL": {"value": {}}}, "DEPLOYABLE_MODEL.id"),
        ({"DEPLOYABLE_MODEL": {"value": None}}, "DEPLOYABLE_MODEL"),
        ({"DEPLOYABLE_MODEL": {"value": {"id": 7}}}, "DEPLOYABLE_MODEL.id"),
        ({"DEPLOYABLE_MODEL": {"value": {"id": "two words"}}}, "DEPLOYABLE_MODEL.id"),
        ({"DEPLOYABLE_MODEL": "not typed"}, "DEPLOYABLE_MODEL is not an object with a value"),
    ],
    ids=["missing", "without id", "null", "id is a number", "id with a blank", "not typed"],
)
async def test_a_signal_whose_variable_does_not_validate_starts_nothing_and_gets_400_naming_it(
    at_home: House, door: httpx.AsyncClient, variables: dict[str, Any], named: str
) -> None:
    answer = await door.post("/mlc-service/rest/signal", json={"name": CHANGED, "variables": variables})
    assert (answer.status_code, answer.json()["type"]) == (400, "InvalidRequestException")
    assert named in answer.json()["message"]
    assert "\n" not in answer.json()["message"]
    for started in ("7", "two words", ""):
        with pytest.raises(NotFound):
            await at_home.client.status(deploy_workflow_id(started))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "the body is not JSON"),
        (b"[]", "the body is not a JSON object"),
        (b"{}", "No signal name given"),
        (b'{"name": "x", "variables": []}', None),
        (b'{"name": "x", "variables": [1]}', "variables is not a JSON object"),
    ],
)
async def test_a_body_that_is_no_signal_gets_a_400_that_says_why(
    door: httpx.AsyncClient, body: bytes, said: str | None
) -> None:
    answer = await door.post("/mlc-service/rest/signal", content=body)
    assert answer.status_code == (400 if said else 204)
    assert said is None or said in answer.json()["message"]


async def test_a_signal_that_nobody_listens_to_is_answered_with_204(door: httpx.AsyncClient) -> None:
    answer = await door.post("/mlc-service/rest/signal", json={"name": "somebody.elses", "variables": {}})
    assert answer.status_code == 204


async def test_the_gateway_is_healthy_while_temporal_answers(door: httpx.AsyncClient) -> None:
    answer = await door.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"temporal": True})
