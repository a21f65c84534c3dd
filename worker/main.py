"""The worker as a program."""

import asyncio
import logging
from contextlib import suppress

from temporalio.client import Client
from temporalio.service import RPCError

from mlc.catalogue import Catalogue, installed
from mlc.errors import InvalidInput, Unavailable
from mlc.settings import Settings, load_settings
from worker.health import health
from worker.hosting import ensure_watcher, hosting
from workflows.temporal import connect, run_main, stop_requested

logger = logging.getLogger("mlc.worker")

RECONNECT_SECONDS = 2.0
LOOK_AFTER_WATCHER_SECONDS = 15.0


def main() -> int:
    """Runs until SIGTERM or SIGINT; answers the exit code (2: the configuration, or a process of another package, is wrong)."""
    try:
        settings, catalogue = load_settings(), installed()
    except InvalidInput as error:
        logging.basicConfig()
        logger.error("%s", error)  # noqa: TRY400 - a user's mistake is one line
        return 2
    logging.basicConfig(
        level=settings.worker.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # Its INFO lines tell every request, and the address of some of them holds what is searched for.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        run_main(_work(settings, catalogue))
    except InvalidInput as error:
        logger.error("%s", error)  # noqa: TRY400
        return 2
    return 0


async def _work(settings: Settings, catalogue: Catalogue) -> None:
    stop = stop_requested()
    temporal = await _connected(stop)
    if temporal is None:
        return
    worker = settings.worker
    async with (
        hosting(temporal, settings, catalogue=catalogue) as workers,
        health(temporal, workers, worker.health_host, worker.health_port),
    ):
        logger.info("Working on %s and its queues, health at port %s", worker.task_queue, worker.health_port)
        await _keep_watcher(temporal, settings, stop)
        logger.info("Asked to stop: running activities may finish")


async def _keep_watcher(temporal: Client, settings: Settings, stop: asyncio.Event) -> None:
    """Until asked to stop: the watcher runs, also after somebody cancelled it in the Temporal UI."""
    while not stop.is_set():
        try:
            await ensure_watcher(temporal, settings)
        except RPCError as error:
            logger.warning("Temporal does not answer: %s", error.message)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_AFTER_WATCHER_SECONDS)


async def _connected(stop: asyncio.Event) -> Client | None:
    """A client as soon as Temporal answers; None when asked to stop before."""
    while not stop.is_set():
        try:
            return await connect()
        except Unavailable as error:
            logger.warning("%s", error)
        try:
            await asyncio.wait_for(stop.wait(), RECONNECT_SECONDS)
        except TimeoutError:
            continue
    return None
