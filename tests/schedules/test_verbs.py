"""What can be done with one schedule, on the real server."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from temporalio.client import Schedule, ScheduleActionStartWorkflow, ScheduleSpec

from mlc.errors import Conflict, InvalidInput, NotFound
from mlc.schedules import ScheduleDetails, ScheduleRow
from starter.schedules import Schedules
from tests.house import House
from tests.schedules.conftest import Belfry

RunState = Literal["running", "completed"]

NEVER_ENDS = {"BELL": "big", "ENDLESS": True}


async def row(belfry: Belfry, name: str) -> ScheduleRow:
    """The row of a schedule, as soon as Temporal's own list, which is late, has one with a run."""
    for _ in range(100):
        for found in await belfry.schedules.list():
            if found.name == name and found.last_workflow_id:
                return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{name} is not listed")


async def with_runs(belfry: Belfry, name: str, count: int, *states: RunState) -> ScheduleDetails:
    """The schedule, as soon as it has so many runs in these states, by default completed ones."""
    for _ in range(200):
        details = await belfry.schedules.describe(name)
        if sum(run.state in (states or ("completed",)) for run in details.runs) >= count:
            return details
        await asyncio.sleep(0.05)
    raise AssertionError(f"{name} has not come to {count} runs: {details.runs}")


class TestCreating:
    async def test_tells_the_next_five_times(self, belfry: Belfry) -> None:
        made = await belfry.schedules.create(belfry.declared("nightly", time_zone="Europe/Berlin"))
        assert made.action == "create"
        assert len(made.next_times) == 5
        assert {time.hour for time in made.next_times} == {6}
        assert made.next_times[0] > datetime.now(UTC)

    async def test_what_was_declared_is_read_back(self, belfry: Belfry) -> None:
        declaration = belfry.declared(
            "full",
            cron=["0 6 * * mon", "0 0 6 L * ?"],
            calendars=[{"hour": "8-18/2", "day_of_week": "mon-fri", "comment": "office hours"}, {"hour": 3}],
            every=["1h/15m", "7h"],
            time_zone="America/New_York",
            jitter="5m",
            overlap="buffer_one",
            catch_up="2h",
            start_at="2040-01-01T00:00:00Z",
            end_at="2050-01-01T00:00:00Z",
            skip=["12-24", "2040-12-31", {"month": "aug"}],
            paused=True,
            note="on trial",
        )
        await belfry.schedules.create(declaration)
        assert (await belfry.schedules.describe(declaration.name)).declaration == declaration

    async def test_catches_up_for_an_hour_unless_something_else_is_said(self, belfry: Belfry) -> None:
        await belfry.schedules.create(belfry.declared("plain"))
        real = await belfry.temporal.get_schedule_handle(belfry.name("plain")).describe()
        assert real.schedule.policy.catchup_window == timedelta(hours=1)
        assert not real.schedule.policy.pause_on_failure

    async def test_a_second_one_of_the_name_is_refused(self, belfry: Belfry) -> None:
        declaration = belfry.declared("twice")
        await belfry.schedules.create(declaration)
        with pytest.raises(Conflict, match="already: change it with `mlc schedule apply`"):
            await belfry.schedules.create(declaration)

    async def test_the_temporal_ui_finds_it_by_process_and_snapshot(self, belfry: Belfry) -> None:
        snapshot = belfry.name("snapshot")
        await belfry.schedules.create(
            belfry.declared("found", process="back-test", variables={"MODEL_ID": snapshot})
        )
        query = f"MlcProcess = 'back-test' AND MlcSnapshot = '{snapshot}'"
        for _ in range(100):
            found = [entry.id async for entry in await belfry.temporal.list_schedules(query)]
            if found:
                break
            await asyncio.sleep(0.05)
        assert found == [belfry.name("found")]

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            (
                {"process": "deploy"},
                "deploy runs one at a time, and what the clock starts has an id of its own",
            ),
            ({"process": "chimes"}, "there is no process 'chimes'; there are deploy, back-test"),
            ({"variables": {}}, "variable BELL is missing"),
            ({"variables": {"BELL": "x", "BELLS": "y"}}, "variable BELLS is not known"),
            ({"cron": "0 0 6 1 1 ? 2020"}, "never fires again"),
            ({"end_at": "2020-01-01T00:00:00Z"}, "never fires again"),
        ],
    )
    async def test_what_cannot_be_started_by_the_clock_is_refused(
        self, belfry: Belfry, fields: dict[str, object], told: str
    ) -> None:
        with pytest.raises(InvalidInput, match=f"schedule {belfry.name('bad')}.*{told}"):
            await belfry.schedules.create(belfry.declared("bad", **fields))
        with pytest.raises(NotFound):
            await belfry.schedules.describe(belfry.name("bad"))


class TestLooking:
    async def test_a_list_has_a_row_for_each(self, belfry: Belfry) -> None:
        name = belfry.name("listed")
        declaration = belfry.declared("listed", every="7h/1h", time_zone="Asia/Kolkata", paused=True)
        await belfry.schedules.create(declaration)
        workflow_id = await belfry.schedules.trigger(name)

        found = await row(belfry, name)

        assert (found.process, found.times, found.time_zone) == (
            "chime",
            "0 6 * * *; every 7h/1h",
            "Asia/Kolkata",
        )
        assert (found.paused, found.last_workflow_id) == (True, workflow_id)
        assert found.next_at == declaration.fire_times(datetime.now(UTC), 1)[0]
        assert found.last_at is not None
        assert found.last_at.utcoffset() == timedelta(hours=5, minutes=30)

    async def test_a_schedule_tells_its_next_ten_times_and_its_runs(self, belfry: Belfry) -> None:
        declaration = belfry.declared("shown", overlap="allow_all")
        await belfry.schedules.create(declaration)
        first = await belfry.schedules.trigger(declaration.name)
        second = await belfry.schedules.trigger(declaration.name)

        details = await with_runs(belfry, declaration.name, 2)

        assert list(details.next_times) == declaration.fire_times(datetime.now(UTC), 10)
        assert [run.workflow_id for run in details.runs] == [second, first]
        assert (details.started, details.missed, details.overlapped) == (2, 0, 0)

    async def test_the_outcome_of_a_real_back_test_is_shown(self, at_home: House, service: str) -> None:
        systems, schedules, name = at_home.stand_ins, at_home.client.schedules, f"night-{service}"
        await systems.runtime(service, online=False)
        snapshot = await systems.snapshot(service)
        declaration = {
            "name": name,
            "process": "back-test",
            "variables": {"MODEL_ID": snapshot["id"]},
            "cron": "@daily",
        }
        await schedules.create(Belfry.of(declaration))
        try:
            workflow_id = await schedules.trigger(name)
            assert workflow_id is not None
            assert workflow_id.startswith(f"mlc-back-test-{snapshot['id']}-")
            assert (await at_home.client.wait(workflow_id)).outcome == "passed"
            [run] = (await schedules.describe(name)).runs
            assert (run.workflow_id, run.state, run.outcome) == (workflow_id, "completed", "passed")
        finally:
            await schedules.delete(name)


class TestPausing:
    async def test_a_paused_schedule_says_so_and_why(self, belfry: Belfry) -> None:
        name = belfry.declared("paused").name
        await belfry.schedules.create(belfry.declared("paused"))
        await belfry.schedules.pause(name, "the data is late")
        paused = (await belfry.schedules.describe(name)).declaration
        assert (paused.paused, paused.note) == (True, "the data is late")

        await belfry.schedules.resume(name, "it is there")
        resumed = (await belfry.schedules.describe(name)).declaration
        assert (resumed.paused, resumed.note) == (False, "it is there")


class TestTriggering:
    async def test_two_schedules_of_one_subject_start_a_process_each(self, belfry: Belfry) -> None:
        both = [belfry.declared(name, variables={"BELL": belfry.name("bell")}) for name in ("one", "two")]
        for declaration in both:
            await belfry.schedules.create(declaration)
        started = await asyncio.gather(*(belfry.schedules.trigger(d.name) for d in both))
        assert len({*started}) == 2
        assert None not in started

    async def test_is_refused_while_the_last_start_still_runs(self, belfry: Belfry) -> None:
        declaration = belfry.declared("busy", variables=NEVER_ENDS)
        await belfry.schedules.create(declaration)
        running = await belfry.schedules.trigger(declaration.name)
        with pytest.raises(Conflict, match=f"{running} still runs, so nothing is started"):
            await belfry.schedules.trigger(declaration.name)

    async def test_waits_for_it_where_the_overlap_policy_says_so(self, belfry: Belfry) -> None:
        declaration = belfry.declared("patient", variables=NEVER_ENDS, overlap="buffer_one")
        await belfry.schedules.create(declaration)
        running = await belfry.schedules.trigger(declaration.name)
        assert running is not None
        assert await belfry.schedules.trigger(declaration.name) is None

        await belfry.temporal.get_workflow_handle(running).signal("stop")
        [_, first] = (await with_runs(belfry, declaration.name, 2, "completed", "running")).runs
        assert (first.workflow_id, first.state) == (running, "completed")


class TestBackfilling:
    async def test_starts_each_time_of_the_period_one_after_the_other(self, belfry: Belfry) -> None:
        declaration = belfry.declared("late", time_zone="Europe/Berlin")
        await belfry.schedules.create(declaration)
        # Local times of the zone; both ends count.
        start, end = datetime(2026, 3, 1, 6), datetime(2026, 3, 4, 6)  # noqa: DTZ001

        times = await belfry.schedules.backfill(declaration.name, start, end)

        assert [f"{time:%d %H%z}" for time in times] == [
            "01 06+0100",
            "02 06+0100",
            "03 06+0100",
            "04 06+0100",
        ]
        details = await with_runs(belfry, declaration.name, 4)
        assert [run.fire_time for run in reversed(details.runs)] == times

    @pytest.mark.parametrize(
        ("start", "end", "told"),
        [
            ("2026-03-01T06:00:01", "2026-03-02T05:59:59", "has no fire time from"),
            ("2020-01-01", "2026-01-01", "over 1000 fire times from"),
            ("2026-03-02", "2026-03-01", "two moments in order are needed, both in the past"),
            ("2026-03-02", "2999-03-01", "two moments in order are needed, both in the past"),
        ],
    )
    async def test_a_period_without_times_or_with_too_many_is_refused(
        self, belfry: Belfry, start: str, end: str, told: str
    ) -> None:
        declaration = belfry.declared("odd")
        await belfry.schedules.create(declaration)
        with pytest.raises(InvalidInput, match=told):
            await belfry.schedules.backfill(
                declaration.name, datetime.fromisoformat(start), datetime.fromisoformat(end)
            )
        assert (await belfry.schedules.describe(declaration.name)).started == 0


Verb = Callable[[Schedules, str], Awaitable[object]]
VERBS: dict[str, Verb] = {
    "describe": lambda schedules, name: schedules.describe(name),
    "pause": lambda schedules, name: schedules.pause(name),
    "resume": lambda schedules, name: schedules.resume(name),
    "trigger": lambda schedules, name: schedules.trigger(name),
    "backfill": lambda schedules, name: schedules.backfill(
        name, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC)
    ),
    "delete": lambda schedules, name: schedules.delete(name),
}


class TestDeleting:
    async def test_a_deleted_schedule_is_gone(self, belfry: Belfry) -> None:
        declaration = belfry.declared("short-lived")
        await belfry.schedules.create(declaration)
        await belfry.schedules.delete(declaration.name)
        with pytest.raises(NotFound, match="`mlc schedule list` shows those there are"):
            await belfry.schedules.describe(declaration.name)


@pytest.mark.parametrize("verb", VERBS)
async def test_a_schedule_that_is_not_there_is_not_found(belfry: Belfry, verb: str) -> None:
    with pytest.raises(NotFound, match=f"no schedule {belfry.name('nowhere')}"):
        await VERBS[verb](belfry.schedules, belfry.name("nowhere"))


@pytest.mark.parametrize("verb", VERBS)
async def test_somebody_else_s_schedule_is_left_alone(belfry: Belfry, verb: str) -> None:
    name = belfry.name("foreign")
    action = ScheduleActionStartWorkflow("chime", {"bell": "x"}, id=name, task_queue=belfry.task_queue)
    handle = await belfry.temporal.create_schedule(name, Schedule(action=action, spec=ScheduleSpec()))
    before = await handle.describe()

    with pytest.raises(Conflict, match=f"schedule {name} is somebody else's"):
        await VERBS[verb](belfry.schedules, name)

    assert (await handle.describe()).raw_description == before.raw_description
