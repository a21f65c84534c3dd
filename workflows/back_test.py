"""The back-test: "Cron Triggered Back Test"."""

from temporalio import workflow

from mlc.processes import BackTestRequest
from mlc.record import ProcessRecord, TestResult
from mlc.verdict import JUDGING_STEP
from workflows.model_job import ModelJob
from workflows.model_process import TABLE_ROLE

BACK_TEST = "back-test"
NOTHING_COMPARED = "the snapshot carries no decision table: the result is stored, nothing was compared"


@workflow.defn(name=BACK_TEST)
class BackTest(ModelJob):
    """Tests one snapshot anew, and alerts when a threshold of its decision table is broken."""

    @workflow.init
    def __init__(self, request: BackTestRequest) -> None:
        super().__init__(BACK_TEST, request.snapshot_id)

    @workflow.run
    async def run(self, request: BackTestRequest) -> ProcessRecord:
        """One snapshot: passed, rejected with an alert, failed with an error ticket, or cancelled."""
        async with self.concluding():
            await self.get_model("Get model")
            files = await self.get_data(request.input_files, request.output_files)
            result = await self.test(files)
            compared = await self._analyse(result)
            await self.done("passed", None if compared else NOTHING_COMPARED)
        return self.ledger.record

    async def _analyse(self, result: TestResult) -> bool:
        """Whether there was something to compare with."""
        if not self.snapshot.assets_of(TABLE_ROLE):
            return False
        self.ledger.enter(JUDGING_STEP)
        verdict = await self.until_done(lambda: self.judge(result))
        if not verdict.passed:
            await self.alert("Back-test broke a threshold", "; ".join(verdict.reasons))
        self.ledger.leave("passed")
        return True
