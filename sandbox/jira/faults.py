"""Faults on order: answers that are refused, lost on the way back, or turned into an error after the deed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.jira.errors import JiraError

MODES = ("before", "commit-then-drop", "commit-then-500")
CONTROLS = "/sandbox/"


@dataclass
class Fault:
    """Strikes the next `times` requests of this method (`*`: any) whose path begins with `path`.

    `before`: nothing is done, the answer is `status`, with `Retry-After: retry_after` (seconds) if given.
    `commit-then-drop`: the request is carried out, then the connection closes without an answer.
    `commit-then-500`: the request is carried out, then the answer is 500.
    """

    method: str
    path: str
    times: int
    mode: Literal["before", "commit-then-drop", "commit-then-500"]
    status: int
    retry_after: int | None

    def to_json(self) -> dict[str, object]:
        return {
            "method": self.method,
            "path": self.path,
            "times": self.times,
            "mode": self.mode,
            "status": self.status,
            "retryAfter": self.retry_after,
        }


class Faults:
    """The faults in store; the oldest that fits strikes first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, order: Mapping[str, Any]) -> Fault:
        """From {"method", "path", "times"?, "mode"?, "status"?, "retryAfter"?}. Raises JiraError(400)."""
        mode = order.get("mode", "before")
        times, status, retry_after = order.get("times", 1), order.get("status", 503), order.get("retryAfter")
        if mode not in MODES:
            raise JiraError(400, f"mode must be one of {', '.join(MODES)}")
        if not isinstance(order.get("path"), str) or not order["path"].startswith("/"):
            raise JiraError(400, "path must be the beginning of a path, such as /rest/api/2/issue")
        if not isinstance(times, int) or times < 1:
            raise JiraError(400, "times must be a positive number")
        if not isinstance(status, int) or not 400 <= status <= 599:
            raise JiraError(400, "status must be between 400 and 599")
        if retry_after is not None and not isinstance(retry_after, int):
            raise JiraError(400, "retryAfter must be whole seconds")
        fault = Fault(str(order.get("method", "*")).upper(), order["path"], times, mode, status, retry_after)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        for fault in self._faults:
            if fault.method in ("*", method) and path.startswith(fault.path):
                fault.times -= 1
                if fault.times == 0:
                    self._faults.remove(fault)
                return fault
        return None


class FaultMiddleware:
    """Lets the faults strike; the controls themselves are never struck."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        struck = (
            self._faults.take(scope["method"], scope["path"])
            if scope["type"] == "http" and not scope["path"].startswith(CONTROLS)
            else None
        )
        if struck is None:
            await self._app(scope, receive, send)
        elif struck.mode == "before":
            headers = {"Retry-After": str(struck.retry_after)} if struck.retry_after is not None else None
            await _answer(struck.status, headers)(scope, receive, send)
        else:
            await self._app(scope, receive, _unsent)
            if struck.mode == "commit-then-drop":
                await _drop(receive)
            else:
                await _answer(500, None)(scope, receive, send)


class _Transport(Protocol):
    def abort(self) -> None: ...


def _answer(status: int, headers: Mapping[str, str] | None) -> JSONResponse:
    body: dict[str, object] = {"errorMessages": [f"Fault on order: {status}"], "errors": {}}
    return JSONResponse(body, status, headers)


async def _unsent(message: Message) -> None:
    """Where the answer goes that the client shall never see."""


async def _drop(receive: Receive) -> None:
    """Closes the TCP connection. ASGI knows no way to; under uvicorn the connection's owner holds `receive`."""
    transport = cast("_Transport | None", getattr(getattr(receive, "__self__", None), "transport", None))
    if transport is None:
        raise RuntimeError("a connection can be dropped under uvicorn alone")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        continue
