"""The ASGI application: all services behind one base URL, as ModelOp Center's gateway has them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.modelop.accounts import Accounts, Settings
from sandbox.modelop.controls import Controls
from sandbox.modelop.execution import empty_folder
from sandbox.modelop.faults import FaultMiddleware, Faults
from sandbox.modelop.files import Files
from sandbox.modelop.jobs import JobScheduler
from sandbox.modelop.model_manage import Change, ModelManage, RefusedError
from sandbox.modelop.outbox import Outbox
from sandbox.modelop.pages import Pages
from sandbox.modelop.proxy import METHODS, MlcServiceProxy
from sandbox.modelop.rest import ModelManageRoutes
from sandbox.modelop.runtimes import OnlineRuntimes
from sandbox.modelop.signals import JOB_SIGNAL, SNAPSHOT_SIGNAL
from sandbox.modelop.store import Store
from sandbox.modelop.tokens import TokenIssuer
from sandbox.modelop.web import error_answer, json_body


def create_app(data: Path, accounts: dict[str, Any], gateway: str | None, *, issuer: str) -> Starlette:
    """The stand-in with its books under `data` (created where missing).

    `accounts` is the parsed accounts file, at least `{"moc": {"username", "password"}}`. Signals and /mlc-service go to
    the base URL `gateway`; with None there are no signals. Tokens name `issuer` as theirs. Jobs run while the
    application's lifespan does. Raises `OSError`, `sqlite3.Error` or `UnusableKeyError` where the folder cannot be used.
    """
    work = data / "work"
    data.mkdir(parents=True, exist_ok=True)
    empty_folder(work)
    store = Store(data / "modelop.sqlite3")
    settings = Settings()
    known = Accounts(store, settings, TokenIssuer(data / "token-key.pem", issuer), accounts)
    manage = ModelManage(store, signals_wanted=gateway is not None)
    jobs = JobScheduler(manage, settings, Files(data), work)
    runtimes = OnlineRuntimes(manage, work)
    proxy = MlcServiceProxy(gateway)
    faults = Faults()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        background = [jobs.run()]
        if gateway is not None:
            for name, collection in ((SNAPSHOT_SIGNAL, "deployableModels"), (JOB_SIGNAL, "jobs")):
                outbox = Outbox(store, known, gateway, name)
                manage.listeners.append(_waking(outbox, collection))
                background.append(outbox.run())
        jobs.requeue_interrupted()
        runtimes.resume_interrupted()
        tasks = [asyncio.create_task(work) for work in background]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await runtimes.close()
        await proxy.close()
        store.close()

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "UP"})

    async def score(request: Request) -> Response:
        return JSONResponse(await runtimes.score(request.path_params["name"], await json_body(request)))

    return Starlette(
        routes=[
            Route("/health", health),
            *ModelManageRoutes(manage, known, settings).routes(),
            Route("/mlc-service/{path:path}", proxy.forward, methods=METHODS),
            Route("/runtimes/{name}/score", score, methods=["POST"]),
            *Controls(known, settings, faults).routes(),
            *Pages(manage).routes(),
            Mount("/static", StaticFiles(directory=Path(__file__).with_name("static"))),
        ],
        middleware=[Middleware(FaultMiddleware, faults=faults)],
        exception_handlers={RefusedError: _refused, HTTPException: _http_error},
        lifespan=lifespan,
    )


def _waking(outbox: Outbox, collection: str) -> Callable[[Change], None]:
    def hear(change: Change) -> None:
        if change.collection == collection:
            outbox.wake()

    return hear


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101 Starlette hands each handler its own kind
    return error_answer(request, error.status, str(error))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 Starlette hands each handler its own kind
    detail = error.detail or HTTPStatus(error.status_code).phrase
    return error_answer(request, error.status_code, detail)
