"""The way of a decision in Jira to its process: by signed webhook, and by the watcher alone."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from mlc.errors import InvalidInput
from mlc.ids import WATCH_ID
from starter.client import MlcClient
from starter.gateway.app import gateway
from tests.gateway.doors import listening
from tests.gateway.watching import watched
from tests.house import House, HouseWith
from tests.stand_ins import ACCOUNTS, Json, StandIns

SEARCH = "GET /rest/api/2/search"
READ = "GET /rest/api/2/issue/{issue}"
HOOKS = "/rest/webhooks/1.0/webhook"
SELDOM = 3600.0


@asynccontextmanager
async def hooked(home: House, address: str) -> AsyncGenerator[None]:
    """Jira tells the gateway of every change."""
    body = {
        "name": f"hook-{uuid4().hex[:8]}",
        "url": f"{address}/webhooks/jira",
        "events": ["jira:issue_updated", "jira:issue_deleted"],
        "secret": ACCOUNTS["webhookSecret"],
    }
    made = (await home.stand_ins.service.post(HOOKS, json=body)).raise_for_status().json()
    yield
    (await home.stand_ins.service.delete(made["self"])).raise_for_status()


@pytest.fixture
async def by_webhook(temporal: WorkflowEnvironment, house_with: HouseWith) -> AsyncGenerator[House]:
    """Webhooks bring the decisions: the watcher's next look of its own is an hour away."""
    async with (
        watched(temporal, house_with, SELDOM) as home,
        listening(gateway(home.client, home.settings)) as address,
        hooked(home, address),
    ):
        yield home


@pytest.fixture
async def by_watching(temporal: WorkflowEnvironment, house_with: HouseWith) -> AsyncGenerator[House]:
    """No webhook: the watcher looks every half second."""
    async with watched(temporal, house_with, 0.5) as home:
        yield home


@pytest.fixture
async def door(at_home: House) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(gateway(at_home.client, at_home.settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        yield http


def signed(body: bytes, secret: str = str(ACCOUNTS["webhookSecret"])) -> dict[str, str]:
    return {"X-Hub-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def status_change(ticket_id: str) -> bytes:
    event: Json = {
        "webhookEvent": "jira:issue_updated",
        "issue": {"id": ticket_id},
        "changelog": {"items": [{"field": "status", "fromString": "To Do", "toString": "Done"}]},
    }
    return json.dumps(event).encode()


async def in_review(home: House, service: str) -> tuple[str, str]:
    """A process that waits for approval, and the key of its ticket."""
    await home.stand_ins.runtime(service, online=False)
    process = await home.deploy(await home.stand_ins.snapshot("jira", service))
    record = await home.until(process, "review")
    return process, record.waiting_for or ""


async def test_a_signed_webhook_brings_the_decision_home(by_webhook: House, service: str) -> None:
    process, ticket = await in_review(by_webhook, service)
    await by_webhook.stand_ins.move(ticket, "Done", "fine")
    record = await by_webhook.until(process, "deployed", within=5)
    assert [(made.by, made.comment, made.via) for made in record.decisions] == [("reviewer", "fine", "jira")]


async def test_webhooks_that_come_several_times_do_no_harm(by_webhook: House, service: str) -> None:
    await by_webhook.stand_ins.set_jira(webhookDuplicates=3)
    process, ticket = await in_review(by_webhook, service)
    await by_webhook.stand_ins.move(ticket, "Rejected")
    record = await by_webhook.until(process, "rejected", within=5)
    assert len(record.decisions) == 1
    assert await by_webhook.stand_ins.comments(ticket) == []


async def test_the_watcher_alone_brings_the_decision_home(by_watching: House, service: str) -> None:
    process, ticket = await in_review(by_watching, service)
    await by_watching.stand_ins.move(ticket, "Done")
    record = await by_watching.until(process, "deployed", within=5)
    assert [made.via for made in record.decisions] == ["jira"]


async def test_the_watcher_brings_the_decision_home_after_jira_was_down(
    by_watching: House, service: str
) -> None:
    process, ticket = await in_review(by_watching, service)
    await by_watching.stand_ins.move(ticket, "Done")
    await by_watching.stand_ins.break_jira("*", "/rest")
    await asyncio.sleep(0.8)
    await by_watching.stand_ins.mend()
    await by_watching.until(process, "deployed", within=5)


async def test_the_watcher_looks_at_each_change_once_however_many_tickets_are_open(
    by_watching: House, service: str
) -> None:
    processes = [await in_review(by_watching, f"{service}-{number}") for number in range(3)]
    await quiet(by_watching.stand_ins)
    before = await by_watching.stand_ins.jira_requests()
    await asyncio.sleep(1.2)
    idle = await by_watching.stand_ins.jira_requests()
    assert idle[SEARCH] > before[SEARCH]
    assert idle.get(READ, 0) == before.get(READ, 0)

    process, ticket = processes[0]
    await by_watching.stand_ins.move(ticket, "Done")
    await by_watching.until(process, "deployed", within=5)
    await asyncio.sleep(0.8)
    after = await by_watching.stand_ins.jira_requests()
    assert after.get(READ, 0) - idle.get(READ, 0) <= 2


async def test_a_crowd_of_changed_tickets_hides_no_decision(by_watching: House, service: str) -> None:
    """More tickets than one page of Jira's search holds change before the one that decides."""
    process, ticket = await in_review(by_watching, service)
    fields = {
        "project": {"key": "MLC"},
        "issuetype": {"name": "Task"},
        "summary": "one of many",
        "labels": ["modelop-mlc"],
    }
    body = {"fields": fields}
    made = await asyncio.gather(
        *(by_watching.stand_ins.service.post("/rest/api/2/issue", json=body) for _ in range(110))
    )
    assert {answer.status_code for answer in made} == {201}
    await by_watching.stand_ins.move(ticket, "Done")
    await by_watching.until(process, "deployed", within=10)


async def test_a_process_that_does_not_answer_holds_up_no_decision_for_another(
    by_watching: House, service: str
) -> None:
    snapshot = await by_watching.stand_ins.snapshot("jira", service)
    silent = await MlcClient(by_watching.temporal, "no-worker-takes-from-here").start_deploy(snapshot["id"])
    described = await by_watching.handle(silent).describe()
    value = {"workflowId": silent, "runId": described.run_id, "namespace": "default", "awaits": True}
    body = {
        "fields": {
            "project": {"key": "MLC"},
            "issuetype": {"name": "Task"},
            "summary": "its process is silent",
            "labels": ["modelop-mlc"],
        },
        "properties": [{"key": "mlc", "value": value}],
    }
    made = await by_watching.stand_ins.service.post("/rest/api/2/issue", json=body)
    await by_watching.stand_ins.move(made.raise_for_status().json()["key"], "Done")
    try:
        process, ticket = await in_review(by_watching, service)
        await by_watching.stand_ins.move(ticket, "Done")
        await by_watching.until(process, "deployed", within=15)
    finally:
        await by_watching.handle(silent).terminate("the test is over")


async def test_a_move_after_the_end_is_told_that_it_comes_too_late(by_watching: House, service: str) -> None:
    process, ticket = await in_review(by_watching, service)
    await by_watching.decide(process, "approve", by="ann")
    await by_watching.until(process, "deployed")
    await by_watching.stand_ins.move(ticket, "Rejected")
    await by_watching.until_said(ticket, f"This comes too late: {ticket} was already approved by ann at 20")


async def test_the_move_that_ended_a_process_is_never_told_that_it_comes_too_late(
    by_watching: House, service: str
) -> None:
    process, ticket = await in_review(by_watching, service)
    await by_watching.stand_ins.move(ticket, "Done")
    await by_watching.until(process, "deployed")
    await by_watching.stand_ins.reviewer.post(
        f"/rest/api/2/issue/{ticket}/comment", json={"body": "thank you"}
    )
    await quiet(by_watching.stand_ins)
    assert await by_watching.stand_ins.comments(ticket) == ["thank you"]


async def test_an_old_ticket_moved_to_done_does_not_approve_a_later_submission(
    by_watching: House, service: str
) -> None:
    await by_watching.stand_ins.runtime(service, online=False)
    snapshot = await by_watching.stand_ins.snapshot("jira", service)
    process = await by_watching.deploy(snapshot)
    old = await by_watching.until(process, "review")
    await by_watching.decide(process, "reject")
    await by_watching.client.wait(process)

    await by_watching.deploy(snapshot)
    await by_watching.until(process, "review")
    await by_watching.stand_ins.move(old.waiting_for or "", "Done")
    await asyncio.sleep(1.2)
    assert (await by_watching.client.status(process)).decisions == ()


@pytest.mark.parametrize(
    "headers",
    [{}, signed(b"another body"), signed(status_change("1"), "another secret"), {"X-Hub-Signature": "é"}],
    ids=["unsigned", "signed for another body", "signed with another secret", "not a signature"],
)
async def test_a_webhook_that_is_not_signed_by_jira_gets_401(
    door: httpx.AsyncClient, headers: dict[str, Any]
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = await door.post("/webhooks/jira", content=status_change("1"), headers=raw)
    assert (answer.status_code, answer.json()["type"]) == (401, "Unauthorized")


async def test_a_signed_webhook_about_anything_but_a_status_is_taken_and_does_nothing(
    door: httpx.AsyncClient,
) -> None:
    for body in (b"not json", b"[]", b'{"issue": {"id": "1"}, "changelog": {"items": []}}'):
        answer = await door.post("/webhooks/jira", content=body, headers=signed(body))
        assert answer.status_code == 204


async def test_a_webhook_starts_a_watcher_that_somebody_cancelled_and_the_decision_comes_home(
    by_webhook: House, service: str
) -> None:
    process, ticket = await in_review(by_webhook, service)
    watcher = by_webhook.handle(WATCH_ID)
    await watcher.cancel()

    async def stopped() -> bool:
        return (await watcher.describe()).status == WorkflowExecutionStatus.CANCELED

    await by_webhook.until_true(stopped)
    await by_webhook.stand_ins.move(ticket, "Done")
    await by_webhook.until(process, "deployed", within=10)


async def test_the_watcher_is_no_process_to_be_cancelled(at_home: House) -> None:
    with pytest.raises(InvalidInput, match="watches the tickets of all processes"):
        await at_home.client.cancel(WATCH_ID)


async def test_a_webhook_about_a_deleted_ticket_has_it_opened_anew(by_webhook: House, service: str) -> None:
    process, deleted = await in_review(by_webhook, service)
    await listed_as_waiting_for(by_webhook, deleted)
    (await by_webhook.stand_ins.service.delete(f"/rest/api/2/issue/{deleted}")).raise_for_status()

    async def asked_anew() -> bool:
        return (await by_webhook.client.status(process)).waiting_for not in (None, deleted)

    await by_webhook.until_true(asked_anew)


async def test_without_a_secret_in_the_settings_webhooks_are_off_and_the_answer_names_the_setting(
    at_home: House,
) -> None:
    settings = at_home.settings.model_copy(
        update={"gateway": type(at_home.settings.gateway)(webhook_secret="")}
    )
    transport = httpx.ASGITransport(gateway(at_home.client, settings))
    body = status_change("1")
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        answer = await http.post("/webhooks/jira", content=body, headers=signed(body, ""))
    assert answer.status_code == 403
    assert "MLC_GATEWAY__WEBHOOK_SECRET" in answer.json()["message"]


async def quiet(both: StandIns) -> None:
    """Until the watcher reads no ticket any more."""
    before, now = -1, 0
    while before != now:
        await asyncio.sleep(1.1)
        before, now = now, (await both.jira_requests()).get(READ, 0)


async def listed_as_waiting_for(home: House, ticket: str) -> None:
    """Until Temporal's list, which is a moment late, knows who waits for the ticket."""

    async def listed() -> bool:
        return any(row.waiting_for == ticket for row in await home.client.list(state="running"))

    await home.until_true(listed)
