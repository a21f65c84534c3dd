"""FEEL's two kinds of duration: days and time is `timedelta`, years and months a type of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Context

# Its own context: the caller's thread keeps its precision.
DECIMAL128 = Context(prec=34)
# What a Java `Period` holds: more than lies between the first and the last day that FEEL knows.
_MAX_MONTHS = 12 * 2**31


@dataclass(frozen=True, slots=True, order=True)
class YearsMonthsDuration:
    """A number of whole months, negative for one that leads back. Its text is ISO 8601: `P1Y2M`, `-P3M`, `P0M`."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{'-' if self.months < 0 else ''}P{parts or '0M'}"


def years_and_months(months: int) -> YearsMonthsDuration | None:
    """None for more months than lie between any two days."""
    return YearsMonthsDuration(months) if abs(months) <= _MAX_MONTHS else None


def nanoseconds_of(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1) * 1000


def days_and_time(nanoseconds: int) -> timedelta | None:
    """Rounded half to even to the microseconds that `timedelta` counts; None for more than it holds."""
    microseconds, rest = divmod(nanoseconds, 1000)
    if rest > 500 or (rest == 500 and microseconds % 2):
        microseconds += 1
    try:
        return timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def duration_text(duration: timedelta) -> str:
    """ISO 8601 without the parts that are zero: `P1DT2H3M4.5S`, `-PT1H`, `PT0S`."""
    seconds, microseconds = divmod(abs(duration // timedelta(microseconds=1)), 1_000_000)
    days, seconds = divmod(seconds, 86_400)
    fraction = f".{microseconds:06}".rstrip("0") if microseconds else ""
    second = f"{seconds % 60}{fraction}"
    parts = ((seconds // 3600, "H"), (seconds // 60 % 60, "M"))
    clock = "".join(f"{number}{unit}" for number, unit in parts if number)
    clock += "" if second == "0" else f"{second}S"
    sign = "-" if duration < timedelta(0) else ""
    if not days and not clock:
        return "PT0S"
    return f"{sign}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"
