"""FEEL's dates, times, dates and times, and both kinds of duration.

What Python's `date`, `time`, `datetime` and `timedelta` can hold is a plain Python value (the offset `Z` is
`timezone.utc`); FarDate, ZonedTime and ZonedDateTime hold the rest, exactly to the nanosecond. Durations of days and time
are `timedelta`: finer parts are rounded half to even to microseconds.
"""

from __future__ import annotations

from mlc.dmn.temporal.arithmetic import add, divide, multiply, negate, subtract, years_and_months_between
from mlc.dmn.temporal.durations import YearsMonthsDuration
from mlc.dmn.temporal.members import member_of
from mlc.dmn.temporal.points import (
    FarDate,
    ZonedDateTime,
    ZonedTime,
    calendar_day,
    combined,
    date_of,
    from_python,
    is_temporal,
    iso,
    position,
    time_of,
)
from mlc.dmn.temporal.reading import (
    make_date,
    make_time,
    read_date,
    read_date_and_time,
    read_duration,
    read_temporal,
    read_time,
)
from mlc.dmn.temporal.zones import SECOND, Zone, named_zone, offset_zone

__all__ = [
    "SECOND",
    "FarDate",
    "YearsMonthsDuration",
    "Zone",
    "ZonedDateTime",
    "ZonedTime",
    "add",
    "calendar_day",
    "combined",
    "date_of",
    "divide",
    "from_python",
    "is_temporal",
    "iso",
    "make_date",
    "make_time",
    "member_of",
    "multiply",
    "named_zone",
    "negate",
    "offset_zone",
    "position",
    "read_date",
    "read_date_and_time",
    "read_duration",
    "read_temporal",
    "read_time",
    "subtract",
    "time_of",
    "years_and_months_between",
]
