"""The stand-in for ModelOp Center, served in the test's own process, and a client of its REST interface."""

import asyncio
import base64
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp

from sandbox.modelop.app import create_app

ACCOUNTS: dict[str, Any] = {"moc": {"username": "mlc-service", "password": "a-password"}}
ISSUER = "http://modelop.test"
API = "/model-manage/api"
JsonObject = dict[str, Any]

DOUBLING_MODEL = """
# modelop.init
def begin(job):
    global factor
    factor = 2

# modelop.score
def score(datum):
    yield {"y": datum["x"] * factor}

# modelop.metrics
def metrics(data):
    yield {"rows": len(data), "mean": data["x"].mean()}
"""


class _QuietServer(uvicorn.Server):
    """Leaves the test process's signals alone, says when it listens and ends without a tick's delay."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1))
        self.listening = asyncio.Event()
        self.ending = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        await self.ending.wait()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncGenerator[str]:
    """The base URL under which the application answers on a free port of loopback."""
    server = _QuietServer(app)
    serving = asyncio.create_task(server.serve())
    await server.listening.wait()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.ending.set()
        await serving


class ModelOp:
    """A logged-in user of the stand-in that keeps its books under `data`."""

    def __init__(self, http: httpx.AsyncClient, data: Path) -> None:
        self.http = http
        self.data = data

    async def log_in(self, **account: str) -> None:
        answer = await self.http.post("/gocli/token", data=account or ACCOUNTS["moc"])
        self.http.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"

    async def create(self, collection: str, body: JsonObject) -> JsonObject:
        return (await self.http.post(f"{API}/{collection}", json=body)).raise_for_status().json()

    async def read(self, collection: str, entity_id: str) -> JsonObject:
        return (await self.http.get(f"{API}/{collection}/{entity_id}")).raise_for_status().json()

    async def patch(self, collection: str, entity_id: str, changes: JsonObject) -> JsonObject:
        return (
            (await self.http.patch(f"{API}/{collection}/{entity_id}", json=changes)).raise_for_status().json()
        )

    async def all(self, collection: str) -> list[JsonObject]:
        answer = await self.http.get(f"{API}/{collection}", params={"size": 1000})
        return answer.raise_for_status().json()["_embedded"][collection]

    async def snapshot(self, source: str = DOUBLING_MODEL, **asset: Any) -> JsonObject:
        """A snapshot of a new model that consists of this source code."""
        code = {
            "assetType": "SOURCE_CODE",
            "name": "model.py",
            "primaryModelSource": True,
            "sourceCode": source,
        }
        model = await self.create(
            "storedModels", {"modelMetaData": {"name": "a model"}, "modelAssets": [{**code, **asset}]}
        )
        return await self.create("deployableModels", {"storedModel": {"id": model["id"]}})

    async def start_job(
        self, job_type: str, snapshot: JsonObject, *inputs: JsonObject, **fields: Any
    ) -> JsonObject:
        body = {
            "jobType": job_type,
            "model": {"deployableModel": {"id": snapshot["id"]}},
            "inputData": list(inputs),
        }
        return await self.create("jobs", {**body, **fields})

    async def run_job(
        self, job_type: str, snapshot: JsonObject, *inputs: JsonObject, **fields: Any
    ) -> JsonObject:
        """The job when it has ended."""
        job = await self.start_job(job_type, snapshot, *inputs, **fields)
        return await self.reached("jobs", job["id"], "jobStatus", "COMPLETE", "ERROR", "CANCELLED")

    async def reached(self, collection: str, entity_id: str, field: str, *values: str) -> JsonObject:
        async with asyncio.timeout(20):
            while True:
                entity = await self.read(collection, entity_id)
                if entity[field] in values:
                    return entity
                await asyncio.sleep(0.02)


@asynccontextmanager
async def modelop(
    data: Path, gateway: str | None = None, accounts: JsonObject = ACCOUNTS
) -> AsyncGenerator[ModelOp]:
    """The stand-in with its books under `data`, and somebody logged in."""
    async with (
        served(create_app(data, accounts, gateway, issuer=ISSUER)) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as http,
    ):
        user = ModelOp(http, data)
        await user.log_in()
        yield user


def file_asset(text: str, file_format: str = "JSON", name: str = "input") -> JsonObject:
    content = base64.b64encode(text.encode()).decode()
    return {"assetType": "FILE", "filename": name, "fileFormat": file_format, "fileContent": content}


def external_file(url: str, **fields: Any) -> JsonObject:
    return {"assetType": "EXTERNAL_FILE", "fileUrl": url, "fileFormat": "UNKNOWN", **fields}


def output_text(job: JsonObject, index: int = 0) -> str:
    return base64.b64decode(job["outputData"][index]["fileContent"]).decode()
