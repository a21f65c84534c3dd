"""Deploying on the stand-in really loads the model into a runtime."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.modelop_server import API, JsonObject, ModelOp, modelop

ENDPOINT = [{"endpointType": "REST"}]


@pytest.fixture
async def user(tmp_path: Path) -> AsyncGenerator[ModelOp]:
    async with modelop(tmp_path) as user:
        yield user


async def online_engine(user: ModelOp, **fields: Any) -> JsonObject:
    return await user.create("engines", {"name": "online", "inputEndpoints": ENDPOINT, **fields})


async def deploy(user: ModelOp, snapshot: JsonObject, engine: JsonObject) -> JsonObject:
    body = {
        "deployableModel": {"id": snapshot["id"]},
        "engine": {"id": engine["id"]},
        "deploymentType": "ONLINE",
    }
    return await user.create("deployedModels", {**body, "state": "DEPLOYED", "note": "kept"})


async def test_an_online_deployment_scores_records_by_the_models_code(user: ModelOp) -> None:
    engine = await online_engine(user)
    assert engine["state"] == "RUNNING"
    snapshot = await user.snapshot()
    deployed = await deploy(user, snapshot, engine)
    assert (deployed["state"], deployed["note"]) == ("DEPLOYED", "kept")
    assert deployed["deployableModel"] == {key: value for key, value in snapshot.items() if key != "_links"}
    await user.reached("engines", engine["id"], "state", "RUNNING")
    assert (await user.http.post("/runtimes/online/score", json={"x": 21})).json() == {"y": 42}
    refused = await user.http.post("/runtimes/online/score", json={"z": 21})
    assert (refused.status_code, refused.json()["message"]) == (400, "KeyError: 'x'")


async def test_a_runtime_is_in_state_init_while_it_starts(user: ModelOp) -> None:
    engine = await online_engine(user, sandbox={"startSeconds": 0.3})
    await deploy(user, await user.snapshot(), engine)
    assert (await user.read("engines", engine["id"]))["state"] == "INIT"
    assert (await user.http.post("/runtimes/online/score", json={"x": 1})).status_code == 503
    await user.reached("engines", engine["id"], "state", "RUNNING")


async def test_a_broken_model_takes_its_runtime_into_error(user: ModelOp) -> None:
    engine = await online_engine(user)
    broken = await user.snapshot("# modelop.init\ndef init():\n    raise ValueError('no weights')\n")
    deployed = await deploy(user, broken, engine)
    deployed = await user.reached("deployedModels", deployed["id"], "state", "ERROR")
    assert "no function announced by `# modelop.score`" in deployed["stateMessage"]
    assert (await user.read("engines", engine["id"]))["state"] == "ERROR"

    await user.patch("engines", engine["id"], {"state": "RUNNING"})
    source = "# modelop.init\ndef init():\n    raise ValueError('no weights')\n# modelop.score\ndef score(d): pass\n"
    deployed = await deploy(user, await user.snapshot(source), engine)
    deployed = await user.reached("deployedModels", deployed["id"], "state", "ERROR")
    assert deployed["stateMessage"].endswith("ValueError: no weights")


async def test_a_failing_runtime_works_again_once_it_is_repaired(user: ModelOp) -> None:
    engine = await online_engine(user, sandbox={"fails": "deploy"})
    snapshot = await user.snapshot()
    failed = await deploy(user, snapshot, engine)
    failed = await user.reached("deployedModels", failed["id"], "state", "ERROR")
    assert failed["stateMessage"] == "Runtime online could not start"
    await user.patch("engines", engine["id"], {"state": "RUNNING", "sandbox": {}})
    await deploy(user, snapshot, engine)
    await user.reached("engines", engine["id"], "state", "RUNNING")
    assert (await user.http.post("/runtimes/online/score", json={"x": 1})).json() == {"y": 2}


async def test_a_batch_deployment_is_ready_at_once_and_needs_no_runtime(user: ModelOp) -> None:
    snapshot = await user.snapshot()
    body = {"deployableModel": {"id": snapshot["id"]}, "engine": None, "deploymentType": "BATCH"}
    deployed = await user.create("deployedModels", body)
    assert (deployed["state"], deployed["engine"]) == ("DEPLOYED", None)


async def test_a_batch_deployment_carries_what_finds_the_newest_of_a_service(user: ModelOp) -> None:
    model = await user.create("storedModels", {"modelMetaData": {"name": "fraud"}})
    body: JsonObject = {"storedModel": {"id": model["id"]}, "metaData": {"tags": ["cc-fraud"]}}
    snapshot = await user.create("deployableModels", body)
    engine = await user.create("engines", {"name": "batch", "tags": ["cc-fraud", "PROD"]})
    # As the product asks for it: a copy of the snapshot without what it does not need, the time left to the service.
    copy = {"id": snapshot["id"], "storedModel": {"id": model["id"]}}
    for reference in (copy, {"id": snapshot["id"]}):
        wanted = {"deployableModel": reference, "engine": {"id": engine["id"]}, "deploymentType": "BATCH"}
        deployed = await user.create("deployedModels", {**wanted, "state": "DEPLOYED", "deployTime": None})
        (found,) = [entry for entry in await user.all("deployedModels") if entry["id"] == deployed["id"]]
        assert (found["deploymentType"], found["state"]) == ("BATCH", "DEPLOYED")
        assert found["deployableModel"]["metaData"]["tags"] == ["cc-fraud"]
        assert (found["engine"]["id"], found["engine"]["tags"]) == (engine["id"], ["cc-fraud", "PROD"])
        assert found["deployTime"].endswith("Z")
    assert (await user.read("engines", engine["id"]))["state"] == "RUNNING"


async def test_repeating_a_deployment_duplicates_it(user: ModelOp) -> None:
    engine, snapshot = await online_engine(user), await user.snapshot()
    await deploy(user, snapshot, engine)
    await deploy(user, snapshot, engine)
    assert len(await user.all("deployedModels")) == 2


async def test_an_undeployed_model_scores_no_more(user: ModelOp) -> None:
    engine = await online_engine(user)
    deployed = await deploy(user, await user.snapshot(), engine)
    await user.reached("engines", engine["id"], "state", "RUNNING")
    deployed = await user.patch("deployedModels", deployed["id"], {"state": "UNDEPLOYED"})
    assert deployed["undeployTime"].endswith("Z")
    answer = await user.http.post("/runtimes/online/score", json={"x": 1})
    assert (answer.status_code, answer.json()["message"]) == (404, "runtime online has no deployed model")


async def test_deployments_of_what_does_not_exist_are_refused(user: ModelOp) -> None:
    snapshot = await user.snapshot()
    reference = {"id": snapshot["id"]}
    for body, message in (
        (
            {"deploymentType": "ONLINE", "deployableModel": {"id": "none"}},
            "deployableModel.id none is unknown",
        ),
        ({"deploymentType": "ONLINE", "deployableModel": reference}, "an ONLINE deployment needs engine.id"),
        (
            {"deploymentType": "BATCH", "deployableModel": reference, "engine": {"id": "x"}},
            "engine.id x is unknown",
        ),
        (
            {"deployableModel": reference},
            "deploymentType is None, known are ONLINE, BATCH",
        ),
    ):
        answer = await user.http.post(f"{API}/deployedModels", json=body)
        assert (answer.status_code, answer.json()["message"]) == (400, message)


async def test_a_deployed_model_scores_after_a_restart(tmp_path: Path) -> None:
    async with modelop(tmp_path) as user:
        ready = await online_engine(user)
        await deploy(user, await user.snapshot(), ready)
        await user.reached("engines", ready["id"], "state", "RUNNING")
        slow = await online_engine(user, name="slow", sandbox={"startSeconds": 0.3})
        await deploy(user, await user.snapshot(), slow)
    async with modelop(tmp_path) as user:
        assert (await user.http.post("/runtimes/online/score", json={"x": 1})).json() == {"y": 2}
        await user.reached("engines", slow["id"], "state", "RUNNING")
        assert (await user.http.post("/runtimes/slow/score", json={"x": 2})).json() == {"y": 4}
