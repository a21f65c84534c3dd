"""Who may do what: before anything is read of a request, its token is checked and its group is looked for."""

import logging
import re
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mlc.errors import Unauthorized, Unavailable
from mlc.settings import GroupSettings
from starter.gateway.answers import refusal, refusal_of
from starter.gateway.tokens import Tokens, User

Role = Literal["deploy", "signal", "signal_responsive", "decide", "read"]

REST = "/mlc-service/rest(/engine/default)?"
ANY = ".*"
# Method, path, what it takes: the first line that matches holds. None: nothing. What no line names takes `read`.
RULES: tuple[tuple[str, str, Role | None], ...] = (
    (ANY, "/health", None),
    (ANY, "/webhooks/jira", None),  # signed by Jira
    ("POST", f"({REST}|/mlc-service/api)/signal", "signal"),
    ("POST", f"{REST}/signalResponsive", "signal_responsive"),
    (ANY, f"{REST}/deployment(/.*)?", "deploy"),
    ("POST", "/mlc-service/api/processes/.+/decide", "decide"),
)
BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
# RFC 6750: the scheme alone when nothing was sent, else what is wrong.
CHALLENGE = 'Bearer realm="mlc"'
INVALID, INSUFFICIENT = f'{CHALLENGE}, error="invalid_token"', f'{CHALLENGE}, error="insufficient_scope"'

logger = logging.getLogger("mlc.gateway")


def role_for(method: str, path: str) -> Role | None:
    """What a request takes."""
    for methods, paths, role in RULES:
        # DOTALL: a line break in a path must not lead around a rule.
        if re.fullmatch(methods, method) and re.fullmatch(paths, path, re.DOTALL):
            return role
    return "read"


class Access:
    """The middleware. Behind it `request.user` is the `User` of every request that took a role."""

    def __init__(self, app: ASGIApp, tokens: Tokens, groups: GroupSettings) -> None:
        self._app = app
        self._tokens = tokens
        self._groups = groups

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = await self._refusal(scope) if scope["type"] == "http" else None
        await (refused or self._app)(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        request = Request(scope)
        role = role_for(request.method, scope["path"])
        if role is None:
            return None
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
