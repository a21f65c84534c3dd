"""Who may do what: before anything is read of a request, its token is checked and its group is looked for.

A route names the role that it takes and asks for it itself, so that whatever leads to a route leads to its role.
"""

import logging
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mlc.errors import Unauthorized, Unavailable
from mlc.settings import GroupSettings
from starter.gateway.answers import refusal, refusal_of
from starter.gateway.tokens import Tokens, User

Role = Literal["deploy", "signal", "signal_responsive", "decide", "read"]

# No id holds one, and a line break is where patterns part ways: `$` also matches before the last one.
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")
BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
# RFC 6750: the scheme alone when nothing was sent, else what is wrong.
CHALLENGE = 'Bearer realm="mlc"'
INVALID, INSUFFICIENT = f'{CHALLENGE}, error="invalid_token"', f'{CHALLENGE}, error="insufficient_scope"'

logger = logging.getLogger("mlc.gateway")


class PlainPaths:
    """The middleware before everything else: a path with control characters goes no further."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (_refusal_of_path(scope) or self._app)(scope, receive, send)


def _refusal_of_path(scope: Scope) -> Response | None:
    if scope["type"] != "http" or not CONTROL_CHARACTER.search(scope["path"]):
        return None
    why = "the path holds a control character"
    _log(Request(scope), why)
    return refusal(400, "InvalidRequestException", why)


class Access:
    """Holds tokens against roles."""

    def __init__(self, tokens: Tokens, groups: GroupSettings) -> None:
        self._tokens = tokens
        self._groups = groups

    async def refusal(self, scope: Scope, role: Role) -> Response | None:
        """The answer to whoever may not; to whoever may None, and `request.user` is then the `User`."""
        request = Request(scope)
        try:
            user = scope["user"] = await self._tokens.user(_token(request))
        except (Unauthorized, Unavailable) as error:
            _log(request, str(error))
            challenge = INVALID if "authorization" in request.headers else CHALLENGE
            headers = {"WWW-Authenticate": challenge} if isinstance(error, Unauthorized) else None
            return refusal_of(error, headers)
        return None if self._may(user, role) else self._lacking(request, user, role)

    def _may(self, user: User, role: Role) -> bool:
        return not user.groups.isdisjoint({*self._named(role), *self._groups.admin})

    def _lacking(self, request: Request, user: User, role: Role) -> Response:
        needed = " or ".join(self._named(role)) or f"(none: set MLC_GATEWAY__AUTH__GROUPS__{role.upper()})"
        message = f"{user.name} is not in the group that this takes: {needed}"
        _log(request, message)
        return refusal(
            403, "AuthorizationException", message, {"WWW-Authenticate": INSUFFICIENT}, userId=user.name
        )

    def _named(self, role: Role) -> tuple[str, ...]:
        names: tuple[str, ...] = getattr(self._groups, role)
        return tuple(name.removeprefix("/") for name in names)


class GuardedRoute(Route):
    """A route that takes a role, whatever the method; None: it is open."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        access: Access,
        takes: Role | None,
        methods: Sequence[str] | None = None,
    ) -> None:
        super().__init__(path, endpoint, methods=methods)
        self.takes: Role | None = takes
        self._access = access

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request, or refuses it before anything else is looked at."""
        refused = await self._access.refusal(scope, self.takes) if self.takes else None
        await (refused or super().handle)(scope, receive, send)


def _token(request: Request) -> str | None:
    given = request.headers.getlist("Authorization")
    if not given:
        return None
    bearer = BEARER.fullmatch(given[0].strip())
    if bearer is None or len(given) > 1:
        raise Unauthorized("the header Authorization is not of the form `Bearer <token>`")
    return bearer[1]


def _log(request: Request, why: str) -> None:
    # As a literal: a path may hold anything.
    logger.info("%s %r refused: %s", request.method, request.scope["path"], why)
