"""`GET /health`: whether this worker hosts what it should."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from mlc.errors import InvalidInput


class _Server(uvicorn.Server):
    """Leaves the signals to the worker, which has to end its activities before it ends."""

    def capture_signals(self) -> AbstractContextManager[None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return nullcontext()


@asynccontextmanager
async def health(temporal: Client, workers: list[Worker], host: str, port: int) -> AsyncGenerator[None]:
    """Serves the endpoint while the context is open. Raises InvalidInput when the port is taken."""

    async def answer(_: Request) -> JSONResponse:
        queues = {worker.task_queue: worker.is_running for worker in workers}
        try:
            reached = await temporal.service_client.check_health()
        except (RPCError, RuntimeError):
            reached = False
        well = reached and all(queues.values())
        return JSONResponse({"temporal": reached, "queues": queues}, status_code=200 if well else 503)

    app = Starlette(routes=[Route("/health", answer)])
    server = _Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    with _bound(host, port) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving


def _bound(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InvalidInput(
            f"the health endpoint cannot use {host}:{port}: {error.strerror}; set MLC_WORKER__HEALTH_PORT"
        ) from error
    return listener
