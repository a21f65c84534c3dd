"""ModelOp Center's things as the processes see them.

References and digests, never bodies: a history keeps all that it is given.
"""

from typing import Literal

from mlc.contract import Contract
from mlc.files import FileAsset

JobKind = Literal["training", "testing", "scoring"]
RuntimeType = Literal["ONLINE", "BATCH"]
JobState = Literal["waiting", "running", "complete", "error", "cancelled"]


class Asset(Contract):
    """A file of a snapshot by its place in it; the content stays in ModelOp Center."""

    asset_id: str
    name: str
    role: str
    type: str


class Snapshot(Contract):
    """A deployable model. `service_tags` are its tags without the control tags and stages; `digest` is over all it holds."""

    id: str
    name: str
    model_id: str
    model_name: str
    description: str = ""
    owner: str = ""
    risk: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    service_tags: tuple[str, ...] = ()
    stage: str | None = None
    assets: tuple[Asset, ...] = ()
    digest: str

    def assets_of(self, role: str) -> tuple[Asset, ...]:
        """The assets with this assetRole, in the snapshot's order."""
        return tuple(asset for asset in self.assets if asset.role == role)


class SnapshotRef(Contract):
    """A snapshot by its id. `control_tags` are those that steer the process and name no service."""

    snapshot_id: str
    control_tags: tuple[str, ...] = ()


class Runtime(Contract):
    """A runtime (engine). One without endpoints takes batch deployments."""

    id: str
    name: str
    type: RuntimeType
    engine_type: str = "MODEL_OP_ENGINE"
    running: bool = True


class JobFiles(Contract):
    """What a job reads and writes, in order: assets of its snapshot by id, then the files that the starter named.

    Without outputs the result comes back embedded.
    """

    asset_ids: tuple[str, ...] = ()
    inputs: tuple[FileAsset, ...] = ()
    outputs: tuple[FileAsset, ...] = ()


class JobOrder(Contract):
    """Asks for one job. `key` is written into the job and looked for before another is created.

    `workflow_id` is written there too, so that a change of the job finds the process that waits for it. Without `runtime`
    ModelOp Center takes any that is free.
    """

    key: str
    kind: JobKind
    snapshot_id: str
    asset_ids: tuple[str, ...] = ()
    inputs: tuple[FileAsset, ...] = ()
    outputs: tuple[FileAsset, ...] = ()
    runtime: Runtime | None = None
    workflow_id: str | None = None
    created_after_ms: int


class JobRef(Contract):
    """A job by its id."""

    job_id: str


class Job(Contract):
    """A job as ModelOp Center tells it. `messages` are its last lines, at most 40 of at most 500 characters.

    `outputs` are the addresses of what it wrote. `record_count` is how many records it scored, where it tells. `workflow_id`
    is the process that waits for it, where one of ours created it.
    """

    id: str
    type: str
    state: JobState
    status: str
    messages: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    record_count: int | None = None
    workflow_id: str | None = None


class StoreTestResult(Contract):
    """Asks to keep the output of a metrics job as a modelTestResult of the snapshot."""

    key: str
    job_id: str
    snapshot_id: str
    created_after_ms: int


class TestResultRef(Contract):
    """A stored test result by its id."""

    test_result_id: str


class JudgeTestResult(Contract):
    """Asks for the verdict of a snapshot's decision table on a stored test result."""

    snapshot_id: str
    table_asset_id: str
    test_result_id: str


class RuntimeQuery(Contract):
    """Runtimes that carry one of the service tags, and the stage where there is one."""

    service_tags: tuple[str, ...]
    stage: str | None = None


class DeploymentOrder(Contract):
    """Asks for the deployment of a snapshot on a runtime.

    One that stands already, or that carries `key`, is the answer: a further try after a failure has a key of its own.
    """

    key: str
    snapshot_id: str
    runtime: Runtime


class BatchDeploymentQuery(Contract):
    """The batch deployments that carry a service tag, on a runtime of the stage where one is given."""

    tag: str
    stage: str | None = None


class DeployedModel(Contract):
    """A snapshot that is deployed somewhere."""

    snapshot_id: str
    model_name: str


class FleetQuery(Contract):
    """Every deployed model that carries the tag."""

    tag: str


class ApprovalBasis(Contract):
    """What an approval is bound to: the digests of all that the reviewer was shown, and the runtimes that these are."""

    snapshot: str
    test_result: str | None
    decision_table: str | None
    runtimes: str
    targets: tuple[Runtime, ...] = ()

    def changes_to(self, now: "ApprovalBasis") -> tuple[str, ...]:
        """The parts that differ, in words for the ticket; empty when the approval holds."""
        parts = (
            ("the snapshot", self.snapshot, now.snapshot),
            ("the test results", self.test_result, now.test_result),
            ("the decision table", self.decision_table, now.decision_table),
            ("the target runtimes", self.runtimes, now.runtimes),
        )
        return tuple(name for name, before, after in parts if before != after)


class BasisQuery(Contract):
    """Asks for the digests as they are now."""

    snapshot_id: str
    table_asset_id: str | None
    test_result_id: str | None
    runtimes: RuntimeQuery


class Changes(Contract):
    """What is new since the model's last deployed snapshot; `since` is None when there was none."""

    since: str | None = None
    lines: tuple[str, ...] = ()
