"""A back-test, a batch job, a fleet in storms, and with `kill -9` between each effect and its answer: nothing is done twice."""

import pytest
from temporalio.client import Client

from tests.durability.lives import STORM, UNDISTURBED, Runs, live, lives_of
from tests.durability.programs import TemporalServer
from tests.durability.scenario import Story
from tests.durability.stories import ALERTED, FAILED, FLEET, PASSED, SCORED
from tests.stand_ins import StandIns

ALONE = (PASSED, ALERTED, SCORED, FAILED)
ALL = (FLEET, *ALONE)
MOMENTS = [
    pytest.param(story, moment, id=f"{story.name}-{moment}") for story in ALL for moment in story.moments
]


@pytest.fixture(scope="module")
async def runs(server: TemporalServer, client: Client, working: StandIns) -> Runs:
    return await live(lives_of(*ALL), server, client, working)


@pytest.mark.parametrize("story", ALONE, ids=lambda story: story.name)
def test_an_undisturbed_process_has_exactly_these_effects(story: Story, runs: Runs) -> None:
    run = runs.of(story, UNDISTURBED)
    assert run.effects == story.effects
    assert run.tally == story.once_each


def test_an_undisturbed_fleet_has_the_effects_of_its_back_tests_and_its_own_lineage(runs: Runs) -> None:
    run = runs.of(FLEET, UNDISTURBED)
    assert sorted(run.effects) == sorted(FLEET.effects)
    assert run.tally == FLEET.once_each


@pytest.mark.parametrize("story", ALL, ids=lambda story: story.name)
def test_storms_of_503_over_both_systems_all_the_time_double_nothing(story: Story, runs: Runs) -> None:
    run = runs.of(story, STORM)
    assert run.record.outcome == story.outcome
    assert run.tally == story.once_each
    assert run.struck["answer lost"] >= len(set(story.effects))
    assert run.struck["refused"] > 0


@pytest.mark.parametrize(("story", "moment"), MOMENTS)
def test_a_worker_killed_here_costs_nothing_and_doubles_nothing(
    story: Story, moment: str, runs: Runs
) -> None:
    run = runs.of(story, moment)
    assert run.record.outcome == story.outcome
    assert run.tally == story.once_each


@pytest.mark.parametrize("moment", [UNDISTURBED, STORM, *FLEET.moments])
def test_the_record_of_a_fleet_lists_each_back_test_once_whatever_happens(moment: str, runs: Runs) -> None:
    tested = runs.of(FLEET, moment).record.processes
    assert len({test.snapshot_id for test in tested}) == len(tested) == 4
    assert sorted(test.outcome or "" for test in tested) == ["passed", "passed", "passed", "rejected"]
