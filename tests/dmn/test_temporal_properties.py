"""What holds for all dates, times and durations of FEEL, in all years and zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from mlc.dmn.temporal import (
    YearsMonthsDuration,
    add,
    combined,
    divide,
    is_temporal,
    iso,
    make_date,
    make_time,
    member_of,
    multiply,
    negate,
    read_date,
    read_date_and_time,
    read_duration,
    read_temporal,
    read_time,
    subtract,
    time_of,
)
from mlc.dmn.values import Range, Value, compared, equal, kind_of, shown, within

PARIS = ZoneInfo("Europe/Paris")
FIXED = [None, UTC, timezone(timedelta(0, -17_999)), timezone(timedelta(hours=18))]
ZONES = [*FIXED, PARIS, ZoneInfo("Pacific/Apia"), ZoneInfo("Australia/Lord_Howe")]
years = st.integers(1, 9999) | st.integers(-999_999_999, 999_999_999) | st.integers(-3, 3)
civil_days = st.tuples(years, st.integers(1, 12), st.integers(1, 28))
dates = civil_days.map(lambda parts: make_date(*parts))
nanoseconds = st.integers(0, 59_999_999).map(lambda micros: micros * 1000) | st.integers(0, 59_999_999_999)  # fmt: skip
times = st.builds(make_time, st.integers(0, 23), st.integers(0, 59), nanoseconds, st.sampled_from(ZONES))
moments = st.builds(combined, dates, times).filter(lambda moment: moment is not None)
months = st.integers(-30_000_000_000, 30_000_000_000).map(YearsMonthsDuration)
durations = st.timedeltas() | st.timedeltas(timedelta(days=-400), timedelta(days=400))
anything = st.one_of(dates, times, moments, months, durations, st.none(), st.text(max_size=3)) | st.decimals(
    allow_nan=False, allow_infinity=False
)
fragments = [
    "2017",
    "-",
    "01",
    "29",
    "T",
    "10:",
    ":",
    ".5",
    "Z",
    "+",
    "@Europe/Paris",
    "P",
    "1",
    "D",
    "Y",
    "M",
]
texts = st.text() | st.lists(st.sampled_from(fragments), max_size=9).map("".join)


@given(value=st.one_of(dates, times, moments, durations))
def test_what_is_written_is_read_again(value: Value) -> None:
    assert read_temporal(iso(value)) == value


@given(moment=moments, duration=durations)
def test_subtracting_what_was_added_leads_back(moment: Value, duration: timedelta) -> None:
    later = add(moment, duration)
    assume(later is not None)
    assert subtract(later, duration) == moment
    assert subtract(later, moment) == duration


@given(clock=times, duration=durations)
def test_times_come_back_after_whole_days(clock: Value, duration: timedelta) -> None:
    assert subtract(add(clock, duration), duration) == clock
    assert add(clock, timedelta(days=duration.days)) == clock


@given(one=st.datetimes(), other=st.datetimes(), zone=st.sampled_from(FIXED), duration=durations)
def test_arithmetic_and_order_are_pythons_where_that_has_them(
    one: datetime, other: datetime, zone: timezone | None, duration: timedelta
) -> None:
    one, other = one.replace(tzinfo=zone), other.replace(tzinfo=zone)
    assert subtract(one, other) == one - other
    assert subtract(one.date(), other.date()) == one.date() - other.date()
    assert compared("<", one, other) is (one < other)
    assert time_of(one) == one.timetz()
    try:
        expected = one + duration
        expected_day = one.date() + duration
    except OverflowError:
        return
    assert add(one, duration) == expected
    assert add(one.date(), duration) == expected_day


@given(one=civil_days, other=civil_days)
def test_dates_are_in_the_order_of_year_month_and_day(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    assert compared("<", make_date(*one), make_date(*other)) is (one < other)
    assert equal(make_date(*one), make_date(*other)) is (one == other)


@given(day=dates, count=st.integers(-10_000, 10_000))
def test_months_are_counted_across_all_years(day: Value, count: int) -> None:
    later = add(day, YearsMonthsDuration(count))
    assume(later is not None)

    def month(value: Value) -> Decimal:
        return Decimal(str(member_of(value, "year"))) * 12 + Decimal(str(member_of(value, "month")))

    assert month(later) - month(day) == count
    assert member_of(later, "day") == member_of(day, "day")


@given(one=moments, other=moments, duration=durations)
def test_order_agrees_with_the_time_between(one: Value, other: Value, duration: timedelta) -> None:
    near = add(one, duration)
    for target in (other, near):
        between = subtract(one, target)
        if isinstance(between, timedelta):
            # Durations are whole microseconds, so that two moments a nanosecond apart have none between them.
            assert compared("<=", one, target) is True or between >= timedelta(0)
            assert compared(">=", one, target) is True or between <= timedelta(0)


@given(
    year=st.integers(9000, 9999), month=st.integers(1, 12), day=st.integers(1, 28), cycles=st.integers(1, 9)
)
def test_zones_go_on_with_their_rules_in_far_years(year: int, month: int, day: int, cycles: int) -> None:  # fmt: skip
    def offset(year: int) -> Value:
        return member_of(combined(make_date(year, month, day), make_time(12, 0, 0, PARIS)), "time offset")

    assert offset(year + 400 * cycles) == offset(year)


@given(text=texts)
def test_any_text_is_a_value_or_null(text: str) -> None:
    for read in (read_date, read_time, read_date_and_time, read_duration, read_temporal):
        value = read(text)
        assert value is None or is_temporal(value)


PARTS = ["year", "weekday", "hour", "second", "time offset", "timezone", "months", "seconds", "nothing"]


@given(one=anything, other=anything, name=st.sampled_from(PARTS))
def test_any_operation_on_any_values_is_a_value_or_null(one: Value, other: Value, name: str) -> None:
    for operation in (add, subtract, multiply, divide):
        result = operation(one, other)
        assert result is None or kind_of(result)
    for symbol in ("=", "!=", "<", "<=", ">", ">="):
        assert compared(symbol, one, other) in (True, False, None)
    assert within(one, Range(other, one, start_closed=True, end_closed=True)) in (True, False, None)
    negate(one)
    member_of(one, name)
    assert shown(one)
