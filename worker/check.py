"""What must be right before going live: every question is asked of the real systems, every answer is one line."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import httpx
from jwt import PyJWKSet
from jwt.exceptions import PyJWTError
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.jira.client import JiraClient, Json
from activities.modelop.client import ModelOpClient
from mlc.contract import Contract
from mlc.errors import InvalidInput, MlcError, NotFound, Unavailable
from mlc.search_attributes import ALL
from mlc.settings import Settings
from workflows.temporal import connect

KEYS_SECONDS = 5.0
PERMISSIONS = ("BROWSE_PROJECTS", "CREATE_ISSUES", "ADD_COMMENTS", "CREATE_ATTACHMENTS", "TRANSITION_ISSUES")


System = Literal["Temporal", "ModelOp Center", "Jira", "Gateway"]


class Finding(Contract):
    """The answer to one question; `detail` says what was found, or what to do."""

    system: System
    question: str
    ok: bool
    detail: str


class _Findings:
    """Collects answers of one system; after the first unreachable one the rest would only repeat it."""

    def __init__(self, system: System) -> None:
        self._system: System = system
        self.all: list[Finding] = []

    async def ask(self, question: str, answer: Callable[[], Awaitable[str]]) -> bool:
        try:
            detail, ok = await answer(), True
        except MlcError as error:
            detail, ok = str(error), False
        self.all.append(Finding(system=self._system, question=question, ok=ok, detail=detail))
        return ok


async def check(settings: Settings) -> list[Finding]:
    """All findings, of all three systems and the gateway's tokens."""
    found = await asyncio.gather(
        _check_temporal(), _check_modelop(settings), _check_jira(settings), _check_tokens(settings)
    )
    return [finding for findings in found for finding in findings]


async def _check_temporal() -> list[Finding]:
    findings = _Findings("Temporal")
    clients: list[Client] = []

    async def reachable() -> str:
        client = await connect()
        request = DescribeNamespaceRequest(namespace=client.namespace)
        try:
            await client.workflow_service.describe_namespace(request)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise NotFound(
                    f"there is no namespace {client.namespace}: set TEMPORAL_NAMESPACE, or create it with"
                    f" `temporal operator namespace create --namespace {client.namespace}`"
                ) from None
            raise Unavailable(f"the namespace cannot be read: {error.message}") from None
        clients.append(client)
        return f"namespace {client.namespace} at {client.service_client.config.target_host}"

    async def searchable() -> str:
        namespace = clients[0].namespace
        request = ListSearchAttributesRequest(namespace=namespace)
        try:
            known = (await clients[0].operator_service.list_search_attributes(request)).custom_attributes
        except RPCError as error:
            raise Unavailable(f"the search attributes cannot be listed: {error.message}") from None
        keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        missing = [name for name in ALL if known.get(name) != keyword]
        if missing:
            flags = " ".join(f"--name {name} --type Keyword" for name in missing)
            raise InvalidInput(
                f"missing: run `temporal operator search-attribute create --namespace {namespace} {flags}`"
            )
        return ", ".join(ALL)

    if await findings.ask("reachable", reachable):
        await findings.ask("search attributes", searchable)
    return findings.all


async def _check_modelop(settings: Settings) -> list[Finding]:
    findings = _Findings("ModelOp Center")
    client, dialect = ModelOpClient(settings.modelop), settings.modelop.dialect

    async def login() -> str:
        await client.log_in()
        return f"{settings.modelop.username} at {settings.modelop.base_url}"

    def readable(collection: str) -> Callable[[], Awaitable[str]]:
        async def first() -> str:
            async for _ in client.newest_first(collection):
                return "readable"
            return "readable, empty"

        return first

    if await findings.ask("login", login):
        for collection in (
            dialect.snapshots,
            dialect.jobs,
            dialect.runtimes,
            dialect.deployments,
            dialect.test_results,
            dialect.notifications,
            dialect.lineage,
        ):
            await findings.ask(collection, readable(collection))
    await client.close()
    return findings.all


async def _check_jira(settings: Settings) -> list[Finding]:
    findings, questions = _Findings("Jira"), _JiraQuestions(settings)
    for question, answer in questions.in_order():
        well = await findings.ask(question, lambda answer=answer: asyncio.to_thread(answer))
        if not well and question in ("login", "project"):
            break
    return findings.all


async def _check_tokens(settings: Settings) -> list[Finding]:
    """Whether the gateway could check the token of a caller."""
    findings, auth = _Findings("Gateway"), settings.gateway.auth

    async def configured() -> str:
        needed = {"ISSUER": auth.issuer, "AUDIENCE": auth.audience, "JWKS_URL": auth.jwks_url}
        missing = [f"MLC_GATEWAY__AUTH__{name}" for name, value in needed.items() if not value]
        if missing:
            raise InvalidInput(
                f"the gateway takes no calls as long as these are not set: {', '.join(missing)}"
            )
        return f"those of {auth.issuer} for {auth.audience}"

    async def keys() -> str:
        try:
            async with httpx.AsyncClient(timeout=KEYS_SECONDS) as http:
                answer = (await http.get(auth.jwks_url)).raise_for_status()
            usable = len(PyJWKSet.from_dict(answer.json()).keys)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, PyJWTError) as error:
            raise Unavailable(f"MLC_GATEWAY__AUTH__JWKS_URL {auth.jwks_url} gives no keys: {error}") from None
        return f"{usable} at {auth.jwks_url}"

    if await findings.ask("tokens", configured):
        await findings.ask("keys", keys)
    return findings.all


class _JiraQuestions:
    def __init__(self, settings: Settings) -> None:
        self._jira = settings.jira
        self._client = JiraClient(settings.jira)

    def in_order(self) -> list[tuple[str, Callable[[], str]]]:
        return [
            ("login", self._login),
            ("project", self._project),
            ("issue type", self._issue_type),
            ("attachments", self._attachments),
            ("statuses", self._statuses),
            ("permissions", self._permissions),
        ]

    def _ask(self, what: str, path: str, **query: str) -> Any:
        return self._client.get(what, path, query)

    def _login(self) -> str:
        return f"{self._client.myself()[0]} at {self._jira.base_url}"

    def _project(self) -> str:
        found: Json = self._ask(
            f"project {self._jira.project} (MLC_JIRA__PROJECT)", f"project/{self._jira.project}"
        )
        return f"{found['key']}: {found.get('name', '')}"

    def _issue_type(self) -> str:
        offered = self._types()
        if self._jira.issue_type not in offered:
            names = ", ".join(offered)
            raise InvalidInput(f"{self._jira.issue_type} is not one of {names}: set MLC_JIRA__ISSUE_TYPE")
        return self._jira.issue_type

    def _attachments(self) -> str:
        meta: Json = self._ask("attachment settings", "attachment/meta")
        if not meta.get("enabled"):
            raise InvalidInput(
                "attachments are off: turn them on, so that a ticket can carry test_results.json"
            )
        return f"on, up to {int(meta.get('uploadLimit') or 0) // 1_000_000} MB"

    def _statuses(self) -> str:
        statuses = [name.casefold() for name in self._types().get(self._jira.issue_type, [])]
        wanted = (("approve", self._jira.approve_statuses), ("reject", self._jira.reject_statuses))
        for word, names in wanted:
            if not any(name.casefold() in statuses for name in names):
                setting = f"MLC_JIRA__{word.upper()}_STATUSES"
                raise InvalidInput(
                    f"the project has none of {', '.join(names)} ({word}): add one, or set {setting}"
                )
        return ", ".join(f"{word} = {'/'.join(names)}" for word, names in wanted)

    def _permissions(self) -> str:
        query = {"permissions": ",".join(PERMISSIONS), "projectKey": self._jira.project}
        held: dict[str, Json] = self._ask("permissions", "mypermissions", **query)["permissions"]
        missing = [name for name in PERMISSIONS if not held.get(name, {}).get("havePermission")]
        if missing:
            raise InvalidInput(f"the service account lacks {', '.join(missing)}")
        return ", ".join(PERMISSIONS)

    def _types(self) -> dict[str, list[str]]:
        found: list[Json] = self._ask("statuses of the project", f"project/{self._jira.project}/statuses")
        return {kind["name"]: [status["name"] for status in kind["statuses"]] for kind in found}
