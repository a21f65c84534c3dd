"""Technical failures: retried without a ticket until a step's deadline; a ticket, where there is something to decide."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from mlc.policy import Policy
from tests.house import House, HouseWith
from tests.stand_ins import ACCOUNTS

HURRIED = Policy(poll=timedelta(milliseconds=200), step_deadline=timedelta(seconds=1))
AT_ONCE = 8.0  # far from the 20 s after which a step gives up
SNAPSHOTS = "/model-manage/api/deployableModels"
ISSUE = "/rest/api/2/issue"


async def trouble_of(home: House, process: str) -> str:
    """Why a call is being tried again, as soon as one is."""

    async def troubled() -> bool:
        return bool(await home.client.troubles(process))

    await home.until_true(troubled)
    return (await home.client.troubles(process))[0].why


async def test_a_modelop_center_that_fails_for_a_moment_is_retried_without_a_ticket(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service)
    await at_home.stand_ins.break_moc("GET", SNAPSHOTS, times=4)
    record = await at_home.until(await at_home.deploy(snapshot), "deployed")
    assert record.tickets == ()


async def test_a_modelop_center_that_is_down_past_the_deadline_opens_an_error_ticket_and_done_goes_on(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(HURRIED) as home:
        await home.stand_ins.runtime(service, online=False)
        snapshot = await home.stand_ins.snapshot(service)
        await home.stand_ins.break_moc("*", "/model-manage")
        process = await home.deploy(snapshot)
        waiting = await home.until(process, "error")
        assert [ticket.step for ticket in waiting.tickets] == ["Model submitted"]

        await home.stand_ins.mend()
        await home.answer(waiting, "Done")
        record = await home.until(process, "deployed")
        assert [made.decision for made in record.decisions] == ["retry"]


@pytest.mark.parametrize("via", ["jira", "api"])
async def test_a_decision_is_taken_at_once_while_modelop_center_is_down_and_the_notes_follow(
    at_home: House, service: str, via: str
) -> None:
    await at_home.stand_ins.break_moc("*", "/model-manage/api/notifications")
    process = await at_home.deploy(await at_home.stand_ins.snapshot(service))
    waiting = await at_home.until(process, "error", within=AT_ONCE)
    if via == "jira":
        await at_home.answer(waiting, "Rejected")
    else:
        await at_home.decide(process, "reject")

    async def decided() -> bool:
        record = await at_home.client.status(process)
        return record.waiting_for is None and [made.via for made in record.decisions] == [via]

    await at_home.until_true(decided, within=AT_ONCE)
    await at_home.stand_ins.mend()
    await at_home.until(process, "failed")
    told = [
        note["open"]
        for note in await at_home.stand_ins.all("notifications")
        if note["deployableModelId"] == waiting.snapshot_id and note["notificationType"] == "TICKET"
    ]
    assert told == [False]


async def test_a_process_that_was_given_up_ends_although_modelop_center_stays_down(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(HURRIED) as home:
        snapshot = await home.stand_ins.snapshot(service)
        await home.stand_ins.break_moc("*", "/model-manage")
        process = await home.deploy(snapshot)
        await home.answer(await home.until(process, "error"), "Rejected")
        record = await home.until(process, "failed")
        assert [made.decision for made in record.decisions] == ["stop"]


@pytest.mark.parametrize("mode", ["commit-then-drop", "commit-then-500"])
@pytest.mark.parametrize("collection", ["jobs", "modelTestResults", "deployedModels"])
async def test_an_answer_of_modelop_center_that_is_lost_makes_nothing_twice(
    at_home: House, service: str, mode: str, collection: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("run_test", service)
    await at_home.stand_ins.break_moc("POST", f"/model-manage/api/{collection}", times=1, mode=mode)
    await at_home.until(await at_home.deploy(snapshot), "deployed")

    results = [
        result
        for result in await at_home.stand_ins.all("modelTestResults")
        if result["deployableModel"]["id"] == snapshot["id"]
    ]
    assert len(results) == 1
    assert len(await at_home.stand_ins.jobs_of(snapshot["id"])) == 1
    assert len(await at_home.stand_ins.deployments_of(snapshot["id"])) == 1


async def test_a_refused_login_opens_an_error_ticket_with_a_clear_line_and_without_the_secret(
    house_with: HouseWith, service: str
) -> None:
    wrong = {"username": "somebody", "password": "not-the-right-secret"}
    async with house_with(modelop=wrong) as home:
        process = await home.deploy(await home.stand_ins.snapshot(service))
        waiting = await home.until(process, "error")
        text = await home.stand_ins.description(waiting.waiting_for or "")
        history = (await home.handle(process).fetch_history()).to_json()

    assert f"ModelOp Center at {home.stand_ins.moc_url} refuses the login of somebody" in text
    assert "check user name and secret" in text
    assert "not-the-right-secret" not in text + history


async def test_a_token_that_has_expired_is_renewed_and_nobody_notices(at_home: House, service: str) -> None:
    await at_home.stand_ins.set_moc(tokenSeconds=0.5)
    try:
        process = await at_home.deploy(await at_home.stand_ins.snapshot("jira", service))
        await at_home.until(process, "review")
        await asyncio.sleep(0.6)
    finally:
        await at_home.stand_ins.set_moc(tokenSeconds=3600)
    await at_home.stand_ins.runtime(service, online=False)
    await at_home.decide(process, "reject")
    record = await at_home.until(process, "rejected")
    assert [ticket.kind for ticket in record.tickets] == ["review", "rejection"]


@pytest.mark.parametrize(
    "fault",
    [
        {"method": "*", "path": "/rest/api/2", "times": 2},
        {"method": "POST", "path": ISSUE, "times": 1, "mode": "commit-then-drop"},
        {"method": "POST", "path": ISSUE, "times": 1, "mode": "commit-then-500"},
        {"method": "POST", "path": ISSUE, "times": 1, "status": 429, "retryAfter": 1},
        {"method": "GET", "path": "/rest/api/2/myself", "times": 1},
    ],
    ids=["down", "answer dropped", "500 after the deed", "429", "fails after the create"],
)
async def test_a_jira_in_trouble_gets_exactly_one_ticket_once_it_is_back(
    at_home: House, service: str, fault: dict[str, Any]
) -> None:
    await at_home.stand_ins.break_jira(**fault)
    process = await at_home.deploy(await at_home.stand_ins.snapshot("jira", service))
    record = await at_home.until(process, "review")
    assert [ticket["key"] for ticket in await at_home.stand_ins.tickets_of(process)] == [record.waiting_for]


async def test_a_search_index_that_lags_makes_no_second_ticket(house_with: HouseWith, service: str) -> None:
    async with house_with(index_lag_seconds=2.5) as home:
        await home.stand_ins.set_jira(indexLagSeconds=1.5)
        await home.stand_ins.break_jira("POST", ISSUE, times=1, mode="commit-then-drop")
        process = await home.deploy(await home.stand_ins.snapshot("jira", service))
        record = await home.until(process, "review")
        await home.stand_ins.set_jira(indexLagSeconds=0)
        assert [t["key"] for t in await home.stand_ins.tickets_of(process)] == [record.waiting_for]


async def test_while_jira_is_down_the_process_waits_and_says_why(at_home: House, service: str) -> None:
    await at_home.stand_ins.break_jira("*", "/rest")
    process = await at_home.deploy(await at_home.stand_ins.snapshot("jira", service))
    why = await trouble_of(at_home, process)
    assert at_home.stand_ins.jira_url in why
    record = await at_home.client.status(process)
    assert (record.outcome, record.step, record.tickets) == (None, "Approval", ())

    await at_home.stand_ins.mend()
    await at_home.until(process, "review")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"token": "not-the-right-token"}, "the login is refused"),
        ({"project": "NOWHERE"}, "NOWHERE"),
    ],
    ids=["login refused", "project missing"],
)
async def test_a_jira_that_only_an_administrator_can_mend_is_waited_for_and_the_troubles_name_it(
    house_with: HouseWith, service: str, settings: dict[str, str], said: str
) -> None:
    async with house_with(HURRIED, **settings) as home:
        process = await home.deploy(await home.stand_ins.snapshot("jira", service))
        why = await trouble_of(home, process)
        assert said in why
        assert "not-the-right-token" not in why
        assert "\n" not in why
        assert (await home.client.status(process)).outcome is None


async def test_with_attachments_off_the_ticket_exists_and_says_what_it_lacks(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.set_jira(attachmentsEnabled=False)
    process = await at_home.deploy(await at_home.stand_ins.snapshot("run_test", "jira", service))
    record = await at_home.until(process, "review")
    comments = await at_home.stand_ins.comments(record.waiting_for or "")
    assert any("test_results.json could not be attached" in text for text in comments)


async def test_a_jira_that_goes_down_after_a_decision_by_update_does_not_hold_up_the_deployment(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(HURRIED) as home:
        await home.stand_ins.runtime(service, online=False)
        snapshot = await home.stand_ins.snapshot("jira", service)
        process = await home.deploy(snapshot)
        await home.until(process, "review")
        await home.stand_ins.break_jira("*", "/rest")
        await home.decide(process, "approve")
        await home.until(process, "deployed")
        assert len(await home.stand_ins.deployments_of(snapshot["id"])) == 1


async def test_no_secret_and_no_data_of_the_model_is_in_the_history_or_on_a_ticket(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    process = await at_home.deploy(await at_home.stand_ins.snapshot("run_test", "jira", service))
    waiting = await at_home.until(process, "review")
    await at_home.answer(waiting, "Done")
    await at_home.until(process, "deployed")

    history = (await at_home.handle(process).fetch_history()).to_json()
    issue = str(await at_home.stand_ins.issue(waiting.waiting_for or ""))
    secrets = [
        ACCOUNTS["moc"]["password"],
        ACCOUNTS["jiraService"]["token"],
        ACCOUNTS["jiraReviewer"]["token"],
        ACCOUNTS["webhookSecret"],
        str(at_home.stand_ins.moc.headers["Authorization"]).removeprefix("Bearer "),
        "modelop.metrics",
        "fileContent",
    ]
    assert [secret for secret in secrets if secret in history or secret in issue] == []
