"""Faults on order strike as ordered, and the requests served are counted."""

from collections.abc import Iterator

import httpx
import pytest
import requests

from tests.sandbox.jira_stand_in import API, SERVICE, StandIn, running

ISSUE = {"fields": {"project": {"key": "MLC"}, "issuetype": {"name": "Task"}, "summary": "s"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with running(tmp_path_factory.mktemp("jira")) as stand_in:
        yield stand_in


@pytest.fixture
def jira(server: StandIn) -> StandIn:
    server.reset()
    return server


def count(jira: StandIn) -> int:
    return len(jira.found("project = MLC"))


def test_commit_then_drop_does_the_deed_and_closes_the_connection(jira: StandIn) -> None:
    before = count(jira)
    jira.order_fault(method="POST", path=f"{API}/issue", mode="commit-then-drop", times=2)
    with pytest.raises(httpx.RemoteProtocolError):
        jira.service.post(f"{API}/issue", json=ISSUE)
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{jira.base_url}{API}/issue", json=ISSUE, auth=SERVICE, timeout=5)
    assert jira.service.post(f"{API}/issue", json=ISSUE).status_code == 201
    assert count(jira) == before + 3


def test_commit_then_500_does_the_deed_and_denies_it(jira: StandIn) -> None:
    before = count(jira)
    jira.order_fault(method="POST", path=f"{API}/issue", mode="commit-then-500")
    assert jira.service.post(f"{API}/issue", json=ISSUE).status_code == 500
    assert count(jira) == before + 1


def test_a_refusal_before_does_nothing_and_may_say_when_to_come_back(jira: StandIn) -> None:
    before = count(jira)
    jira.order_fault(method="POST", path=f"{API}/issue", status=429, retryAfter=7)
    refused = jira.service.post(f"{API}/issue", json=ISSUE)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert count(jira) == before


def test_a_fault_strikes_its_own_method_and_path_only_and_can_be_called_off(jira: StandIn) -> None:
    jira.order_fault(method="POST", path=f"{API}/issue", times=100)
    assert jira.service.get(f"{API}/issue/MLC-0").status_code == 404
    assert jira.service.get(f"{API}/myself").status_code == 200
    assert jira.service.post(f"{API}/issue/MLC-0/comment", json={}).status_code == 503
    jira.anybody.delete("/sandbox/faults")
    assert jira.service.post(f"{API}/issue", json=ISSUE).status_code == 201


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"path": "rest"},
        {"path": "/", "mode": "late"},
        {"path": "/", "times": 0},
        {"path": "/", "status": 200},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(jira: StandIn, fault: dict[str, object]) -> None:
    assert jira.anybody.post("/sandbox/faults", json=fault).status_code == 400


def test_requests_are_counted_by_route_when_they_were_carried_out(jira: StandIn) -> None:
    before = jira.served(f"POST {API}/issue")
    jira.order_fault(method="POST", path=f"{API}/issue", mode="commit-then-500")
    jira.order_fault(method="POST", path=f"{API}/issue", mode="before")
    for _ in range(3):
        jira.service.post(f"{API}/issue", json=ISSUE)
    assert jira.served(f"POST {API}/issue") == before + 2
