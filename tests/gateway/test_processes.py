"""Looking at processes and deciding over REST, for programs that do not reach Temporal."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from mlc.policy import Policy, ReviewPolicy
from tests.gateway import doors
from tests.gateway.doors import PROCESSES, bearer, token_of
from tests.gateway.issuer import Issuer
from tests.gateway.watching import no_watcher
from tests.house import House, HouseWith
from worker.hosting import ensure_watcher


@pytest.fixture
async def person(at_home: House) -> AsyncGenerator[tuple[str, httpx.AsyncClient]]:
    """Somebody who may look and decide, by name and by how the gateway meets them."""
    name, token = await token_of(at_home.stand_ins, "mlc-read", "mlc-decide")
    async with doors.door(at_home.client, doors.of_stand_in(at_home.stand_ins), token) as http:
        yield name, http


async def in_review(home: House, service: str) -> str:
    """A process that waits for approval."""
    await home.stand_ins.runtime(service, online=False)
    process = await home.deploy(await home.stand_ins.snapshot("jira", service))
    await home.until(process, "review")
    return process


async def test_a_process_is_listed_and_read_as_by_the_command_line(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    process = await in_review(at_home, service)
    record = await at_home.client.status(process)

    async def is_listed() -> bool:
        rows = (await door.get(PROCESSES, params={"snapshot": record.snapshot_id or ""})).json()
        return [row["waitingFor"] for row in rows] == [record.waiting_for]

    await at_home.until_true(is_listed)
    [row] = (await door.get(PROCESSES, params={"snapshot": record.snapshot_id or ""})).json()
    [same] = await at_home.client.list(snapshot=record.snapshot_id)
    assert row == same.model_dump(mode="json")
    assert set(row) == {
        *("workflowId", "process", "modelName", "snapshotId", "state"),
        *("step", "waitingFor", "outcome", "startedAt"),
    }
    answer = await door.get(f"{PROCESSES}/{process}")
    assert (answer.status_code, answer.json()) == (200, record.model_dump(mode="json"))
    await at_home.decide(process, "reject")
    await at_home.until(process, "rejected")


async def test_the_list_takes_the_filters_of_the_command_line(
    at_home: House, door: httpx.AsyncClient, service: str
) -> None:
    process = await in_review(at_home, service)
    record = await at_home.client.status(process)
    mine = {"model": record.model_name or ""}

    async def found(**query: str) -> bool:
        rows = (await door.get(PROCESSES, params=mine | query)).raise_for_status().json()
        return [row["workflowId"] for row in rows] == [process]

    async def is_listed() -> bool:
        return await found()

    await at_home.until_true(is_listed)
    assert await found(process="deploy", state="running")
    assert not await found(process="back-test")
    assert not await found(state="completed")
    assert not await found(snapshot="another")
    await at_home.decide(process, "reject")
    await at_home.until(process, "rejected")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"state": "ended"}, "state: Input should be 'running' or 'completed'"),
        ({"modell": "x"}, "modell is not taken here; there are process, model, snapshot, state"),
    ],
)
async def test_a_filter_that_is_none_is_refused(
    door: httpx.AsyncClient, query: dict[str, str], said: str
) -> None:
    answer = await door.get(PROCESSES, params=query)
    assert (answer.status_code, answer.json()) == (400, {"type": "InvalidRequestException", "message": said})


async def test_a_decision_is_made_by_the_user_of_the_token(
    at_home: House, person: tuple[str, httpx.AsyncClient], service: str
) -> None:
    name, http = person
    process = await in_review(at_home, service)
    ticket = (await at_home.client.status(process)).waiting_for
    body = {"decision": "approve", "comment": "looks right", "ticket": ticket}
    answer = await http.post(f"{PROCESSES}/{process}/decide", json=body)

    assert answer.status_code == 200
    record = await at_home.until(process, "deployed")
    assert answer.json() == record.decisions[0].model_dump(mode="json")
    assert [(made.by, made.comment, made.via) for made in record.decisions] == [(name, "looks right", "api")]


async def test_a_decision_that_cannot_hold_is_409_and_says_why(
    at_home: House, person: tuple[str, httpx.AsyncClient], service: str
) -> None:
    name, http = person
    process = await in_review(at_home, service)
    decide = f"{PROCESSES}/{process}/decide"
    unfit = await http.post(decide, json={"decision": "retry"})
    assert (unfit.status_code, unfit.json()["type"]) == (409, "Conflict")
    assert "approve or reject it" in unfit.json()["message"]

    await http.post(decide, json={"decision": "approve"})
    await at_home.until(process, "deployed")
    late = await http.post(decide, json={"decision": "reject"})
    assert late.status_code == 409
    assert f"already approved by {name}" in late.json()["message"]


async def test_the_author_of_a_snapshot_cannot_approve_it_where_four_eyes_are_needed(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(Policy(review=ReviewPolicy(four_eyes=True))) as home:
        both = home.stand_ins
        author = both.moc.headers["Authorization"].removeprefix("Bearer ")
        process = await in_review(home, service)
        async with doors.door(home.client, doors.of_stand_in(both), author) as door:
            answer = await door.post(f"{PROCESSES}/{process}/decide", json={"decision": "approve"})
            assert answer.status_code == 409
            assert "four eyes" in answer.json()["message"]
            _, other = await token_of(both, "mlc-decide")
            answer = await door.post(
                f"{PROCESSES}/{process}/decide", json={"decision": "reject"}, headers=bearer(other)
            )
            assert answer.status_code == 200
        await home.until(process, "rejected")


async def test_an_author_whom_the_snapshot_knows_by_another_name_of_the_token_cannot_approve_either(
    house_with: HouseWith, issuer: Issuer, service: str
) -> None:
    async with house_with(Policy(review=ReviewPolicy(four_eyes=True))) as home:
        process = await in_review(home, service)
        # The snapshot's author is `modelop`.
        token = issuer.token("mlc-decide", preferred_username="mo", email="modelop")
        async with doors.door(home.client, issuer.settings, token) as door:
            answer = await door.post(f"{PROCESSES}/{process}/decide", json={"decision": "approve"})
        assert (answer.status_code, "four eyes" in answer.json()["message"]) == (409, True)
        await home.decide(process, "reject")
        await home.until(process, "rejected")


async def test_a_workflow_that_is_no_process_is_not_found(
    at_home: House, person: tuple[str, httpx.AsyncClient]
) -> None:
    await ensure_watcher(at_home.temporal, at_home.settings)
    answer = await person[1].get(f"{PROCESSES}/mlc-ticket-watch")
    await no_watcher(at_home)
    assert answer.status_code == 404
    assert "is no process" in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "decision: Field required"),
        ({"decision": "maybe"}, "decision: Input should be 'approve', 'reject', 'retry' or 'stop'"),
        ({"decision": "approve", "by": "bob"}, "by is not taken here; there are decision, comment, ticket"),
        ({"decision": "approve", "comment": 7}, "comment: Input should be a valid string"),
    ],
)
async def test_a_body_that_is_no_decision_is_refused(
    door: httpx.AsyncClient, body: dict[str, Any], said: str
) -> None:
    answer = await door.post(f"{PROCESSES}/any/decide", json=body)
    assert (answer.status_code, answer.json()) == (400, {"type": "InvalidRequestException", "message": said})


async def test_an_unknown_process_is_404(door: httpx.AsyncClient) -> None:
    for answer in (
        await door.get(f"{PROCESSES}/none"),
        await door.get(f"{PROCESSES}/a/b%2Fc"),
        await door.post(f"{PROCESSES}/none/decide", json={"decision": "approve"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "NotFoundException")
        assert "no process" in answer.json()["message"]


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({}, "ann"),
        ({"preferred_username": None, "email": "ann@example.com"}, "ann@example.com"),
        ({"preferred_username": None}, "5f0c"),
        ({"preferred_username": "a\nnn"}, "a nn"),
    ],
)
async def test_a_user_is_called_by_the_first_name_that_the_token_gives(
    at_home: House, issuer: Issuer, service: str, claims: dict[str, Any], name: str
) -> None:
    process = await in_review(at_home, service)
    token = issuer.token("mlc-decide", **claims)
    async with doors.door(at_home.client, issuer.settings, token) as door:
        made = await door.post(f"{PROCESSES}/{process}/decide", json={"decision": "reject"})
    assert (made.status_code, made.json()["by"]) == (200, name)
    await at_home.until(process, "rejected")
