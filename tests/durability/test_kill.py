"""`kill -9` of the worker between an effect and its answer, and at every wait: nothing is lost, nothing is done twice.

All scenarios run beside one another, because most of their time is waiting; the tests then look at one each.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass

import pytest
from temporalio.client import Client

from mlc.record import ProcessRecord
from tests.durability.programs import TemporalServer
from tests.durability.scenario import IN_TIME, ONCE_EACH, Scenario, answered, scenario
from tests.house import StandIns

AT_A_TIME = 4

EFFECTS = [
    "POST modelMLCs",
    "POST jobs",
    "POST jobs",
    "POST modelTestResults",
    "POST issue",
    "POST issue/…/attachments",
    "POST notifications",
    "PATCH notifications/…",
    "POST deployedModels",
    "POST deployedModels",
    "PATCH modelMLCs/…",
    "POST notifications",
]
# When the worker is killed: after which request, and how many effects there were by then.
MOMENTS = {
    "Model submitted: the snapshot is read": ("GET deployableModels/…", 0),
    "Model submitted: the lineage is begun": ("POST modelMLCs", 1),
    "Training: the job is created": ("POST jobs", 2),
    "Training: the job is waited for": ("GET jobs/…", 2),
    "Testing: the job is created": ("POST jobs", 3),
    "Testing: the job is waited for": ("GET jobs/…", 3),
    "Testing: the result is stored": ("POST modelTestResults", 4),
    "Analysis: the result is judged": ("GET modelTestResults/…", 4),
    "Approval: the ticket is created": ("POST issue", 5),
    "Approval: the results are attached": ("POST issue/…/attachments", 6),
    "Approval: the ticket is mirrored": ("POST notifications", 7),
    "Approval: the decision is read": ("GET issue/…", 7),
    "Approval: the decision is mirrored": ("PATCH notifications/…", 8),
    "Deployment: on the first runtime": ("POST deployedModels", 9),
    "Deployment: the first runtime is waited for": ("GET engines/…", 9),
    "Deployment: on the second runtime": ("POST deployedModels", 10),
    "The end: the lineage is closed": ("PATCH modelMLCs/…", 11),
    "The end: the outcome is told": ("POST notifications", 12),
}
UNDISTURBED, WAITING = "undisturbed", "Approval: the review waits"


@dataclass
class Run:
    """What came of one scenario."""

    record: ProcessRecord
    tally: Counter[str]
    effects: list[str]


@pytest.fixture(scope="module")
async def runs(server: TemporalServer, client: Client, working: StandIns) -> dict[str, Run | BaseException]:
    gate = asyncio.Semaphore(AT_A_TIME)

    async def run(name: str) -> Run:
        async with gate, scenario(server, client, working) as one:
            record = await _lived(one, name)
            return Run(record, await one.tally(), one.wires.effects)

    names = [UNDISTURBED, WAITING, *MOMENTS]
    ended = await asyncio.gather(*(run(name) for name in names), return_exceptions=True)
    return dict(zip(names, ended, strict=True))


async def _lived(one: Scenario, name: str) -> ProcessRecord:
    if name == UNDISTURBED:
        await one.begin()
        await one.approve()
    elif name == WAITING:
        await _killed_while_the_review_waits(one)
    else:
        request, effects = MOMENTS[name]
        killed = one.kill_after(lambda seen: seen == request and len(one.wires.effects) >= effects)
        await one.begin()
        approval = asyncio.create_task(one.approve())
        async with asyncio.timeout(IN_TIME):
            await killed.wait()
        await one.recover()
        await approval
    return await one.result()


async def _killed_while_the_review_waits(one: Scenario) -> None:
    await one.begin()
    await one.review()
    before = await answered(one.handle)
    one.worker.kill()
    await one.recover()
    assert await answered(one.handle) == before, "a worker that rebuilt the process answers another record"
    await one.approve()


def _run(runs: dict[str, Run | BaseException], name: str) -> Run:
    run = runs[name]
    if isinstance(run, BaseException):
        raise run
    return run


def test_an_undisturbed_process_has_exactly_these_effects(runs: dict[str, Run | BaseException]) -> None:
    run = _run(runs, UNDISTURBED)
    assert run.effects == EFFECTS
    assert run.tally == ONCE_EACH


@pytest.mark.parametrize("moment", [WAITING, *MOMENTS])
def test_a_worker_killed_here_costs_nothing_and_doubles_nothing(
    moment: str, runs: dict[str, Run | BaseException]
) -> None:
    run = _run(runs, moment)
    assert run.record.outcome == "deployed"
    assert run.tally == ONCE_EACH
