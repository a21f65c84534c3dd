"""The jobs of a process: created once for a step and attempt, waited for without holding a worker."""

import asyncio

from temporalio import workflow

from activities.signatures import ModelOp
from mlc.ids import effect_key
from mlc.modelop import Job, JobFiles, JobKind, JobOrder, JobRef, Runtime
from mlc.policy import Policy
from workflows.calls import polling, read, start_on_modelop
from workflows.ledger import Ledger


class Jobs:
    """Creates and awaits the jobs of one process."""

    def __init__(self, ledger: Ledger, chain: str) -> None:
        self.policy = Policy()
        self._ledger = ledger
        self._chain = chain
        self._hinted = False
        self._creating: JobOrder | None = None
        self._running: Job | None = None

    async def create(self, kind: JobKind, files: JobFiles, runtime: Runtime | None) -> Job:
        """The job of the current step; each call after one that was answered asks for a further attempt."""
        record = self._ledger.record
        if record.snapshot_id is None:
            raise RuntimeError("a job is created before its snapshot is known")
        step = record.step or kind
        attempt = 1 + sum(1 for job in record.jobs if job.step == step)
        order = JobOrder(
            key=effect_key(self._chain, step, attempt),
            kind=kind,
            snapshot_id=record.snapshot_id,
            asset_ids=files.asset_ids,
            inputs=files.inputs,
            outputs=files.outputs,
            runtime=runtime,
            workflow_id=record.workflow_id,
            created_after_ms=self._ledger.started_ms,
        )
        self._ledger.publish()
        self._creating = order
        job = await start_on_modelop(
            ModelOp.create_job,
            order,
            summary=f"{kind} job, attempt {attempt}",
            deadline=self.policy.step_deadline,
        )
        self._know(job, step, attempt)
        return job

    async def wait_for(self, job: Job) -> Job:
        """The job once it has ended, whichever way."""
        self._hinted = False
        self._ledger.wait_for(job.id)
        poll = start_on_modelop(
            ModelOp.wait_for_job,
            JobRef(job_id=job.id),
            summary=f"Wait for job {job.id}",
            deadline=self.policy.job_deadline,
            retry=polling(self.policy.poll),
        )
        ended = await self._first_sight(job, poll)
        self._running = None
        self._ledger.job_status(ended)
        self._ledger.wait_for(None)
        return ended

    async def cancel_running(self) -> None:
        """Cancels the job that has not ended, also one of which only the order is known."""
        if self._creating is not None:
            order, record = self._creating, self._ledger.record
            found = await start_on_modelop(
                ModelOp.find_job, order, summary="Find an interrupted job", deadline=self.policy.step_deadline
            )
            if found is not None:
                attempt = 1 + sum(1 for job in record.jobs if job.step == record.step)
                self._know(found, record.step or order.kind, attempt)
            self._creating = None
        if self._running is not None:
            cancelled = await start_on_modelop(
                ModelOp.cancel_job,
                JobRef(job_id=self._running.id),
                summary=f"Cancel job {self._running.id}",
                deadline=self.policy.step_deadline,
            )
            self._running = None
            self._ledger.job_status(cancelled)

    def hint(self) -> None:
        """Somebody says that the job's status changed: look at it."""
        self._hinted = True

    async def _first_sight(self, job: Job, poll: asyncio.Task[Job]) -> Job:
        """The poll's answer, or that of a look in between when somebody said that there is something to see."""
        while not poll.done():
            await workflow.wait_condition(lambda: poll.done() or self._hinted)
            if self._hinted and not poll.done():
                self._hinted = False
                seen = await read(
                    ModelOp.read_job,
                    JobRef(job_id=job.id),
                    summary=f"Look at job {job.id}",
                    deadline=self.policy.step_deadline,
                )
                if seen.state in ("complete", "error", "cancelled"):
                    # Nobody waits for it any more, so how it ends is nobody's loss: else the worker logs it as an error.
                    poll.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
                    poll.cancel()
                    return seen
        return await poll

    def _know(self, job: Job, step: str, attempt: int) -> None:
        self._creating, self._running = None, job
        self._ledger.job(job, step, attempt)
