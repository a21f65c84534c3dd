"""What the processes on one model share: its snapshot read, a job's result kept, the verdict of its decision table."""

from activities.signatures import ModelOp
from mlc.ids import effect_key
from mlc.modelop import (
    Asset,
    Job,
    JobFiles,
    JudgeTestResult,
    RuntimeQuery,
    Snapshot,
    SnapshotRef,
    StoreTestResult,
)
from mlc.record import TestResult
from mlc.verdict import Verdict
from workflows.process import Process, StepFailed

TABLE_ROLE = "TEST_RESULT_COMPARATOR"


class ModelProcess(Process):
    """Base of the processes on one snapshot."""

    def __init__(self, process: str, snapshot_id: str | None) -> None:
        super().__init__(process, snapshot_id)
        self._snapshot: Snapshot | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot as it was last read."""
        if self._snapshot is None:
            raise RuntimeError("the snapshot is used before it was read")
        return self._snapshot

    async def get_model(self, step: str) -> None:
        """The step in which the snapshot is read, and the process shows for the first time in the model's lineage."""
        self.ledger.enter(step)
        snapshot = await self.until_done(self.read_snapshot)
        self.ledger.leave(told(snapshot))
        await self.write_lineage("Lineage: started")

    async def read_snapshot(self) -> Snapshot:
        """Reads the snapshot that the record names, as it is now."""
        policy, record = self.policy, self.ledger.record
        if record.snapshot_id is None:
            raise RuntimeError("no snapshot is named yet")
        ref = SnapshotRef(
            snapshot_id=record.snapshot_id,
            control_tags=(policy.training_tag, policy.test_tag, policy.review_tag),
        )
        snapshot = await self.read(ModelOp.read_snapshot, ref, "Read the snapshot")
        self._snapshot = self.tickets.snapshot = snapshot
        self.ledger.know(snapshot)
        return snapshot

    async def kept_result(self, job: Job) -> TestResult:
        """The output of a metrics job, kept in ModelOp Center as a modelTestResult."""
        order = StoreTestResult(
            key=effect_key(self.chain, "test result", len(self.ledger.record.jobs)),
            job_id=job.id,
            snapshot_id=self.snapshot.id,
            created_after_ms=self.ledger.started_ms,
        )
        return await self.once(self.on_modelop(ModelOp.store_test_result, order, "Keep the test result"))

    async def judge(self, result: TestResult) -> Verdict:
        """The verdict of the snapshot's decision table, noted in the record."""
        table = self.table()
        if table is None:
            raise StepFailed("the decision table is gone from the snapshot")
        order = JudgeTestResult(
            snapshot_id=self.snapshot.id, table_asset_id=table.asset_id, test_result_id=result.id
        )
        verdict = await self.read(ModelOp.judge_test_result, order, f"Decision table {table.name}")
        self.ledger.note(verdict=verdict)
        return verdict

    def table(self) -> Asset | None:
        """The one decision table; None where there is none. Raises StepFailed where there are several."""
        tables = self.snapshot.assets_of(TABLE_ROLE)
        if len(tables) > 1:
            names = ", ".join(table.name for table in tables)
            raise StepFailed(f"the snapshot carries {len(tables)} decision tables ({names}): keep one")
        return tables[0] if tables else None

    def runtime_query(self) -> RuntimeQuery:
        """The runtimes that the snapshot is meant for."""
        return RuntimeQuery(service_tags=self.snapshot.service_tags, stage=self.snapshot.stage)

    def no_runtime(self) -> str:
        """Why no runtime matches, and what to do."""
        tags = ", ".join(self.snapshot.service_tags)
        if not tags:
            return "no runtime matches: the snapshot carries no service tag, such as the tag of the runtime it is meant for"
        stage = f" and the stage {self.snapshot.stage}" if self.snapshot.stage else ""
        return f"no runtime carries the tag {tags}{stage}: add the tag to a runtime, or start one that has it"


def all_of(assets: tuple[Asset, ...]) -> JobFiles:
    """A job on these assets of the snapshot, whose result comes back embedded."""
    return JobFiles(asset_ids=tuple(asset.asset_id for asset in assets))


def told(snapshot: Snapshot) -> str:
    """A snapshot in one line."""
    return f"{snapshot.model_name}, tags: {', '.join(snapshot.tags) or 'none'}"
