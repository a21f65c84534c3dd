"""Looking at processes and deciding, for programs that do not reach Temporal."""

from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mlc.contract import Contract
from mlc.record import DecisionWord
from starter.client import MlcClient
from starter.gateway.bodies import json_object, read
from starter.gateway.tokens import User


class ProcessFilter(Contract, extra="forbid"):
    """The query of the list."""

    process: str | None = None
    model: str | None = None
    snapshot: str | None = None
    state: Literal["running", "completed"] | None = None


class DecisionBody(Contract, extra="forbid"):
    """A decision; who makes it is told by the token alone."""

    decision: DecisionWord
    comment: str = ""
    ticket: str | None = None


class ProcessRoutes:
    """The same answers as `mlc list --json`, `mlc status --json` and the client's `decide`."""

    def __init__(self, client: MlcClient) -> None:
        self._client = client

    async def all(self, request: Request) -> Response:
        """The rows, newest first."""
        wanted = read(ProcessFilter, request.query_params)
        rows = await self._client.list(
            process=wanted.process, model=wanted.model, snapshot=wanted.snapshot, state=wanted.state
        )
        return JSONResponse([row.model_dump(mode="json") for row in rows])

    async def one(self, request: Request) -> Response:
        """The record, so far or final."""
        record = await self._client.status(request.path_params["id"])
        return JSONResponse(record.model_dump(mode="json"))

    async def decide(self, request: Request) -> Response:
        """The decision that holds; 409 when this one cannot."""
        body, user = read(DecisionBody, await json_object(request)), request.user
        assert isinstance(user, User)  # noqa: S101 - the route takes a role
        decision = await self._client.decide(
            request.path_params["id"],
            body.decision,
            by=user.name,
            comment=body.comment,
            ticket=body.ticket,
            aliases=user.names,
        )
        return JSONResponse(decision.model_dump(mode="json"))
