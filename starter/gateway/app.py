"""The gateway's routes. Who may take which is said in `starter.gateway.access`."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.service import RPCError

from mlc.errors import MlcError
from mlc.settings import Settings
from starter.client import MlcClient
from starter.gateway.access import Access
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
    app = Starlette(
        routes=[
            Route("/health", _health(client)),
            Route("/webhooks/jira", JiraWebhook(client, settings.gateway).take, methods=["POST"]),
            *(Route(f"{base}/signal", signals.signal, methods=["POST"]) for base in ENGINES),
            # An older page of ModelOp's documentation calls it here.
            Route("/mlc-service/api/signal", signals.signal, methods=["POST"]),
            *(
                Route(f"{base}/signalResponsive", signals.signal_responsive, methods=["POST"])
                for base in ENGINES
            ),
            Route(PROCESSES, processes.all),
            # An id may hold a slash, because a tag may.
            Route(f"{PROCESSES}/{{id:path}}/decide", processes.decide, methods=["POST"]),
            Route(f"{PROCESSES}/{{id:path}}", processes.one),
        ],
        middleware=[Middleware(Access, tokens=Tokens(auth), groups=auth.groups)],
        exception_handlers={MlcError: house_error, HTTPException: http_error, Exception: own_fault},
    )
    # A redirect would leave ModelOp Center's address for the gateway's own.
    app.router.redirect_slashes = False
    return app


def _health(client: MlcClient) -> Callable[[Request], Awaitable[Response]]:
    async def health(_: Request) -> Response:
        """200 when Temporal answers."""
        try:
            well = await client.temporal.service_client.check_health()
        except (RPCError, RuntimeError):
            well = False
        return JSONResponse({"temporal": well}, status_code=200 if well else 503)

    return health
