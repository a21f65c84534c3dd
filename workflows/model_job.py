"""What back-test and batch job share: one job on one model, on files or on the model's own data, waited for by nobody."""

from activities.signatures import ModelOp
from mlc.files import FileAsset
from mlc.modelop import Job, JobFiles, JobKind, Runtime, RuntimeQuery, RuntimeType
from mlc.record import TestResult
from mlc.text import plain
from workflows.model_process import ModelProcess, all_of
from workflows.process import StepFailed
from workflows.unattended import Unattended

DATA_ROLE = "TEST_DATA"
# Of what a job said last, for the reason; all that it said is in the ticket.
LAST_MESSAGE = 200


class ModelJob(Unattended, ModelProcess):
    """Base of the processes that run a job of one model."""

    async def get_data(self, inputs: tuple[FileAsset, ...], outputs: tuple[FileAsset, ...]) -> JobFiles:
        """The step in which it is settled what the job reads: the files that are named, else the snapshot's test data."""
        self.ledger.enter("Get data")
        files = await self.until_done(lambda: self._files(inputs, outputs))
        assets = [asset.name for asset in self.snapshot.assets if asset.asset_id in files.asset_ids]
        self.ledger.leave(", ".join([*assets, *(file.label for file in inputs)]))
        return files

    async def test(self, files: JobFiles) -> TestResult:
        """The step in which a metrics job runs on a compatible runtime, and its output is kept as a test result."""
        self.ledger.enter("Testing")
        result = await self.until_done(lambda: self._tested(files))
        self.ledger.note(test_result=result)
        self.ledger.leave(f"test result {result.id}")
        return result

    async def runtime_for_job(self, query: RuntimeQuery, *types: RuntimeType) -> Runtime:
        """A running runtime that fits, of the first type of which there is one. Raises StepFailed where there is none.

        Where several fit the jobs of many processes spread over them; each runs one job at a time.
        """
        runtimes = await self.read(ModelOp.find_runtimes, query, "Find a compatible runtime")
        for wanted in types:
            fitting = [runtime for runtime in runtimes if runtime.running and runtime.type == wanted]
            if fitting:
                return fitting[int(self.chain, 16) % len(fitting)]
        tags, stage = ", ".join(query.service_tags), f" and the stage {query.stage}" if query.stage else ""
        what = "runtime without endpoints" if types == ("BATCH",) else "runtime"
        raise StepFailed(
            f"no {what} with the tag {tags or '(the snapshot carries no service tag)'}{stage} is running:"
            " start one, or add the tag to one that runs"
        )

    async def completed_job(self, kind: JobKind, files: JobFiles, runtime: Runtime) -> Job:
        """A job of the current step that ran to its end. Raises StepFailed with its messages when it did not."""
        job = await self.run_job(kind, files, runtime)
        if job.state != "complete":
            said = f": {plain(job.messages[-1], LAST_MESSAGE)}" if job.messages else ""
            raise StepFailed(f"the {kind} job {job.id} ended with {job.status}{said}", job.messages)
        return job

    async def _tested(self, files: JobFiles) -> TestResult:
        runtime = await self.runtime_for_job(self.runtime_query(), "BATCH", "ONLINE")
        job = await self.completed_job("testing", files, runtime)
        self.ledger.note(outputs=tuple(file.file_url for file in files.outputs if file.file_url))
        return await self.kept_result(job)

    async def _files(self, inputs: tuple[FileAsset, ...], outputs: tuple[FileAsset, ...]) -> JobFiles:
        if inputs:
            return JobFiles(inputs=inputs, outputs=outputs)
        data = self.snapshot.assets_of(DATA_ROLE)[:1]
        if not data:
            raise StepFailed(f"no INPUT_FILE is named, and the snapshot carries no {DATA_ROLE} asset")
        return all_of(data).model_copy(update={"outputs": outputs})
