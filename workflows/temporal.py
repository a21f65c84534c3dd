"""How every program of the product speaks to Temporal: one plugin for client, worker, replayer and tests."""

import asyncio
import dataclasses
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

import pydantic
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from mlc.errors import InvalidInput, Unavailable

T = TypeVar("T")

# A process whose last await was a call into the SDK's native core may abort while the interpreter ends
# (temporalio/sdk-python#300). A last pause on the loop avoids it: 0 of 180 runs.
LAST_BREATH_SECONDS = 0.1

DEFAULT_ADDRESS = "127.0.0.1:7233"

PASSED_THROUGH = (
    "mlc",  # the contracts: importing 60 pydantic models anew for each workflow costs 50 ms of CPU
    "activities",  # signatures only, see the import rules; the implementations are never imported by a workflow
)


def _runner(existing: WorkflowRunner | None) -> WorkflowRunner:
    if isinstance(existing, SandboxedWorkflowRunner):
        restrictions = existing.restrictions.with_passthrough_modules(*PASSED_THROUGH)
        return dataclasses.replace(existing, restrictions=restrictions)
    return existing or SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )


def mlc_plugin() -> SimplePlugin:
    """Data converter, sandbox and failure types of the product, in the form that all parts of the SDK take."""
    return SimplePlugin(
        "mlc",
        data_converter=pydantic_data_converter,
        workflow_runner=_runner,
        # Without this a start with a malformed argument would retry its first task for ever instead of failing.
        workflow_failure_exception_types=[pydantic.ValidationError],
    )


async def connect() -> Client:
    """A client from Temporal's standard configuration (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_PROFILE`, …).

    Raises InvalidInput for a configuration that cannot be read, Unavailable naming the address when nobody answers there.
    """
    try:
        config = ClientConfig.load_client_connect_config()
    except Exception as error:
        raise InvalidInput(f"the Temporal configuration (TEMPORAL_*) cannot be read: {error}") from error
    address = config.setdefault("target_host", DEFAULT_ADDRESS)
    try:
        return await Client.connect(**config, plugins=[mlc_plugin()])
    except ValueError as error:
        raise InvalidInput(f"TEMPORAL_ADDRESS {address} cannot be used: {error}") from None
    except RuntimeError as error:
        raise Unavailable(
            f"Temporal does not answer at {address}: is it up? Start it with `mlc up`, or set TEMPORAL_ADDRESS"
        ) from error


def run_main(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` with a clean exit, for every program that holds a Temporal client."""

    async def breathe_out() -> T:
        try:
            return await main
        finally:
            await asyncio.sleep(LAST_BREATH_SECONDS)

    return asyncio.run(breathe_out())


def stop_requested() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, in the running loop."""
    event, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, event.set)
    return event
