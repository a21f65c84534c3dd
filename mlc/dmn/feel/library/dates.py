"""FEEL's functions that make dates, times and durations, and those that tell a day's place in the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from mlc.dmn.feel.library.registry import built_in
from mlc.dmn.temporal import (
    SECOND,
    Zone,
    calendar_day,
    combined,
    date_of,
    make_date,
    make_time,
    named_zone,
    offset_zone,
    read_date,
    read_date_and_time,
    read_duration,
    read_time,
    time_of,
    years_and_months_between,
)
from mlc.dmn.values import ARITHMETIC, Value

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# More digits than any year has.
_MAX_DIGITS = 12


@built_in("date(from: string or date or date and time)")
def date_from(given: Value) -> Value:
    return read_date(given) if isinstance(given, str) else date_of(given)


@built_in("date(year: number, month: number, day: number)")
def date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> Value:
    parts = _whole(year, month, day)
    return make_date(*parts) if parts else None


@built_in("time(from: string or time or date or date and time)")
def time_from(given: Value) -> Value:
    return read_time(given) if isinstance(given, str) else time_of(given)


@built_in("time(hour: number, minute: number, second: number, offset?: days and time duration or null)")
def time_of_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None) -> Value:
    if offset is None:
        return _time(hour, minute, second, None)
    zone = offset_zone(offset)
    return None if zone is None else _time(hour, minute, second, zone)


@built_in("date and time(from: string or date and time)")
def date_and_time_from(given: Value) -> Value:
    return read_date_and_time(given) if isinstance(given, str) else given


@built_in("date and time(date: date or date and time, time: time)")
def date_and_time_of(day: Value, clock: Value) -> Value:
    return combined(day, clock)


@built_in(
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number)"
)
def local_date_and_time(
    year: Decimal, month: Decimal, day: Decimal, hour: Decimal, minute: Decimal, second: Decimal
) -> Value:
    return combined(date_of_parts(year, month, day), _time(hour, minute, second, None))


@built_in(
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number,"
    " offset: days and time duration)",
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number,"
    " timezone: string)",
)
def zoned_date_and_time(
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    zone: timedelta | str,
) -> Value:
    known = named_zone(zone) if isinstance(zone, str) else offset_zone(zone)
    if known is None:
        return None
    return combined(date_of_parts(year, month, day), _time(hour, minute, second, known))


@built_in("duration(from: string)")
def duration(text: str) -> Value:
    return read_duration(text)


@built_in("years and months duration(from: date or date and time, to: date or date and time)")
def years_and_months_duration(start: Value, end: Value) -> Value:
    return years_and_months_between(start, end)


@built_in("now()")
def now() -> Value:
    return datetime.now(UTC)


@built_in("today()")
def today() -> Value:
    """The date in UTC."""
    return datetime.now(UTC).date()


@built_in("day of year(date: date or date and time)")
def day_of_year(given: Value) -> Value:
    day = calendar_day(given)
    return day and Decimal(day.timetuple().tm_yday)


@built_in("day of week(date: date or date and time)")
def day_of_week(given: Value) -> Value:
    day = calendar_day(given)
    return day and _DAYS[day.weekday()]


@built_in("month of year(date: date or date and time)")
def month_of_year(given: Value) -> Value:
    day = calendar_day(given)
    return day and _MONTHS[day.month - 1]


@built_in("week of year(date: date or date and time)")
def week_of_year(given: Value) -> Value:
    """The week by ISO 8601: the first one holds the year's first Thursday."""
    day = calendar_day(given)
    return day and Decimal(day.isocalendar().week)


def _whole(*numbers: Decimal) -> list[int] | None:
    if any(each.adjusted() > _MAX_DIGITS or each != each.to_integral_value() for each in numbers):
        return None
    return [int(each) for each in numbers]


def _time(hour: Decimal, minute: Decimal, second: Decimal, zone: Zone) -> Value:
    parts = _whole(hour, minute)
    if parts is None or not 0 <= second < 60:
        return None
    hours, minutes = parts
    return make_time(hours, minutes, int(ARITHMETIC.multiply(second, Decimal(SECOND))), zone)
