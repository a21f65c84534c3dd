"""What a process did, as a value: the result of every process, its lineage in ModelOp Center, the JSON of `mlc status`."""

from datetime import datetime
from typing import Literal

from mlc.contract import Contract
from mlc.verdict import Verdict

Outcome = Literal["deployed", "passed", "scored", "rejected", "failed", "expired", "cancelled"]
TicketKind = Literal["review", "rejection", "error", "alert"]
DecisionWord = Literal["approve", "reject", "retry", "stop"]


PAST: dict[DecisionWord, str] = {
    "approve": "approved",
    "reject": "rejected",
    "retry": "answered with retry",
    "stop": "answered with stop",
}


class Step(Contract):
    """One step of the process; `result` is one line for people, None while it runs."""

    name: str
    started_at: datetime
    ended_at: datetime | None = None
    result: str | None = None


class JobEntry(Contract):
    """A job that the process created. `attempt` counts from 1 within the step."""

    id: str
    type: str
    status: str
    step: str
    attempt: int


class TestResult(Contract):
    """A stored `modelTestResult`: its id, the digest of all its results, and the flat top-level metrics."""

    id: str
    digest: str
    metrics: dict[str, float | int | bool | str | None]


class TicketEntry(Contract):
    """A Jira ticket of the process. `id` stays when the ticket is moved to another project, `key` does not."""

    id: str
    key: str
    kind: TicketKind
    status: str
    url: str
    step: str
    cycle: int


class Decision(Contract):
    """A decision that holds: who, when, with which words, by which way. `by_id` is Jira's account id where there is one."""

    decision: DecisionWord
    by: str
    at: datetime
    comment: str = ""
    via: Literal["jira", "api"] = "api"
    by_id: str | None = None
    ticket: str | None = None

    def told(self) -> str:
        """One line for whoever comes too late."""
        return f"{self.ticket} was already {PAST[self.decision]} by {self.by} at {self.at.isoformat()}"


class DecisionRequest(Contract):
    """The argument of the `decide` Update.

    `approve` and `retry` both say "go on", `reject` and `stop` both say "end": the kind of the open ticket settles the word
    that is recorded. `ticket` (key or id), when given, must be the ticket that the process waits on. `aliases` are further
    names of the same person (Jira account id, e-mail), compared when the service account and the author are kept out.
    """

    decision: DecisionWord
    by: str
    comment: str = ""
    via: Literal["jira", "api"] = "api"
    ticket: str | None = None
    at: datetime | None = None
    by_id: str | None = None
    aliases: tuple[str, ...] = ()
    ticket_status: str | None = None


class Deployment(Contract):
    """A deployed model: ModelOp's id of it, the runtime's name, and how it is used."""

    id: str
    runtime: str
    type: Literal["ONLINE", "BATCH"]


class StartedProcess(Contract):
    """A process that another one started, as it ended; `tickets` are the keys of those it opened."""

    workflow_id: str
    snapshot_id: str
    model_name: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    tickets: tuple[str, ...] = ()


class ProcessRecord(Contract):
    """One process from start to end. Times carry their offset; `outcome` is None while `state` is running.

    `snapshot_id` is None as long as the process looks for its snapshot, and for a process on many of them. `outputs` are where
    the results of a job are; `record_count` is how many records it scored, where the job tells. `processes` are those that this
    one started, in the order in which they ended.
    """

    process: str
    workflow_id: str
    run_id: str
    state: Literal["running", "completed"] = "running"
    step: str | None = None
    waiting_for: str | None = None
    model_id: str | None = None
    model_name: str | None = None
    snapshot_id: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    started_at: datetime
    ended_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    jobs: tuple[JobEntry, ...] = ()
    test_result: TestResult | None = None
    verdict: Verdict | None = None
    tickets: tuple[TicketEntry, ...] = ()
    decisions: tuple[Decision, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    outputs: tuple[str, ...] = ()
    record_count: int | None = None
    processes: tuple[StartedProcess, ...] = ()


class ProcessRow(Contract):
    """One line of `mlc list`."""

    workflow_id: str
    process: str
    model_name: str | None
    snapshot_id: str | None
    state: Literal["running", "completed"]
    step: str | None
    waiting_for: str | None
    outcome: str | None
    started_at: datetime
