"""Who may do what at the gateway, with tokens of the stand-in for ModelOp Center."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from temporalio.testing import WorkflowEnvironment

from mlc.settings import GatewaySettings, GroupSettings, Settings
from starter.client import MlcClient
from starter.gateway.access import GuardedRoute
from starter.gateway.app import gateway
from tests.gateway import doors
from tests.gateway.camunda import assert_conforms, needs_camunda
from tests.gateway.doors import PROCESSES, RESPONSIVE, SIGNAL, bearer, token_of
from tests.stand_ins import StandIns

NOBODY_LISTENS: Any = {"name": "somebody.elses"}
DECIDE = f"{PROCESSES}/none/decide"
# What a request takes, and the status of its answer to whoever may.
REQUESTS: list[tuple[str, str, Any, str, int]] = [
    ("POST", SIGNAL, NOBODY_LISTENS, "mlc-signal", 204),
    ("POST", "/mlc-service/rest/engine/default/signal", NOBODY_LISTENS, "mlc-signal", 204),
    ("POST", "/mlc-service/api/signal", NOBODY_LISTENS, "mlc-signal", 204),
    ("POST", RESPONSIVE, NOBODY_LISTENS, "mlc-signal-responsive", 200),
    (
        "POST",
        "/mlc-service/rest/engine/default/signalResponsive",
        NOBODY_LISTENS,
        "mlc-signal-responsive",
        200,
    ),
    ("POST", DECIDE, {"decision": "approve"}, "mlc-decide", 404),
    ("GET", PROCESSES, None, "mlc-read", 200),
    ("GET", f"{PROCESSES}/none", None, "mlc-read", 404),
    ("GET", "/mlc-service/rest/deployment?maxResults=0", None, "mlc-deploy", 404),
    ("POST", "/mlc-service/rest/deployment/create", None, "mlc-deploy", 404),
    ("POST", "/mlc-service/rest/engine/default/deployment/create", None, "mlc-deploy", 404),
    ("DELETE", "/mlc-service/rest/deployment/7", None, "mlc-deploy", 404),
    ("GET", "/mlc-service/rest/version", None, "mlc-read", 404),
    ("GET", "/mlc-service/rest/deployments", None, "mlc-read", 404),
    ("GET", SIGNAL, None, "mlc-signal", 405),
    ("DELETE", DECIDE, None, "mlc-decide", 405),
    ("GET", f"{SIGNAL}/", None, "mlc-read", 404),
    ("POST", f"{SIGNAL}/", NOBODY_LISTENS, "mlc-read", 404),
    ("GET", "/mlc-service", None, "mlc-read", 404),
    ("GET", "/", None, "mlc-read", 404),
]
GROUPS = ("mlc-deploy", "mlc-signal", "mlc-signal-responsive", "mlc-decide", "mlc-read")


@pytest.fixture
def client(temporal: WorkflowEnvironment) -> MlcClient:
    return MlcClient(temporal.client)


@pytest.fixture
async def door(client: MlcClient, outside: StandIns) -> AsyncGenerator[httpx.AsyncClient]:
    """The gateway, met without a token."""
    async with doors.door(client, doors.of_stand_in(outside)) as http:
        yield http


async def send(door: httpx.AsyncClient, method: str, path: str, body: Any, token: str = "") -> httpx.Response:
    return await door.request(method, path, json=body, headers=bearer(token) if token else {})


@pytest.mark.parametrize("group", GROUPS)
async def test_a_group_opens_what_takes_it_and_nothing_else(
    door: httpx.AsyncClient, outside: StandIns, group: str
) -> None:
    user, token = await token_of(outside, group)
    for method, path, body, takes, status in REQUESTS:
        answer = await send(door, method, path, body, token)
        if takes == group:
            assert answer.status_code == status, f"{method} {path}"
        else:
            assert answer.status_code == 403, f"{method} {path}"
            assert takes in answer.json()["message"]
            assert answer.json()["userId"] == user
            assert answer.headers["WWW-Authenticate"].endswith('error="insufficient_scope"')


async def test_administrators_always_pass(door: httpx.AsyncClient, outside: StandIns) -> None:
    _, token = await token_of(outside, "mlc-admin")
    for method, path, body, _, status in REQUESTS:
        assert (await send(door, method, path, body, token)).status_code == status, f"{method} {path}"


async def test_the_account_that_the_product_uses_at_modelop_center_is_an_administrator(
    door: httpx.AsyncClient, outside: StandIns
) -> None:
    answer = await door.get(PROCESSES, headers={"Authorization": outside.moc.headers["Authorization"]})
    assert answer.status_code == 200


async def test_without_a_token_nothing_is_open_but_health_and_the_signed_webhook(
    door: httpx.AsyncClient,
) -> None:
    for method, path, body, _, _ in REQUESTS:
        answer = await send(door, method, path, body)
        assert (answer.status_code, answer.json()["type"]) == (401, "Unauthorized"), f"{method} {path}"
        assert "Authorization: Bearer" in answer.json()["message"]
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="mlc"'
    assert (await door.get("/health")).status_code == 200
    unsigned = await door.post("/webhooks/jira", json={})
    assert "X-Hub-Signature" in unsigned.json()["message"] or unsigned.status_code == 403


async def test_no_route_of_the_gateway_is_open_that_should_not_be(
    client: MlcClient, door: httpx.AsyncClient
) -> None:
    """Whatever routes there are: a new one is closed until somebody opens it."""
    open_ones: list[str] = []
    for route in routes_of(gateway(client, Settings())):
        for method in (route.methods or {"GET", "POST"}) - {"HEAD"}:
            answer = await door.request(method, plain_path(route))
            if answer.headers.get("WWW-Authenticate") is None:
                open_ones.append(f"{method} {route.path}")
    assert sorted(open_ones) == ["GET /health", "POST /webhooks/jira"]


async def test_a_path_cannot_be_written_so_that_a_rule_overlooks_it(
    door: httpx.AsyncClient, outside: StandIns
) -> None:
    _, token = await token_of(outside, "mlc-read")
    for path in (
        "/mlc-service/rest/%73ignal",
        "/mlc-service/rest/%64eployment",
        "/mlc-service/rest/deployment/%20",
        "/mlc-service/api/processes/a%2Fb/decide",
        "/mlc-service/api/processes//decide",
    ):
        assert (await door.post(path, json={}, headers=bearer(token))).status_code == 403, path
    for path in ("/mlc-service/rest//signal", "/mlc-service/rest/SIGNAL"):
        assert (await door.post(path, json={}, headers=bearer(token))).status_code == 404, path


METHODS = ("GET", "HEAD", "POST", "DELETE", "BREW")
AFTER = (
    *("", "/", "//", ";x", "?x=1", "%3F", "%20", ".", "/.", "%2F", "%23", "%E2%80%A8", "%C2%85"),
    *("%0A", "%0a", "%0D", "%0D%0A", "%00", "/%0A", "%0A/", "%250A", "%25250A", "%0Ax", "%09"),
)


def spellings(path: str) -> Iterator[str]:
    """Ways to write a path that a careless rule would tell apart from what the router takes them for."""
    yield from (path + after for after in AFTER)
    head, _, last = path.rpartition("/")
    yield from (f"{head}{between}{last}" for between in ("//", "/./", "/%0A", "%0A/", "%2F", "/;/", "/%2e/"))
    yield f"{head}/%{ord(last[0]):02X}{last[1:]}"
    yield f"{head}/%25{ord(last[0]):02X}{last[1:]}"
    yield path.upper()


async def test_however_a_path_is_written_nobody_comes_to_a_route_without_its_role(
    client: MlcClient, outside: StandIns
) -> None:
    _, token = await token_of(outside, "mlc-read")
    section = GatewaySettings.model_validate({"auth": doors.of_stand_in(outside)})
    app = gateway(client, Settings(gateway=section))
    routes, reached = routes_of(app), list[GuardedRoute]()
    for route in routes:
        route.app = partial(come_in, reached, route)
    # Without a network between: there are thousands of them.
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://door", headers=bearer(token)) as http:
        for route in routes:
            for path in spellings(plain_path(route)):
                before = len(reached)
                answers = await asyncio.gather(*(http.request(method, path) for method in METHODS))
                assert sum(answer.is_success for answer in answers) == len(reached) - before, path
                assert {came.takes for came in reached[before:]} <= {"read", None}, path
    assert {route.path for route in reached} == {
        route.path for route in routes if route.takes in ("read", None)
    }


def routes_of(app: Starlette) -> list[GuardedRoute]:
    """All routes of the gateway. One without a role would be open to everybody."""
    routes = [route for route in app.routes if isinstance(route, GuardedRoute)]
    assert routes == app.routes
    return routes


def plain_path(route: GuardedRoute) -> str:
    return route.path.replace("{id:path}", "x").replace("{any:path}", "x")


async def come_in(
    reached: list[GuardedRoute], route: GuardedRoute, scope: Scope, receive: Receive, send: Send
) -> None:
    """Stands where the route's own answer was."""
    reached.append(route)
    await Response()(scope, receive, send)


def test_a_route_takes_one_of_the_roles_that_settings_give_to_groups_or_is_known_to_be_open(
    client: MlcClient,
) -> None:
    roles = {route.path: route.takes for route in routes_of(gateway(client, Settings()))}
    assert {role for role in roles.values() if role} == set(GroupSettings.model_fields) - {"admin"}
    assert {path for path, role in roles.items() if role is None} == {"/health", "/webhooks/jira"}


@pytest.mark.parametrize("character", ["%0A", "%0D", "%00", "%09", "%1B", "%7F", "%C2%85"])
async def test_a_path_with_a_control_character_is_refused_before_anything_else(
    door: httpx.AsyncClient, outside: StandIns, character: str
) -> None:
    _, admin = await token_of(outside, "mlc-admin")
    for path in (SIGNAL, RESPONSIVE, DECIDE, PROCESSES, "/health", "/webhooks/jira", "/nothing"):
        for token in ("", admin):
            for spelled in (path + character, f"/{character}{path}"):
                answer = await send(door, "POST", spelled, NOBODY_LISTENS, token)
                assert (answer.status_code, answer.json()["type"]) == (400, "InvalidRequestException"), (
                    spelled
                )
                assert answer.json()["message"] == "the path holds a control character"


async def test_who_may_what_is_set_by_the_settings(client: MlcClient, outside: StandIns) -> None:
    groups = {"signal": ["/callers", "batch"], "read": [], "admin": ["root"]}
    async with doors.door(client, {**doors.of_stand_in(outside), "groups": groups}) as door:

        async def statuses(*of: str) -> tuple[int, int]:
            _, token = await token_of(outside, *of)
            signalled = await send(door, "POST", SIGNAL, NOBODY_LISTENS, token)
            return signalled.status_code, (await send(door, "GET", PROCESSES, None, token)).status_code

        assert await statuses("callers") == (204, 403)
        assert await statuses("batch", "others") == (204, 403)
        assert await statuses("mlc-signal", "mlc-read", "mlc-admin") == (403, 403)
        assert await statuses("root") == (204, 200)
        _, token = await token_of(outside, "callers")
        nobody = await send(door, "GET", PROCESSES, None, token)
        assert "MLC_GATEWAY__AUTH__GROUPS__READ" in nobody.json()["message"]


@pytest.mark.parametrize(
    "unset", [("issuer", "audience", "jwks_url"), ("issuer",), ("audience",), ("jwks_url",)]
)
async def test_without_an_issuer_in_the_settings_everything_is_closed_and_the_answer_names_what_to_set(
    client: MlcClient, outside: StandIns, unset: tuple[str, ...]
) -> None:
    auth = {name: value for name, value in doors.of_stand_in(outside).items() if name not in unset}
    _, token = await token_of(outside, "mlc-admin")
    async with doors.door(client, auth) as door:
        for method, path, body, _, _ in REQUESTS:
            for answer in (await send(door, method, path, body), await send(door, method, path, body, token)):
                assert answer.status_code == 401, f"{method} {path}"
                for name in ("issuer", "audience", "jwks_url"):
                    named = f"MLC_GATEWAY__AUTH__{name.upper()}" in answer.json()["message"]
                    assert named == (name in unset)
        assert (await door.get("/health")).status_code == 200


async def test_nothing_of_a_body_is_read_before_the_token_holds(door: httpx.AsyncClient) -> None:
    answer = await door.post(SIGNAL, content=b"{" * 5_000_000)
    assert answer.status_code == 401


async def test_whoever_is_refused_stands_in_the_log_with_the_reason(
    door: httpx.AsyncClient, outside: StandIns, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "mlc.gateway")
    user, token = await token_of(outside, "mlc-read")
    await send(door, "POST", SIGNAL, NOBODY_LISTENS, token)
    await send(door, "GET", "/a%0Ab", None)
    assert f"POST '{SIGNAL}' refused: {user} is not in the group that this takes: mlc-signal" in caplog.text
    await send(door, "GET", "/a%20b", None)
    assert "GET '/a\\nb' refused: the path holds a control character" in caplog.text
    assert "GET '/a b' refused: there is no token" in caplog.text


@needs_camunda
async def test_refusals_have_the_form_of_camundas(door: httpx.AsyncClient, outside: StandIns) -> None:
    _, token = await token_of(outside, "mlc-read")
    forbidden = await send(door, "POST", SIGNAL, NOBODY_LISTENS, token)
    assert_conforms("AuthorizationExceptionDto", forbidden.json())
    assert forbidden.json()["type"] == "AuthorizationException"
    unknown = await send(door, "GET", "/mlc-service/rest/version", None, token)
    assert unknown.json() == {
        "type": "NotFoundException",
        "message": "there is no GET /mlc-service/rest/version",
    }
    for answer in (unknown, await send(door, "GET", SIGNAL, None, token), await send(door, "GET", "/", None)):
        assert_conforms("ExceptionDto", answer.json())
