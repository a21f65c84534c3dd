"""What past and present processes of a model became, as far as Temporal still keeps it. Nothing is started or written."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, cast

from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from mlc.contract import Contract
from mlc.errors import MlcError, Unavailable
from mlc.record import ProcessRecord
from mlc.search_attributes import MLC_MODEL, MLC_PROCESS
from starter import handlers
from starter.client import ANSWER_WITHIN
from starter.failures import nobody_answers, rpc_error
from starter.rows import search

READ_AT_ONCE = 16
# Any other end comes from outside, and leaves no record.
RECORDED = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED)

# What is being done, how many times so far, and of how many.
Progress = Callable[[str, int, int], None]


class Unread(Contract):
    """A process whose record cannot be read, and why."""

    workflow_id: str
    run_id: str
    started_at: datetime
    reason: str


@dataclass(frozen=True)
class PastProcesses:
    """The processes of a model, newest first; `stopped` are as many more, stopped from outside, which left no record."""

    records: tuple[ProcessRecord, ...]
    unread: tuple[Unread, ...]
    stopped: int = 0

    @property
    def looked_at(self) -> int:
        """How many there are whose record was asked for."""
        return len(self.records) + len(self.unread)


@dataclass(frozen=True)
class Wanted:
    """Which processes: those of a model (its name, or its id), of one kind, started since, at most so many, the newest."""

    model: str
    process: str | None = None
    since: datetime | None = None
    limit: int | None = None

    def told(self) -> str:
        """What is wanted, in words."""
        since = f" since {self.since.isoformat()}" if self.since else ""
        return f"{self.process or 'process'} of a model {self.model}{since}"

    def query(self, model_name: str | None) -> str:
        """Temporal's query; without a name for every process that knows its model."""
        parts = [search({MLC_PROCESS: self.process, MLC_MODEL: model_name})]
        if model_name is None:
            parts.append(f"{MLC_MODEL} IS NOT NULL")
        if self.since is not None:
            parts.append(f"StartTime >= '{self.since.astimezone(UTC).isoformat()}'")
        return " AND ".join(parts)


async def past_processes(temporal: Client, wanted: Wanted, progress: Progress) -> PastProcesses:
    """The records of what is wanted; those that cannot be read are told beside them. Raises Unavailable."""
    runs = await _runs(temporal, wanted.query(wanted.model))
    if runs:
        recorded = [run for run in runs if run.status in RECORDED]
        found = await _read(temporal, recorded[: wanted.limit], progress)
        return replace(found, stopped=len(runs) - len(recorded))
    # Temporal finds a process by its model's name alone: for an id, what each process knows is asked.
    runs = await _runs(temporal, wanted.query(None))
    found = await _read(temporal, [run for run in runs if run.status in RECORDED], progress)
    own = (record for record in found.records if record.model_id == wanted.model)
    # Whose process could not be read is not known either: it may be this model's.
    return PastProcesses(tuple(islice(own, wanted.limit)), found.unread)


async def _runs(temporal: Client, query: str) -> Sequence[WorkflowExecution]:
    """Newest first. A run that went on as another one is left out: the other one carries its record."""
    try:
        runs = [run async for run in temporal.list_workflows(query)]
    except RPCError as error:
        raise Unavailable(f"Temporal cannot list the processes: {error.message}") from None
    whole = (run for run in runs if run.status is not WorkflowExecutionStatus.CONTINUED_AS_NEW)
    return sorted(whole, key=lambda run: run.start_time, reverse=True)


async def _read(temporal: Client, runs: Sequence[WorkflowExecution], progress: Progress) -> PastProcesses:
    reader, turns, read = _Reader(temporal), asyncio.Semaphore(READ_AT_ONCE), 0

    async def one(run: WorkflowExecution) -> ProcessRecord | Unread:
        nonlocal read
        async with turns:
            try:
                record = await reader.record(run)
            except MlcError as error:
                record = Unread(
                    workflow_id=run.id, run_id=run.run_id, started_at=run.start_time, reason=str(error)
                )
        read += 1
        progress("Reading", read, len(runs))
        return record

    found = await asyncio.gather(*(one(run) for run in runs))
    return PastProcesses(
        tuple(each for each in found if isinstance(each, ProcessRecord)),
        tuple(each for each in found if isinstance(each, Unread)),
    )


class _Reader:
    """Reads the record of a run, which for one that still runs takes its worker."""

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal
        self._silent: set[str] = set()

    async def record(self, run: WorkflowExecution) -> ProcessRecord:
        """Of this very run: a snapshot may be submitted again. Raises Unavailable, or NotFound where it is gone by now."""
        try:
            if run.status is WorkflowExecutionStatus.RUNNING:
                return await self._asked(run)
            return await self._handle(run).result(rpc_timeout=ANSWER_WITHIN)
        except RPCError as error:
            raise rpc_error(error, run.id) from None
        except WorkflowQueryFailedError as error:
            raise Unavailable(f"{run.id} cannot tell its record: {error}") from None
        except (WorkflowFailureError, ValueError) as error:
            raise Unavailable(f"{run.id} has no record that can be read: {error}") from None

    async def _asked(self, run: WorkflowExecution) -> ProcessRecord:
        # Where nobody answers each question takes its full time; there may be hundreds.
        if run.task_queue in self._silent:
            raise nobody_answers(run.id)
        try:
            return await self._handle(run).query(
                handlers.RECORD, result_type=ProcessRecord, rpc_timeout=ANSWER_WITHIN
            )
        except RPCError as error:
            if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
                self._silent.add(run.task_queue)
            raise

    def _handle(self, run: WorkflowExecution) -> WorkflowHandle[Any, ProcessRecord]:
        handle = self._temporal.get_workflow_handle(run.id, run_id=run.run_id, result_type=ProcessRecord)
        return cast("WorkflowHandle[Any, ProcessRecord]", handle)
