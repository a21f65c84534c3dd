"""The stand-in as a web application."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.jira.controls import control_routes
from sandbox.jira.delivery import deliver
from sandbox.jira.errors import JiraError
from sandbox.jira.faults import FaultMiddleware
from sandbox.jira.pages import error_page, page_routes
from sandbox.jira.requests_served import CountingMiddleware
from sandbox.jira.rest.routes import rest_routes
from sandbox.jira.site import Site
from sandbox.jira.users import read_accounts

PROGRAM_PATHS = ("/rest/", "/secure/", "/sandbox/")


def create_app(data: Path, accounts: Mapping[str, Any], webhook: str | None) -> Starlette:
    """The stand-in over the files under `data`, which outlive it.

    `accounts`: {"jiraService": {"username", "token"}, "jiraReviewer": {...}, "webhookSecret": text}.
    `webhook`: where `jira:issue_updated` and `jira:issue_deleted` are told, signed with the secret; webhooks are delivered
    while the application's lifespan runs. Raises ValueError for bad accounts, JiraError for a bad webhook address,
    OSError or sqlite3.Error when `data` cannot be written.
    """
    site = Site(data, read_accounts(accounts), webhook)
    routes = [*control_routes(), *rest_routes(), *page_routes()]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(FaultMiddleware, faults=site.faults),
            Middleware(CountingMiddleware, counts=site.counts, routes=routes),
        ],
        exception_handlers={JiraError: _refuse, HTTPException: _refuse_unrouted},
        lifespan=_lifespan,
    )
    app.state.site = site
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncGenerator[None]:
    site: Site = app.state.site
    delivery = asyncio.create_task(deliver(site.outbox, site.letters))
    try:
        yield
    finally:
        delivery.cancel()
        with suppress(asyncio.CancelledError):
            await delivery
        site.close()


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, JiraError):
        raise error
    return _answer(request, error)


async def _refuse_unrouted(request: Request, error: Exception) -> Response:
    """What no route serves, and what Starlette itself refuses."""
    if not isinstance(error, HTTPException):
        raise error
    message = f"null for uri: {request.url.path}" if error.status_code == 404 else error.detail
    return _answer(request, JiraError(error.status_code, message))


def _answer(request: Request, error: JiraError) -> Response:
    """Jira's JSON for programs, a page for people."""
    if not request.url.path.startswith(PROGRAM_PATHS):
        return error_page(error)
    headers = {"WWW-Authenticate": 'Basic realm="Stand-in Jira"'} if error.status == 401 else None
    return JSONResponse(error.body(), error.status, headers)
