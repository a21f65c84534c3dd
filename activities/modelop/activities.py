"""The activities on ModelOp Center: each reads or changes one thing, and can be repeated."""

import asyncio
from collections.abc import Callable

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.failures import async_failures
from activities.modelop.client import ModelOpClient
from activities.modelop.decision_tables import table_of, verdict_on
from activities.modelop.finding import find, find_or_create, find_recent
from activities.modelop.lineage import (
    is_lineage_of,
    is_mirror_of,
    is_outcome_of,
    lineage_body,
    outcome_notification,
    ticket_notification,
)
from activities.modelop.results import results_of_job, test_result
from activities.modelop.snapshots import changes_between, matching_runtimes
from activities.signatures import ModelOp
from mlc.catalogue import Catalogue
from mlc.dialect import Json
from mlc.digests import digest
from mlc.errors import JobStillRunning, NotFound
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
from mlc.settings import Settings
from mlc.tickets import NotificationOrder
from mlc.verdict import Verdict

DEPLOYMENT_FAILED = "DeploymentFailed"


class ModelOpActivities(ModelOp):
    """Holds the client; one instance serves a whole worker."""

    def __init__(self, client: ModelOpClient, settings: Settings, catalogue: Catalogue) -> None:
        self._client = client
        self._catalogue = catalogue
        # The account that opens the tickets is known by its user name even before Jira has told its other names.
        review = settings.policy.review
        known = tuple(name for name in (*review.service_accounts, settings.jira.username) if name)
        self._policy = settings.policy.model_copy(
            update={"review": review.model_copy(update={"service_accounts": known})}
        )
        self._group = settings.modelop.group
        self._dialect = settings.modelop.dialect

    @activity.defn
    async def read_policy(self) -> Policy:
        return self._policy

    @activity.defn
    async def read_snapshot(self, ref: SnapshotRef) -> Snapshot:
        async with async_failures():
            body = await self._snapshot(ref.snapshot_id)
            return self._dialect.snapshot(body, frozenset(ref.control_tags))

    @activity.defn
    async def create_job(self, order: JobOrder) -> Job:
        async with async_failures():
            snapshot = await self._snapshot(order.snapshot_id)
            found = [(name, self._dialect.asset_body(snapshot, name)) for name in order.asset_ids]
            missing = [name for name, asset in found if asset is None]
            if missing:
                raise NotFound(f"snapshot {order.snapshot_id} carries no asset {missing[0]}")
            assets = [asset for _, asset in found if asset is not None]
            created = await find_or_create(
                self._client,
                self._dialect.jobs,
                lambda job: self._dialect.job_key(job) == order.key,
                lambda: self._dialect.job_body(order, snapshot, assets),
                attempt=activity.info().attempt,
                created_after_ms=order.created_after_ms,
            )
            return self._dialect.job(created)

    @activity.defn
    async def find_job(self, order: JobOrder) -> Job | None:
        async with async_failures():
            found = await find(
                self._client,
                self._dialect.jobs,
                lambda job: self._dialect.job_key(job) == order.key,
                tried=True,
                created_after_ms=order.created_after_ms,
            )
            return self._dialect.job(found) if found is not None else None

    @activity.defn
    async def wait_for_job(self, ref: JobRef) -> Job:
        async with async_failures():
            job = await self._job(ref)
            if job.state in ("waiting", "running"):
                raise JobStillRunning(f"job {job.id} is {job.status}")
            return job

    @activity.defn
    async def read_job(self, ref: JobRef) -> Job:
        async with async_failures():
            return await self._job(ref)

    @activity.defn
    async def cancel_job(self, ref: JobRef) -> Job:
        async with async_failures():
            try:
                body = await self._client.get(self._dialect.jobs, ref.job_id)
            except NotFound:
                return Job(id=ref.job_id, type="", state="cancelled", status="GONE")
            job = self._dialect.job(body)
            if job.state not in ("waiting", "running"):
                return job
            change = {"jobStatus": self._dialect.job_cancelled, "version": body.get("version")}
            return self._dialect.job(await self._client.patch(self._dialect.jobs, ref.job_id, change))

    @activity.defn
    async def store_test_result(self, order: StoreTestResult) -> TestResult:
        async with async_failures():
            results = results_of_job(await self._client.get(self._dialect.jobs, order.job_id))
            body = {
                "group": self._group,
                "testResults": results,
                "deployableModel": {"id": order.snapshot_id},
                "jobId": order.job_id,
                self._dialect.key_parameter: order.key,
            }
            stored = await find_or_create(
                self._client,
                self._dialect.test_results,
                lambda known: known.get(self._dialect.key_parameter) == order.key,
                lambda: body,
                attempt=activity.info().attempt,
                created_after_ms=order.created_after_ms,
            )
            return test_result(stored)

    @activity.defn
    async def read_test_result(self, ref: TestResultRef) -> TestResult:
        async with async_failures():
            return test_result(await self._client.get(self._dialect.test_results, ref.test_result_id))

    @activity.defn
    async def judge_test_result(self, order: JudgeTestResult) -> Verdict:
        async with async_failures():
            snapshot = await self._snapshot(order.snapshot_id)
            stored = await self._client.get(self._dialect.test_results, order.test_result_id)
            table = table_of(self._dialect, snapshot, order.table_asset_id)
            # On a thread: a large table must not hold up the worker's loop.
            return await asyncio.to_thread(verdict_on, table, stored.get("testResults") or {}, snapshot)

    @activity.defn
    async def changes_since_last_deployment(self, ref: SnapshotRef) -> Changes:
        async with async_failures():
            snapshot = await self._snapshot(ref.snapshot_id)
            deployed = await find_recent(
                self._client, self._dialect.deployments, lambda body: self._is_earlier(body, snapshot)
            )
            if deployed is None:
                return Changes()
            earlier = await self._snapshot(str(deployed["deployableModel"]["id"]))
            return changes_between(earlier, snapshot)

    @activity.defn
    async def approval_basis(self, query: BasisQuery) -> ApprovalBasis:
        async with async_failures():
            snapshot = await self._snapshot(query.snapshot_id)
            result, table = None, None
            if query.test_result_id is not None:
                stored = await self._client.get(self._dialect.test_results, query.test_result_id)
                result = test_result(stored).digest
            if query.table_asset_id is not None:
                table = digest(table_of(self._dialect, snapshot, query.table_asset_id))
            runtimes = await self._runtimes(query.runtimes)
            return ApprovalBasis(
                snapshot=self._dialect.snapshot_digest(snapshot),
                test_result=result,
                decision_table=table,
                runtimes=self._dialect.runtime_digest(runtimes),
                targets=tuple(self._dialect.runtime(body) for body in runtimes),
            )

    @activity.defn
    async def find_runtimes(self, query: RuntimeQuery) -> list[Runtime]:
        async with async_failures():
            return [self._dialect.runtime(body) for body in await self._runtimes(query)]

    @activity.defn
    async def find_batch_deployment(self, query: BatchDeploymentQuery) -> DeployedModel | None:
        async with async_failures():
            fitting = [
                body
                async for body in self._client.newest_first(self._dialect.deployments)
                if self._dialect.is_batch_deployment(body, query)
            ]
            newest = max(fitting, key=self._dialect.deploy_time, default=None)
            return self._dialect.deployed_with_tag(newest, query.tag) if newest is not None else None

    @activity.defn
    async def find_deployed_models(self, query: FleetQuery) -> list[DeployedModel]:
        async with async_failures():
            found: dict[str, DeployedModel] = {}
            async for body in self._client.newest_first(self._dialect.deployments):
                model = self._dialect.deployed_with_tag(body, query.tag)
                if model is not None:
                    found.setdefault(model.snapshot_id, model)
            return sorted(found.values(), key=lambda model: (model.model_name, model.snapshot_id))

    @activity.defn
    async def deploy(self, order: DeploymentOrder) -> Deployment:
        async with async_failures():
            snapshot = await self._snapshot(order.snapshot_id)
            engine = await self._client.get(self._dialect.runtimes, order.runtime.id)
            made = await find_or_create(
                self._client,
                self._dialect.deployments,
                lambda body: self._dialect.is_deployment_of(body, order),
                lambda: self._dialect.deployment_body(order, snapshot, engine),
                attempt=activity.info().attempt,
            )
            if order.runtime.type == "ONLINE":
                await self._demand_running(order.runtime, str(made["id"]))
            return Deployment(id=str(made["id"]), runtime=order.runtime.name, type=order.runtime.type)

    @activity.defn
    async def find_deployment(self, order: DeploymentOrder) -> Deployment | None:
        async with async_failures():
            found = await find(
                self._client,
                self._dialect.deployments,
                lambda body: self._dialect.is_deployment_of(body, order),
                tried=True,
            )
            if found is None:
                return None
            return Deployment(id=str(found["id"]), runtime=order.runtime.name, type=order.runtime.type)

    @activity.defn
    async def write_lineage(self, record: ProcessRecord) -> None:
        async with async_failures():
            since = int(record.started_at.timestamp() * 1000)
            body = lineage_body(record, self._group, self._catalogue)
            await self._upsert(self._dialect.lineage, lambda known: is_lineage_of(known, record), body, since)
            if record.state == "completed":
                body = outcome_notification(record, self._group)
                await self._upsert(
                    self._dialect.notifications, lambda known: is_outcome_of(known, record), body, since
                )

    @activity.defn
    async def mirror_ticket(self, order: NotificationOrder) -> None:
        async with async_failures():
            body = ticket_notification(order, self._group)
            ticket_id, since = order.ticket.id, order.created_after_ms
            await self._upsert(
                self._dialect.notifications, lambda known: is_mirror_of(known, ticket_id), body, since
            )

    async def _snapshot(self, snapshot_id: str) -> Json:
        try:
            return await self._client.get(self._dialect.snapshots, snapshot_id)
        except NotFound as error:
            raise NotFound(
                f"snapshot {snapshot_id} does not exist in ModelOp Center: check the id"
            ) from error

    async def _job(self, ref: JobRef) -> Job:
        return self._dialect.job(await self._client.get(self._dialect.jobs, ref.job_id))

    async def _runtimes(self, query: RuntimeQuery) -> list[Json]:
        engines = [engine async for engine in self._client.newest_first(self._dialect.runtimes)]
        return matching_runtimes(self._dialect, engines, query)

    async def _demand_running(self, runtime: Runtime, deployment_id: str) -> None:
        """Raises JobStillRunning while the runtime starts, DeploymentFailed when it does not."""
        body = await self._client.get(self._dialect.deployments, deployment_id)
        engine = await self._client.get(self._dialect.runtimes, runtime.id)
        states = (body.get("state"), engine.get("state"))
        if self._dialect.deployment_error in states or self._dialect.runtime_error in states:
            await self._mark_failed(body)
            why = body.get("stateMessage") or engine.get("stateMessage") or "the runtime is in state ERROR"
            raise ApplicationError(
                f"runtime {runtime.name}: {why}", type=DEPLOYMENT_FAILED, non_retryable=True
            )
        if states != (self._dialect.deployed, self._dialect.runtime_running):
            raise JobStillRunning(f"runtime {runtime.name} is {engine.get('state')}")

    async def _mark_failed(self, deployment: Json) -> None:
        """So that it no longer counts as standing, and a further try deploys anew."""
        if deployment.get("state") == self._dialect.deployed:
            change = {"state": self._dialect.deployment_error, "version": deployment.get("version")}
            await self._client.patch(self._dialect.deployments, str(deployment["id"]), change)

    async def _upsert(
        self, collection: str, fits: Callable[[Json], bool], body: Json, created_after_ms: int
    ) -> None:
        # A note is tried as a local activity first: as an ordinary one it has been tried before.
        tried = not activity.info().is_local or activity.info().attempt > 1
        known = await find(self._client, collection, fits, tried=tried, created_after_ms=created_after_ms)
        if known is None:
            await self._client.create(collection, body)
        else:
            change = {**body, "version": known.get("version")}
            await self._client.patch(collection, str(known["id"]), change)

    def _is_earlier(self, deployed: Json, snapshot: Json) -> bool:
        """Whether this deployedModel is another snapshot of the same model."""
        other: Json = deployed.get("deployableModel") or {}
        model: Json = other.get("storedModel") or {}
        own: Json = snapshot.get("storedModel") or {}
        same_model = bool(model.get("id") == own.get("id"))
        failed = deployed.get("state") == self._dialect.deployment_error
        return same_model and other.get("id") != snapshot.get("id") and not failed
