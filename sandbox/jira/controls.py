"""The controls for tests, under `/sandbox/`: open to everybody who reaches the stand-in, so bind it to loopback."""

import json
from collections.abc import Mapping
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.jira.errors import JiraError
from sandbox.jira.projects import CATEGORY_KEYS, Category, categories
from sandbox.jira.site import Site
from sandbox.jira.users import Account


def control_routes() -> list[BaseRoute]:
    return [
        Route("/health", health, methods=["GET"]),
        Route("/sandbox/settings", change_settings, methods=["PATCH"]),
        Route("/sandbox/faults", add_fault, methods=["POST"]),
        Route("/sandbox/faults", clear_faults, methods=["DELETE"]),
        Route("/sandbox/users", add_user, methods=["POST"]),
        Route("/sandbox/projects", add_project, methods=["POST"]),
        Route("/sandbox/requests", read_requests, methods=["GET"]),
    ]


async def health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def change_settings(request: Request) -> Response:
    """Takes any of the settings, answers all of them."""
    site = _site(request)
    site.settings.change(await _object(request))
    return JSONResponse(site.settings.to_json())


async def add_fault(request: Request) -> Response:
    return JSONResponse(_site(request).faults.add(await _object(request)).to_json(), 201)


async def clear_faults(request: Request) -> Response:
    _site(request).faults.clear()
    return Response(status_code=204)


async def add_user(request: Request) -> Response:
    """{"username", "displayName", "token"}: a person who is no administrator."""
    body = await _object(request)
    username, display_name, token = (_text(body, name) for name in ("username", "displayName", "token"))
    user = _site(request).users.put(Account(username, token), display_name, admin=False)
    answer = {"username": user.username, "accountId": user.account_id, "displayName": user.display_name}
    return JSONResponse(answer, 201)


async def add_project(request: Request) -> Response:
    """{"key", "name", "statuses": [name or {"name", "category"}], "attachmentsEnabled"?}; the first is initial."""
    body = await _object(request)
    statuses: Any = body.get("statuses")
    if not isinstance(statuses, list):
        raise JiraError(400, "statuses must be an array")
    project = _site(request).projects.create(
        _text(body, "key"),
        _text(body, "name"),
        _statuses(cast("list[object]", statuses)),
        attachments_enabled=body.get("attachmentsEnabled", True) is True,
    )
    answer = {"id": str(project.id), "key": project.key, "statuses": [s.name for s in project.statuses]}
    return JSONResponse(answer, 201)


async def read_requests(request: Request) -> Response:
    """How often each route was served: {"POST /rest/api/2/issue": 1}."""
    return JSONResponse(_site(request).counts.to_json())


def _statuses(listed: list[object]) -> dict[str, Category]:
    entries = [cast("Mapping[str, object]", s) if isinstance(s, Mapping) else {"name": s} for s in listed]
    statuses = categories([str(entry.get("name", "")) for entry in entries])
    for entry in entries:
        category = entry.get("category")
        if category is not None and category not in CATEGORY_KEYS:
            raise JiraError(400, f"category must be one of {', '.join(CATEGORY_KEYS)}")
        if category is not None:
            statuses[str(entry["name"])] = category
    return statuses


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise JiraError(400, "The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise JiraError(400, "The request body must be a JSON object.")
    return cast("dict[str, Any]", body)


def _text(body: Mapping[str, Any], name: str) -> str:
    value: Any = body.get(name)
    if not isinstance(value, str) or not value:
        raise JiraError(400, f"{name} must be a text")
    return value


def _site(request: Request) -> Site:
    return request.app.state.site
