"""/sandbox: the handles for tests, without authentication."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.modelop.accounts import Accounts, Settings
from sandbox.modelop.entities import Entity, string_list
from sandbox.modelop.faults import MODES, Fault, Faults
from sandbox.modelop.model_manage import RefusedError
from sandbox.modelop.web import json_object


class Controls:
    """Faults, accounts, settings and request counts."""

    def __init__(self, accounts: Accounts, settings: Settings, faults: Faults) -> None:
        self._accounts = accounts
        self._settings = settings
        self._faults = faults

    def routes(self) -> list[Route]:
        return [
            Route("/sandbox/faults", self.add_fault, methods=["POST"]),
            Route("/sandbox/faults", self.clear_faults, methods=["DELETE"]),
            Route("/sandbox/accounts", self.add_account, methods=["POST"]),
            Route("/sandbox/settings", self.change_settings, methods=["PATCH"]),
            Route("/sandbox/requests", self.requests, methods=["GET"]),
        ]

    async def add_fault(self, request: Request) -> Response:
        body = await json_object(request)
        mode = body.get("mode", "before")
        if mode not in MODES:
            raise RefusedError(400, f"mode is {mode!r}, known are {', '.join(MODES)}")
        retry_after = body.get("retryAfter")
        self._faults.add(
            Fault(
                method=_text(body, "method").upper(),
                path=_text(body, "path"),
                times=int(_number("times", body.get("times", 1), 1, 10**6)),
                status=int(_number("status", body.get("status", 503), 400, 599)),
                retry_after=None if retry_after is None else _number("retryAfter", retry_after, 0, 10**6),
                mode=mode,
            )
        )
        return Response(status_code=204)

    async def clear_faults(self, request: Request) -> Response:
        self._faults.clear()
        return Response(status_code=204)

    async def add_account(self, request: Request) -> Response:
        body = await json_object(request)
        groups = body.get("groups", [])
        if string_list(groups) != groups:
            raise RefusedError(400, "groups is no array of names")
        self._accounts.add(_text(body, "username"), _text(body, "password"), groups)
        return Response(status_code=204)

    async def change_settings(self, request: Request) -> Response:
        body = await json_object(request)
        unknown = body.keys() - {"jobDelaySeconds", "tokenSeconds"}
        if unknown:
            raise RefusedError(400, f"there is no setting {', '.join(sorted(unknown))}")
        if "jobDelaySeconds" in body:
            self._settings.job_delay_seconds = _number("jobDelaySeconds", body["jobDelaySeconds"], 0, 10**6)
        if "tokenSeconds" in body:
            self._settings.token_seconds = _number("tokenSeconds", body["tokenSeconds"], 0, 10**9)
        return JSONResponse(
            {
                "jobDelaySeconds": self._settings.job_delay_seconds,
                "tokenSeconds": self._settings.token_seconds,
            }
        )

    async def requests(self, request: Request) -> Response:
        return JSONResponse(dict(self._faults.requests))


def _text(body: Entity, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise RefusedError(400, f"{name} is missing")
    return value


def _number(name: str, value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise RefusedError(400, f"{name} is {value!r}, not a number from {least} to {most}")
    return value
