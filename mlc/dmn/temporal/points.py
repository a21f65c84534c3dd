"""Points in time in one exact form: whole days, nanoseconds and a zone.

What plain Python can hold is plain Python wherever a value is seen; `widened` and `narrowed` lead from one to the other,
so that every operation is written once, on whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from mlc.dmn.temporal.civil import MAX_YEAR, civil, ordinal_of, stand_in
from mlc.dmn.temporal.durations import YearsMonthsDuration, duration_text, nanoseconds_of
from mlc.dmn.temporal.zones import SECOND, Zone, offset_at, offset_at_local, offset_of_day, zone_text

if TYPE_CHECKING:
    from mlc.dmn.values import Value

DAY = 86_400 * SECOND


class Position(NamedTuple):
    """What a temporal value is compared by: values of one kind, both or neither of them zoned, by a whole number."""

    kind: str
    zoned: bool
    at: int


class _Ordered:
    """Order by position, also among the plain Python values of the same kind. Equality stays that of the fields."""

    __slots__ = ()

    def __lt__(self, other: object) -> bool:
        difference = _difference(self, other)
        return NotImplemented if difference is None else difference < 0

    def __le__(self, other: object) -> bool:
        difference = _difference(self, other)
        return NotImplemented if difference is None else difference <= 0

    def __gt__(self, other: object) -> bool:
        difference = _difference(self, other)
        return NotImplemented if difference is None else difference > 0

    def __ge__(self, other: object) -> bool:
        difference = _difference(self, other)
        return NotImplemented if difference is None else difference >= 0


@dataclass(frozen=True, slots=True)
class FarDate(_Ordered):
    """A date that `datetime.date` cannot hold: of the year 0, before it, or after 9999.

    ordinal: days, counted as `date.toordinal` does (1 is 0001-01-01).
    """

    ordinal: int

    @property
    def year(self) -> int:
        return civil(self.ordinal)[0]

    @property
    def month(self) -> int:
        return civil(self.ordinal)[1]

    @property
    def day(self) -> int:
        return civil(self.ordinal)[2]

    def __str__(self) -> str:
        year, month, day = civil(self.ordinal)
        return f"{'-' if year < 0 else ''}{abs(year):04}-{month:02}-{day:02}"


@dataclass(frozen=True, slots=True)
class ZonedTime(_Ordered):
    """A time that `datetime.time` cannot hold: in a named zone, or with more than six digits of a second's fraction.

    nanoseconds: since midnight, as the zone's clocks show them.
    """

    nanoseconds: int
    zone: Zone

    @property
    def hour(self) -> int:
        return self.nanoseconds // (3600 * SECOND)

    @property
    def minute(self) -> int:
        return self.nanoseconds // (60 * SECOND) % 60

    def __str__(self) -> str:
        seconds, rest = divmod(self.nanoseconds // SECOND, 60)
        fraction = self.nanoseconds % SECOND
        decimals = f".{fraction:09}".rstrip("0") if fraction else ""
        return f"{seconds // 60:02}:{seconds % 60:02}:{rest:02}{decimals}{zone_text(self.zone)}"


@dataclass(frozen=True, slots=True)
class ZonedDateTime(_Ordered):
    """A date and time that `datetime` cannot hold: its date is a FarDate, or its time a ZonedTime.

    instant: nanoseconds since the day with ordinal 0, of UTC; of local clocks where there is no zone.
    """

    instant: int
    zone: Zone

    @property
    def local(self) -> int:
        """Nanoseconds since the day with ordinal 0, as the zone's clocks show them."""
        return self.instant + offset_at(self.zone, self.instant)

    @property
    def day(self) -> FarDate:
        return FarDate(self.local // DAY)

    @property
    def clock(self) -> ZonedTime:
        return ZonedTime(self.local % DAY, self.zone)

    def __str__(self) -> str:
        return f"{self.day}T{self.clock}"


Point: TypeAlias = FarDate | ZonedTime | ZonedDateTime


def moment(ordinal: int, nanoseconds: int, zone: Zone) -> ZonedDateTime:
    """The date and time at which the zone's clocks show so many nanoseconds since the day's midnight."""
    local = ordinal * DAY + nanoseconds
    return ZonedDateTime(local - offset_at_local(zone, local), zone)


def widened(value: object) -> Point | None:
    """The exact form of a date, time, or date and time; None for anything else."""
    match value:
        case FarDate() | ZonedTime() | ZonedDateTime():
            return value
        case datetime():
            return moment(value.toordinal(), _since_midnight(value), _zone(value.tzinfo, value.utcoffset()))
        case date():
            return FarDate(value.toordinal())
        case time():
            return ZonedTime(_since_midnight(value), _zone(value.tzinfo, value.utcoffset()))
        case _:
            return None


def narrowed(point: Point) -> Value:
    """Plain Python where that can hold the point, else the point; None where its year lies beyond ±999,999,999."""
    match point:
        case FarDate(ordinal):
            if 1 <= ordinal <= _LAST_OF_PYTHON:
                return date.fromordinal(ordinal)
            return point if _FIRST <= ordinal <= _LAST else None
        case ZonedTime(nanoseconds, zone):
            if isinstance(zone, ZoneInfo) or nanoseconds % 1000:
                return point
            second, micro = nanoseconds // SECOND % 60, nanoseconds % SECOND // 1000
            return time(point.hour, point.minute, second, micro, tzinfo=zone)
        case ZonedDateTime():
            day, clock = narrowed(point.day), narrowed(point.clock)
            if type(day) is date and type(clock) is time:
                return datetime.combine(day, clock)
            return None if day is None else point


def position(value: object) -> Position | None:
    """Where the value stands among those of its kind; None for what is not temporal."""
    if isinstance(value, timedelta):
        return Position("days and time duration", zoned=False, at=nanoseconds_of(value))
    if isinstance(value, YearsMonthsDuration):
        return Position("years and months duration", zoned=False, at=value.months)
    match widened(value):
        case FarDate(ordinal):
            return Position("date", zoned=False, at=ordinal * DAY)
        case ZonedTime(nanoseconds, zone):
            return Position("time", zoned=zone is not None, at=nanoseconds - offset_of_day(zone))
        case ZonedDateTime(instant, zone):
            return Position("date and time", zoned=zone is not None, at=instant)
        case None:
            return None


def is_temporal(value: object) -> bool:
    """Whether the value is a date, a time, a date and time or a duration."""
    return isinstance(value, (date, time, timedelta, FarDate, ZonedTime, ZonedDateTime, YearsMonthsDuration))


def iso(value: object) -> str:
    """A temporal value as FEEL's `string()` writes it: `11:22:33Z`, `P1DT2H`, `2018-01-01T10:00:00@Europe/Paris`."""
    return duration_text(value) if isinstance(value, timedelta) else str(widened(value) or value)


def date_of(value: object) -> Value:
    """The date of a date or date and time; None for anything else."""
    point = widened(value)
    day = point.day if isinstance(point, ZonedDateTime) else point
    return narrowed(day) if isinstance(day, FarDate) else None


def time_of(value: object) -> Value:
    """The time of a time or date and time, midnight in UTC of a date; None for anything else."""
    match widened(value):
        case FarDate():
            return time(0, tzinfo=UTC)
        case ZonedTime() as clock:
            return narrowed(clock)
        case ZonedDateTime() as both:
            return narrowed(both.clock)
        case None:
            return None


def calendar_day(value: object) -> date | None:
    """A day that Python can hold with the weekday, the month and the place in its year of a date's, or date and time's."""
    day = widened(date_of(value))
    return stand_in(day.ordinal) if isinstance(day, FarDate) else None


def combined(day: object, clock: object) -> Value:
    """The date and time of a date, or a date and time's date, and a time; None for anything else."""
    start = widened(date_of(day))
    time_of_day = widened(clock)
    if not isinstance(start, FarDate) or not isinstance(time_of_day, ZonedTime):
        return None
    return narrowed(moment(start.ordinal, time_of_day.nanoseconds, time_of_day.zone))


def from_python(given: date | time | timedelta) -> Value:
    """A caller's value as FEEL sees it: of no subclass, in a named zone or with an offset; None for pandas' NaT."""
    try:
        match given:
            case timedelta():
                return timedelta(given.days, given.seconds, given.microseconds)
            case datetime():
                zone = _zone(given.tzinfo, given.utcoffset())
                local = given.toordinal() * DAY + _since_midnight(given)
                return narrowed(
                    ZonedDateTime(local - nanoseconds_of(given.utcoffset() or timedelta(0)), zone)
                )
            case date() | time():
                point = widened(given)
                return None if point is None else narrowed(point)
    except (TypeError, ValueError, OverflowError):
        return None


def _since_midnight(clock: datetime | time) -> int:
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    return seconds * SECOND + clock.microsecond * 1000


def _zone(zone: tzinfo | None, offset: timedelta | None) -> Zone:
    """Any zone of Python's as one of ours: what has no name that FEEL knows is known by its offset."""
    if isinstance(zone, timezone) or (isinstance(zone, ZoneInfo) and zone.key):
        return zone
    return None if offset is None else timezone(offset)


def _difference(one: object, other: object) -> int | None:
    a, b = position(one), position(other)
    return a.at - b.at if a is not None and b is not None and a[:2] == b[:2] else None


_LAST_OF_PYTHON = date.max.toordinal()
_FIRST, _LAST = ordinal_of(-MAX_YEAR, 1, 1) or 0, ordinal_of(MAX_YEAR, 12, 31) or 0
