"""The deploy process: "On Model Changed Deploy with run test and Jira"."""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from activities.signatures import ModelOp
from mlc.ids import effect_key
from mlc.modelop import (
    ApprovalBasis,
    BasisQuery,
    Changes,
    DeploymentOrder,
    Job,
    JobFiles,
    Runtime,
    SnapshotRef,
    TestResultRef,
)
from mlc.processes import DeployRequest
from mlc.record import Deployment, ProcessRecord, TestResult
from mlc.tickets import OpenedTicket
from mlc.verdict import JUDGING_STEP
from workflows.calls import explain, polling, start_on_modelop
from workflows.model_process import TABLE_ROLE, ModelProcess, all_of
from workflows.process import Ended, StepFailed

DEPLOY, SUBMITTED = "deploy", "Model submitted"


@workflow.defn(name=DEPLOY)
class Deploy(ModelProcess):
    """Takes one snapshot from its submission to its deployment on every matching runtime."""

    @workflow.init
    def __init__(self, request: DeployRequest) -> None:
        super().__init__(DEPLOY, request.snapshot_id)
        self._approved: ApprovalBasis | None = None
        self._tries = 0
        self._deploying: DeploymentOrder | None = None

    @workflow.run
    async def run(self, request: DeployRequest) -> ProcessRecord:
        """One snapshot, from submitted to deployed, rejected, failed, expired or cancelled."""
        async with self.concluding():
            await self.get_model(SUBMITTED)
            if self._tagged(self.policy.training_tag):
                await self._train()
            if self._tagged(self.policy.test_tag):
                await self._test()
            await self._analyse()
            if self._tagged(self.policy.review_tag):
                await self._review()
            await self._deploy()
            await self.done("deployed")
        return self.ledger.record

    async def _train(self) -> None:
        self.ledger.enter("Training")
        data = self.snapshot.assets_of("TRAINING_DATA")
        if not data:
            await self.refuse_model("training is asked for, but the model carries no TRAINING_DATA asset")
        job = await self.until_done(lambda: self.run_job("training", all_of(data)))
        if job.state != "complete":
            await self.refuse_model(f"the training job ended with {job.status}", job.messages)
        self.ledger.leave(f"job {job.id}: {job.status}")

    async def _test(self) -> None:
        self.ledger.enter("Testing")
        data = self.snapshot.assets_of("TEST_DATA")[:1]
        if not data:
            await self.refuse_model("a test is asked for, but the model carries no TEST_DATA asset")
        result = await self.until_done(lambda: self._tested(all_of(data)))
        self.ledger.note(test_result=result)
        self.ledger.leave(f"test result {result.id}")

    async def _tested(self, files: JobFiles) -> TestResult:
        job = await self.run_job("testing", files)
        while job.state != "complete":
            await self._ask_to_test_again(job)
            job = await self.run_job("testing", files)
        return await self.kept_result(job)

    async def _ask_to_test_again(self, job: Job) -> None:
        why = f"the test job ended with {job.status}"
        self.ledger.note(reason=why)
        choices = (("go", "The test runs again, as a new job."), ("end", "The process ends as rejected."))
        answer = await self.ask(
            lambda: self.tickets.open(
                "rejection", summary=f"Test failed: {why}", lead=why, messages=job.messages, choices=choices
            ),
            self.tickets.answer,
        )
        if answer.decision == "stop":
            raise Ended("rejected", f"{why}; {answer.by} decided against another run")
        self.ledger.note(reason=None)

    async def _analyse(self) -> None:
        result = self.ledger.record.test_result
        if result is None or not self.snapshot.assets_of(TABLE_ROLE):
            return
        self.ledger.enter(JUDGING_STEP)
        verdict = await self.until_done(lambda: self.judge(result))
        if not verdict.passed:
            await self.refuse_model("; ".join(verdict.reasons))
        self.ledger.leave("passed")

    async def _review(self) -> None:
        self.ledger.enter("Approval")
        basis, changes = await self.until_done(self._what_is_reviewed)
        answer = await self.ask(lambda: self._open_review(basis, changes), self.tickets.answer_in_time)
        if answer is None:
            raise Ended("expired", f"nobody decided on {self.ledger.record.tickets[-1].key} in time")
        if answer.decision == "reject":
            await self.refuse_model(
                f"rejected by {answer.by}" + (f": {answer.comment}" if answer.comment else "")
            )
        self._approved = basis
        self.ledger.leave(f"approved by {answer.by} on {answer.ticket}")

    async def _open_review(self, basis: ApprovalBasis, changes: Changes) -> OpenedTicket:
        where = ", ".join(runtime.name for runtime in basis.targets) or "no runtime (none matches now)"
        return await self.tickets.open(
            "review",
            summary="Approve for deployment?",
            lead=f"Deployment of {self.snapshot.model_name} on: {where}.",
            choices=(
                ("go", f"The model is deployed on: {where}."),
                ("end", "The model is not deployed; a rejection ticket says why."),
            ),
            changes=changes,
            due=workflow.now() + self.policy.review.deadline,
        )

    async def _deploy(self) -> None:
        self.ledger.enter("Deployment")
        await self.until_done(self._deploy_where_missing)
        where = (f"{made.runtime} ({made.type.lower()})" for made in self.ledger.record.deployments)
        self.ledger.leave("deployed on " + ", ".join(where))

    async def _deploy_where_missing(self) -> None:
        self._tries += 1
        runtimes = await self._targets()
        if not runtimes:
            raise StepFailed(self.no_runtime())
        failed: dict[str, str] = {}
        for runtime in runtimes:
            try:
                await self._deploy_once_on(runtime)
            except FailureError as error:
                if is_cancelled_exception(error):
                    raise
                failed[runtime.name] = explain(error)
        if failed:
            done = ", ".join(made.runtime for made in self.ledger.record.deployments) or "none"
            missing = "; ".join(f"{name}: {why}" for name, why in failed.items())
            raise StepFailed(f"deployed on {done}; not on {missing}")

    async def _deploy_once_on(self, runtime: Runtime) -> None:
        if all(made.runtime != runtime.name for made in self.ledger.record.deployments):
            self.ledger.publish()
            self.ledger.deployment(await self.once(self._deployed_on(runtime)))

    async def _deployed_on(self, runtime: Runtime) -> Deployment:
        key = effect_key(self.chain, f"deployment on {runtime.id}", self._tries)
        self._deploying = DeploymentOrder(key=key, snapshot_id=self.snapshot.id, runtime=runtime)
        made = await start_on_modelop(
            ModelOp.deploy,
            self._deploying,
            summary=f"Deploy on {runtime.name}, wait until it runs",
            deadline=self.policy.deployment_deadline,
            retry=polling(self.policy.poll),
        )
        self._deploying = None
        return made

    async def account_for_interruption(self) -> None:
        """A deployment that a cancellation left half-way is in the record all the same, if it exists."""
        if self._deploying is not None:
            made = await self.on_modelop(
                ModelOp.find_deployment, self._deploying, "Find an interrupted deployment"
            )
            if made is not None:
                self.ledger.deployment(made)

    async def _targets(self) -> Sequence[Runtime]:
        """Where to deploy: where it was approved, if an approval is asked for; else what matches now."""
        basis = await self._upheld_approval()
        if basis is not None:
            return basis.targets
        return await self.read(ModelOp.find_runtimes, self.runtime_query(), "Find the runtimes")

    async def _upheld_approval(self) -> ApprovalBasis | None:
        """An approval is bound to what was approved: if that changed, the review begins again. None: none is asked for."""
        while self._approved is not None:
            now = await self._basis()
            changed = self._approved.changes_to(now)
            if not changed:
                return now
            void = f"The approval is void: {' and '.join(changed)} changed after it. The review begins again."
            review = next(t for t in reversed(self.ledger.record.tickets) if t.kind == "review")
            await self.tickets.say(review, "void approval", void)
            self.ledger.leave(void)
            self._approved = None
            await self._look_again()
            await self._analyse()
            await self._review()
            self.ledger.enter("Deployment")
        return None

    async def _look_again(self) -> None:
        self.ledger.enter(SUBMITTED)
        await self.until_done(self.read_snapshot)
        result = self.ledger.record.test_result
        if result is not None:
            ref = TestResultRef(test_result_id=result.id)
            result = await self.until_done(
                lambda: self.read(ModelOp.read_test_result, ref, "Read the test result")
            )
            self.ledger.note(test_result=result)
        self.ledger.leave("read again")

    async def _what_is_reviewed(self) -> tuple[ApprovalBasis, Changes]:
        ref = SnapshotRef(snapshot_id=self.snapshot.id)
        changes = await self.read(
            ModelOp.changes_since_last_deployment, ref, "Compare with the last deployed snapshot"
        )
        result = self.ledger.record.test_result
        # Bound to what the ticket shows, which was read earlier, rather than to what stands there by now.
        shown = {"snapshot": self.snapshot.digest, "test_result": result.digest if result else None}
        return (await self._basis()).model_copy(update=shown), changes

    async def _basis(self) -> ApprovalBasis:
        table, result = self.table(), self.ledger.record.test_result
        query = BasisQuery(
            snapshot_id=self.snapshot.id,
            table_asset_id=table.asset_id if table else None,
            test_result_id=result.id if result else None,
            runtimes=self.runtime_query(),
        )
        return await self.read(ModelOp.approval_basis, query, "Digests of what is approved")

    def _tagged(self, tag: str) -> bool:
        return tag in self.snapshot.tags
