"""Jira's webhook: a hint that a ticket changed."""

import hashlib
import hmac
import json
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from mlc.settings import GatewaySettings
from starter.client import MlcClient
from starter.gateway.answers import refusal
from starter.gateway.bodies import body_of


class JiraWebhook:
    """Takes what Jira signed with the secret of the settings."""

    def __init__(self, client: MlcClient, settings: GatewaySettings) -> None:
        self._client = client
        self._secret = settings.webhook_secret.get_secret_value().encode()

    async def take(self, request: Request) -> Response:
        """The signature says that it is Jira's; what holds is read from the ticket."""
        if not self._secret:
            off = "webhooks are off: set MLC_GATEWAY__WEBHOOK_SECRET to the webhook's secret"
            return refusal(403, "Forbidden", off)
        body = await body_of(request)
        if not _is_signed(body, request.headers.get("X-Hub-Signature"), self._secret):
            return refusal(401, "Unauthorized", "X-Hub-Signature is missing or wrong")
        await self._hint(body)
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


def _is_signed(body: bytes, signature: str | None, secret: bytes) -> bool:
    expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return signature is not None and hmac.compare_digest(signature.encode(), expected.encode())
