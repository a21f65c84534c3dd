"""Arithmetic with dates, times and durations. None where FEEL defines nothing, or the result is too large."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, DecimalException
from typing import TYPE_CHECKING

from mlc.dmn.temporal.civil import months_between, months_later
from mlc.dmn.temporal.durations import (
    DECIMAL128,
    YearsMonthsDuration,
    days_and_time,
    nanoseconds_of,
    years_and_months,
)
from mlc.dmn.temporal.points import (
    DAY,
    FarDate,
    Position,
    ZonedDateTime,
    ZonedTime,
    date_of,
    moment,
    narrowed,
    position,
    widened,
)

if TYPE_CHECKING:
    from mlc.dmn.values import Value

# More digits than any duration has.
_TOO_LARGE = 30


def add(a: Value, b: Value) -> Value:
    """Two durations of a kind, or a point in time and a duration. Months end with the month: 31 January + P1M is 28 February."""
    match a, b:
        case timedelta(), timedelta():
            return days_and_time(nanoseconds_of(a) + nanoseconds_of(b))
        case YearsMonthsDuration(), YearsMonthsDuration():
            return years_and_months(a.months + b.months)
        case _, timedelta():
            return _later(a, nanoseconds_of(b))
        case _, YearsMonthsDuration():
            return _months_later(a, b.months)
        case ((timedelta() | YearsMonthsDuration()), _):
            return add(b, a)
        case _:
            return None


def subtract(a: Value, b: Value) -> Value:
    """As `add`, and the duration between two points of a kind; a date among dates and times is its midnight in UTC."""
    match a, b:
        case YearsMonthsDuration(), YearsMonthsDuration():
            return years_and_months(a.months - b.months)
        case timedelta(), timedelta():
            return days_and_time(nanoseconds_of(a) - nanoseconds_of(b))
        case _, timedelta():
            return _later(a, -nanoseconds_of(b))
        case _, YearsMonthsDuration():
            return _months_later(a, -b.months)
        case _:
            return _elapsed(position(b), position(a))


def multiply(a: Value, b: Value) -> Value:
    """A duration and a number, in either order. Years and months are truncated to whole months."""
    if isinstance(a, Decimal):
        return _scaled(b, a, DECIMAL128.multiply)
    return _scaled(a, b, DECIMAL128.multiply)


def divide(a: Value, b: Value) -> Value:
    """A duration by a number; a duration by one of its kind, which gives a number. None for division by zero."""
    match a, b:
        case timedelta(), timedelta() if b:
            return DECIMAL128.divide(Decimal(nanoseconds_of(a)), Decimal(nanoseconds_of(b)))
        case YearsMonthsDuration(), YearsMonthsDuration() if b.months:
            return DECIMAL128.divide(Decimal(a.months), Decimal(b.months))
        case _:
            return _scaled(a, b, DECIMAL128.divide)


def negate(a: Value) -> Value:
    """A duration that leads the other way."""
    match a:
        case timedelta():
            return days_and_time(-nanoseconds_of(a))
        case YearsMonthsDuration():
            return years_and_months(-a.months)
        case _:
            return None


def years_and_months_between(start: Value, end: Value) -> Value:
    """The whole months between the dates of two dates or dates and times, truncated towards zero."""
    first, last = widened(date_of(start)), widened(date_of(end))
    if not isinstance(first, FarDate) or not isinstance(last, FarDate):
        return None
    return years_and_months(months_between(first.ordinal, last.ordinal))


def _later(value: Value, nanoseconds: int) -> Value:
    match widened(value):
        case FarDate(ordinal):
            return narrowed(FarDate(ordinal + nanoseconds // DAY))
        case ZonedTime(since_midnight, zone):
            return narrowed(ZonedTime((since_midnight + nanoseconds) % DAY, zone))
        case ZonedDateTime(instant, zone):
            return narrowed(ZonedDateTime(instant + nanoseconds, zone))
        case None:
            return None


def _months_later(value: Value, months: int) -> Value:
    point = widened(value)
    if not isinstance(point, FarDate | ZonedDateTime):
        return None
    day = point if isinstance(point, FarDate) else point.day
    ordinal = months_later(day.ordinal, months)
    if ordinal is None:
        return None
    if isinstance(point, FarDate):
        return narrowed(FarDate(ordinal))
    return narrowed(moment(ordinal, point.clock.nanoseconds, point.zone))


def _elapsed(start: Position | None, end: Position | None) -> Value:
    if start is None or end is None:
        return None
    if {start.kind, end.kind} == {"date", "date and time"}:
        start, end = _at_midnight(start), _at_midnight(end)
    return days_and_time(end.at - start.at) if start[:2] == end[:2] else None


def _at_midnight(point: Position) -> Position:
    return Position("date and time", zoned=True, at=point.at) if point.kind == "date" else point


def _scaled(duration: Value, factor: Value, operation: Callable[[Decimal, Decimal], Decimal]) -> Value:
    if not isinstance(factor, Decimal):
        return None
    match duration:
        case timedelta():
            microseconds = _whole(operation, nanoseconds_of(duration) // 1000, factor, ROUND_HALF_EVEN)
            return None if microseconds is None else days_and_time(microseconds * 1000)
        case YearsMonthsDuration(months):
            scaled = _whole(operation, months, factor, ROUND_DOWN)
            return None if scaled is None else years_and_months(scaled)
        case _:
            return None


def _whole(
    operation: Callable[[Decimal, Decimal], Decimal], number: int, factor: Decimal, rounding: str
) -> int | None:
    try:
        result = operation(Decimal(number), factor)
    except DecimalException:
        return None
    if not result.is_finite() or result.adjusted() > _TOO_LARGE:
        return None
    return int(result.to_integral_value(rounding))
