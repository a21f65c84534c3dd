"""A process of somebody's own is like the product's: the same record, tickets, lineage, handlers and schedules."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.plugin import SimplePlugin
from temporalio.testing import WorkflowEnvironment

from mlc.catalogue import ProcessDefinition
from mlc.errors import Conflict
from mlc.processes import BackTestRequest
from tests.own_process.conftest import Hosted
from tests.replay.test_sandbox import strict
from workflows.temporal import mlc_plugin

# One activity of each kind that a package may bring; `{how}` is how the workflow calls it.
PROCESS = """
from datetime import timedelta
from temporalio import activity, workflow
from mlc.errors import InvalidInput, Unavailable
from mlc.ids import queue_of
from mlc.processes import BackTestRequest
from mlc.record import ProcessRecord
from workflows.process import Process

@workflow.defn(name="{name}")
class Own(Process):
    @workflow.init
    def __init__(self, request: BackTestRequest) -> None:
        super().__init__("{name}", request.snapshot_id)

    @workflow.run
    async def run(self, request: BackTestRequest) -> ProcessRecord:
        async with self.concluding():
            self.ledger.enter("Asking")
            self.ledger.leave(await self.until_done(self.answer))
            await self.done("passed")
        return self.ledger.record

    async def answer(self) -> str:
        return await workflow.{how}schedule_to_close_timeout=timedelta(seconds=20), result_type=str)

calls = 0

{activity}

def activities(settings):
    return [says]
"""
REMOTE = 'execute_activity("{name} says", task_queue=queue_of(workflow.info().task_queue, "own"), '
LOCAL = 'execute_local_activity("{name} says", '
SAYS = '@activity.defn(name="{name} says")\n{kind} says() -> str:\n'
FAILS_ONCE = """
    global calls
    calls += 1
    if calls < 2:
        raise {error}
    return f"call {calls}"
"""


def process(
    module: Callable[[str], str], body: str, *, kind: str = "async def", local: bool = False
) -> ProcessDefinition:
    """A process that waits on error tickets and tells what its one activity says."""
    name = f"own-{uuid4().hex[:8]}"
    text = PROCESS.replace("{activity}", SAYS.replace("{kind}", kind) + body)
    text = text.replace("{how}", LOCAL if local else REMOTE)
    own = module(text.replace("{name}", name))
    return ProcessDefinition(
        name=name,
        title="Own",
        request=BackTestRequest,
        workflow=f"{own}:Own",
        activities=f"{own}:activities",
    )


async def test_a_model_in_order_passes_and_modelop_center_shows_it_under_its_title(
    hosted: Hosted, night_watch: ProcessDefinition, service: str
) -> None:
    async with hosted(night_watch) as home:
        await home.stand_ins.runtime(service, online=False)
        record = await home.ended(await home.stand_ins.snapshot(service))
        lineage = await home.stand_ins.all("modelMLCs")
    assert (record.process, record.outcome, record.tickets) == ("night-watch", "passed", ())
    assert record.test_result is not None
    assert record.test_result.metrics["auc"] == 0.95
    mine = next(
        one["processInstance"] for one in lineage if one["mlcRecord"]["workflowId"] == record.workflow_id
    )
    assert (mine["processDefinitionName"], mine["state"]) == ("Night Watch", "COMPLETED")


async def test_a_model_that_is_off_has_an_alert_ticket_in_jira(
    hosted: Hosted, night_watch: ProcessDefinition, service: str
) -> None:
    async with hosted(night_watch) as home:
        await home.stand_ins.runtime(service, online=False)
        record = await home.ended(await home.stand_ins.snapshot(service, auc=0.5))
        [issue] = await home.stand_ins.tickets_of(record.workflow_id)
    assert (record.outcome, [ticket.kind for ticket in record.tickets]) == ("rejected", ["alert"])
    assert "auc is 0.5, at least 0.7 is expected" in issue["fields"]["summary"]


async def test_its_workflow_loads_nothing_unintended_into_the_sandbox_and_nothing_while_it_runs(
    temporal: WorkflowEnvironment, hosted: Hosted, night_watch: ProcessDefinition, service: str
) -> None:
    target = temporal.client.service_client.config.target_host
    plugins = [mlc_plugin(), SimplePlugin("strict", workflow_runner=strict)]
    client = await Client.connect(target, plugins=plugins)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        async with hosted(night_watch, client=client) as home:
            await home.stand_ins.runtime(service, online=False)
            record = await home.ended(await home.stand_ins.snapshot(service))
    assert record.outcome == "passed"
    assert [str(one.message) for one in warned if "after initial workflow load" in str(one.message)] == []


@pytest.mark.parametrize(
    ("module", "loaded"), [("definition", ("temporalio",)), ("workflow", ("night_watch.activities",))]
)
def test_what_a_written_module_loads_is_no_more_than_its_reader_needs(
    night_watch: ProcessDefinition, module: str, loaded: tuple[str, ...]
) -> None:
    folder = Path(str(sys.modules["night_watch"].__file__)).parent.parent
    forbidden = {*loaded, "httpx", "requests", "jira", "starlette"}
    program = f"import sys, night_watch.{module}; print(*sorted({forbidden!r} & set(sys.modules)))"
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == ""


@pytest.mark.parametrize("local", [False, True], ids=["on its queue", "as a local activity"])
@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_its_activities_run(
    hosted: Hosted, module: Callable[[str], str], service: str, kind: str, local: bool
) -> None:
    own = process(module, '    return "hello"', kind=kind, local=local)
    async with hosted(own) as home:
        record = await home.ended(await home.stand_ins.snapshot(service))
    assert [step.result for step in record.steps] == ["hello"]


async def test_what_goes_away_by_itself_is_tried_again_without_a_ticket(
    hosted: Hosted, module: Callable[[str], str], service: str
) -> None:
    body = FAILS_ONCE.replace("{error}", 'Unavailable("not there")')
    async with hosted(process(module, body)) as home:
        record = await home.ended(await home.stand_ins.snapshot(service))
    assert [step.result for step in record.steps] == ["call 2"]
    assert record.tickets == ()


@pytest.mark.parametrize("local", [False, True], ids=["on its queue", "as a local activity"])
async def test_what_only_a_person_can_mend_opens_an_error_ticket_that_can_be_decided(
    hosted: Hosted, module: Callable[[str], str], service: str, local: bool
) -> None:
    body = FAILS_ONCE.replace("{error}", 'InvalidInput("the list is torn")')
    async with hosted(process(module, body, local=local)) as home:
        snapshot = await home.stand_ins.snapshot(service)
        request = BackTestRequest(snapshot_id=snapshot["id"])
        started = await home.client.start(home.definition.name, request)
        for _ in range(300):
            try:
                await home.client.decide(started.workflow_id, "approve", by="ann")
                break
            except Conflict:  # its ticket is not there yet
                await home.client.status(started.workflow_id)
        record = await home.client.wait(started.workflow_id)
    assert [ticket.kind for ticket in record.tickets] == ["error"]
    assert [(made.decision, made.by) for made in record.decisions] == [("retry", "ann")]
    assert [step.result for step in record.steps] == ["call 2"]
