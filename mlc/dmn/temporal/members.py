"""The parts of dates, times and durations that FEEL names: `x.year`, `x.time offset`."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mlc.dmn.temporal.civil import civil, stand_in
from mlc.dmn.temporal.durations import DECIMAL128, YearsMonthsDuration, days_and_time, nanoseconds_of
from mlc.dmn.temporal.points import FarDate, ZonedDateTime, ZonedTime, widened
from mlc.dmn.temporal.zones import SECOND, Zone, offset_at, offset_of_day

if TYPE_CHECKING:
    from mlc.dmn.values import Value


def member_of(value: Value, name: str) -> Value:
    """A part of a temporal value, numbers as Decimal; None where a value of its kind has no such part.

    The parts of a negative duration are negative. `second` holds the fraction. `time offset` is a duration, null for
    local times; `timezone` the name of the zone, null where there is none.
    """
    match value:
        case timedelta():
            return _days_and_time_part(nanoseconds_of(value), name)
        case YearsMonthsDuration(months):
            sign = -1 if months < 0 else 1
            years, rest = divmod(abs(months), 12)
            return _number({"years": years, "months": rest}.get(name), sign)
        case _:
            return _point_part(value, name)


def _point_part(value: Value, name: str) -> Value:
    match widened(value):
        case FarDate(ordinal):
            return _date_part(ordinal, name)
        case ZonedTime() as clock:
            return _time_part(clock, offset_of_day(clock.zone), name)
        case ZonedDateTime(instant, zone) as moment:
            part = _date_part(moment.day.ordinal, name)
            return _time_part(moment.clock, offset_at(zone, instant), name) if part is None else part
        case None:
            return None


def _date_part(ordinal: int, name: str) -> Value:
    if name == "weekday":
        return Decimal(stand_in(ordinal).isoweekday())
    year, month, day = civil(ordinal)
    return _number({"year": year, "month": month, "day": day}.get(name))


def _time_part(clock: ZonedTime, offset: int, name: str) -> Value:
    match name:
        case "hour":
            return Decimal(clock.hour)
        case "minute":
            return Decimal(clock.minute)
        case "second":
            return _seconds(clock.nanoseconds % (60 * SECOND))
        case "time offset":
            return None if clock.zone is None else days_and_time(offset)
        case "timezone":
            return _zone_name(clock.zone)
        case _:
            return None


def _days_and_time_part(nanoseconds: int, name: str) -> Value:
    sign = -1 if nanoseconds < 0 else 1
    minutes, rest = divmod(abs(nanoseconds), 60 * SECOND)
    if name == "seconds":
        return _seconds(sign * rest)
    hours = minutes // 60
    return _number({"days": hours // 24, "hours": hours % 24, "minutes": minutes % 60}.get(name), sign)


def _number(part: int | None, sign: int = 1) -> Decimal | None:
    return None if part is None else Decimal(sign * part)


def _seconds(nanoseconds: int) -> Decimal:
    # The division of whole numbers leaves no zeros behind the fraction.
    return DECIMAL128.divide(Decimal(nanoseconds), Decimal(SECOND))


def _zone_name(zone: Zone) -> str | None:
    return zone.key if isinstance(zone, ZoneInfo) else None
