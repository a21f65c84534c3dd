"""The back-test of a fleet: every deployed model that carries a tag, each in a back-test of its own."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from activities.signatures import ModelOp
from mlc.catalogue import BACK_TEST, FLEET_BACK_TEST, OWN_PREFIX
from mlc.modelop import DeployedModel, FleetQuery
from mlc.processes import BackTestRequest, FleetBackTestRequest
from mlc.record import Outcome, ProcessRecord, StartedProcess
from mlc.text import plain
from workflows.process import StepFailed
from workflows.unattended import Unattended

# Of each back-test; the whole of it is in its own record.
REASON_LENGTH = 500


class FleetState(FleetBackTestRequest):
    """The request, and what one run of a long fleet hands to the next: the models that still wait, and the record so far."""

    waiting: tuple[DeployedModel, ...] = ()
    so_far: ProcessRecord | None = None


@workflow.defn(name=FLEET_BACK_TEST.name)
class FleetBackTest(Unattended):
    """Starts one back-test a model, so many at once as is asked for, and lists how they ended."""

    @workflow.init
    def __init__(self, state: FleetState) -> None:
        super().__init__(FLEET_BACK_TEST.name, None)
        self._state = state
        self._waiting = list(state.waiting)
        self._running: list[asyncio.Task[StartedProcess]] = []
        if state.so_far is not None:
            self.ledger.go_on_from(state.so_far)

    @workflow.run
    async def run(self, state: FleetState) -> ProcessRecord:
        """All passed, one broke a threshold (rejected), one could not be tested (failed), or cancelled."""
        async with self.concluding():
            if state.so_far is None:
                await self._find_models()
            await self._test_all()
            await self.done(*self._summary())
        return self.ledger.record

    async def _find_models(self) -> None:
        self.ledger.enter("Find models")
        self._waiting = await self.until_done(self._deployed_models)
        self.ledger.leave(f"{len(self._waiting)} deployed models carry {self._state.tag}")

    async def _deployed_models(self) -> list[DeployedModel]:
        query = FleetQuery(tag=self._state.tag)
        models = await self.read(ModelOp.find_deployed_models, query, "Find the deployed models")
        if not models:
            raise StepFailed(f"no deployed model carries the tag {query.tag}: check the tag")
        return models

    async def _test_all(self) -> None:
        self.ledger.enter("Back-tests")
        self.ledger.publish()
        while self._waiting or self._running:
            if self._waiting and workflow.info().is_continue_as_new_suggested():
                await self._hand_over()
            while self._waiting and len(self._running) < self._state.at_once:
                self._running.append(asyncio.create_task(self._back_test(self._waiting.pop(0))))
            await self._next_end()
        self.ledger.leave(f"{len(self.ledger.record.processes)} back-tests ended")

    async def _next_end(self) -> None:
        await workflow.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        for test in [test for test in self._running if test.done()]:
            self._running.remove(test)
            self.ledger.process(test.result())
        self.ledger.publish()

    async def _hand_over(self) -> None:
        """A new history, once the tests under way have ended: their ends would be told to nobody."""
        while self._running:
            await self._next_end()
        handed = {"waiting": tuple(self._waiting), "so_far": self.ledger.record}
        workflow.continue_as_new(self._state.model_copy(update=handed))

    async def _back_test(self, model: DeployedModel) -> StartedProcess:
        request = BackTestRequest(snapshot_id=model.snapshot_id)
        name = BACK_TEST.workflow_id(request, self._occasion())
        try:
            record = await workflow.execute_child_workflow(
                BACK_TEST.name,
                request,
                id=name,
                result_type=ProcessRecord,
                cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
                parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
                static_summary=f"Back-test of {model.model_name}, for {workflow.info().workflow_id}",
            )
        except asyncio.CancelledError:  # before it had started
            return StartedProcess(workflow_id=name, **model.model_dump(by_alias=False), outcome="cancelled")
        except (ChildWorkflowError, WorkflowAlreadyStartedError) as error:
            why = plain(error.__cause__ or error, REASON_LENGTH)
            return StartedProcess(
                workflow_id=name, **model.model_dump(by_alias=False), outcome="failed", reason=why
            )
        return StartedProcess(
            workflow_id=name,
            snapshot_id=model.snapshot_id,
            model_name=model.model_name,
            outcome=record.outcome,
            reason=plain(record.reason, REASON_LENGTH) if record.reason else None,
            tickets=tuple(ticket.key for ticket in record.tickets),
        )

    async def account_for_interruption(self) -> None:
        """The tests under way wind up first, each with its own tickets and jobs."""
        for test in self._running:
            test.cancel()
        while self._running:
            await self._next_end()

    def _occasion(self) -> str:
        """What tells this fleet from every other, as a part of the ids of its back-tests: its own id without the process."""
        return workflow.info().workflow_id.removeprefix(f"{OWN_PREFIX}{FLEET_BACK_TEST.name}-")

    def _summary(self) -> tuple[Outcome, str]:
        """The worst that happened, and how often each."""
        ended = [test.outcome for test in self.ledger.record.processes]
        failed, cancelled, broken = (ended.count(outcome) for outcome in ("failed", "cancelled", "rejected"))
        outcome: Outcome = "failed" if failed or cancelled else "rejected" if broken else "passed"
        told = f"{len(ended)} tested: {ended.count('passed')} passed, {broken} broke a threshold, {failed} failed"
        return outcome, told + (f", {cancelled} cancelled" if cancelled else "")
