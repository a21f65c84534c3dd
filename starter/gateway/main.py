"""The gateway as a program."""

import asyncio
import logging
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from mlc.catalogue import Catalogue, installed
from mlc.errors import InvalidInput, Unavailable
from mlc.settings import Settings, load_settings
from starter.client import MlcClient
from starter.gateway.app import gateway
from workflows.temporal import run_main, stop_requested

logger = logging.getLogger("mlc.gateway")

RECONNECT_SECONDS = 2.0
# Requests under way have this long to be answered; those that wait for a process are answered at once.
GRACEFUL_SECONDS = 1


def main() -> int:
    """Serves until SIGTERM or SIGINT; answers the exit code (2: the configuration is wrong)."""
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        run_main(_serve(load_settings()))
    except InvalidInput as error:
        logger.error("%s", error)  # noqa: TRY400 - a user's mistake is one line
        return 2
    return 0


async def _serve(settings: Settings) -> None:
    host, port = settings.gateway.host, settings.gateway.port
    catalogue = installed()
    stop = stop_requested()
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # asyncio sets this only on sockets that it opened itself; without it an answer may wait 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise InvalidInput(
                f"the gateway cannot use {host}:{port}: {error.strerror}; set MLC_GATEWAY__PORT"
            ) from error
        client = await _connected(settings, catalogue, stop)
        if client is not None:
            app = gateway(client, settings, closing=stop)
            config = uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=GRACEFUL_SECONDS,
            )
            server = _Server(config)
            ending = asyncio.create_task(server.end_after(stop))
            await server.serve([listener])
            ending.cancel()


class _Server(uvicorn.Server):
    """Ends after the event that the program's signals set, and has no handlers for them of its own."""

    async def end_after(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def _connected(settings: Settings, catalogue: Catalogue, stop: asyncio.Event) -> MlcClient | None:
    """A client as soon as Temporal answers; None when asked to stop before."""
    while not stop.is_set():
        try:
            return await MlcClient.connect(
                task_queue=settings.worker.task_queue,
                catalogue=catalogue,
                dialect=settings.modelop.dialect,
            )
        except Unavailable as error:
            logger.warning("%s", error)
            await asyncio.sleep(RECONNECT_SECONDS)
    return None
