"""Failures on demand, and a count of what was asked: for tests of whoever calls the stand-in."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.modelop.web import error_answer

MODES = ("before", "commit-then-drop", "commit-then-500")


@dataclass(frozen=True)
class Fault:
    """Meets the next `times` requests of `method` whose path begins with `path`.

    "before" answers `status` (with `retry_after` seconds) in place of serving; the commit modes serve the request and
    then close the connection without an answer, or answer 500.
    """

    method: str
    path: str
    times: int
    status: int = 503
    retry_after: float | None = None
    mode: str = "before"


class Faults:
    """The faults that still wait for a request; they live in memory only."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._pending.append(fault)

    def clear(self) -> None:
        self._pending.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that meets the request, used up by one."""
        for index, fault in enumerate(self._pending):
            if fault.method in (method, "*") and path.startswith(fault.path):
                if fault.times > 1:
                    self._pending[index] = replace(fault, times=fault.times - 1)
                else:
                    del self._pending[index]
                return fault
        return None

    def count(self, method: str, path: str) -> None:
        parts = path.strip("/").split("/")
        if parts[:2] == ["model-manage", "api"] and len(parts) > 2:
            self.requests[f"{method} {parts[2]}"] += 1
        elif parts[0] in ("gocli", "mlc-service", "runtimes"):
            self.requests[f"{method} {parts[-1] if parts[0] == 'gocli' else parts[0]}"] += 1


class FaultMiddleware:
    """Lets the pending faults happen to the services' requests; pages and controls are spared."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/sandbox/"):
            await self._app(scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        self._faults.count(method, path)
        fault = self._faults.take(method, path)
        if fault is None:
            await self._app(scope, receive, send)
            return
        if fault.mode != "before":
            await self._app(scope, receive, _discard)
        if fault.mode == "commit-then-drop":
            await _drop(receive)
            return
        status = fault.status if fault.mode == "before" else 500
        answer = error_answer(Request(scope), status, "fault on demand")
        if fault.retry_after is not None:
            answer.headers["Retry-After"] = f"{fault.retry_after:g}"
        await answer(scope, receive, send)


async def _discard(message: Message) -> None:
    del message


async def _drop(receive: Receive) -> None:
    """Closes the connection. ASGI has no word for it, so this reaches for the transport of uvicorn's request cycle."""
    cycle: Any = getattr(receive, "__self__", None)
    transport: Any = getattr(cycle, "transport", None)
    if transport is None:
        raise ConnectionResetError("fault on demand: the connection is dropped")
    transport.abort()
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()
