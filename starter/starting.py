"""How a process is started once, however often it is asked for."""

import re
import secrets
from collections.abc import AsyncGenerator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from temporalio.client import Client, WorkflowExecution
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from mlc.catalogue import ProcessDefinition
from mlc.contract import Contract
from mlc.digests import digest
from mlc.errors import Conflict, InvalidInput, NotFound
from mlc.processes import ProcessRequest
from mlc.text import plain
from starter.failures import rpc_error
from starter.rows import search

R = TypeVar("R", bound=ProcessRequest)

REQUEST_ID = re.compile(r"\S{1,200}")
ID_RULE = "1 to 200 characters without blanks"
# How much of a wrong value is told.
SHOWN = 60
# Where a process remembers which request started it: its id, and the digest of what was started with what.
REQUEST_ID_MEMO, REQUEST_MEMO = "mlcRequestId", "mlcRequest"
# Of a process of which one runs at a time, how many ended ones a request id is looked for in.
RUNS_LOOKED_AT = 200
# What the Temporal UI shows in one line.
SUMMARY_LENGTH = 100

Memo = Mapping[str, str]


class Started(Contract):
    """A process that was asked for. `joined`: there was one already, running or, for the same request id, ended."""

    process: str
    workflow_id: str
    joined: bool


def occasion_of(request_id: str | None) -> str:
    """What tells two starts on the same subject apart: the request id, or something new. Raises InvalidInput."""
    if request_id is None:
        return secrets.token_hex(6)
    if not REQUEST_ID.fullmatch(request_id):
        raise InvalidInput(f"request id {plain(repr(request_id), SHOWN)}: {ID_RULE}")
    return request_id


def read_request(kind: type[R], **arguments: Any) -> R:
    """A request from a method's arguments. Raises InvalidInput naming the argument that is wrong."""
    try:
        return kind.model_validate(arguments)
    except ValidationError as error:
        first = error.errors()[0]
    names = {field.alias: name for name, field in kind.model_fields.items()}
    path = [str(part) for part in first["loc"]]
    argument = names.get(path[0], path[0])
    if first["type"].startswith("string_"):
        raise InvalidInput(f"{argument} {plain(repr(first['input']), SHOWN)}: {ID_RULE}")
    where = ".".join([argument, *path[1:]])
    raise InvalidInput(f"{where}: {first['msg'].removeprefix('Value error, ')}")


class Starting:
    """Starts processes by the name of their workflow type; their code is the worker's."""

    def __init__(self, temporal: Client, task_queue: str) -> None:
        self._temporal = temporal
        self._task_queue = task_queue

    async def start(
        self, definition: ProcessDefinition, request: ProcessRequest, request_id: str | None, occasion: str
    ) -> Started:
        """Starts the process, or joins the one that this request, or for one at a time any request, has started.

        A request id is known again as long as Temporal keeps the process that it started. Where one runs at a time, it is looked
        for in the latest run and, by a search that may be a second late, in earlier ones. A request that joined the run of
        another is not remembered there: sent again after its end, it starts a new one.

        Raises Conflict where the request id, or the workflow id it leads to, belongs to another start.
        """
        workflow_id = definition.workflow_id(request, occasion)
        memo = _memo(definition, request, request_id)
        try:
            joined = definition.one_at_a_time and await self._has_run(workflow_id, memo)
            joined = joined or not await self._begin(definition, request, workflow_id, memo)
        except RPCError as error:
            raise rpc_error(error, workflow_id) from None
        return Started(process=definition.name, workflow_id=workflow_id, joined=joined)

    async def _begin(
        self, definition: ProcessDefinition, request: ProcessRequest, workflow_id: str, memo: Memo
    ) -> bool:
        """Whether it has been started; it has not where there is one to join."""
        alone = definition.one_at_a_time
        reuse = WorkflowIDReusePolicy.ALLOW_DUPLICATE if alone else WorkflowIDReusePolicy.REJECT_DUPLICATE
        try:
            await self._temporal.start_workflow(  # pyright: ignore[reportUnknownMemberType] - the SDK's overloads
                definition.name,
                request,
                id=workflow_id,
                task_queue=self._task_queue,
                id_reuse_policy=reuse,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                memo=memo,
                static_summary=plain(f"{definition.name} of {request.subject}", SUMMARY_LENGTH),
            )
        except WorkflowAlreadyStartedError:
            there = await self._temporal.get_workflow_handle(workflow_id).describe()
            joins = there.workflow_type == definition.name if alone else await _is_of(memo, there)
            if not joins:
                raise _taken(workflow_id) from None
            return False
        return True

    async def _has_run(self, workflow_id: str, memo: Memo) -> bool:
        """Whether the request started a run, which may have ended."""
        if REQUEST_ID_MEMO not in memo:
            return False
        async for run in self._runs(workflow_id):
            if (await run.memo()).get(REQUEST_ID_MEMO) == memo[REQUEST_ID_MEMO]:
                if not await _is_of(memo, run):
                    raise _taken(workflow_id)
                return True
        return False

    async def _runs(self, workflow_id: str) -> AsyncGenerator[WorkflowExecution]:
        """The newest runs. The latest is asked for itself, because a search may not know it yet."""
        try:
            yield await self._temporal.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if not isinstance(rpc_error(error, workflow_id), NotFound):
                raise
            return
        found = self._temporal.list_workflows(search({"WorkflowId": workflow_id}), limit=RUNS_LOOKED_AT)
        async for run in found:
            yield run


def _memo(definition: ProcessDefinition, request: ProcessRequest, request_id: str | None) -> Memo:
    if request_id is None:
        return {}
    # Without defaults: a field that a later version adds must not make another request of this one.
    told = request.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {REQUEST_ID_MEMO: request_id, REQUEST_MEMO: digest([definition.name, told])}


async def _is_of(memo: Memo, run: WorkflowExecution) -> bool:
    """Whether this very request started the run."""
    remembered = await run.memo()
    return bool(memo) and all(remembered.get(name) == value for name, value in memo.items())


def _taken(workflow_id: str) -> Conflict:
    return Conflict(
        f"the request id was used for another start, which made {workflow_id}: send this one with a new request id"
    )
