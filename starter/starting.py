"""How a process is started once, however often it is asked for."""

import re
import secrets
from typing import Any, TypeVar

from pydantic import ValidationError
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from mlc.catalogue import ProcessDefinition
from mlc.contract import Contract
from mlc.errors import InvalidInput, NotFound
from mlc.processes import ProcessRequest
from mlc.text import plain
from starter.failures import rpc_error

R = TypeVar("R", bound=ProcessRequest)

REQUEST_ID = re.compile(r"\S{1,200}")
ID_RULE = "1 to 200 characters without blanks"
# How much of a wrong value is told.
SHOWN = 60
# Where a process remembers which request started it.
REQUEST_ID_MEMO = "mlcRequestId"
# What the Temporal UI shows in one line.
SUMMARY_LENGTH = 100


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

        The same request id is known again as long as Temporal keeps the process. Where one runs at a time, a request that
        joined another's process is not remembered there: sent again after the end of that process, it starts a new one.
        """
        workflow_id = definition.workflow_id(request, occasion)
        joined = Started(process=definition.name, workflow_id=workflow_id, joined=True)
        try:
            if definition.one_at_a_time and request_id and await self._latest_is_of(request_id, workflow_id):
                return joined
            await self._temporal.start_workflow(  # pyright: ignore[reportUnknownMemberType] - the SDK's overloads
                definition.name,
                request,
                id=workflow_id,
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE
                if definition.one_at_a_time
                else WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                memo={REQUEST_ID_MEMO: request_id} if request_id else None,
                static_summary=plain(f"{definition.name} of {request.subject}", SUMMARY_LENGTH),
            )
        except WorkflowAlreadyStartedError:
            return joined
        except RPCError as error:
            raise rpc_error(error, workflow_id) from None
        return joined.model_copy(update={"joined": False})

    async def _latest_is_of(self, request_id: str, workflow_id: str) -> bool:
        try:
            latest = await self._temporal.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            problem = rpc_error(error, workflow_id)
            if isinstance(problem, NotFound):
                return False
            raise problem from None
        return await latest.memo_value(REQUEST_ID_MEMO, default=None, type_hint=str) == request_id
