"""The stand-in tells the life cycle's gateway about snapshots, passes /mlc-service on, and fails on demand."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import jwt
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.sandbox.modelop_server import (
    API,
    JsonObject,
    ModelOp,
    external_file,
    file_asset,
    modelop,
    served,
)

SIGNAL = "com.modelop.mlc.definitions.Signals_deployable_model_changed"
JOB_SIGNAL = "com.modelop.mlc.definitions.Signals_job_status_changed"
SCORE = "MODEL_BATCH_JOB"
SLEEPING_MODEL = "import time\n# modelop.score\ndef score(datum):\n    time.sleep(60)\n    return datum\n"


class Gateway:
    """Takes down what arrives and answers the statuses it was told, then 200; signals of the name `hangs` get no answer."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.hangs = ""
        self.tokens: list[str] = []
        self.request_ids: list[str] = []
        self.signals: asyncio.Queue[JsonObject] = asyncio.Queue()
        self.app = Starlette(
            routes=[
                Route("/mlc-service/rest/signal", self.signal, methods=["POST"]),
                Route("/mlc-service/rest/{path:path}", self.echo, methods=["GET", "PUT"]),
            ]
        )

    async def signal(self, request: Request) -> Response:
        self.tokens.append(request.headers["authorization"])
        self.request_ids.append(request.headers["x-request-id"])
        signal = await request.json()
        self.signals.put_nowait(signal)
        if signal["name"] == self.hangs:
            await asyncio.sleep(60)
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    async def echo(self, request: Request) -> Response:
        body = (await request.body()).decode()
        seen = [request.method, str(request.url.query), request.headers.get("authorization"), body]
        return JSONResponse(seen, 418, {"X-Answer": request.scope["raw_path"].decode()})

    async def next_signal(self) -> JsonObject:
        async with asyncio.timeout(10):
            return await self.signals.get()

    async def next_status(self, *statuses: str) -> JsonObject:
        """The job of the next signal that tells one of these statuses."""
        while True:
            signal = await self.next_signal()
            if signal["name"] == JOB_SIGNAL:
                assert signal["variables"].keys() == {"JOB"}
                job = signal["variables"]["JOB"]["value"]
                if job["jobStatus"] in statuses:
                    return job


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
async def user(tmp_path: Path, gateway: Gateway) -> AsyncGenerator[ModelOp]:
    async with served(gateway.app) as url, modelop(tmp_path, url) as user:
        yield user


async def test_a_signal_keeps_its_request_id_however_often_it_is_sent(
    user: ModelOp, gateway: Gateway
) -> None:
    gateway.statuses = [503]
    for _ in range(2):
        await user.snapshot()
    for _ in range(3):
        await gateway.next_signal()
    assert len(gateway.request_ids) == 3
    assert len(set(gateway.request_ids)) == 2


async def test_a_new_snapshot_is_signalled_with_a_token_that_holds(user: ModelOp, gateway: Gateway) -> None:
    snapshot = await user.snapshot()
    signal = await gateway.next_signal()
    assert signal["name"] == SIGNAL
    value = signal["variables"]["DEPLOYABLE_MODEL"]["value"]
    assert value == {key: value for key, value in snapshot.items() if key != "_links"}
    answer = await user.http.get(f"{API}/jobs", headers={"Authorization": gateway.tokens[0]})
    assert answer.status_code == 200
    claims = jwt.decode(gateway.tokens[0].removeprefix("Bearer "), options={"verify_signature": False})
    assert (claims["sub"], claims["groups"]) == ("modelop-center", ["mlc-signal"])


async def test_a_signal_is_repeated_until_the_gateway_takes_it(user: ModelOp, gateway: Gateway) -> None:
    gateway.statuses = [503, 429, 401]
    await user.snapshot()
    first, *others = [await gateway.next_signal() for _ in range(4)]
    assert others == [first] * 3
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


async def test_a_jobs_end_is_signalled_without_the_contents_of_its_files(
    user: ModelOp, gateway: Gateway
) -> None:
    parameters = {"mlcKey": "k", "fileContent": "a parameter"}
    source = {**file_asset('{"x": 1}'), "assetRole": "TEST_DATA"}
    snapshot = await user.snapshot()
    job = await user.create(
        "jobs",
        {
            "jobType": SCORE,
            "model": {"deployableModel": snapshot, "role": "kept"},
            "referenceModel": {"storedModel": snapshot["storedModel"]},
            "inputData": [source],
            "jobParameters": parameters,
        },
    )
    told = await gateway.next_status("COMPLETE")
    job = await user.reached("jobs", job["id"], "jobStatus", "COMPLETE")
    for field in ("id", "jobType", "jobStatus", "jobResult", "jobMessages", "jobEndTime", "version"):
        assert told[field] == job[field]
    assert told["jobParameters"] == parameters
    assert told["model"] == {"deployableModel": {"id": snapshot["id"]}, "role": "kept"}
    assert told["inputData"] == [{key: value for key, value in source.items() if key != "fileContent"}]
    assert told["outputData"][0]["contentHash"] == job["outputData"][0]["contentHash"]
    assert "fileContent" not in told["outputData"][0]
    (code,) = told["referenceModel"]["storedModel"]["modelAssets"]
    assert code["name"] == "model.py"
    assert "sourceCode" not in code


async def test_a_job_is_signalled_when_it_runs_and_when_it_is_cancelled_but_not_before(
    user: ModelOp, gateway: Gateway
) -> None:
    every = ("CREATED", "WAITING", "RUNNING", "COMPLETE", "ERROR", "CANCELLED")
    job = await user.start_job(SCORE, await user.snapshot(SLEEPING_MODEL), file_asset("{}"))
    assert (await gateway.next_status(*every))["jobStatus"] == "RUNNING"
    await user.patch("jobs", job["id"], {"jobStatus": "CANCELLED"})
    told = await gateway.next_status(*every)
    assert (told["id"], told["jobStatus"]) == (job["id"], "CANCELLED")
    await user.patch("jobs", job["id"], {"note": "its status stays"})
    await asyncio.sleep(0.3)
    assert gateway.signals.empty()


async def test_a_job_that_cannot_be_run_is_signalled_as_an_error(user: ModelOp, gateway: Gateway) -> None:
    await user.start_job(SCORE, await user.snapshot(), external_file("file:///none.csv"))
    told = await gateway.next_status("ERROR")
    assert told["jobMessages"] == ["Input none.csv (file:///none.csv): there is no such file"]


async def test_of_what_a_gateway_missed_only_the_newest_status_of_each_job_is_kept(
    tmp_path: Path, gateway: Gateway
) -> None:
    async with modelop(tmp_path, "http://127.0.0.1:9") as user:
        snapshot = await user.snapshot()
        first = await user.run_job(SCORE, snapshot, file_asset('{"x": 1}'))
        second = await user.run_job(SCORE, snapshot, file_asset("{}"))
        third = await user.start_job(SCORE, await user.snapshot(SLEEPING_MODEL), file_asset("{}"))
        await user.reached("jobs", third["id"], "jobStatus", "RUNNING")
        await user.patch("jobs", third["id"], {"jobStatus": "CANCELLED"})
    async with served(gateway.app) as url, modelop(tmp_path, url):
        signals = [await gateway.next_signal() for _ in range(5)]
        await asyncio.sleep(0.3)
        assert gateway.signals.empty()
    jobs = [signal["variables"]["JOB"]["value"] for signal in signals if signal["name"] == JOB_SIGNAL]
    told = [(job["id"], job["jobStatus"]) for job in jobs]
    assert told == [(first["id"], "COMPLETE"), (second["id"], "ERROR"), (third["id"], "CANCELLED")]


async def test_a_snapshots_signal_does_not_wait_for_those_of_jobs(user: ModelOp, gateway: Gateway) -> None:
    gateway.hangs = JOB_SIGNAL
    for _ in range(3):
        await user.run_job(SCORE, await user.snapshot(), file_asset('{"x": 1}'))
    snapshot = await user.snapshot()
    async with asyncio.timeout(2):
        while True:
            signal = await gateway.next_signal()
            if signal["name"] == SIGNAL:
                value = signal["variables"]["DEPLOYABLE_MODEL"]["value"]
                if value["id"] == snapshot["id"]:
                    break


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
