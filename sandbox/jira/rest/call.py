"""One REST request: who calls, what they sent, and how to answer them."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from sandbox.jira.editing import FieldReader
from sandbox.jira.errors import JiraError
from sandbox.jira.issues import Issue
from sandbox.jira.representation import Json, Representation
from sandbox.jira.site import Site
from sandbox.jira.tracker import Caller
from sandbox.jira.users import unauthorized

LARGEST_NUMBER = 2**31 - 1


class Call:
    """Raises JiraError(401) unless the request carries valid credentials."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.site: Site = request.app.state.site
        user = self.site.users.authenticate(request.headers.get("authorization"))
        if user is None:
            raise unauthorized()
        self.user = user
        self.caller = Caller(user, str(request.base_url).rstrip("/"))
        self.cloud = self.site.settings.current.cloud
        self.version = version_of(request)
        self.represent = Representation(
            self.site.users,
            self.site.issues,
            user.username,
            self.caller.base_url,
            self.version,
            cloud=self.cloud,
        )
        self.reader = FieldReader(self.site.users, cloud=self.cloud, documents=self.version == "3")

    def path(self, name: str) -> str:
        return self.request.path_params[name]

    def issue(self) -> Issue:
        """The issue of the path, by id or key.

        Read it after the last `await`: while a handler waits, another request may change the issue.
        """
        return self.site.issues.get(self.path("issue"))

    def query(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def number(self, name: str, default: int) -> int:
        return as_number(self.query(name, str(default)), name)

    def names(self, name: str) -> list[str]:
        """A comma-separated or repeated parameter."""
        values = ",".join(self.request.query_params.getlist(name))
        return [value.strip() for value in values.split(",") if value.strip()]

    async def json(self) -> Any:
        try:
            return json.loads(await self.request.body())
        except ValueError:
            raise JiraError(400, "The request body is not valid JSON.") from None

    async def json_object(self) -> Json:
        body = await self.json()
        if not isinstance(body, dict):
            raise JiraError(400, "The request body must be a JSON object.")
        return cast("Json", body)


Handler = Callable[[Call], Awaitable[Response]]


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        return await handler(Call(request))

    return serve


def version_of(request: Request) -> str:
    """2, 3 or latest; what is outside the versioned API speaks version 2."""
    parts = request.url.path.split("/")
    return parts[3] if parts[1:3] == ["rest", "api"] else "2"


def as_number(value: object, name: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise JiraError(400, f"{name} must be a number") from None
    if not 0 <= number <= LARGEST_NUMBER:
        raise JiraError(400, f"{name} must be between 0 and {LARGEST_NUMBER}")
    return number


def no_content() -> Response:
    return Response(status_code=204)
