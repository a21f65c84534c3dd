"""The gateway's routes."""

import hashlib
import hmac
import json
import logging
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.service import RPCError

from mlc.errors import InvalidInput
from mlc.settings import Settings
from mlc.processes import DeployRequest
from mlc.signals import DEPLOYABLE_MODEL_CHANGED
from starter.client import MlcClient

logger = logging.getLogger("mlc.gateway")

LARGEST_BODY = 64 * 1024 * 1024


def gateway(client: MlcClient, settings: Settings) -> Starlette:
    """The ASGI application; `client` is the way to the processes."""
    door = _Door(client, settings)
    return Starlette(
        routes=[
            Route("/health", door.health),
            Route("/mlc-service/rest/signal", door.signal, methods=["POST"]),
            Route("/webhooks/jira", door.webhook, methods=["POST"]),
        ]
    )


class _Door:
    def __init__(self, client: MlcClient, settings: Settings) -> None:
        self._client = client
        self._secret = settings.gateway.webhook_secret.get_secret_value().encode()

    async def health(self, _: Request) -> Response:
        """200 when Temporal answers."""
        try:
            well = await self._client.temporal.service_client.check_health()
        except (RPCError, RuntimeError):
            well = False
        return JSONResponse({"temporal": well}, status_code=200 if well else 503)

    async def signal(self, request: Request) -> Response:
        """Camunda's broadcast: 204 also when nobody listens. A signal that does not validate starts nothing: 400."""
        try:
            name, variables = _signal(await request.body())
            if name == DEPLOYABLE_MODEL_CHANGED:
                await self._client.start_deploy(DeployRequest.from_variables(variables, name).snapshot_id)
        except InvalidInput as error:
            return _refused(400, "InvalidRequestException", str(error))
        except RPCError as error:
            logger.warning("Temporal did not take the signal: %s", error.message)
            return _refused(503, "RestException", "Temporal does not answer: send the signal again")
        return Response(status_code=204)

    async def webhook(self, request: Request) -> Response:
        """A hint from Jira. The signature says that it is Jira's; what holds is read from the ticket."""
        body = await request.body()
        if not self._secret:
            return _refused(
                403, "Forbidden", "webhooks are off: set MLC_GATEWAY__WEBHOOK_SECRET to the webhook's secret"
            )
        if not _is_signed(body, request.headers.get("X-Hub-Signature"), self._secret):
            return _refused(401, "Unauthorized", "X-Hub-Signature is missing or wrong")
        try:
            await self._hint(body)
        except RPCError as error:
            logger.warning("Webhook not delivered: %s", error.message)
            return _refused(503, "RestException", "Temporal does not answer: the ticket is looked at later")
        return Response(status_code=204)

    async def _hint(self, body: bytes) -> None:
        try:
            event = cast(dict[str, Any], json.loads(body))
            issue = event["issue"]
            items = event.get("changelog", {}).get("items", [])
            moved = any(item["field"] == "status" for item in items)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return  # signed, and of a kind that says nothing to us
        if event.get("webhookEvent") == "jira:issue_deleted":
            await self._client.ticket_deleted(str(issue["key"]))
        elif moved:
            await self._client.ticket_changed(str(issue["id"]))


def _signal(body: bytes) -> tuple[str, dict[str, Any]]:
    """Name and plain variables of Camunda's `{name, variables: {NAME: {value}}}`."""
    if len(body) > LARGEST_BODY:
        raise InvalidInput(f"the signal is larger than {LARGEST_BODY} bytes")
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the body is not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise InvalidInput("the body is not a JSON object")
    content = cast(dict[str, Any], parsed)
    name = content.get("name")
    if not isinstance(name, str) or not name:
        raise InvalidInput("No signal name given")
    variables: object = content.get("variables") or {}
    if not isinstance(variables, dict):
        raise InvalidInput("variables is not a JSON object")
    plain: dict[str, Any] = {}
    for variable, typed in cast(dict[str, Any], variables).items():
        if not isinstance(typed, dict) or "value" not in typed:
            raise InvalidInput(f"variable {variable} is not an object with a value")
        plain[variable] = cast(dict[str, Any], typed)["value"]
    return name, plain


def _is_signed(body: bytes, signature: str | None, secret: bytes) -> bool:
    expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return signature is not None and hmac.compare_digest(signature.encode(), expected.encode())


def _refused(status: int, kind: str, message: str) -> JSONResponse:
    """Camunda's error body."""
    return JSONResponse({"type": kind, "message": message}, status_code=status)
