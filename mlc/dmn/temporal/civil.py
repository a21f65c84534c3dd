"""Days of the proleptic Gregorian calendar as whole numbers, in years that `datetime.date` cannot hold.

A day's ordinal counts as `date.toordinal` does: 1 is 0001-01-01. The calendar repeats every 400 years, weekdays
included, so Python's own date answers for the day that stands at the same place of another cycle.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

MAX_YEAR = 999_999_999
CYCLE_DAYS = 146_097
_CYCLE_YEARS = 400


def ordinal_of(year: int, month: int, day: int) -> int | None:
    """The day's ordinal; None where there is no such day, or its year lies beyond ±999,999,999."""
    if abs(year) > MAX_YEAR:
        return None
    cycle, place = divmod(year, _CYCLE_YEARS)
    try:
        return date(place + _CYCLE_YEARS, month, day).toordinal() + (cycle - 1) * CYCLE_DAYS
    except (ValueError, OverflowError):
        return None


def stand_in(ordinal: int) -> date:
    """A day of the years 401 to 800 with the same month, day, weekday and ISO week, in a year of the same length."""
    return date.fromordinal((ordinal - 1) % CYCLE_DAYS + 1 + CYCLE_DAYS)


def civil(ordinal: int) -> tuple[int, int, int]:
    """The day's year, month and day of the month."""
    day = stand_in(ordinal)
    return day.year + ((ordinal - 1) // CYCLE_DAYS - 1) * _CYCLE_YEARS, day.month, day.day


def months_later(ordinal: int, months: int) -> int | None:
    """The same day of the month so many months later, or that month's last; None where the year lies too far."""
    year, month, day = civil(ordinal)
    year, before = divmod(year * 12 + month - 1 + months, 12)
    last = monthrange(year % _CYCLE_YEARS + _CYCLE_YEARS, before + 1)[1]
    return ordinal_of(year, before + 1, min(day, last))


def months_between(start: int, end: int) -> int:
    """The whole months from one day to the other, truncated towards zero."""
    (year, month, day), (end_year, end_month, end_day) = civil(start), civil(end)
    months = (end_year - year) * 12 + end_month - month
    if months > 0 and end_day < day:
        return months - 1
    return months + 1 if months < 0 and end_day > day else months
