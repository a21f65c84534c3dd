"""What every command that talks to processes does first."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from temporalio.runtime import Runtime, TelemetryConfig

from mlc.ids import deploy_workflow_id
from mlc.settings import load_settings
from starter.client import MlcClient
from workflows.temporal import run_main

T = TypeVar("T")


def with_client(do: Callable[[MlcClient], Coroutine[Any, Any, T]], *, within: float | None = None) -> T:
    """Connects as the settings and the environment say, and does it. Raises TimeoutError after `within` seconds."""

    # Its native core logs to standard output, where a program reads; what matters comes back as an error.
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)), error_if_already_set=False)

    async def run() -> T:
        settings = load_settings()
        async with asyncio.timeout(within):
            client = await MlcClient.connect(
                task_queue=settings.worker.task_queue, dialect=settings.modelop.dialect
            )
            return await do(client)

    return run_main(run())


def workflow_id_of(process_id: str) -> str:
    """The id of a process, also by the id of its snapshot."""
    return process_id if process_id.startswith("mlc-") else deploy_workflow_id(process_id)
