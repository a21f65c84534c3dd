"""Reads dates, times and durations as FEEL writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlc.dmn.temporal.civil import ordinal_of
from mlc.dmn.temporal.durations import days_and_time, years_and_months
from mlc.dmn.temporal.points import FarDate, ZonedTime, combined, narrowed
from mlc.dmn.temporal.zones import SECOND, Zone, read_zone

if TYPE_CHECKING:
    from mlc.dmn.values import Value

_DATE = re.compile(r"(?!-0000)(-?(?:\d{4}|[1-9]\d{4,8}))-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Z@+-].*)?", re.ASCII)
# Eighteen digits are more than any duration that is kept, and few enough to be read at once.
_MONTHS = re.compile(r"(-)?P(?=\d)(?:(\d{1,18})Y)?(?:(\d{1,18})M)?", re.ASCII)
_DAYS = re.compile(
    r"(-)?P(?=[\dT])(?:(\d{1,18})D)?"
    r"(?:T(?=\d)(?:(\d{1,18})H)?(?:(\d{1,18})M)?(?:(\d{1,18})(?:\.(\d{1,9}))?S)?)?",
    re.ASCII,
)


def read_date(text: str) -> Value:
    """`2024-02-29`, years from -999999999 to 999999999; None for anything else."""
    found = _DATE.fullmatch(text)
    return make_date(int(found[1]), int(found[2]), int(found[3])) if found else None


def read_time(text: str) -> Value:
    """`11:22:33.5`, alone or with `Z`, `+02:00` or `@Europe/Paris`; None for anything else."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    zone = read_zone(found[5]) if found[5] else None
    if found[5] and zone is None:
        return None
    nanoseconds = int(found[3]) * SECOND + _fraction(found[4])
    return make_time(int(found[1]), int(found[2]), nanoseconds, zone)


def read_date_and_time(text: str) -> Value:
    """A date, `T` and a time, or a date alone for its local midnight; None for anything else."""
    day, separator, clock = text.partition("T")
    return combined(read_date(day), read_time(clock if separator else "00:00:00"))


def read_duration(text: str) -> Value:
    """`P1Y2M` or `P1DT2H3M4.5S`, each with a sign or with parts left out; None for anything else or a mixture."""
    if found := _MONTHS.fullmatch(text):
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return years_and_months(-months if found[1] else months)
    if found := _DAYS.fullmatch(text):
        days, hours, minutes, seconds = (int(found[part] or 0) for part in range(2, 6))
        whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        nanoseconds = whole * SECOND + _fraction(found[6])
        return days_and_time(-nanoseconds if found[1] else nanoseconds)
    return None


def read_temporal(text: str) -> Value:
    """What `@"..."` means: a date, a time, a date and time or a duration; None where it is none of them."""
    for read in (read_date, read_time, read_date_and_time, read_duration):
        value = read(text)
        if value is not None:
            return value
    return None


def make_date(year: int, month: int, day: int) -> Value:
    """None where there is no such day."""
    ordinal = ordinal_of(year, month, day)
    return None if ordinal is None else narrowed(FarDate(ordinal))


def make_time(hour: int, minute: int, nanoseconds: int, zone: Zone) -> Value:
    """nanoseconds: of the minute. None where clocks show no such time."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= nanoseconds < 60 * SECOND):
        return None
    return narrowed(ZonedTime((hour * 60 + minute) * 60 * SECOND + nanoseconds, zone))


def _fraction(digits: str | None) -> int:
    return int(f"{digits or '':0<9}")
