"""Webhooks: who is told of what, with which signature, how soon, and how often."""

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.sandbox.jira_stand_in import ACCOUNTS, StandIn, eventually, running

HOOKS = "/rest/webhooks/1.0/webhook"


class Delivery(NamedTuple):
    headers: dict[str, str]
    raw: bytes
    at: float

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)


class Receiver:
    """Takes webhooks and answers each with the next of `answers`, then with 204."""

    def __init__(self, port: int) -> None:
        self.deliveries: list[Delivery] = []
        self.answers: list[int] = []
        self.url = f"http://127.0.0.1:{port}/hook"

    def kinds(self) -> list[str]:
        return [delivery.body["issue_event_type_name"] for delivery in self.deliveries]


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.deliveries.append(Delivery(dict(self.headers), raw, time.time()))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """The test says what it needs."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def jira(tmp_path: Path, receiver: Receiver) -> Iterator[StandIn]:
    with running(tmp_path, receiver.url) as stand_in:
        yield stand_in


def quiet(condition: Callable[[], bool], seconds: float = 0.3) -> None:
    """The condition holds now and goes on holding."""
    time.sleep(seconds)
    assert condition()


def test_a_transition_is_told_with_its_changelog_within_moments(jira: StandIn, receiver: Receiver) -> None:
    key = jira.create(labels=["modelop-mlc"])
    jira.move(key, "Done")
    eventually(lambda: len(receiver.deliveries) == 1)
    (delivery,) = receiver.deliveries
    body = delivery.body
    assert body["webhookEvent"] == "jira:issue_updated"
    assert body["user"]["name"] == "reviewer"
    assert body["issue"]["key"] == key
    assert body["issue"]["fields"]["status"]["name"] == "Done"
    assert body["issue"]["fields"]["labels"] == ["modelop-mlc"]
    (item,) = [item for item in body["changelog"]["items"] if item["field"] == "status"]
    assert (item["fromString"], item["toString"]) == ("To Do", "Done")
    assert delivery.at * 1000 - body["timestamp"] < 1000


def test_the_raw_body_is_signed(jira: StandIn, receiver: Receiver) -> None:
    jira.move(jira.create(summary="Überprüfung"), "Done")
    eventually(lambda: len(receiver.deliveries) == 1)
    delivery = receiver.deliveries[0]
    expected = hmac.new(ACCOUNTS["webhookSecret"].encode(), delivery.raw, hashlib.sha256).hexdigest()
    assert delivery.headers["X-Hub-Signature"] == f"sha256={expected}"


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503])
def test_a_webhook_is_repeated_under_the_same_identifier(
    jira: StandIn, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    jira.move(jira.create(), "Done")
    eventually(lambda: len(receiver.deliveries) == 2)
    first, second = receiver.deliveries
    identifier = "X-Atlassian-Webhook-Identifier"
    assert first.headers[identifier] == second.headers[identifier]
    assert first.raw == second.raw


def test_a_refused_webhook_is_not_repeated(jira: StandIn, receiver: Receiver) -> None:
    receiver.answers = [401]
    jira.move(jira.create(), "Done")
    eventually(lambda: len(receiver.deliveries) == 1)
    quiet(lambda: len(receiver.deliveries) == 1, 0.6)


def test_duplicates_on_order_share_the_identifier(jira: StandIn, receiver: Receiver) -> None:
    jira.set(webhookDuplicates=2)
    jira.move(jira.create(), "Done")
    eventually(lambda: len(receiver.deliveries) == 3)
    assert len({d.headers["X-Atlassian-Webhook-Identifier"] for d in receiver.deliveries}) == 1


def test_switched_off_webhooks_are_lost(jira: StandIn, receiver: Receiver) -> None:
    jira.set(webhooksEnabled=False)
    jira.move(jira.create(), "Done")
    jira.set(webhooksEnabled=True)
    quiet(lambda: receiver.deliveries == [])


def test_a_comment_is_an_update_on_server_and_not_on_cloud(jira: StandIn, receiver: Receiver) -> None:
    key = jira.create()
    jira.service.post(f"/rest/api/2/issue/{key}/comment", json={"body": "on server"})
    eventually(lambda: receiver.kinds() == ["issue_commented"])
    jira.set(mode="cloud")
    jira.service.post(f"/rest/api/2/issue/{key}/comment", json={"body": "on cloud"})
    quiet(lambda: receiver.kinds() == ["issue_commented"])


def test_what_could_not_be_delivered_survives_a_restart_and_goes_to_the_new_address(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        dead_url = f"http://127.0.0.1:{taken.getsockname()[1]}/hook"
    with running(tmp_path, dead_url) as jira:
        jira.move(jira.create(), "Done")
    with receiving() as receiver, running(tmp_path, receiver.url) as jira:
        eventually(lambda: receiver.kinds() == ["issue_generic"])
        assert [hook["url"] for hook in jira.service.get(HOOKS).json()] == [receiver.url]


def test_registered_webhooks_hear_of_their_events_and_issues_alone(jira: StandIn) -> None:
    with receiving() as other:
        hook = {
            "name": "mine",
            "url": other.url,
            "events": ["jira:issue_created", "jira:issue_deleted"],
            "filters": {"issue-related-events-section": "labels = mine"},
        }
        registered = jira.service.post(HOOKS, json=hook)
        assert registered.status_code == 201
        key = jira.create(labels=["mine"])
        jira.create(labels=["theirs"])
        jira.move(key, "Done")
        jira.service.delete(f"/rest/api/2/issue/{key}")
        eventually(lambda: sorted(other.kinds()) == ["issue_created", "issue_deleted"])
        assert all("X-Hub-Signature" not in delivery.headers for delivery in other.deliveries)
        assert jira.service.delete(registered.json()["self"]).status_code == 204
        jira.create(labels=["mine"])
        quiet(lambda: len(other.deliveries) == 2)


def test_a_secret_is_never_told_again(jira: StandIn) -> None:
    assert ACCOUNTS["webhookSecret"] not in jira.service.get(HOOKS).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://host/x"},
        {"url": "http://host:99999/"},
        {"events": ["jira:unheard_of"]},
        {"events": []},
        {"filters": {"issue-related-events-section": "summary ~ x"}},
    ],
)
def test_a_webhook_that_could_not_work_is_refused(jira: StandIn, wrong: dict[str, object]) -> None:
    hook = {"name": "x", "url": "http://127.0.0.1:1/", "events": ["jira:issue_updated"]} | wrong
    assert jira.service.post(HOOKS, json=hook).status_code == 400


def test_only_administrators_manage_webhooks(jira: StandIn) -> None:
    assert jira.reviewer.get(HOOKS).status_code == 403
