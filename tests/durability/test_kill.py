"""A deploy in storms, and with `kill -9` between each effect and its answer, and at every wait.

Nothing is lost, nothing is done twice.
"""

import pytest
from temporalio.client import Client

from mlc.record import ProcessRecord
from tests.durability.lives import STORM, UNDISTURBED, Runs, live, lives_of
from tests.durability.programs import TemporalServer
from tests.durability.scenario import Scenario, answered
from tests.durability.stories import DEPLOYED
from tests.stand_ins import StandIns

WAITING = "Approval: the review waits"


async def killed_while_the_review_waits(one: Scenario) -> ProcessRecord:
    await one.begin()
    await one.review()
    before = await answered(one.handle)
    one.worker.kill()
    await one.recover()
    assert await answered(one.handle) == before, "a worker that rebuilt the process answers another record"
    await one.approve()
    return await one.result()


@pytest.fixture(scope="module")
async def runs(server: TemporalServer, client: Client, working: StandIns) -> Runs:
    lives = {**lives_of(DEPLOYED), (DEPLOYED, WAITING): killed_while_the_review_waits}
    return await live(lives, server, client, working)


def test_an_undisturbed_process_has_exactly_these_effects(runs: Runs) -> None:
    run = runs.of(DEPLOYED, UNDISTURBED)
    assert run.effects == DEPLOYED.effects
    assert run.tally == DEPLOYED.once_each


def test_storms_of_503_over_both_systems_all_the_time_double_nothing(runs: Runs) -> None:
    run = runs.of(DEPLOYED, STORM)
    assert run.record.outcome == "deployed"
    assert run.tally == DEPLOYED.once_each
    assert run.struck["answer lost"] >= len(set(DEPLOYED.effects))
    assert run.struck["refused"] > 0


@pytest.mark.parametrize("moment", [WAITING, *DEPLOYED.moments])
def test_a_worker_killed_here_costs_nothing_and_doubles_nothing(moment: str, runs: Runs) -> None:
    run = runs.of(DEPLOYED, moment)
    assert run.record.outcome == "deployed"
    assert run.tally == DEPLOYED.once_each
