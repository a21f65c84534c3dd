"""The stand-in tells the life cycle's gateway about snapshots, passes /mlc-service on, and fails on demand."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.sandbox.modelop_server import API, JsonObject, ModelOp, modelop, served

SIGNAL = "com.modelop.mlc.definitions.Signals_deployable_model_changed"


class Gateway:
    """Takes down what arrives and answers the statuses it was told, then 200."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.tokens: list[str] = []
        self.signals: asyncio.Queue[JsonObject] = asyncio.Queue()
        self.app = Starlette(
            routes=[
                Route("/mlc-service/rest/signal", self.signal, methods=["POST"]),
                Route("/mlc-service/rest/{path:path}", self.echo, methods=["GET", "PUT"]),
            ]
        )

    async def signal(self, request: Request) -> Response:
        self.tokens.append(request.headers["authorization"])
        self.signals.put_nowait(await request.json())
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    async def echo(self, request: Request) -> Response:
        body = (await request.body()).decode()
        seen = [request.method, str(request.url.query), request.headers.get("authorization"), body]
        return JSONResponse(seen, 418, {"X-Answer": request.scope["raw_path"].decode()})

    async def next_signal(self) -> JsonObject:
        async with asyncio.timeout(10):
            return await self.signals.get()


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
async def user(tmp_path: Path, gateway: Gateway) -> AsyncGenerator[ModelOp]:
    async with served(gateway.app) as url, modelop(tmp_path, url) as user:
        yield user


async def test_a_new_snapshot_is_signalled_with_a_token_that_holds(user: ModelOp, gateway: Gateway) -> None:
    snapshot = await user.snapshot()
    signal = await gateway.next_signal()
    assert signal["name"] == SIGNAL
    value = signal["variables"]["DEPLOYABLE_MODEL"]["value"]
    assert value == {key: value for key, value in snapshot.items() if key != "_links"}
    answer = await user.http.get(f"{API}/jobs", headers={"Authorization": gateway.tokens[0]})
    assert answer.status_code == 200


async def test_a_signal_is_repeated_until_the_gateway_takes_it(user: ModelOp, gateway: Gateway) -> None:
    gateway.statuses = [503, 429]
    await user.snapshot()
    first, second, third = [await gateway.next_signal() for _ in range(3)]
    assert first == second == third
    await asyncio.sleep(0.5)
    assert gateway.signals.empty()


async def test_a_signal_that_the_gateway_refuses_is_not_repeated(user: ModelOp, gateway: Gateway) -> None:
    gateway.statuses = [400]
    await user.snapshot()
    await gateway.next_signal()
    await asyncio.sleep(0.5)
    assert gateway.signals.empty()


async def test_a_signal_survives_a_restart(tmp_path: Path, gateway: Gateway) -> None:
    async with modelop(tmp_path, "http://127.0.0.1:9") as user:
        snapshot = await user.snapshot()
    async with served(gateway.app) as url, modelop(tmp_path, url):
        signal = await gateway.next_signal()
    assert signal["variables"]["DEPLOYABLE_MODEL"]["value"]["id"] == snapshot["id"]


async def test_mlc_service_is_passed_on_as_it_is(user: ModelOp) -> None:
    headers = {"Authorization": "Bearer mine"}
    answer = await user.http.put("/mlc-service/rest/a%20b?x=1&y=%2F", content=b"body", headers=headers)
    assert (answer.status_code, answer.headers["X-Answer"]) == (418, "/mlc-service/rest/a%20b")
    assert answer.json() == ["PUT", "x=1&y=%2F", "Bearer mine", "body"]


async def test_without_a_reachable_gateway_mlc_service_is_unavailable(tmp_path: Path) -> None:
    for gateway in (None, "http://127.0.0.1:9"):
        async with modelop(tmp_path, gateway) as user:
            answer = await user.http.get("/mlc-service/rest/engine")
            assert answer.status_code == 503
            assert answer.json()["message"].startswith("mlc-service ")


async def test_a_fault_comes_as_often_as_it_was_asked_for(user: ModelOp) -> None:
    fault = {"method": "POST", "path": f"{API}/jobs", "times": 2, "status": 429, "retryAfter": 7}
    await user.http.post("/sandbox/faults", json=fault)
    answers = [await user.http.post(f"{API}/jobs", json={}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 400]
    assert answers[0].headers["Retry-After"] == "7"
    assert (await user.http.get(f"{API}/jobs")).json()["page"]["totalElements"] == 0


async def test_a_fault_may_come_after_the_work_is_done(user: ModelOp) -> None:
    fault = {"method": "POST", "path": f"{API}/notifications", "times": 1}
    await user.http.post("/sandbox/faults", json={**fault, "mode": "commit-then-500"})
    assert (await user.http.post(f"{API}/notifications", json={})).status_code == 500
    assert len(await user.all("notifications")) == 1


async def test_a_dropped_connection_gives_no_answer_although_the_work_is_done(user: ModelOp) -> None:
    fault = {"method": "POST", "path": f"{API}/notifications", "times": 1}
    await user.http.post("/sandbox/faults", json={**fault, "mode": "commit-then-drop"})
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await user.http.post(f"{API}/notifications", json={})
    assert len(await user.all("notifications")) == 1


async def test_faults_can_be_taken_back(user: ModelOp) -> None:
    await user.http.post("/sandbox/faults", json={"method": "*", "path": "/", "times": 9})
    assert (await user.http.get(f"{API}/jobs")).status_code == 503
    await user.http.delete("/sandbox/faults")
    assert (await user.http.get(f"{API}/jobs")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/sandbox/faults", {"method": "GET", "path": "/", "mode": "after"}),
        ("POST", "/sandbox/faults", {"path": "/"}),
        ("POST", "/sandbox/faults", {"method": "GET", "path": "/", "times": 0}),
        ("POST", "/sandbox/accounts", {"username": "ann"}),
        ("PATCH", "/sandbox/settings", {"jobDelay": 1}),
        ("PATCH", "/sandbox/settings", {"tokenSeconds": "long"}),
    ],
)
async def test_a_wrong_control_is_refused(user: ModelOp, method: str, path: str, body: JsonObject) -> None:
    answer = await user.http.request(method, path, json=body)
    assert answer.status_code == 400
    assert answer.json()["message"]
