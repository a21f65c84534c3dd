"""For the tests of processes of one's own: the embedded stack, and models to run them on.

>>> async with embedded_stack(Path("folder")) as stack:
...     snapshot_id = await stack.snapshot({"auc": 0.95})
...     process = await stack.client.start_back_test(snapshot_id)
...     print((await stack.client.wait(process)).outcome)
passed
"""

import base64
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
from temporalio.client import Client

from starter.client import MlcClient
from starter.stack.supervisor import Stack, StackInfo
from workflows.temporal import mlc_plugin

API = "/model-manage/api"
ANSWER_SECONDS = 20.0
# The tag by which the runtime and the snapshots find each other.
SERVICE_TAG = "own-process"

Json = dict[str, Any]


class RunningStack:
    """A stack that runs, and what people do with its stand-ins.

    `client` starts and follows processes. `modelop` and `jira` are HTTP clients of the stand-ins: the one signed in as the
    product, the other as the reviewer. `info` tells where everything is.
    """

    def __init__(
        self, info: StackInfo, client: MlcClient, modelop: httpx.AsyncClient, jira: httpx.AsyncClient
    ) -> None:
        self.info = info
        self.client = client
        self.modelop = modelop
        self.jira = jira

    async def snapshot(self, metrics: Mapping[str, float | int | str], *tags: str) -> str:
        """Takes a snapshot of a new model, and answers its id. A test of the model yields `metrics`.

        It carries a TEST_DATA asset, `tags`, and the service tag of a runtime that runs its jobs.
        """
        await self._provide_runtime()
        name = f"model-{uuid4().hex[:8]}"
        assets = [_source(metrics), _test_data()]
        stored = await self.create(
            "storedModels", {"modelMetaData": {"name": name, "tags": []}, "modelAssets": assets}
        )
        meta_data = {"name": name, "tags": [*tags, SERVICE_TAG]}
        snapshot = await self.create(
            "deployableModels", {"storedModel": {"id": stored["id"]}, "metaData": meta_data}
        )
        return str(snapshot["id"])

    async def create(self, collection: str, body: Json) -> Json:
        """Creates an entity in ModelOp Center."""
        return _answered(await self.modelop.post(f"{API}/{collection}", json=body))

    async def all(self, collection: str) -> list[Json]:
        """The entities of a collection of ModelOp Center, such as `modelMLCs` or `notifications`."""
        page = _answered(await self.modelop.get(f"{API}/{collection}", params={"size": 1000}))
        return cast(list[Json], page["_embedded"][collection])

    async def issue(self, key: str) -> Json:
        """The fields of a ticket: `summary`, `description`, `status`, …"""
        return cast(Json, _answered(await self.jira.get(f"/rest/api/2/issue/{key}"))["fields"])

    async def move(self, key: str, status: str) -> None:
        """Moves a ticket as the reviewer, such as to `Done`."""
        path = f"/rest/api/2/issue/{key}/transitions"
        offered = _answered(await self.jira.get(path))["transitions"]
        transition = next(one["id"] for one in offered if one["to"]["name"] == status)
        (await self.jira.post(path, json={"transition": {"id": transition}})).raise_for_status()

    async def _provide_runtime(self) -> None:
        if not any(SERVICE_TAG in engine["tags"] for engine in await self.all("engines")):
            runtime = {"name": SERVICE_TAG, "engineType": "MODEL_OP_ENGINE", "tags": [SERVICE_TAG]}
            await self.create("engines", runtime)


@asynccontextmanager
async def embedded_stack(state: Path) -> AsyncGenerator[RunningStack]:
    """A stack on free ports that hosts every installed process and ends with the context; `state` is its folder.

    Raises `starter.stack.errors.StackError`, such as when the worker cannot host an installed process.
    """
    async with Stack.start(state, "auto") as stack, signed_in(stack.info) as running:
        yield running


@asynccontextmanager
async def signed_in(info: StackInfo) -> AsyncGenerator[RunningStack]:
    """A stack that runs already: `info` is the line of `mlc up --json`."""
    reviewer = info.accounts.jira_reviewer
    temporal = await Client.connect(info.temporal, namespace=info.namespace, plugins=[mlc_plugin()])
    async with (
        _http(info.moc) as modelop,
        _http(info.jira, auth=(reviewer.username, reviewer.token)) as jira,
    ):
        account = {"username": info.accounts.moc.username, "password": info.accounts.moc.password}
        token = _answered(await modelop.post("/gocli/token", data=account))["access_token"]
        modelop.headers["Authorization"] = f"Bearer {token}"
        yield RunningStack(info, MlcClient(temporal), modelop, jira)


def _http(base_url: str, auth: tuple[str, str] | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=base_url, auth=auth, trust_env=False, timeout=ANSWER_SECONDS)


def _answered(answer: httpx.Response) -> Json:
    return cast(Json, answer.raise_for_status().json())


def _source(metrics: Mapping[str, float | int | str]) -> Json:
    return {
        "name": "model.py",
        "assetType": "SOURCE_CODE",
        "assetRole": "MODEL_SOURCE",
        "primaryModelSource": True,
        "sourceCode": f"# modelop.metrics\ndef metrics(data):\n    yield {dict(metrics)!r}\n",
    }


def _test_data() -> Json:
    content = b"x,y\n1,0\n2,1\n"
    return {
        "name": "test.csv",
        "assetType": "FILE",
        "assetRole": "TEST_DATA",
        "filename": "test.csv",
        "fileFormat": "CSV",
        "fileSize": len(content),
        "fileContent": base64.b64encode(content).decode(),
    }
