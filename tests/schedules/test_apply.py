"""Declarations applied to the real server: what is missing, what differs, what is equal, what is nobody's."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleDescription,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from mlc.errors import Conflict, InvalidInput, MlcError, NotFound
from mlc.schedules import ScheduleChange
from tests.schedules.conftest import Belfry

FULL: dict[str, Any] = {
    "cron": ["0 6 13 * fri", "0 0 6 ? * 6L"],
    "calendars": {"hour": 8, "comment": "by day"},
    "every": "R/2040-01-01T00:30:00Z/PT6H",
    "time_zone": "Europe/Berlin",
    "jitter": "5m",
    "overlap": "buffer_all",
    "catch_up": "90m",
    "skip": ["12-24", {"dayOfWeek": "sun"}],
    "paused": True,
    "note": "on trial",
}


def actions(changes: Sequence[ScheduleChange]) -> list[str]:
    return [change.action for change in changes]


async def real(belfry: Belfry, name: str) -> ScheduleDescription:
    return await belfry.temporal.get_schedule_handle(belfry.name(name)).describe()


async def listed(belfry: Belfry, *names: str) -> None:
    """Until Temporal's own list, which is late, shows these schedules."""
    for _ in range(100):
        if {belfry.name(name) for name in names} <= {row.name for row in await belfry.schedules.list()}:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not listed: {names}")


async def foreign(belfry: Belfry, name: str) -> None:
    """A schedule of another program."""
    action = ScheduleActionStartWorkflow("chime", {"bell": "x"}, id=name, task_queue=belfry.task_queue)
    schedule = Schedule(action=action, spec=ScheduleSpec())
    await belfry.temporal.create_schedule(belfry.name(name), schedule, memo={"owner": "somebody"})


async def test_what_is_missing_is_created(belfry: Belfry) -> None:
    wanted = [belfry.declared("a"), belfry.declared("b", **FULL)]
    changes = await belfry.schedules.apply(wanted)
    assert actions(changes) == ["create", "create"]
    assert [list(change.next_times) for change in changes] == [
        d.fire_times(datetime.now(UTC), 5) for d in wanted
    ]
    assert (await belfry.schedules.describe(belfry.name("b"))).declaration == wanted[1]


async def test_a_second_time_nothing_is_touched(belfry: Belfry) -> None:
    wanted = [belfry.declared("a"), belfry.declared("b", **FULL)]
    await belfry.schedules.apply(wanted)
    before = [await real(belfry, name) for name in "ab"]

    assert actions(await belfry.schedules.apply(wanted)) == ["unchanged", "unchanged"]

    after = [await real(belfry, name) for name in "ab"]
    assert [d.raw_description.conflict_token for d in after] == [
        d.raw_description.conflict_token for d in before
    ]
    assert [d.info.last_updated_at for d in after] == [None, None]


async def test_what_differs_is_changed_and_told_field_by_field(belfry: Belfry) -> None:
    await belfry.schedules.apply([belfry.declared("it")])
    declared = belfry.declared(
        "it",
        variables={"BELL": "big"},
        cron="0 7 * * *",
        every="2h",
        time_zone="Europe/Berlin",
        jitter="1m",
        overlap="allow_all",
        catch_up="2h",
        start_at="2040-01-01T00:00:00+01:00",
        end_at="2041-01-01T00:00:00+01:00",
        skip="12-24",
        paused=True,
        note="later",
    )
    [change] = await belfry.schedules.apply([declared])
    name = belfry.name("it")
    assert {c.field: (c.old, c.new) for c in change.changes} == {
        "times": ("0 6 * * *", "0 7 * * *; every 2h"),
        "variables": (f'{{"BELL": "{name}"}}', '{"BELL": "big"}'),
        "time_zone": ("UTC", "Europe/Berlin"),
        "jitter": ("0s", "1m"),
        "overlap": ("skip", "allow_all"),
        "catch_up": ("1h", "2h"),
        "start_at": ("none", "2040-01-01T00:00:00+01:00"),
        "end_at": ("none", "2041-01-01T00:00:00+01:00"),
        "skip": ("none", "12-24"),
        "paused": ("no", "yes"),
        "note": ("none", "later"),
        "workflow id": (f"mlc-chime-{name}-{name}", f"mlc-chime-big-{name}"),
    }
    assert list(change.next_times) == declared.fire_times(datetime.now(UTC), 5)
    assert (await belfry.schedules.describe(name)).declaration == declared


async def test_another_process_takes_over(belfry: Belfry) -> None:
    await belfry.schedules.apply([belfry.declared("it")])
    declared = belfry.declared("it", process="back-test", variables={"MODEL_ID": "s-1"})
    [change] = await belfry.schedules.apply([declared])
    assert [c.field for c in change.changes] == ["process", "variables", "workflow id"]
    found: dict[str, object] = {}
    for _ in range(100):  # Temporal writes them a moment later
        attributes = (await real(belfry, "it")).typed_search_attributes
        found = {pair.key.name: pair.value for pair in attributes}
        if "MlcSnapshot" in found:
            break
        await asyncio.sleep(0.05)
    assert found == {"MlcProcess": "back-test", "MlcSnapshot": "s-1"}


async def test_equal_times_in_other_words_are_no_difference(belfry: Belfry) -> None:
    await belfry.schedules.apply(
        [belfry.declared("it", start_at="2040-01-01T00:00:00+01:00", catch_up="60m")]
    )
    again = belfry.declared("it", cron="0  6 * * *", start_at="2039-12-31T23:00:00Z", catch_up="PT1H")
    assert actions(await belfry.schedules.apply([again])) == ["unchanged"]


ByHand = Callable[[Schedule], None]


def _hour_seven(schedule: Schedule) -> None:
    schedule.spec.calendars[0].hour = [ScheduleRange(7)]  # type: ignore[index]


def _more_often(schedule: Schedule) -> None:
    schedule.spec.intervals = [ScheduleIntervalSpec(every=timedelta(minutes=5))]


def _other_words(schedule: Schedule) -> None:
    schedule.spec.cron_expressions = ["0 9 * * *"]


def _policies(schedule: Schedule) -> None:
    schedule.policy.overlap = ScheduleOverlapPolicy.TERMINATE_OTHER
    schedule.policy.catchup_window = timedelta(days=1)
    schedule.policy.pause_on_failure = True


def _pause(schedule: Schedule) -> None:
    schedule.state.paused = True


def _limit(schedule: Schedule) -> None:
    schedule.state.limited_actions, schedule.state.remaining_actions = True, 3


def _action(**fields: Any) -> ByHand:
    def change(schedule: Schedule) -> None:
        for name, value in fields.items():
            setattr(schedule.action, name, value)

    return change


@pytest.mark.parametrize(
    ("by_hand", "told"),
    [
        (_hour_seven, ["times: hour 7 -> 0 6 * * *"]),
        (_more_often, ["times: 0 6 * * *; every 5m -> 0 6 * * *"]),
        (_other_words, ["times: 0 6 * * *; hour 9 -> 0 6 * * *"]),
        (
            _policies,
            [
                "overlap: terminate_other -> skip",
                "catch_up: 1d -> 1h",
                "pause on failure: yes -> no",
            ],
        ),
        (_pause, ["paused: yes -> no"]),
        (_limit, ["remaining actions: 3 -> none"]),
        (_action(task_queue="elsewhere"), ["task queue: elsewhere -> {queue}"]),
        (_action(id="mine"), ["workflow id: mine -> mlc-chime-{name}-{name}"]),
        (_action(workflow="gong"), ["process: gong -> chime", "variables: "]),
        (_action(args=[{"bell": "small"}]), ['variables: {{"BELL": "small"}} -> {{"BELL": "{name}"}}']),
        (_action(args=["what?"]), ['variables: {{"?": ["what?"]}} -> ']),
        (_action(run_timeout=timedelta(minutes=5)), ["run timeout: 300s -> none"]),
    ],
)
async def test_what_was_changed_by_hand_is_put_right(
    belfry: Belfry, by_hand: ByHand, told: list[str]
) -> None:
    declared = belfry.declared("it")
    await belfry.schedules.apply([declared])
    handle = belfry.temporal.get_schedule_handle(declared.name)

    def update(found: ScheduleUpdateInput) -> ScheduleUpdate:
        by_hand(found.description.schedule)
        return ScheduleUpdate(found.description.schedule)

    await handle.update(update)
    [change] = await belfry.schedules.apply([declared])

    lines = [f"{c.field}: {c.old} -> {c.new}" for c in change.changes]
    wanted = [text.format(name=declared.name, queue=belfry.task_queue) for text in told]
    assert [line.startswith(text) for line, text in zip(lines, wanted, strict=True)] == [True] * len(lines), (
        lines
    )
    assert (await belfry.schedules.describe(declared.name)).declaration == declared
    assert actions(await belfry.schedules.apply([declared])) == ["unchanged"]


async def test_a_note_that_somebody_left_stays_where_none_is_declared(belfry: Belfry) -> None:
    declared = belfry.declared("it")
    await belfry.schedules.apply([declared])
    await belfry.schedules.pause(declared.name, "holidays")
    await belfry.schedules.resume(declared.name, "we are back")
    assert actions(await belfry.schedules.apply([declared])) == ["unchanged"]
    await belfry.schedules.apply([belfry.declared("it", cron="0 7 * * *")])
    assert (await belfry.schedules.describe(declared.name)).declaration.note == "we are back"


async def test_a_dry_run_tells_the_same_and_does_nothing(belfry: Belfry) -> None:
    await belfry.schedules.apply([belfry.declared("old"), belfry.declared("changed")])
    await listed(belfry, "old", "changed")
    wanted = [belfry.declared("new"), belfry.declared("changed", cron="0 7 * * *")]

    told = await belfry.schedules.apply(wanted, prune=True, dry_run=True)

    ours = [change for change in told if change.name.startswith(belfry.prefix)]
    assert actions(ours) == ["create", "update", "delete"]
    assert (await belfry.schedules.describe(belfry.name("changed"))).declaration.cron == ("0 6 * * *",)
    assert (await belfry.schedules.describe(belfry.name("old"))).declaration.cron == ("0 6 * * *",)
    with pytest.raises(NotFound):
        await belfry.schedules.describe(belfry.name("new"))


async def test_pruning_deletes_ours_that_are_not_declared_and_nobody_else_s(belfry: Belfry) -> None:
    await foreign(belfry, "theirs")
    await belfry.schedules.apply([belfry.declared("kept"), belfry.declared("dropped")])
    await listed(belfry, "kept", "dropped")

    changes = await belfry.schedules.apply([belfry.declared("kept")], prune=True)

    assert {change.name: change.action for change in changes if change.name.startswith(belfry.prefix)} == {
        belfry.name("kept"): "unchanged",
        belfry.name("dropped"): "delete",
    }
    with pytest.raises(NotFound):
        await belfry.schedules.describe(belfry.name("dropped"))
    assert (await real(belfry, "theirs")).id == belfry.name("theirs")
    assert belfry.name("theirs") not in {row.name for row in await belfry.schedules.list()}


async def test_without_pruning_what_is_not_declared_stays(belfry: Belfry) -> None:
    await belfry.schedules.apply([belfry.declared("one")])
    assert actions(await belfry.schedules.apply([belfry.declared("two")])) == ["create"]
    assert (await real(belfry, "one")).id == belfry.name("one")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"process": "deploy"}, "deploy runs one at a time, and what the clock starts has an id of its own"),
        ({"variables": {}}, "variable BELL is missing"),
    ],
)
async def test_one_wrong_declaration_and_nothing_is_changed(
    belfry: Belfry, fields: dict[str, Any], told: str
) -> None:
    with pytest.raises(InvalidInput, match=f"schedule {belfry.name('bad')}: .*{told}"):
        await belfry.schedules.apply([belfry.declared("good"), belfry.declared("bad", **fields)])
    with pytest.raises(NotFound):
        await belfry.schedules.describe(belfry.name("good"))


async def test_a_name_declared_twice_is_refused(belfry: Belfry) -> None:
    with pytest.raises(InvalidInput, match=f"declared more than once: {belfry.name('a')}"):
        await belfry.schedules.apply([belfry.declared("a"), belfry.declared("a")])


async def test_a_name_that_is_somebody_else_s_is_refused_and_nothing_is_changed(belfry: Belfry) -> None:
    await foreign(belfry, "theirs")
    with pytest.raises(
        Conflict, match=f"nothing is applied: schedule {belfry.name('theirs')} is somebody else's"
    ):
        await belfry.schedules.apply([belfry.declared("mine"), belfry.declared("theirs")])
    with pytest.raises(NotFound):
        await belfry.schedules.describe(belfry.name("mine"))


async def test_a_failure_half_way_says_what_is_done_and_what_is_not(belfry: Belfry) -> None:
    too_much = {"BELL": "x", "TUNE": "c" * 3_000_000}  # more than Temporal takes
    wanted = [belfry.declared("a"), belfry.declared("b", variables=too_much), belfry.declared("c")]
    with pytest.raises(MlcError) as failed:
        await belfry.schedules.apply(wanted)
    a, b, c = (belfry.name(name) for name in "abc")
    assert f"done: create {a}; not done: create {b}, create {c}; apply again" in str(failed.value)
    assert (await real(belfry, "a")).id == a
    with pytest.raises(NotFound):
        await belfry.schedules.describe(c)
