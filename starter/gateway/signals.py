"""`signal` and `signalResponsive`: the way in for whatever starts or wakes processes."""

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mlc.contract import Contract
from mlc.errors import Conflict, InvalidInput, Unavailable
from mlc.record import ProcessRecord
from mlc.text import plain
from starter.client import MlcClient
from starter.gateway.bodies import json_object, read
from starter.gateway.typed_values import plain_values
from starter.starting import Started

REQUEST_ID = "X-Request-Id"
LONGEST_WAIT_SECONDS = 60.0
# Callers of `signalResponsive` go on with the job's id, so they get it although it is made a moment after the process.
JOB_SECONDS = 2.0
LOOK_SECONDS = 0.05


class SignalBody(Contract):
    """Camunda's SignalDto."""

    name: str | None = None
    execution_id: str | None = None
    variables: dict[str, Any] | None = None
    tenant_id: str | None = None
    without_tenant_id: bool | None = None


class SignalRoutes:
    """Camunda's broadcast, and ModelOp Center's signal that tells what it started.

    Once `closing` is set, whoever waits for a process is told what there is by then.
    """

    def __init__(self, client: MlcClient, closing: asyncio.Event) -> None:
        self._client = client
        self._closing = closing

    async def signal(self, request: Request) -> Response:
        """204 also when nobody listens. A signal that does not validate starts nothing: 400."""
        await self._send(request)
        return Response(status_code=204)

    async def signal_responsive(self, request: Request) -> Response:
        """The processes that were started, and of each that ended within `?wait=` seconds its record."""
        wait = _wait(request)
        sent = await self._send(request)
        told = await asyncio.gather(*(self._told(started, wait) for started in sent))
        return JSONResponse({"processInstances": told})

    async def _send(self, request: Request) -> Sequence[Started]:
        body = read(SignalBody, await json_object(request))
        if not body.name:
            raise InvalidInput("No signal name given")
        variables = plain_values(body.variables or {})
        if body.execution_id is not None:
            if body.tenant_id is not None or body.without_tenant_id:
                raise InvalidInput("executionId and a tenant cannot be given together")
            nobody = f"Execution '{body.execution_id}' has not subscribed to a signal event with name '{body.name}'"
            raise HTTPException(500, nobody)
        if body.tenant_id is not None:
            return ()  # no process belongs to a tenant: none receives it
        return await self._client.signal(body.name, variables, request_id=request.headers.get(REQUEST_ID))

    async def _told(self, started: Started, wait: float) -> Mapping[str, Any]:
        """One of the `processInstances`."""
        told: dict[str, Any] = {"id": started.workflow_id, "process": started.process, "jobId": None}
        try:
            record = await self._ended(started.workflow_id, wait)
            record = record or await self._under_way(started.workflow_id, JOB_SECONDS - wait)
        except Conflict:  # stopped from outside: it has ended, and there is no record
            return {**told, "state": "completed"}
        if record is None:
            return {**told, "state": "running"}
        told |= {"jobId": record.jobs[-1].id if record.jobs else None, "state": record.state}
        return told if record.state == "running" else {**told, "result": record.model_dump(mode="json")}

    async def _ended(self, workflow_id: str, wait: float) -> ProcessRecord | None:
        ended = asyncio.create_task(self._client.wait(workflow_id))
        closing = asyncio.create_task(self._closing.wait())
        await asyncio.wait((ended, closing), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        closing.cancel()
        if not ended.done():
            ended.cancel()
            return None
        with suppress(Unavailable):
            return ended.result()
        return None

    async def _under_way(self, workflow_id: str, job_within: float) -> ProcessRecord | None:
        """The record when it has a job, or `job_within` seconds are over; None when no worker tells it."""
        record, until = None, time.monotonic() + job_within
        # It has been started: whatever comes now, its id is the answer.
        with suppress(TimeoutError, Unavailable):
            async with asyncio.timeout(JOB_SECONDS):
                record = await self._client.status(workflow_id)
                while record.state == "running" and not record.jobs and time.monotonic() < until:
                    await asyncio.sleep(LOOK_SECONDS)
                    record = await self._client.status(workflow_id)
        return record


def _wait(request: Request) -> float:
    given = request.query_params.get("wait", "0")
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_WAIT_SECONDS:
        raise InvalidInput(
            f"wait is '{plain(given, 60)}': give seconds, from 0 to {LONGEST_WAIT_SECONDS:.0f}"
        )
    return seconds
