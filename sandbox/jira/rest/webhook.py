"""Registration of webhooks, for administrators."""

from typing import Any, cast

from starlette.responses import JSONResponse, Response

from sandbox.jira.errors import JiraError
from sandbox.jira.representation import Json
from sandbox.jira.rest.call import Call, no_content
from sandbox.jira.webhooks import Webhook, WebhookDraft

ISSUE_FILTER = "issue-related-events-section"
PATH = "/rest/webhooks/1.0/webhook"


async def list_webhooks(call: Call) -> Response:
    _refuse_others_than_administrators(call)
    return JSONResponse([_represent(call, webhook) for webhook in call.site.webhooks.all()])


async def register_webhook(call: Call) -> Response:
    _refuse_others_than_administrators(call)
    webhook = call.site.webhooks.register(_draft(await call.json_object()), call.user.username)
    return JSONResponse(_represent(call, webhook), 201)


async def read_webhook(call: Call) -> Response:
    _refuse_others_than_administrators(call)
    return JSONResponse(_represent(call, call.site.webhooks.get(call.path("webhook"))))


async def change_webhook(call: Call) -> Response:
    _refuse_others_than_administrators(call)
    known = call.site.webhooks.get(call.path("webhook"))
    draft = _draft(_represent(call, known) | {"secret": known.secret} | await call.json_object())
    return JSONResponse(_represent(call, call.site.webhooks.change(known.id, draft, call.user.username)))


async def delete_webhook(call: Call) -> Response:
    _refuse_others_than_administrators(call)
    call.site.webhooks.remove(call.site.webhooks.get(call.path("webhook")).id)
    return no_content()


def _refuse_others_than_administrators(call: Call) -> None:
    if not call.user.admin:
        raise JiraError(403, "Only Jira administrators can manage webhooks.")


def _draft(body: Json) -> WebhookDraft:
    events: Any = body.get("events")
    filters: Any = body.get("filters") or {}
    secret: Any = body.get("secret")
    if not isinstance(events, list) or not isinstance(filters, dict):
        raise JiraError(400, "A webhook has 'events' (an array) and 'filters' (an object).")
    if secret is not None and not isinstance(secret, str):
        raise JiraError(400, "A webhook's 'secret' is a text.")
    return WebhookDraft(
        name=str(body.get("name") or "webhook"),
        url=str(body.get("url") or ""),
        events=[str(event) for event in cast("list[object]", events)],
        jql=str(cast("Json", filters).get(ISSUE_FILTER) or ""),
        secret=secret,
    )


def _represent(call: Call, webhook: Webhook) -> Json:
    """Without the secret, which is never told again."""
    return {
        "self": f"{call.caller.base_url}{PATH}/{webhook.id}",
        "name": webhook.name,
        "url": webhook.url,
        "events": list(webhook.events),
        "filters": {ISSUE_FILTER: webhook.jql},
        "enabled": True,
        "isSigned": webhook.secret is not None,
        "lastUpdatedUser": call.represent.identifier(webhook.updated_by),
        "lastUpdated": webhook.updated,
    }
