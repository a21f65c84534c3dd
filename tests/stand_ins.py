"""The outside world of the process tests: ModelOp Center and Jira as programs of their own, and what people do there."""

import asyncio
import base64
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

Json = dict[str, Any]

# As many faults as no test lives to see the end of.
FOR_EVER = 100_000

# Jira's way to say that a character is no markup.
ESCAPED = re.compile(r"\\([{}\[\]*_|\\!^~?+-])")

ROOT = Path(__file__).parent.parent
API = "/model-manage/api"
ACCOUNTS: Json = {
    "moc": {"username": "modelop", "password": "modelop-secret"},
    "jiraService": {"username": "mlc-service", "token": "service-token"},
    "jiraReviewer": {"username": "reviewer", "token": "reviewer-token"},
    "webhookSecret": "webhook-secret",
}
SERVICE_ACCOUNT = ("mlc-service", "service-token")

# A model small enough that a test is about the process: its metrics are what its data says.
MODEL = """
# modelop.train
def train(data):
    yield {"rows": len(data)}

# modelop.metrics
def metrics(data):
    yield {"auc": float(data["auc"].iloc[0]), "f1_score": float(data["f1_score"].iloc[0])}

# modelop.score
def score(datum):
    yield datum
"""
BROKEN_MODEL = """
# modelop.metrics
def metrics(data):
    raise RuntimeError("the model is broken on purpose")
"""
TABLE = (Path(__file__).parent / "data" / "thresholds.dmn").read_text()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@asynccontextmanager
async def program(
    module: str, *arguments: str, env: dict[str, str] | None = None
) -> AsyncGenerator[subprocess.Popen[bytes]]:
    """A program of the house, ended with SIGTERM."""
    process = subprocess.Popen(  # noqa: ASYNC220 - the start does not block, the wait goes to a thread
        [sys.executable, "-m", module, *arguments], env={**os.environ, **(env or {})}, cwd=ROOT
    )
    try:
        yield process
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 15)


async def answers(url: str, within: float = 15) -> None:
    """Waits until a GET of the URL is answered with 200."""
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(int(within / 0.05)):
            try:
                if (await http.get(url)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.05)
    raise AssertionError(f"{url} did not answer within {within} s")


class StandIns:
    """ModelOp Center and Jira for tests: what a person or an administrator would do there."""

    def __init__(self, moc: str, jira: str, books: Path, accounts: Json = ACCOUNTS) -> None:
        self.moc_url, self.jira_url = moc, jira
        self._books = books
        self.files = books.parent / "files"
        self._accounts = accounts
        reviewer, service = _login(accounts["jiraReviewer"]), _login(accounts["jiraService"])
        self.moc = _http(moc)
        self.reviewer = _http(jira, reviewer)
        self.service = _http(jira, service)

    async def log_in(self) -> None:
        answer = await self.moc.post("/gocli/token", data=self._accounts["moc"])
        self.moc.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"

    async def reset(self) -> None:
        """No faults, no lag: every test begins with systems that work."""
        await self.mend()
        settings = {
            "mode": "server",
            "indexLagSeconds": 0,
            "attachmentsEnabled": True,
            "webhookDuplicates": 0,
        }
        await self.set_jira(**settings)
        await self.set_moc(jobDelaySeconds=0)

    async def set_jira(self, **settings: Any) -> None:
        """Jira's settings by their JSON names, such as `indexLagSeconds`."""
        (await self.reviewer.patch("/sandbox/settings", json=settings)).raise_for_status()

    async def set_moc(self, **settings: Any) -> None:
        """ModelOp Center's settings by their JSON names, such as `jobDelaySeconds`."""
        (await self.moc.patch("/sandbox/settings", json=settings)).raise_for_status()

    async def break_jira(self, method: str, path: str, **how: Any) -> None:
        """The next requests of this kind fail: `times`, `status`, `mode`, `retryAfter` as the stand-in takes them."""
        fault = {"method": method, "path": path, "times": FOR_EVER, **how}
        (await self.reviewer.post("/sandbox/faults", json=fault)).raise_for_status()

    async def break_moc(self, method: str, path: str, **how: Any) -> None:
        """The same for ModelOp Center."""
        fault = {"method": method, "path": path, "times": FOR_EVER, **how}
        (await self.moc.post("/sandbox/faults", json=fault)).raise_for_status()

    async def mend(self) -> None:
        """Both systems work again."""
        for client in (self.moc, self.reviewer):
            (await client.delete("/sandbox/faults")).raise_for_status()

    async def jira_requests(self) -> dict[str, int]:
        """How often each route of Jira was served."""
        return (await self.reviewer.get("/sandbox/requests")).raise_for_status().json()

    def rewrite_asset(self, snapshot: Json, name: str, **fields: Any) -> None:
        """Changes a file of a snapshot in ModelOp Center's own database: over REST its files stay what they are."""
        body = json.loads(json.dumps(snapshot))
        asset = next(a for a in body["storedModel"]["modelAssets"] if a["name"] == name)
        asset |= fields
        with closing(sqlite3.connect(self._books, timeout=5)) as books, books:
            books.execute(
                "UPDATE entities SET body = ? WHERE collection = 'deployableModels' AND id = ?",
                (json.dumps(body), body["id"]),
            )

    async def create(self, collection: str, body: Json) -> Json:
        return (await self.moc.post(f"{API}/{collection}", json=body)).raise_for_status().json()

    async def change(self, collection: str, entity_id: str, body: Json) -> Json:
        return (await self.moc.patch(f"{API}/{collection}/{entity_id}", json=body)).raise_for_status().json()

    async def all(self, collection: str) -> list[Json]:
        body = (await self.moc.get(f"{API}/{collection}", params={"size": 1000})).raise_for_status().json()
        return body["_embedded"][collection]

    async def jobs_of(self, snapshot_id: str) -> list[Json]:
        return [job for job in await self.all("jobs") if job["model"]["deployableModel"]["id"] == snapshot_id]

    async def deployments_of(self, snapshot_id: str) -> list[Json]:
        return [
            made for made in await self.all("deployedModels") if made["deployableModel"]["id"] == snapshot_id
        ]

    async def runtime(self, tag: str, *, online: bool = True, name: str | None = None, **more: Any) -> Json:
        body = {
            "name": name or f"runtime-{uuid4().hex[:8]}",
            "engineType": "MODEL_OP_ENGINE",
            "tags": [tag],
            "inputEndpoints": ["rest"] if online else [],
            "outputEndpoints": ["rest"] if online else [],
            **more,
        }
        return await self.create("engines", body)

    async def batch_deployment(self, snapshot: Json, engine: Json, **more: Any) -> Json:
        """A batch deployment that stands."""
        body = {"deployableModel": snapshot, "engine": engine, "state": "DEPLOYED", "deploymentType": "BATCH"}
        return await self.create("deployedModels", body | more)

    def outside_file(self, name: str, text: str = "") -> str:
        """A file where the runtimes read `file:` addresses; answers its address. Without text it is yet to be written."""
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text:
            path.write_text(text)
        return f"file:///{name}"

    async def results_of(self, snapshot_id: str) -> list[Json]:
        """The stored test results of a snapshot, oldest first."""
        return [
            body["testResults"]
            for body in await self.all("modelTestResults")
            if body["deployableModel"]["id"] == snapshot_id
        ]

    async def told_of(self, snapshot_id: str) -> list[Json]:
        """The notifications about a snapshot, oldest first."""
        return [
            note for note in await self.all("notifications") if note.get("deployableModelId") == snapshot_id
        ]

    async def snapshot(
        self,
        *tags: str,
        auc: float | str = 0.95,
        f1: float = 0.9,
        code: str = MODEL,
        table: str | None = TABLE,
        second_table: str | None = None,
        test_data: bool = True,
        training_data: bool = False,
        **meta: Any,
    ) -> Json:
        """A snapshot of a new model; its test result is what `auc` and `f1` say."""
        assets = [_source(code)]
        if test_data:
            assets.append(_file("test.csv", "TEST_DATA", f"auc,f1_score\n{auc},{f1}\n"))
        if training_data:
            assets.append(_file("train.csv", "TRAINING_DATA", "x,y\n1,0\n2,1\n"))
        if table is not None:
            assets.append(_table("thresholds.dmn", table))
        if second_table is not None:
            assets.append(_table("second.dmn", second_table))
        name = f"model-{uuid4().hex[:8]}"
        stored = await self.create(
            "storedModels", {"modelMetaData": {"name": name, "tags": []}, "modelAssets": assets}
        )
        return await self.snapshot_of(stored, *tags, **meta)

    async def snapshot_of(self, stored: Json, *tags: str, **meta: Any) -> Json:
        """A snapshot of a stored model as it is now."""
        meta_data = {"name": stored["modelMetaData"]["name"], "tags": list(tags), **meta}
        return await self.create(
            "deployableModels", {"storedModel": {"id": stored["id"]}, "metaData": meta_data}
        )

    async def issue(self, key: str) -> Json:
        return (
            (await self.service.get(f"/rest/api/2/issue/{key}", params={"expand": "changelog"}))
            .raise_for_status()
            .json()
        )

    async def description(self, key: str) -> str:
        """The description as a person reads it, without the marks that keep markup from being markup."""
        return ESCAPED.sub(r"\1", str((await self.issue(key))["fields"]["description"]))

    async def status_of(self, key: str) -> str:
        return str((await self.issue(key))["fields"]["status"]["name"])

    async def comments(self, key: str) -> list[str]:
        """The comments as a person reads them, oldest first."""
        comments = (await self.issue(key))["fields"]["comment"]["comments"]
        return [ESCAPED.sub(r"\1", comment["body"]) for comment in comments]

    async def tickets_of(self, workflow_id: str) -> list[Json]:
        """The tickets whose property names the process."""
        found = await self.service.get(
            "/rest/api/2/search", params={"jql": "labels = modelop-mlc", "maxResults": 1000}
        )
        mine: list[Json] = []
        for issue in found.raise_for_status().json()["issues"]:
            answer = await self.service.get(f"/rest/api/2/issue/{issue['id']}/properties/mlc")
            if answer.status_code == 200 and answer.json()["value"]["workflowId"] == workflow_id:
                mine.append(issue)
        return mine

    async def move(
        self, key: str, status: str, comment: str = "", by: httpx.AsyncClient | None = None
    ) -> None:
        """Moves a ticket, by default as the reviewer."""
        client = by or self.reviewer
        offered = (
            (await client.get(f"/rest/api/2/issue/{key}/transitions"))
            .raise_for_status()
            .json()["transitions"]
        )
        transition = next(t["id"] for t in offered if t["to"]["name"] == status)
        body: Json = {"transition": {"id": transition}}
        if comment:
            body["update"] = {"comment": [{"add": {"body": comment}}]}
        (await client.post(f"/rest/api/2/issue/{key}/transitions", json=body)).raise_for_status()

    async def close(self) -> None:
        for client in (self.moc, self.reviewer, self.service):
            await client.aclose()


@asynccontextmanager
async def stand_ins(data: Path) -> AsyncGenerator[StandIns]:
    """Both stand-ins as programs on free ports; they emit nothing: a test starts what it needs."""
    accounts = data / "accounts.json"
    accounts.write_text(json.dumps(ACCOUNTS))
    moc, jira = free_port(), free_port()
    common = ("--accounts", str(accounts))
    async with (
        program("sandbox.modelop", "--port", str(moc), "--data", str(data / "modelop"), *common),
        program("sandbox.jira", "--port", str(jira), "--data", str(data / "jira"), *common),
    ):
        both = StandIns(
            f"http://127.0.0.1:{moc}", f"http://127.0.0.1:{jira}", data / "modelop" / "modelop.sqlite3"
        )
        await asyncio.gather(answers(both.moc_url + "/health"), answers(both.jira_url + "/health"))
        await both.log_in()
        yield both
        await both.close()


def _http(base_url: str, auth: tuple[str, str] | None = None) -> httpx.AsyncClient:
    # The stand-ins close what is idle for 5 s; a request that meets a closing connection would fail.
    limits = httpx.Limits(keepalive_expiry=2)
    return httpx.AsyncClient(base_url=base_url, auth=auth, trust_env=False, timeout=30, limits=limits)


def _login(account: Json) -> tuple[str, str]:
    return account["username"], account["token"]


def _source(code: str) -> Json:
    return {
        "name": "model.py",
        "assetType": "SOURCE_CODE",
        "assetRole": "MODEL_SOURCE",
        "primaryModelSource": True,
        "sourceCode": code,
    }


def _table(name: str, xml: str) -> Json:
    return {
        "name": name,
        "assetType": "SOURCE_CODE",
        "assetRole": "TEST_RESULT_COMPARATOR",
        "sourceCode": xml,
    }


def _file(name: str, role: str, text: str) -> Json:
    content = text.encode()
    return {
        "name": name,
        "assetType": "FILE",
        "assetRole": role,
        "filename": name,
        "fileFormat": "CSV",
        "fileSize": len(content),
        "fileContent": base64.b64encode(content).decode(),
    }
