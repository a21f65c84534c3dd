"""The stand-in's pages show its books and take snapshots."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.sandbox.modelop_server import JsonObject, ModelOp, file_asset, modelop

PATHS = (
    "/",
    "/snapshots",
    "/jobs",
    "/runtimes",
    "/deployments",
    "/test-results",
    "/notifications",
    "/lineage",
)
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
async def user(tmp_path: Path) -> AsyncGenerator[ModelOp]:
    async with modelop(tmp_path) as user:
        yield user


async def test_every_page_says_that_it_is_a_stand_in(user: ModelOp) -> None:
    for path in PATHS:
        page = await user.http.get(path)
        assert page.status_code == 200
        assert "This is a stand-in for ModelOp Center" in page.text


async def test_the_button_creates_a_snapshot_with_its_tags(user: ModelOp) -> None:
    model = await user.create("storedModels", {"modelMetaData": {"name": "fraud"}})
    page = (await user.http.get("/")).text
    assert "Create New Snapshot" in page
    action = re.search(r'action="(/models/[^"]+)"', page)
    assert action is not None
    form = {"tags": "run_test, jira  cc-fraud", "modelStage": "PROD"}
    page = (await user.http.post(action[1], data=form, follow_redirects=True)).text
    (snapshot,) = await user.all("deployableModels")
    assert snapshot["storedModel"]["id"] == model["id"]
    assert snapshot["metaData"]["tags"] == ["run_test", "jira", "cc-fraud"]
    assert snapshot["metaData"]["modelStage"] == "PROD"
    assert snapshot["createdBy"] == "web"
    assert "fraud v1" in page
    assert '<span class="tag">cc-fraud</span>' in page


async def test_a_form_from_another_site_is_refused(user: ModelOp) -> None:
    model = await user.create("storedModels", {})
    answer = await user.http.post(
        f"/models/{model['id']}/snapshots", data={"tags": "x"}, headers={"Origin": "http://elsewhere.example"}
    )
    assert answer.status_code == 403
    assert await user.all("deployableModels") == []


async def test_what_models_and_people_wrote_is_shown_as_text(user: ModelOp) -> None:
    snapshot = await user.snapshot(f"# modelop.score\ndef score(d):\n    raise ValueError('{HOSTILE}')\n")
    await user.run_job("MODEL_BATCH_JOB", snapshot, file_asset("{}"))
    await user.patch("deployableModels", snapshot["id"], {"metaData": {"name": HOSTILE, "tags": [HOSTILE]}})
    await user.create("storedModels", {"modelMetaData": {"name": HOSTILE}})
    await user.create("engines", {"name": HOSTILE})
    await user.create("modelTestResults", {"testResults": {HOSTILE: HOSTILE, "auc": 0.98765}})
    assignment = {"jiraIssueKey": HOSTILE, "jiraIssueLink": "javascript:alert(1)"}
    await user.create("notifications", {"message": HOSTILE, "severity": HOSTILE, "assignment": assignment})
    process = {"processDefinitionName": HOSTILE, "state": "ACTIVE", "startTime": HOSTILE}
    await user.create(
        "modelMLCs", {"processInstance": process, "activityInstances": [{"activityName": HOSTILE}]}
    )
    for path in PATHS:
        page = (await user.http.get(path)).text
        assert "<script>alert" not in page
        assert 'href="javascript:' not in page
        assert path == "/deployments" or "&lt;script&gt;" in page


async def test_books_of_any_content_can_be_shown(user: ModelOp) -> None:
    """The plain books take any JSON; no page may fail over it."""
    odd: JsonObject = {
        "processInstance": "x",
        "activityInstances": 7,
        "testResults": [1],
        "assignment": [],
        "severity": {},
    }
    for collection in ("modelTestResults", "notifications", "modelMLCs"):
        await user.create(collection, {**odd, "createdDate": 1})
    await user.create("storedModels", {"modelMetaData": "x"})
    await user.create("engines", {"name": "e", "tags": "x"})
    for path in PATHS:
        assert (await user.http.get(path)).status_code == 200
