"""When a declaration fires: against a slow and obvious reference, and where the clocks change."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mlc.errors import InvalidInput
from mlc.schedules import Calendar, ScheduleDeclaration


def declared(**when: Any) -> ScheduleDeclaration:
    return ScheduleDeclaration(name="it", process="back-test", **when)


def fired(after: str, count: int, **when: Any) -> list[str]:
    """The next times as local times of their zone."""
    times = declared(**when).fire_times(datetime.fromisoformat(after), count)
    return [f"{time:%d %H:%M}{time:%z}" for time in times]


NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"


class TestWhereTheClocksChange:
    def test_a_time_of_day_stays_and_its_offset_moves(self) -> None:
        assert fired("2027-03-27T00:00Z", 3, cron="0 6 * * *", time_zone=BERLIN) == [
            "27 06:00+0100",
            "28 06:00+0200",
            "29 06:00+0200",
        ]

    def test_a_time_that_the_clocks_leap_over_does_not_fire(self) -> None:
        assert fired("2027-03-14T00:00Z", 2, cron="30 2 * * *", time_zone=NEW_YORK) == [
            "15 02:30-0400",
            "16 02:30-0400",
        ]

    def test_an_hour_that_comes_twice_fires_twice_west_of_greenwich(self) -> None:
        assert fired("2027-11-07T04:30Z", 4, cron="*/30 1-2 * * *", time_zone=NEW_YORK) == [
            "07 01:00-0400",
            "07 01:30-0400",
            "07 01:00-0500",
            "07 01:30-0500",
        ]

    def test_east_of_it_the_server_s_ways_are_followed(self) -> None:
        assert fired("2027-10-30T22:00Z", 3, cron="0 1 * * *", time_zone=BERLIN) == [
            "31 01:00+0200",
            "31 02:00+0200",
            "01 01:00+0100",
        ]
        assert fired("2027-10-30T22:00Z", 2, cron="30 2 * * *", time_zone=BERLIN) == [
            "31 02:30+0100",
            "01 02:30+0100",
        ]
        assert fired("2027-10-30T22:00Z", 2, cron="0,30 2 * * *", time_zone=BERLIN) == [
            "31 02:00+0100",
            "31 03:30+0100",
        ]

    def test_an_interval_takes_no_notice(self) -> None:
        assert fired("2027-10-31T00:10Z", 3, every="1h", time_zone=BERLIN) == [
            "31 02:00+0100",
            "31 03:00+0100",
            "31 04:00+0100",
        ]


class TestWhatIsLeftOut:
    def test_days_are_skipped_in_the_schedule_s_zone(self) -> None:
        when = {"cron": "0 0 * * *", "time_zone": BERLIN, "skip": ["2026-12-24", "12-26"]}
        assert fired("2026-12-22T12:00Z", 3, **when) == ["23 00:00+0100", "25 00:00+0100", "27 00:00+0100"]
        assert fired("2027-12-22T12:00Z", 3, **when) == ["23 00:00+0100", "24 00:00+0100", "25 00:00+0100"]

    def test_the_day_after_a_skipped_one_is_whole_where_the_clocks_leap_over_midnight(self) -> None:
        when = {"cron": "0 * * * *", "time_zone": "America/Scoresbysund", "skip": "2040-03-24"}
        # At 23:00 the clocks go to midnight.
        assert fired("2040-03-24T00:00Z", 3, **when) == ["23 23:00-0200", "25 00:00-0100", "25 01:00-0100"]

    def test_a_calendar_skips_whole_days_unless_it_names_hours(self) -> None:
        assert fired("2027-01-01T00:30Z", 3, every="12h", skip={"dayOfWeek": "sat-6"}) == [
            "01 12:00+0000",
            "03 00:00+0000",
            "03 12:00+0000",
        ]
        assert fired("2027-01-01T00:30Z", 2, every="6h", skip={"hour": "12-23"}) == [
            "01 06:00+0000",
            "02 00:00+0000",
        ]

    def test_a_month_may_be_skipped_however_often_a_schedule_fires(self) -> None:
        when = {"cron": "* * * * *", "time_zone": BERLIN, "skip": {"month": "aug"}}
        assert fired("2027-07-31T21:58Z", 2, **when) == ["31 23:59+0200", "01 00:00+0200"]

    def test_nothing_fires_before_the_start_and_after_the_end_both_included(self) -> None:
        when = {"cron": "0 6 * * *", "start_at": "2027-01-05T06:00:00Z", "end_at": "2027-01-06T06:00:00Z"}
        assert fired("2027-01-01T00:00Z", 9, **when) == ["05 06:00+0000", "06 06:00+0000"]

    @pytest.mark.parametrize(
        "when",
        [
            {"cron": "0 0 30 2 *"},
            {"cron": "0 0 31 4,6,9,11 *"},
            {"cron": "0 0 6 29 2 ? 2027"},
            {"calendars": {"year": 2027, "month": 2, "dayOfMonth": 29}},
            {"cron": "0 6 * * *", "start_at": "2027-01-01T07:00:00Z", "end_at": "2027-01-02T05:00:00Z"},
            {"cron": "0 6 1 1 *", "skip": "01-01"},
        ],
    )
    def test_what_never_fires_is_refused(self, when: dict[str, Any]) -> None:
        with pytest.raises(ValidationError, match="never fires"):
            declared(**when)

    def test_what_is_skipped_for_ever_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="10000 times in a row are skipped"):
            declared(cron="* * * * *", skip={"minute": "*"})

    def test_what_is_skipped_for_ever_from_a_year_on_has_no_times_to_tell(self) -> None:
        declaration = declared(cron="*/5 * * * *", skip={"year": "2027-2100", "hour": "0-22"})
        assert len(declaration.fire_times(datetime(2026, 12, 31, 23, tzinfo=UTC), 20)) == 20
        with pytest.raises(InvalidInput, match="schedule it: 10000 times in a row are skipped"):
            declared(cron="*/5 * * * *", skip={"year": "2027-2100", "minute": "0-58"}).fire_times(
                datetime(2026, 12, 31, 23, tzinfo=UTC), 20
            )

    def test_a_declaration_that_says_no_time_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="it says no time: give it cron, calendars or every"):
            declared()


class TestIntervals:
    def test_have_an_offset(self) -> None:
        assert fired("2027-01-01T00:00Z", 2, every="1h/15m") == ["01 00:15+0000", "01 01:15+0000"]

    def test_are_read_from_a_repeating_interval_of_iso_8601(self) -> None:
        read = declared(every="R/2027-01-01T06:30:00+01:00/PT6H")
        assert read == declared(every="6h/5h30m", start_at="2027-01-01T06:30:00+01:00")
        assert declared(every="R/PT1H") == declared(every="1h")

    @pytest.mark.parametrize(
        ("every", "told"),
        [
            ("0s", "at least one second"),
            ("1h/1h", "the offset 1h must be shorter than the interval 1h"),
            ("1 hour", "'1 hour' is not a duration such as 30s, 5m, 1h30m, 2d or PT1H"),
            ("P1M", "'P1M' is not a duration"),
            ("R3/PT1H", "a number of repetitions cannot be kept"),
            ("R/noon/PT1H", "'noon' is not a moment with its offset"),
            ("R/2027-01-01T06:00:00/PT1H", "is not a moment with its offset"),
        ],
    )
    def test_that_are_none_are_refused(self, every: str, told: str) -> None:
        with pytest.raises(ValidationError, match="every") as refused:
            declared(every=every)
        assert told in str(refused.value)


# Zones, and a time about which each of their clocks change, or just some time. East of Greenwich the autumn is left out: there
# the server has ways of its own, which are compared with the server itself.
PLACES = [
    ("UTC", datetime(2027, 2, 28, tzinfo=UTC)),
    ("Asia/Kolkata", datetime(2028, 2, 28, 20, tzinfo=UTC)),
    (NEW_YORK, datetime(2027, 3, 14, 7, tzinfo=UTC)),
    (NEW_YORK, datetime(2027, 11, 7, 6, tzinfo=UTC)),
    ("America/St_Johns", datetime(2027, 11, 7, 4, 30, tzinfo=UTC)),
    (BERLIN, datetime(2027, 3, 28, 1, tzinfo=UTC)),
    ("Pacific/Auckland", datetime(2027, 9, 25, 14, tzinfo=UTC)),
]


def numbers(low: int, high: int, most: int) -> st.SearchStrategy[list[int]]:
    few = st.lists(st.integers(low, high), min_size=1, max_size=most, unique=True)
    return st.one_of(few, st.just(list(range(low, high + 1))))


CALENDARS = st.fixed_dictionaries(
    {
        "minute": numbers(0, 59, 2),
        "hour": numbers(0, 23, 4),
        "day_of_month": numbers(1, 31, 20),
        "month": numbers(1, 12, 11),
        "day_of_week": numbers(0, 6, 5),
    }
)


def shows(calendar: Calendar, local: datetime) -> bool:
    return (
        local.minute in calendar.minute
        and local.hour in calendar.hour
        and local.day in calendar.day_of_month
        and local.month in calendar.month
        and local.isoweekday() % 7 in calendar.day_of_week
    )


@settings(max_examples=50)
@given(
    st.sampled_from(PLACES),
    st.lists(CALENDARS, min_size=1, max_size=2),
    st.lists(CALENDARS, max_size=1),
    st.integers(-30, 1),
)
def test_fires_whenever_the_clock_on_the_wall_shows_a_time_that_is_not_skipped(
    place: tuple[str, datetime], calendars: list[dict[str, Any]], skip: list[dict[str, Any]], hours: int
) -> None:
    zone, about = place
    after = about + timedelta(hours=hours)
    until = after + timedelta(days=2)
    try:
        declaration = declared(calendars=calendars, skip=skip, time_zone=zone, end_at="2035-01-01T00:00:00Z")
    except ValidationError:
        return  # it never fires at all

    minutes = (after + timedelta(minutes=number) for number in range(1, 2 * 1440 + 1))
    reference = [
        minute
        for minute in minutes
        for local in [minute.astimezone(ZoneInfo(zone))]
        if any(shows(calendar, local) for calendar in declaration.calendars)
        and not any(shows(times, local) for times in declaration.skip)
    ]
    bounded = declaration.model_copy(update={"end_at": until})
    assert bounded.fire_times(after, 3000) == reference
