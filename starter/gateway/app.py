"""The gateway's routes, each with the role that it takes."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from temporalio.service import RPCError

from mlc.errors import MlcError
from mlc.settings import Settings
from starter.client import MlcClient
from starter.gateway.access import Access, GuardedRoute, PlainPaths
from starter.gateway.answers import house_error, http_error, own_fault
from starter.gateway.processes import ProcessRoutes
from starter.gateway.signals import SignalRoutes
from starter.gateway.tokens import Tokens
from starter.gateway.webhook import JiraWebhook

REST, PROCESSES = "/mlc-service/rest", "/mlc-service/api/processes"
# Camunda serves the same API under the name of its one engine too.
ENGINES = (REST, f"{REST}/engine/default")


def gateway(client: MlcClient, settings: Settings, closing: asyncio.Event | None = None) -> Starlette:
    """The ASGI application; `client` is the way to the processes. Once `closing` is set nobody waits for one any more."""
    auth = settings.gateway.auth
    signals, processes = SignalRoutes(client, closing or asyncio.Event()), ProcessRoutes(client)
    route, post = partial(GuardedRoute, access=Access(Tokens(auth), auth.groups)), ("POST",)
    routes: list[GuardedRoute] = [
        route("/health", _health(client), takes=None),
        # Signed by Jira.
        route("/webhooks/jira", JiraWebhook(client, settings.gateway).take, takes=None, methods=post),
        # An older page of ModelOp's documentation calls it here.
        route("/mlc-service/api/signal", signals.signal, takes="signal", methods=post),
        route(PROCESSES, processes.all, takes="read"),
        # An id may hold a slash, because a tag may.
        route(f"{PROCESSES}/{{id:path}}/decide", processes.decide, takes="decide", methods=post),
        route(f"{PROCESSES}/{{id:path}}", processes.one, takes="read"),
    ]
    for base in ENGINES:
        responsive = f"{base}/signalResponsive"
        routes += [
            route(f"{base}/signal", signals.signal, takes="signal", methods=post),
            route(responsive, signals.signal_responsive, takes="signal_responsive", methods=post),
            route(f"{base}/deployment", Nothing(), takes="deploy"),
            route(f"{base}/deployment/{{any:path}}", Nothing(), takes="deploy"),
        ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(PlainPaths)],
        exception_handlers={MlcError: house_error, HTTPException: http_error, Exception: own_fault},
    )
    # What there is, and what there is not, is for those who may read.
    app.router.default = route("/{any:path}", Nothing(), takes="read").handle
    # A redirect would leave ModelOp Center's address for the gateway's own.
    app.router.redirect_slashes = False
    return app


class Nothing:
    """Where there is nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise HTTPException(404)


def _health(client: MlcClient) -> Callable[[Request], Awaitable[Response]]:
    async def health(_: Request) -> Response:
        """200 when Temporal answers."""
        try:
            well = await client.temporal.service_client.check_health()
        except (RPCError, RuntimeError):
            well = False
        return JSONResponse({"temporal": well}, status_code=200 if well else 503)

    return health
