"""Offsets and named time zones. A zone is None for local times, `datetime.timezone` for an offset, `ZoneInfo` for a name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeAlias
from zoneinfo import ZoneInfo

from mlc.dmn.temporal.civil import CYCLE_DAYS

Zone: TypeAlias = "timezone | ZoneInfo | None"

SECOND = 1_000_000_000
_MAX_OFFSET = timedelta(hours=18)
_OFFSET = re.compile(r"([+-])(\d\d):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_NAME = re.compile(r"[A-Za-z][\w+-]*(?:/[\w+-]+)*", re.ASCII)
_CYCLE = CYCLE_DAYS * 86_400
# The years 401 to 9600: far enough from both ends of `datetime` that no offset leads out of it.
_FIRST_CYCLE, _LAST_CYCLE = 1, 23
_DAY_1 = datetime(1, 1, 1)  # noqa: DTZ001 - local to any zone
# A time of day has no date to ask its zone for an offset, so it has the zone's standard offset of one fixed year.
_WINTER_AND_SUMMER = (datetime(2024, 1, 1), datetime(2024, 7, 1))  # noqa: DTZ001 - local to any zone


def read_zone(text: str) -> Zone:
    """`Z`, `+02:00`, `-05:00:01` or `@Europe/Paris`; None where it is none of them or the name is unknown."""
    if text == "Z":
        return UTC
    if text.startswith("@"):
        return named_zone(text[1:])
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    sign, hours, minutes, seconds = found.groups("0")
    offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return offset_zone(-offset if sign == "-" else offset)


def named_zone(name: str) -> ZoneInfo | None:
    """The zone with this name in the IANA database; None where there is none."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def offset_zone(offset: timedelta) -> timezone | None:
    """The zone with this offset; None beyond ±18:00 and for fractions of a second."""
    return timezone(offset) if abs(offset) <= _MAX_OFFSET and not offset.microseconds else None


def zone_text(zone: Zone) -> str:
    """The zone as it is written behind a time."""
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    seconds = zone.utcoffset(None) // timedelta(seconds=1)
    if seconds == 0:
        return "Z"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}:{minutes:02}" + (f":{rest:02}" if rest else "")


def offset_at_local(zone: Zone, nanoseconds: int) -> int:
    """The nanoseconds by which the zone's clocks are ahead of UTC when they show a moment.

    nanoseconds: of that moment since day 0. A moment that clocks show twice is the first of the two; one that they
    skip has the offset from before, so it comes out later by what was skipped.
    """
    if not isinstance(zone, ZoneInfo):
        return _fixed(zone)
    return _nanoseconds(_in_python(nanoseconds).replace(tzinfo=zone).utcoffset())


def offset_at(zone: Zone, instant: int) -> int:
    """The same for an instant, in nanoseconds of UTC since day 0."""
    if not isinstance(zone, ZoneInfo):
        return _fixed(zone)
    return _nanoseconds(zone.fromutc(_in_python(instant).replace(tzinfo=zone)).utcoffset())


def offset_of_day(zone: Zone) -> int:
    """The same for a time of day without a date: in a named zone, its standard time in 2024."""
    if not isinstance(zone, ZoneInfo):
        return _fixed(zone)
    return min(_nanoseconds(moment.replace(tzinfo=zone).utcoffset()) for moment in _WINTER_AND_SUMMER)


def _fixed(zone: timezone | None) -> int:
    return 0 if zone is None else _nanoseconds(zone.utcoffset(None))


def _nanoseconds(offset: timedelta | None) -> int:
    return 0 if offset is None else offset // timedelta(microseconds=1) * 1000


def _in_python(nanoseconds: int) -> datetime:
    """The moment to the second, moved by whole cycles of the calendar into years that Python and its zones know."""
    cycle, place = divmod(nanoseconds // SECOND - 86_400, _CYCLE)
    cycle = min(max(cycle, _FIRST_CYCLE), _LAST_CYCLE)
    return _DAY_1 + timedelta(seconds=cycle * _CYCLE + place)
