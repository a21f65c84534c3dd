"""The batch job: "Run Batch Model Job"."""

from temporalio import workflow

from activities.signatures import ModelOp
from mlc.modelop import BatchDeploymentQuery, JobFiles, Runtime, RuntimeQuery, Snapshot
from mlc.processes import BatchJobRequest
from mlc.record import ProcessRecord
from workflows.model_job import ModelJob
from workflows.model_process import told
from workflows.process import StepFailed

BATCH_JOB = "batch-job"


@workflow.defn(name=BATCH_JOB)
class BatchJob(ModelJob):
    """Scores files with the model that is deployed for batch under a service tag."""

    @workflow.init
    def __init__(self, request: BatchJobRequest) -> None:
        super().__init__(BATCH_JOB, None)
        self._request = request

    @workflow.run
    async def run(self, request: BatchJobRequest) -> ProcessRecord:
        """One scoring job: scored, failed with an error ticket, or cancelled."""
        async with self.concluding():
            await self._find_model()
            files = await self.get_data(request.input_files, request.output_files)
            runtime = await self._find_runtime()
            await self._score(files, runtime)
            await self.done("scored")
        return self.ledger.record

    async def _find_model(self) -> None:
        self.ledger.enter("Find model")
        self.ledger.leave(told(await self.until_done(self._deployed_snapshot)))
        await self.write_lineage("Lineage: started")

    async def _deployed_snapshot(self) -> Snapshot:
        query = BatchDeploymentQuery(tag=self._request.tag, stage=self._request.model_stage)
        found = await self.read(ModelOp.find_batch_deployment, query, "Find the most recent batch deployment")
        if found is None:
            stage = f" in the stage {query.stage}" if query.stage else ""
            raise StepFailed(
                f"no model is deployed for batch under the tag {query.tag}{stage}:"
                " deploy one on a runtime without endpoints that carries the tag"
            )
        self.ledger.note(snapshot_id=found.snapshot_id)
        return await self.read_snapshot()

    async def _find_runtime(self) -> Runtime:
        self.ledger.enter("Find runtime")
        stage = self._request.model_stage or self.snapshot.stage
        query = RuntimeQuery(service_tags=(self._request.tag,), stage=stage.upper() if stage else None)
        runtime = await self.until_done(lambda: self.runtime_for_job(query, "BATCH"))
        self.ledger.leave(runtime.name)
        return runtime

    async def _score(self, files: JobFiles, runtime: Runtime) -> None:
        self.ledger.enter("Scoring")
        job = await self.until_done(lambda: self.completed_job("scoring", files, runtime))
        self.ledger.note(outputs=job.outputs, record_count=job.record_count)
        counted = f"{job.record_count} records" if job.record_count is not None else "scored"
        self.ledger.leave(f"{counted}: {', '.join(job.outputs)}")
