"""The stand-in keeps ModelOp Center's books behind its REST interface."""

import base64
import hashlib
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from tests.sandbox.modelop_server import API, ModelOp, file_asset, modelop


@pytest.fixture(scope="module")
async def user(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[ModelOp]:
    async with modelop(tmp_path_factory.mktemp("modelop")) as user:
        yield user


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["message"]


async def test_a_wrong_password_gets_no_token(user: ModelOp) -> None:
    answer = await user.http.post("/gocli/token", data={"username": "mlc-service", "password": "wrong"})
    assert refusal(answer) == (401, "wrong username or password")


async def test_without_a_valid_token_nothing_is_served(user: ModelOp) -> None:
    for path in (f"{API}/jobs", f"{API}/jobs/1", f"{API}/nothing"):
        answer = await user.http.get(path, headers={"Authorization": "Bearer made-up"})
        assert refusal(answer) == (401, "a valid bearer token is needed")


async def test_a_token_ends_with_its_time(user: ModelOp) -> None:
    await user.http.patch("/sandbox/settings", json={"tokenSeconds": 0})
    answer = await user.http.post("/gocli/token", data={"username": "mlc-service", "password": "a-password"})
    await user.http.patch("/sandbox/settings", json={"tokenSeconds": 3600})
    assert answer.json()["expires_in"] == 0
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await user.http.get(f"{API}/jobs", headers=headers)).status_code == 401


async def test_an_entity_carries_who_made_it_and_who_changed_it(user: ModelOp) -> None:
    await user.http.post("/sandbox/accounts", json={"username": "ann", "password": "anns"})
    note = await user.create("notifications", {"message": "m", "id": "mine", "createdBy": "somebody else"})
    assert note["id"] != "mine"
    assert (note["version"], note["createdBy"]) == (0, "mlc-service")
    assert note["createdDate"].endswith("Z")
    await user.log_in(username="ann", password="anns")
    changed = await user.patch("notifications", note["id"], {"open": False})
    await user.log_in()
    assert (changed["version"], changed["createdBy"], changed["lastModifiedBy"]) == (1, "mlc-service", "ann")
    assert changed["message"] == "m"


async def test_a_change_made_for_an_older_version_is_a_conflict(user: ModelOp) -> None:
    note = await user.create("notifications", {"open": True})
    await user.patch("notifications", note["id"], {"open": False, "version": 0})
    for method in ("PATCH", "PUT"):
        answer = await user.http.request(method, f"{API}/notifications/{note['id']}", json={"version": 0})
        assert answer.status_code == 409
        assert "has version 1" in answer.json()["message"]


async def test_a_patch_replaces_nested_objects_and_a_put_replaces_everything(user: ModelOp) -> None:
    note = await user.create("notifications", {"assignment": {"a": 1, "b": 2}, "message": "m"})
    patched = await user.patch("notifications", note["id"], {"assignment": {"a": 3}})
    assert (patched["assignment"], patched["message"]) == ({"a": 3}, "m")
    put = (await user.http.put(f"{API}/notifications/{note['id']}", json={"open": True})).json()
    assert put["open"] is True
    assert "message" not in put
    assert (put["createdDate"], put["version"]) == (note["createdDate"], 2)


async def test_a_deleted_entity_is_gone(user: ModelOp) -> None:
    note = await user.create("notifications", {})
    assert (await user.http.delete(f"{API}/notifications/{note['id']}")).status_code == 204
    assert (await user.http.get(f"{API}/notifications/{note['id']}")).status_code == 404


async def test_collections_are_read_page_by_page(user: ModelOp) -> None:
    for number in range(5):
        await user.create("auditRecords", {"number": number})
    page = (await user.http.get(f"{API}/auditRecords?page=1&size=2")).json()
    assert page["page"] == {"size": 2, "totalElements": 5, "totalPages": 3, "number": 1}
    assert [entity["number"] for entity in page["_embedded"]["auditRecords"]] == [2, 3]
    assert page["_links"]["self"]["href"].endswith("page=1&size=2")
    for sort, first in (("createdDate,desc", 4), ("createdDate,asc", 0), ("number,desc", 4)):
        page = (await user.http.get(f"{API}/auditRecords", params={"sort": sort})).json()
        assert page["_embedded"]["auditRecords"][0]["number"] == first


@pytest.mark.parametrize("query", ["page=-1", "page=x", "size=0", "sort=a'b,asc", "sort=createdDate,up"])
async def test_a_wrong_page_request_is_refused_in_one_line(user: ModelOp, query: str) -> None:
    answer = await user.http.get(f"{API}/jobs?{query}")
    assert answer.status_code == 400
    assert "\n" not in answer.json()["message"]


async def test_a_page_has_a_thousand_entities_at_most(user: ModelOp) -> None:
    assert (await user.http.get(f"{API}/jobs?size=5000")).json()["page"]["size"] == 1000


async def test_unknown_collections_and_entities_are_not_found(user: ModelOp) -> None:
    assert refusal(await user.http.get(f"{API}/models"))[0] == 404
    assert refusal(await user.http.post(f"{API}/models", json={}))[0] == 404
    assert refusal(await user.http.patch(f"{API}/jobs/none", json={}))[0] == 404
    assert refusal(await user.http.get("/model-manage/elsewhere"))[0] == 404


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"a": NaN}', b"\xff"])
async def test_a_body_that_is_no_json_object_is_refused(user: ModelOp, body: bytes) -> None:
    answer = await user.http.post(f"{API}/notifications", content=body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("the body is no JSON")


async def test_embedded_assets_get_their_sha_256(user: ModelOp) -> None:
    snapshot = await user.snapshot("x = 1\n")
    (code,) = snapshot["storedModel"]["modelAssets"]
    assert code["contentHash"] == {"hashType": "SHA-256", "hexString": hashlib.sha256(b"x = 1\n").hexdigest()}
    model = await user.create("storedModels", {"modelAssets": [file_asset("data"), {"assetType": "SQL"}]})
    assert model["modelAssets"][0]["contentHash"]["hexString"] == hashlib.sha256(b"data").hexdigest()
    assert "contentHash" not in model["modelAssets"][1]


async def test_an_asset_with_broken_base64_is_refused_by_name(user: ModelOp) -> None:
    asset = {**file_asset("", name="weights.json"), "fileContent": "%%%"}
    answer = await user.http.post(f"{API}/storedModels", json={"modelAssets": [asset]})
    assert answer.status_code == 400
    assert "weights.json" in answer.json()["message"]


async def test_a_snapshot_is_a_full_copy_that_stays_as_it_was(user: ModelOp) -> None:
    model = await user.create("storedModels", {"modelMetaData": {"name": "fraud"}})
    meta_data = {"tags": ["run_test", "cc-fraud"], "modelStage": "PROD"}
    snapshot = await user.create(
        "deployableModels", {"storedModel": {"id": model["id"]}, "metaData": meta_data}
    )
    await user.patch("storedModels", model["id"], {"modelMetaData": {"name": "renamed"}})
    snapshot = await user.read("deployableModels", snapshot["id"])
    assert snapshot["storedModel"]["modelMetaData"]["name"] == "fraud"
    assert snapshot["metaData"] == {**meta_data, "name": "fraud v1", "custom": {}}
    answer = await user.http.patch(f"{API}/deployableModels/{snapshot['id']}", json={"storedModel": {}})
    assert answer.status_code == 400


async def test_a_snapshot_of_an_unknown_model_is_refused(user: ModelOp) -> None:
    answer = await user.http.post(f"{API}/deployableModels", json={"storedModel": {"id": "none"}})
    assert refusal(answer) == (400, "storedModel.id none is unknown")


async def test_lineage_is_found_by_model_and_groups(user: ModelOp) -> None:
    for model, group in (("m1", "a"), ("m1", "b"), ("m1", "c"), ("m2", "a")):
        await user.create("modelMLCs", {"storedModelId": model, "group": group})
    path = f"{API}/modelMLCs/search/findAllByStoredModelIdAndGroupIn"
    found = (await user.http.get(path, params={"storedModelId": "m1", "group": "a,c"})).json()
    assert [entity["group"] for entity in found["_embedded"]["modelMLCs"]] == ["a", "c"]
    assert (await user.http.get(path)).status_code == 400
    assert (await user.http.get(f"{API}/modelMLCs/search/findAll")).status_code == 404


async def test_requests_are_counted_by_method_and_collection(user: ModelOp) -> None:
    before = (await user.http.get("/sandbox/requests")).json()
    await user.create("modelTestResults", {"testResults": {}})
    after = (await user.http.get("/sandbox/requests")).json()
    assert after["POST modelTestResults"] == before.get("POST modelTestResults", 0) + 1


async def test_the_books_outlive_the_process(tmp_path: Path) -> None:
    async with modelop(tmp_path) as user:
        await user.http.post("/sandbox/accounts", json={"username": "ann", "password": "anns"})
        model = await user.create("storedModels", {"modelAssets": [file_asset("data")]})
        authorization = user.http.headers["Authorization"]
    async with modelop(tmp_path) as user:
        await user.log_in(username="ann", password="anns")
        user.http.headers["Authorization"] = authorization
        again = await user.read("storedModels", model["id"])
    assert again["modelAssets"] == model["modelAssets"]
    assert base64.b64decode(again["modelAssets"][0]["fileContent"]) == b"data"
