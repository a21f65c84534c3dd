"""What the activities are called, take and give: all that a workflow may know of them.

The implementations (`activities.modelop`, `activities.jira`) inherit from these classes; a workflow imports this module
alone, so that no HTTP library is ever loaded into a workflow.
"""

from abc import ABC, abstractmethod
from datetime import datetime

from temporalio import activity

from mlc.modelop import (
    ApprovalBasis,
    BasisQuery,
    BatchDeploymentQuery,
    Changes,
    DeployedModel,
    DeploymentOrder,
    FleetQuery,
    Job,
    JobOrder,
    JobRef,
    JudgeTestResult,
    Runtime,
    RuntimeQuery,
    Snapshot,
    SnapshotRef,
    StoreTestResult,
    TestResultRef,
)
from mlc.policy import Policy
from mlc.record import Deployment, ProcessRecord, TestResult
from mlc.tickets import (
    Escalation,
    NotificationOrder,
    OpenedTicket,
    TicketKeySettlement,
    TicketNote,
    TicketOrder,
    TicketRef,
    TicketSettlement,
    WatchOrder,
)
from mlc.verdict import Verdict


class ModelOp(ABC):
    """Activities on ModelOp Center. Failures are of the types in `mlc.errors`."""

    @activity.defn
    @abstractmethod
    async def read_policy(self) -> Policy:
        """The rules that hold for a process that starts now."""

    @activity.defn
    @abstractmethod
    async def read_snapshot(self, ref: SnapshotRef) -> Snapshot:
        """The snapshot as it is now. NotFound when there is none."""

    @activity.defn
    @abstractmethod
    async def create_job(self, order: JobOrder) -> Job:
        """The job with this key: the one that exists, or a new one."""

    @activity.defn
    @abstractmethod
    async def find_job(self, order: JobOrder) -> Job | None:
        """The job with this key, if its creation came that far."""

    @activity.defn
    @abstractmethod
    async def wait_for_job(self, ref: JobRef) -> Job:
        """The job once it has ended; until then the attempt fails with JobStillRunning and Temporal looks again."""

    @activity.defn
    @abstractmethod
    async def read_job(self, ref: JobRef) -> Job:
        """The job as it is now."""

    @activity.defn
    @abstractmethod
    async def cancel_job(self, ref: JobRef) -> Job:
        """Cancels the job unless it has ended; answers how it is then."""

    @activity.defn
    @abstractmethod
    async def store_test_result(self, order: StoreTestResult) -> TestResult:
        """Keeps a metrics job's output as a modelTestResult, once. InvalidInput when the output is not one JSON object."""

    @activity.defn
    @abstractmethod
    async def read_test_result(self, ref: TestResultRef) -> TestResult:
        """A stored test result as it is now."""

    @activity.defn
    @abstractmethod
    async def judge_test_result(self, order: JudgeTestResult) -> Verdict:
        """The decision table's verdict. InvalidInput when it cannot be evaluated, naming the metric or the cell."""

    @activity.defn
    @abstractmethod
    async def changes_since_last_deployment(self, ref: SnapshotRef) -> Changes:
        """What differs from the model's last deployed snapshot."""

    @activity.defn
    @abstractmethod
    async def approval_basis(self, query: BasisQuery) -> ApprovalBasis:
        """The digests, now, of all that an approval is bound to."""

    @activity.defn
    @abstractmethod
    async def find_runtimes(self, query: RuntimeQuery) -> list[Runtime]:
        """The matching runtimes, by name."""

    @activity.defn
    @abstractmethod
    async def find_batch_deployment(self, query: BatchDeploymentQuery) -> DeployedModel | None:
        """The most recent batch deployment in active state that fits, or None."""

    @activity.defn
    @abstractmethod
    async def find_deployed_models(self, query: FleetQuery) -> list[DeployedModel]:
        """The snapshots that are deployed and carry the tag, each once, by the name of the model."""

    @activity.defn
    @abstractmethod
    async def deploy(self, order: DeploymentOrder) -> Deployment:
        """The standing deployment of the snapshot on the runtime, the one that exists or a new one, once it runs.

        While it starts the attempt fails with JobStillRunning and Temporal looks again. DeploymentFailed, not retryable,
        with the runtime's message when it does not start.
        """

    @activity.defn
    @abstractmethod
    async def find_deployment(self, order: DeploymentOrder) -> Deployment | None:
        """The deployment that answers the order, whether it runs yet or not, if its creation came that far."""

    @activity.defn
    @abstractmethod
    async def write_lineage(self, record: ProcessRecord) -> None:
        """Writes the record as the process's modelMLC, and a notification when it has ended; again = updates them."""

    @activity.defn
    @abstractmethod
    async def mirror_ticket(self, order: NotificationOrder) -> None:
        """Writes a ticket's notification; again = updates it."""


class Jira(ABC):
    """Activities on Jira; they run on threads, because the client library is synchronous."""

    @activity.defn
    @abstractmethod
    def open_ticket(self, order: TicketOrder) -> OpenedTicket:
        """The one ticket with this key: the one that exists, or a new one, with attachment and links."""

    @activity.defn
    @abstractmethod
    def comment(self, note: TicketNote) -> None:
        """Comments, once."""

    @activity.defn
    @abstractmethod
    def escalate(self, escalation: Escalation) -> None:
        """Adds watchers and says so in a comment, once."""

    @activity.defn
    @abstractmethod
    def settle_ticket(self, settlement: TicketSettlement) -> str:
        """Comments and closes a ticket; answers its status then."""

    @activity.defn
    @abstractmethod
    def settle_ticket_of_key(self, settlement: TicketKeySettlement) -> None:
        """The same for a ticket that may or may not exist."""


class Decisions(ABC):
    """The way of a decision from Jira to its process."""

    @activity.defn
    @abstractmethod
    async def carry_decision(self, ref: TicketRef) -> None:
        """Reads the ticket and sends the decision on it, if there is one, to the process that waits for it."""

    @activity.defn
    @abstractmethod
    async def watch_tickets(self, order: WatchOrder) -> datetime:
        """Looks at what changed in Jira, again and again, and carries each decision. Heartbeats, and answers, how far it saw."""
