"""The gateway, served over HTTP as it is in an installation."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import uvicorn
from starlette.types import ASGIApp

from mlc.settings import GatewaySettings, Settings
from starter.client import MlcClient
from starter.gateway.app import gateway
from tests.stand_ins import StandIns

SIGNAL, RESPONSIVE = "/mlc-service/rest/signal", "/mlc-service/rest/signalResponsive"
PROCESSES = "/mlc-service/api/processes"


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncGenerator[str]:
    """An application on a free port, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve([listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


def of_stand_in(both: StandIns) -> dict[str, str]:
    """The auth settings by which the tokens of the stand-in for ModelOp Center are taken."""
    return {"issuer": both.moc_url, "audience": "modelop", "jwks_url": f"{both.moc_url}/gocli/jwks"}


@asynccontextmanager
async def door(
    client: MlcClient, auth: Mapping[str, Any], token: str | None = None, **settings: Any
) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a gateway with these auth settings, and others of the gateway; it sends this token."""
    section = GatewaySettings.model_validate({"auth": auth, **settings})
    headers = bearer(token) if token else {}
    async with (
        listening(gateway(client, Settings(gateway=section))) as address,
        httpx.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=90) as http,
    ):
        yield http


async def token_of(both: StandIns, *groups: str) -> tuple[str, str]:
    """A new user of the stand-in who is in these groups, and a token of theirs."""
    name, password = f"user-{uuid4().hex[:8]}", "secret"
    account = {"username": name, "password": password, "groups": list(groups)}
    (await both.moc.post("/sandbox/accounts", json=account)).raise_for_status()
    answer = await both.moc.post("/gocli/token", data={"username": name, "password": password})
    return name, str(answer.raise_for_status().json()["access_token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
