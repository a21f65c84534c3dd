"""What every process shares: its public handlers, its record, its way to the end, and the tickets of failed steps."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

from activities.signatures import ModelOp
from mlc.ids import chain_key
from mlc.modelop import Job, JobFiles, JobKind, Runtime
from mlc.policy import Policy
from mlc.record import Decision, DecisionRequest, Outcome, ProcessRecord
from mlc.tickets import OpenedTicket
from workflows.calls import BRIEFLY, explain, note_in_modelop, read, start_on_modelop, start_on_own
from workflows.jobs import Jobs
from workflows.ledger import Ledger
from workflows.tickets import TicketGone, Tickets

A = TypeVar("A")
R = TypeVar("R")
T = TypeVar("T")

# A cancelled process gives an effect under way this long to tell what it did.
LAST_WORD = timedelta(seconds=60)
UNDER_WAY = "Something may still be under way: %s"


class Ended(Exception):  # noqa: N818 - an end is not an error
    """Raised by a step after which there is nothing more to do. It never leaves the workflow: outcomes are values."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome: Outcome = outcome
        self.reason = reason


class StepFailed(Exception):  # noqa: N818
    """A step cannot go on, and no retry mends it. `messages` are what the job said, for the ticket."""

    def __init__(self, problem: str, messages: tuple[str, ...] = ()) -> None:
        super().__init__(problem)
        self.messages = messages


class Process:
    """Base of the processes. A process defines `run`, in which its steps stand one below the other."""

    def __init__(self, process: str, snapshot_id: str | None) -> None:
        info = workflow.info()
        self.chain = chain_key(info.namespace, info.workflow_id, info.first_execution_run_id)
        self.policy = Policy()
        self.ledger = Ledger(process, snapshot_id)
        self.tickets = Tickets(self.ledger, self.chain)
        self.jobs = Jobs(self.ledger, self.chain)
        self._effect: asyncio.Task[Any] | None = None

    @workflow.query
    def record(self) -> ProcessRecord:
        """The record so far."""
        return self.ledger.record

    @workflow.update
    def decide(self, request: DecisionRequest) -> Decision:
        """A person's answer to the open ticket; the first one holds."""
        return self.tickets.decide(request)

    @decide.validator
    def _refuse(self, request: DecisionRequest) -> None:
        refused = self.tickets.refusal(request)
        if refused is not None:
            kind, why = refused
            raise ApplicationError(why, type=kind, non_retryable=True)

    @workflow.signal
    def ticket_changed(self) -> None:
        """A hint that the open ticket changed. The truth is read from Jira."""
        self.tickets.hint()

    @workflow.signal
    def job_status_changed(self) -> None:
        """A hint that the job changed. The truth is read from ModelOp Center."""
        self.jobs.hint()

    @asynccontextmanager
    async def concluding(self) -> AsyncGenerator[None]:
        """Reads the rules, lets the steps run, and closes the record, however they end."""
        await self._read_policy()
        try:
            yield
        except Ended as end:
            await _uninterrupted(self.leave_no_job())
            await self.done(end.outcome, end.reason)
        except (asyncio.CancelledError, FailureError) as error:
            if not is_cancelled_exception(error):
                raise
            await self._wind_up()
            await self.done("cancelled", "cancelled by request")

    async def done(self, outcome: Outcome, reason: str | None = None) -> None:
        """Closes the record. A cancellation that comes now is too late: the process stays what it has become."""
        await _uninterrupted(self._last_notes(outcome, reason))

    async def once(self, effect: Coroutine[Any, Any, T]) -> T:
        """Runs an outside effect so that a cancellation cannot tear it in two: it is known afterwards what exists."""
        task = asyncio.create_task(effect)
        self._effect = task
        return await asyncio.shield(task)

    async def until_done(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Runs a step; an error that nobody can retry away is told by a ticket, after which the step may be tried again."""
        while True:
            try:
                return await attempt()
            except StepFailed as failure:
                await self.tell_failure(str(failure), failure.messages)
            except FailureError as error:
                if is_cancelled_exception(error):
                    raise
                await self.tell_failure(explain(error))

    async def read(self, activity: Callable[[Any, A], Awaitable[R]], argument: A, summary: str) -> R:
        """A short read of ModelOp Center."""
        return await read(activity, argument, summary=summary, deadline=self.policy.step_deadline)

    async def on_modelop(self, activity: Callable[[Any, A], Awaitable[R]], argument: A, summary: str) -> R:
        """An effect on ModelOp Center, of the kind that finds before it creates."""
        return await start_on_modelop(activity, argument, summary=summary, deadline=self.policy.step_deadline)

    async def on_own(self, activity: Callable[[Any, A], Awaitable[R]], argument: A, summary: str) -> R:
        """An activity that the process's own package brings along."""
        return await start_on_own(activity, argument, summary=summary, deadline=self.policy.step_deadline)

    async def account_for_interruption(self) -> None:
        """After a cancellation: what a process has to find out about effects of its own kind."""

    async def run_job(self, kind: JobKind, files: JobFiles, runtime: Runtime | None = None) -> Job:
        """A job of the current step, from its creation to its end; one of an earlier attempt does not run on beside it."""
        await self.jobs.cancel_running()
        job = await self.once(self.jobs.create(kind, files, runtime))
        return await self.jobs.wait_for(job)

    async def tell_failure(self, problem: str, messages: tuple[str, ...] = ()) -> None:
        """Opens an error ticket and waits. Returns when the step is to be tried again; else the process ends failed."""
        step = self.current_step
        self.ledger.note(reason=problem)
        answer = await self.ask(
            lambda: self.tickets.open(
                "error",
                summary=f"{step} failed: {problem}",
                lead=problem,
                messages=messages,
                choices=(("go", f"{step} is tried again."), ("end", "The process ends as failed.")),
            ),
            self.tickets.answer,
        )
        if answer.decision == "stop":
            raise Ended("failed", f"{step}: {problem}")
        self.ledger.note(reason=None)

    async def leave_no_job(self) -> None:
        """Cancels a job that the process no longer waits for: it would hold up its runtime, which runs one at a time."""
        try:
            await self.jobs.cancel_running()
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning(UNDER_WAY, explain(error))

    @property
    def current_step(self) -> str:
        """The name of the step, for people."""
        return self.ledger.record.step or self.ledger.record.process

    async def ask(
        self,
        opening: Callable[[], Coroutine[Any, Any, OpenedTicket]],
        waiting: Callable[[OpenedTicket], Awaitable[T]],
    ) -> T:
        """Opens a ticket and waits for its answer; a ticket that is deleted decides nothing, and is opened anew."""
        while True:
            opened = await self.once(opening())
            try:
                return await waiting(opened)
            except TicketGone as gone:
                workflow.logger.warning("%s: it is opened anew", gone)

    async def refuse_model(self, why: str, messages: tuple[str, ...] = ()) -> None:
        """Opens the rejection ticket and ends the process as rejected."""
        await self.once(
            self.tickets.open("rejection", summary=f"Model rejected: {why}", lead=why, messages=messages)
        )
        raise Ended("rejected", why)

    async def write_lineage(self, summary: str) -> None:
        """Writes the record to ModelOp Center as it is now."""
        await note_in_modelop(ModelOp.write_lineage, self.ledger.record, summary, self.policy.step_deadline)

    async def _read_policy(self) -> None:
        try:
            self.policy = await workflow.execute_local_activity_method(
                ModelOp.read_policy,
                start_to_close_timeout=timedelta(seconds=5),
                retry_policy=BRIEFLY,
                summary="Rules",
            )
        except (asyncio.CancelledError, FailureError) as error:
            task = asyncio.current_task()
            if task is None or not is_cancelled_exception(error):
                raise
            # Nothing can be skipped from here: the steps begin, and the first wait of theirs is the one that is cancelled.
            task.cancel()
        self.tickets.policy = self.jobs.policy = self.policy

    async def _wind_up(self) -> None:
        """After a cancellation: no job runs on, no ticket asks for an answer that nobody would hear."""
        if self._effect is not None and not self._effect.done():
            await workflow.wait([self._effect], timeout=LAST_WORD.total_seconds())
            self._effect.cancel()
        who = "The process was cancelled. No answer is needed; nothing more will be deployed."
        for account in (self.jobs.cancel_running, self.account_for_interruption):
            try:
                await account()
            except FailureError as error:
                workflow.logger.warning(UNDER_WAY, explain(error))
        await self.tickets.abandon(who)

    async def _last_notes(self, outcome: Outcome, reason: str | None) -> None:
        await self.tickets.settled()
        self.ledger.end(outcome, reason)
        self.ledger.publish()
        await self.write_lineage(f"Lineage: {outcome}")
        await workflow.wait_condition(workflow.all_handlers_finished)


async def _uninterrupted(work: Coroutine[Any, Any, None]) -> None:
    """Lets the work come to its end, whatever cancellation comes meanwhile."""
    task = asyncio.create_task(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()
