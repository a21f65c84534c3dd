"""The process's own account of itself: the record under construction, and what the Temporal UI shows of it."""

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from mlc.modelop import Job, Snapshot
from mlc.record import (
    Decision,
    Deployment,
    JobEntry,
    Outcome,
    ProcessRecord,
    StartedProcess,
    Step,
    TicketEntry,
)
from mlc.search_attributes import (
    MLC_MODEL,
    MLC_OUTCOME,
    MLC_PROCESS,
    MLC_SNAPSHOT,
    MLC_STAGE,
    MLC_STEP,
    MLC_TICKET,
)
from mlc.text import within_bytes


class Ledger:
    """Keeps the `ProcessRecord` so far. Everything here is called from workflow code."""

    def __init__(self, process: str, snapshot_id: str | None) -> None:
        info = workflow.info()
        self.record = ProcessRecord(
            process=process,
            workflow_id=info.workflow_id,
            run_id=info.run_id,
            snapshot_id=snapshot_id,
            started_at=info.workflow_start_time,
        )
        self._stage: str | None = None
        self._published: dict[str, str | None] = {}

    def go_on_from(self, record: ProcessRecord) -> None:
        """Takes over the account that an earlier run of a long process has given."""
        self.record = record.model_copy(update={"run_id": self.record.run_id})

    @property
    def started_ms(self) -> int:
        """When the process started, in epoch milliseconds: nothing of its own is older."""
        return int(self.record.started_at.timestamp() * 1000)

    def enter(self, step: str) -> None:
        """Begins a step, unless it is the one that runs."""
        if self.record.step != step:
            self._set(step=step, steps=(*self.record.steps, Step(name=step, started_at=workflow.now())))

    def leave(self, result: str) -> None:
        """Ends the current step with one line for people."""
        *before, last = self.record.steps
        ended = last.model_copy(update={"ended_at": workflow.now(), "result": result})
        self._set(step=None, steps=(*before, ended))

    def know(self, snapshot: Snapshot) -> None:
        """Takes over the names of model and stage."""
        self._stage = snapshot.stage
        self._set(snapshot_id=snapshot.id, model_id=snapshot.model_id, model_name=snapshot.model_name)

    def note(self, **fields: Any) -> None:
        """Sets fields of the record, such as `test_result`, `verdict` or `reason`."""
        self._set(**fields)

    def wait_for(self, what: str | None) -> None:
        """Names the ticket or job that the process waits for, or that it goes on."""
        self._set(waiting_for=what)
        if what is not None:  # what follows publishes; each change of a search attribute is an event
            self.publish()

    def job(self, job: Job, step: str, attempt: int) -> None:
        """Adds a job."""
        entry = JobEntry(id=job.id, type=job.type, status=job.status, step=step, attempt=attempt)
        self._set(jobs=(*self.record.jobs, entry))

    def job_status(self, job: Job) -> None:
        """Takes over a job's new status."""
        changed = {"status": job.status}
        jobs = (e.model_copy(update=changed) if e.id == job.id else e for e in self.record.jobs)
        self._set(jobs=tuple(jobs))

    def process(self, ended: StartedProcess) -> None:
        """Adds a process that this one started and that has ended."""
        self._set(processes=(*self.record.processes, ended))

    def ticket(self, ticket: TicketEntry) -> None:
        """Adds a ticket, or takes over its new status, in its place."""
        if any(known.id == ticket.id for known in self.record.tickets):
            self._set(
                tickets=tuple(ticket if known.id == ticket.id else known for known in self.record.tickets)
            )
        else:
            self._set(tickets=(*self.record.tickets, ticket))

    def decision(self, decision: Decision) -> None:
        """Adds a decision that holds."""
        self._set(decisions=(*self.record.decisions, decision))

    def deployment(self, deployment: Deployment) -> None:
        """Adds a deployment that stands."""
        self._set(deployments=(*self.record.deployments, deployment))

    def end(self, outcome: Outcome, reason: str | None) -> None:
        """Closes the record."""
        if self.record.step is not None:
            self.leave((reason or outcome).removeprefix(f"{self.record.step}: "))
        self._set(
            state="completed",
            outcome=outcome,
            reason=reason,
            waiting_for=None,
            ended_at=workflow.now(),
            step=None,
        )

    def publish(self) -> None:
        """Shows the record's state in the Temporal UI: details, and the search attributes that changed."""
        record = self.record
        waiting = record.waiting_for if any(t.key == record.waiting_for for t in record.tickets) else None
        wanted = {
            MLC_PROCESS: record.process,
            MLC_MODEL: record.model_name,
            MLC_SNAPSHOT: record.snapshot_id,
            MLC_STAGE: self._stage,
            MLC_STEP: record.step,
            MLC_OUTCOME: record.outcome,
            MLC_TICKET: waiting,
        }
        updates = [
            _update(name, value) for name, value in wanted.items() if self._published.get(name) != value
        ]
        if updates:
            # The SDK's own signature leaves a type variable open.
            workflow.upsert_search_attributes(updates)  # pyright: ignore[reportUnknownMemberType]
            self._published = wanted
        workflow.set_current_details(self._story())

    def _story(self) -> str:
        record = self.record
        about = f" of *{record.model_name or 'unknown model'}*, snapshot `{record.snapshot_id}`"
        lines = [f"**{record.process}**{about if record.snapshot_id else ''}", ""]
        lines += [f"- {step.name}: {step.result or '…'}" for step in record.steps]
        if record.processes:
            lines += ["", f"{len(record.processes)} processes have ended"]
        links = {ticket.key: f"[{ticket.key}]({ticket.url})" for ticket in record.tickets}
        if record.waiting_for:
            lines += ["", f"Waiting for {links.get(record.waiting_for, record.waiting_for)}"]
        if record.outcome:
            lines += ["", f"Outcome: **{record.outcome}**" + (f": {record.reason}" if record.reason else "")]
        return "\n".join(lines)

    def _set(self, **fields: Any) -> None:
        self.record = self.record.model_copy(update=fields)


def _update(name: str, value: str | None) -> SearchAttributeUpdate[str]:
    key = SearchAttributeKey.for_keyword(name)
    # Visibility on SQL keeps 255 characters; over 2048 bytes the server ends the process.
    return key.value_unset() if value is None else key.value_set(within_bytes(value, 255))
