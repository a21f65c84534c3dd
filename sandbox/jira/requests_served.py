"""Counts what was served, by method and route: how a test sees that there was one create and no more."""

from collections import Counter

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send


class RequestCounts:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def note(self, method: str, route: str) -> None:
        self._counts[f"{method} {route}"] += 1

    def to_json(self) -> dict[str, int]:
        """For example {"POST /rest/api/2/issue": 1}."""
        return dict(sorted(self._counts.items()))


class CountingMiddleware:
    def __init__(self, app: ASGIApp, counts: RequestCounts, routes: list[BaseRoute]) -> None:
        self._app = app
        self._counts = counts
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for route in self._routes:
                if route.matches(scope)[0] is Match.FULL:
                    self._counts.note(scope["method"], str(getattr(route, "path", "")))
                    break
        await self._app(scope, receive, send)
