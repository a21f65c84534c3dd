"""A stand-in Jira that the tests of `sandbox.jira` talk to over HTTP."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from jira import JIRA

from sandbox.jira import create_app

SERVICE = ("mlc-service", "service-token")
REVIEWER = ("reviewer", "reviewer-token")
ACCOUNTS: dict[str, Any] = {
    "jiraService": {"username": SERVICE[0], "token": SERVICE[1]},
    "jiraReviewer": {"username": REVIEWER[0], "token": REVIEWER[1]},
    "webhookSecret": "webhook-secret",
}
API = "/rest/api/2"


class StandIn:
    """`service` and `reviewer` speak HTTP as these users, `anybody` without credentials."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.service = httpx.Client(base_url=base_url, auth=SERVICE, trust_env=False)
        self.reviewer = httpx.Client(base_url=base_url, auth=REVIEWER, trust_env=False)
        self.anybody = httpx.Client(base_url=base_url, trust_env=False)

    def close(self) -> None:
        for client in (self.service, self.reviewer, self.anybody):
            client.close()

    def reset(self) -> None:
        """The settings of a fresh stand-in, and no faults."""
        self.set(
            mode="server",
            indexLagSeconds=0,
            attachmentsEnabled=True,
            webhookDuplicates=0,
            webhooksEnabled=True,
        )
        self.anybody.delete("/sandbox/faults").raise_for_status()

    def set(self, **settings: object) -> None:
        self.anybody.patch("/sandbox/settings", json=settings).raise_for_status()

    def order_fault(self, **fault: object) -> None:
        self.anybody.post("/sandbox/faults", json=fault).raise_for_status()

    def served(self, route: str) -> int:
        return self.anybody.get("/sandbox/requests").json().get(route, 0)

    def library(self, user: tuple[str, str] = SERVICE) -> JIRA:
        """The client library, with the options a careful program gives it."""
        return JIRA(
            server=self.base_url,
            basic_auth=user,
            timeout=(3.05, 30),
            max_retries=0,
            options={"rest_api_version": "2", "check_update": False},
        )

    def create(self, **fields: object) -> str:
        """The new issue's key."""
        body = {"fields": {"project": {"key": "MLC"}, "issuetype": {"name": "Task"}, "summary": "s"} | fields}
        response = self.service.post(f"{API}/issue", json=body)
        assert response.status_code == 201, response.text
        return response.json()["key"]

    def read(self, key: str, **query: str) -> dict[str, Any]:
        return self.service.get(f"{API}/issue/{key}", params=query).json()

    def move(self, key: str, status: str, client: httpx.Client | None = None, **body: object) -> None:
        client = client or self.reviewer
        offered = client.get(f"{API}/issue/{key}/transitions").json()["transitions"]
        chosen = next(t["id"] for t in offered if t["to"]["name"] == status)
        response = client.post(f"{API}/issue/{key}/transitions", json={"transition": {"id": chosen}} | body)
        assert response.status_code == 204, response.text

    def found(self, jql: str) -> list[str]:
        """The keys a search answers."""
        response = self.service.get(f"{API}/search", params={"jql": jql})
        assert response.status_code == 200, response.text
        return [issue["key"] for issue in response.json()["issues"]]


@contextmanager
def running(data: Path, webhook: str | None = None) -> Iterator[StandIn]:
    """A stand-in over the files under `data`, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(uvicorn.Config(create_app(data, ACCOUNTS, webhook), log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    stand_in = StandIn(f"http://127.0.0.1:{listener.getsockname()[1]}")
    try:
        yield stand_in
    finally:
        stand_in.close()
        server.should_exit = True
        thread.join(10)
        listener.close()


def eventually(condition: Any, seconds: float = 5.0) -> None:
    """Waits until the condition holds; fails the test if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this did not come about in time"
        time.sleep(0.005)
