"""The wires between worker and outside systems: they see each effect, and can be cut between effect and answer."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CHANGES = ("POST", "PUT", "PATCH", "DELETE")
NO_EFFECT = ("/gocli/token",)
NOT_PASSED_ON = {
    "host",
    "content-length",
    "transfer-encoding",
    "content-encoding",
    "connection",
    "accept-encoding",
}
STORMS_FOR_AN_EFFECT, REFUSED_AFTER_AN_EFFECT = 2, 1
PREFIXES = ("/model-manage/api/", "/rest/api/2/")


def nothing(*_: object) -> None:
    """What is done where nothing is to be done."""


class Wires:
    """Passes requests on to both stand-ins; `effects` holds what changed something, in its order."""

    def __init__(self) -> None:
        self.moc = self.jira = ""
        self.forget()

    def forget(self) -> None:
        """What was seen so far belongs to a process that has ended."""
        self.effects: list[str] = []
        self.stormy = False
        self.struck: Counter[str] = Counter()
        self._refusing = 0
        self._look: Callable[[str], None] = nothing

    def when(self, is_the_moment: Callable[[str], bool], act: Callable[[], None] = nothing) -> asyncio.Event:
        """Acts between a request, such as "POST jobs" or "GET jobs/…", and its answer, once; the event tells when."""
        met = asyncio.Event()

        def look(request: str) -> None:
            if not met.is_set() and is_the_moment(request):
                act()
                met.set()

        self._look = look
        return met

    async def pass_on(self, request: Request, client: httpx.AsyncClient) -> Response:
        if self._refusing > 0:
            self._refusing -= 1
            self.struck["refused"] += 1
            return Response(status_code=503)
        headers = [(name, value) for name, value in request.headers.items() if name not in NOT_PASSED_ON]
        answer = await client.request(
            request.method,
            httpx.URL(path=request.url.path, query=request.url.query.encode()),
            headers=[*headers, ("accept-encoding", "identity")],
            content=await request.body(),
        )
        name = name_of(request.method, request.url.path)
        if request.method in CHANGES and request.url.path not in NO_EFFECT and answer.is_success:
            self.effects.append(name)
            if self._lost_in_the_storm(name):
                return Response(status_code=503)
        self._look(name)
        kept = {name: value for name, value in answer.headers.items() if name not in NOT_PASSED_ON}
        return Response(answer.content, answer.status_code, kept)

    def _lost_in_the_storm(self, effect: str) -> bool:
        """A storm meets each kind of effect twice: its first answer is lost, and what is asked after it is refused.

        Twice and no more, because an activity that changes two things would never come to an end otherwise.
        """
        met = self.effects.count(effect)
        if not self.stormy or met > STORMS_FOR_AN_EFFECT:
            return False
        self._refusing = REFUSED_AFTER_AN_EFFECT
        self.struck["answer lost"] += met == 1
        return met == 1


def name_of(method: str, path: str) -> str:
    """ "PATCH notifications/…" for whichever notification it is, "POST issue/…/attachments" likewise."""
    for prefix in PREFIXES:
        path = path.removeprefix(prefix)
    parts = path.strip("/").split("/")
    return f"{method} " + "/".join("…" if place == 1 else part for place, part in enumerate(parts))


class _Server(uvicorn.Server):
    """Leaves the signals to the test run."""

    def capture_signals(self) -> AbstractContextManager[None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return nullcontext()


@asynccontextmanager
async def wires(moc: str, jira: str) -> AsyncGenerator[Wires]:
    """Wires to both stand-ins, whose addresses are `Wires.moc` and `Wires.jira`."""
    both = Wires()
    async with _wire(both, moc) as both.moc, _wire(both, jira) as both.jira:
        yield both


@asynccontextmanager
async def _wire(both: Wires, target: str) -> AsyncGenerator[str]:
    # The stand-ins close what is idle for 5 s; a connection that is about to be closed must not be used.
    idle = httpx.Limits(keepalive_expiry=2)
    async with httpx.AsyncClient(base_url=target, trust_env=False, timeout=60, limits=idle) as client:

        async def endpoint(request: Request) -> Response:
            return await both.pass_on(request, client)

        app = Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", *CHANGES])])
        server = _Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        listener = socket.create_server(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.force_exit = server.should_exit = True
            await serving
