"""Fire times on the real server: those that it tells, and those at which it really starts processes."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import Client

from tests.schedules.conftest import Belfry

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
HAVANA, CAIRO, SCORESBYSUND = "America/Havana", "Africa/Cairo", "America/Scoresbysund"
When = dict[str, Any]


# Every run of the tests asks for the same moments.
NEW_YEAR = datetime(2040, 1, 1, tzinfo=UTC)


def change(zone: str, season: Literal["spring", "autumn"]) -> datetime:
    """When the clocks of a zone are put forward (in spring) or back, in the year of the tests."""
    known, forward = ZoneInfo(zone), season == "spring"
    moment = NEW_YEAR
    while True:
        following = moment + timedelta(minutes=30)
        before, after = (m.astimezone(known).utcoffset() or timedelta() for m in (moment, following))
        if after != before and (after > before) == forward:
            return following
        moment = following


def around(season: Literal["spring", "autumn"], zone: str, hours: float, cron: str, **more: Any) -> When:
    """A cron text that fires from some hours before a change of the clocks on."""
    start = change(zone, season) - timedelta(hours=hours)
    return {"cron": cron, "time_zone": zone, "start_at": start, **more}


NASTY: list[When] = [
    around("spring", BERLIN, 24, "0 6 * * *"),
    around("spring", BERLIN, 3, "*/20 1-3 * * *"),
    around("autumn", BERLIN, 5, "0 1 * * *"),
    around("autumn", BERLIN, 5, "0,30 2 * * *"),
    around("autumn", BERLIN, 1.2, "*/15 * * * *"),
    around("spring", NEW_YORK, 6, "30 2 * * *"),
    around("autumn", NEW_YORK, 6, "*/20 0-2 * * *"),
    around("autumn", "Europe/London", 2, "*/30 * * * *"),
    around("spring", LORD_HOWE, 3, "0,10,40 2 * * *"),
    around("autumn", LORD_HOWE, 3, "*/20 1-2 * * *"),
    # Where midnight does not exist the server takes the day for the one before.
    around("spring", HAVANA, 30, "0 12 * * sat"),
    around("spring", HAVANA, 30, "0 0,12 * * sat"),
    around("spring", HAVANA, 30, "0 12 * * sun"),
    around("spring", CAIRO, 12, "0,30 0 * * *"),
    around("autumn", CAIRO, 12, "*/30 23 * * *"),
    around("spring", "Asia/Beirut", 12, "*/40 0-1 * * *"),
    # The last hour of the day that is skipped does not exist: the next day begins earlier than it seems.
    around("spring", SCORESBYSUND, 4, "*/30 * * * *", skip="2040-03-24"),
    around("autumn", BERLIN, 30, "0 */2 * * *", skip=["2040-10-27", "2040-10-28"]),
    {"cron": "0 6 13 * fri"},
    {"cron": "0 6 */2 * mon", "time_zone": "Asia/Kolkata"},
    {"cron": "0 0 6 L * ?", "time_zone": BERLIN},
    {"cron": "0 0 6 ? * 6#3", "time_zone": NEW_YORK},
    {"cron": "30 30 22-1 ? * FRIL", "time_zone": NEW_YORK},
    {"cron": "0 0 6 29 2 ?"},
    {"cron": "15 10 6 L-2 FEB ? 2048-2060/4"},
    {"cron": ["0 6 * * *", "30 6 * * *", "0 6 * * mon"], "every": "7h/13m", "time_zone": "Asia/Kathmandu"},
    {"cron": "0 */6 * * *", "time_zone": BERLIN, "skip": ["12-24", "12-25", "2040-12-31", {"hour": "12"}]},
    {
        "cron": "* * * * *",
        "skip": {"month": "dec", "dayOfMonth": "20-31"},
        "start_at": "2040-12-19T23:55:00Z",
    },
    {"cron": "0 6 * * *", "start_at": "2040-01-01T06:00:00Z", "end_at": "2040-01-03T06:00:00Z"},
    {"every": "R/2040-01-01T06:30:00+01:00/PT90M", "end_at": "2040-01-01T12:00:00Z"},
    {
        "calendars": [
            {"second": "*/25", "minute": 59, "hour": [6, 23], "day_of_week": "tue-thu", "year": 2040}
        ]
    },
]


def named(when: When) -> str:
    return f"{when.get('cron', 'others')} {when.get('time_zone', 'UTC')}"


@pytest.mark.parametrize("when", NASTY, ids=named)
async def test_the_server_tells_the_same_times(belfry: Belfry, when: When) -> None:
    declaration = belfry.declared("nasty", **{"cron": (), "start_at": NEW_YEAR, **when}, paused=True)
    await belfry.schedules.create(declaration)
    found = await belfry.temporal.get_schedule_handle(declaration.name).describe()
    theirs = list(found.info.next_action_times)
    assert theirs
    assert declaration.fire_times(NEW_YEAR - timedelta(days=1), 10) == theirs


async def started(temporal: Client, name: str, count: int) -> list[datetime]:
    """The times in the ids of what a schedule has started, once there are so many of them."""
    prefix = f"mlc-chime-{name}-{name}-"
    query = f"TemporalScheduledById = '{name}' AND ExecutionStatus = 'Completed'"
    ids: list[str] = []
    for _ in range(300):
        ids = sorted([found.id async for found in temporal.list_workflows(query)])
        if len(ids) >= count:
            break
        await asyncio.sleep(0.05)
    return [datetime.fromisoformat(found.removeprefix(prefix)) for found in ids]


@pytest.mark.parametrize(
    ("season", "zone", "cron", "local"),
    [
        ("spring", BERLIN, "0 6 * * *", ["-1 06:00+01:00", "0 06:00+02:00", "1 06:00+02:00"]),
        ("spring", NEW_YORK, "30 2 * * *", ["-1 02:30-05:00", "1 02:30-04:00"]),
        (
            "autumn",
            NEW_YORK,
            "30 1 * * *",
            ["-1 01:30-04:00", "0 01:30-04:00", "0 01:30-05:00", "1 01:30-05:00"],
        ),
        ("autumn", BERLIN, "30 2 * * *", ["-1 02:30+02:00", "0 02:30+01:00", "1 02:30+01:00"]),
    ],
    ids=["spring, Berlin", "spring, New York", "autumn, New York", "autumn, Berlin"],
)
async def test_processes_are_started_across_a_change_of_the_clocks(
    belfry: Belfry, season: Literal["spring", "autumn"], zone: str, cron: str, local: list[str]
) -> None:
    day = change(zone, season).astimezone(ZoneInfo(zone)).date()

    def moment(text: str) -> datetime:
        """A local time, so many days from that of the change."""
        days, time = text.split()
        return datetime.fromisoformat(f"{day + timedelta(days=int(days))}T{time}")

    wanted = [moment(text) for text in local]
    when = around(season, zone, 28, cron)
    declaration = belfry.declared("fires", **when, end_at=wanted[-1], overlap="allow_all")
    await belfry.schedules.create(declaration)

    # A schedule is a workflow of Temporal's own: its clock is put forward as that of any other.
    clockwork = belfry.temporal.get_workflow_handle(f"temporal-sys-scheduler:{declaration.name}")
    await belfry.environment.fast_forward(clockwork, wanted[-1] + timedelta(hours=1) - datetime.now(UTC))

    assert await started(belfry.temporal, declaration.name, len(wanted)) == wanted
    assert declaration.fire_times(when["start_at"], 10) == wanted


async def test_a_backfill_starts_what_a_change_of_the_clocks_left_over(belfry: Belfry) -> None:
    declaration = belfry.declared("catches-up", cron="0 1,6 * * *", time_zone=NEW_YORK, paused=True)
    await belfry.schedules.create(declaration)

    start, end = datetime.fromisoformat("2025-11-01T12:00Z"), datetime.fromisoformat("2025-11-03T06:00Z")
    times = await belfry.schedules.backfill(declaration.name, start, end)

    wanted = [
        *("2025-11-02T01:00-04:00", "2025-11-02T01:00-05:00"),
        *("2025-11-02T06:00-05:00", "2025-11-03T01:00-05:00"),
    ]
    assert times == [datetime.fromisoformat(time) for time in wanted]
    assert await started(belfry.temporal, declaration.name, len(wanted)) == times
