"""Search: by page on Server (`/search`), by token on Cloud (`/search/jql`, where `/search` is gone)."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, cast

from starlette.responses import JSONResponse, Response

from sandbox.jira.errors import JiraError
from sandbox.jira.jql import compile_jql
from sandbox.jira.representation import NAVIGABLE_FIELDS, Json
from sandbox.jira.rest.call import Call, as_number
from sandbox.jira.rest.issue import expanded

PAGE_LIMIT = 1000
CLOUD_PAGE_LIMIT = 100


@dataclass(frozen=True)
class SearchRequest:
    jql: str
    start: int
    limit: int
    fields: list[str]
    expand: list[str]
    properties: list[str]
    page_token: str


async def search(call: Call) -> Response:
    if call.cloud:
        raise JiraError(
            410,
            "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.",
        )
    asked = await _read(call)
    limit = min(asked.limit, PAGE_LIMIT)
    page = call.site.index.search(compile_jql(asked.jql, call.site.projects), asked.start, limit)
    fields = asked.fields or [NAVIGABLE_FIELDS]
    issues = [expanded(call, issue, fields, asked.expand, asked.properties) for issue in page.issues]
    return JSONResponse({"startAt": asked.start, "maxResults": limit, "total": page.total, "issues": issues})


async def search_by_token(call: Call) -> Response:
    if not call.cloud:
        raise JiraError(404, "null for uri: /rest/api/2/search/jql")
    asked = await _read(call)
    query = compile_jql(asked.jql, call.site.projects)
    if not query.bounded:
        raise JiraError(
            400, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
        )
    start, limit = _start_of(asked.page_token), min(asked.limit, CLOUD_PAGE_LIMIT)
    page = call.site.index.search(query, start, limit)
    following = start + len(page.issues)
    fields = asked.fields or ["id"]
    body: Json = {
        "issues": [expanded(call, issue, fields, asked.expand, asked.properties) for issue in page.issues],
        "isLast": following >= page.total,
    }
    if following < page.total:
        body["nextPageToken"] = base64.urlsafe_b64encode(f"from:{following}".encode()).decode()
    return JSONResponse(body)


async def _read(call: Call) -> SearchRequest:
    if call.request.method == "POST":
        body = await call.json_object()
        parts = {name: _texts(body.get(name), name) for name in ("fields", "expand", "properties")}
        single: Json = body
    else:
        parts = {name: call.names(name) for name in ("fields", "expand", "properties")}
        single = dict(call.request.query_params)
    return SearchRequest(
        str(single.get("jql") or ""),
        as_number(single.get("startAt", 0), "startAt"),
        as_number(single.get("maxResults", 50), "maxResults"),
        parts["fields"],
        parts["expand"],
        parts["properties"],
        str(single.get("nextPageToken") or ""),
    )


def _texts(value: Any, name: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    if isinstance(value, list):
        return [str(part) for part in cast("list[object]", value)]
    raise JiraError(400, f"'{name}' must be an array of texts")


def _start_of(token: str) -> int:
    if not token:
        return 0
    try:
        position = base64.urlsafe_b64decode(token).decode().removeprefix("from:")
    except (binascii.Error, ValueError):
        raise JiraError(400, "The nextPageToken is invalid.") from None
    return as_number(position, "nextPageToken")
