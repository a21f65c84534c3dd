"""What a schedule is declared as: a process, its variables, and when it is started."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from itertools import islice
from typing import Annotated, Any, Literal, cast
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    field_validator,
    model_validator,
)

from mlc.contract import Contract
from mlc.errors import InvalidInput
from mlc.schedules.calendar import Calendar, SkippedTimes
from mlc.schedules.cron import read_cron
from mlc.schedules.durations import Duration, duration_text, read_duration
from mlc.schedules.times import Interval, Timing, time_zones

Overlap = Literal["skip", "buffer_one", "buffer_all", "cancel_other", "terminate_other", "allow_all"]

# What Temporal takes for the shortest.
SHORTEST_CATCH_UP = timedelta(seconds=10)
MOST_TIMES = 100
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})")
_CYCLE = re.compile(r"R(\d*)/(?:([^/]+)/)?(P[^/]+)")


def _several(value: object) -> object:
    """One stands for a list of one."""
    return cast(object, value) if isinstance(value, list | tuple) else (value,)


def _cron_text(text: str) -> str:
    read_cron(text)
    return " ".join(text.split())


def _interval(value: object) -> object:
    """`1h`, or `1h/15m`: every hour, a quarter past."""
    if isinstance(value, Interval):
        return value
    every, slash, offset = str(value).partition("/")
    interval = Interval(_seconds(every), _seconds(offset) if slash else 0)
    if interval.every < 1:
        raise ValueError("an interval is at least one second long")
    if interval.offset >= interval.every:
        raise ValueError(f"the offset {offset} must be shorter than the interval {every}")
    return interval


def _seconds(text: str) -> int:
    return int(read_duration(text).total_seconds())


def _cycle_start(text: str) -> datetime:
    with suppress(ValueError):
        start = datetime.fromisoformat(text)
        if start.tzinfo is not None:
            return start
    raise ValueError(f"every: {text!r} is not a moment with its offset, such as 2027-01-01T06:00:00Z")


def _interval_text(interval: Interval) -> str:
    every, offset = (duration_text(timedelta(seconds=s)) for s in (interval.every, interval.offset))
    return f"{every}/{offset}" if interval.offset else every


def _skipped(value: object) -> object:
    """A day, `2026-12-24`, or every year's, `12-24`."""
    if not isinstance(value, str):
        return value
    found = _DAY.fullmatch(value.strip())
    try:
        # In a leap year, so that 29 February may be skipped.
        day = date(int(found[1] or 2000), int(found[2]), int(found[3])) if found else None
    except ValueError:
        day = None
    if found is None or day is None:
        raise ValueError(f"{value!r} is not a day: write 2026-12-24, 12-24 for every year, or a calendar")
    year = {"year": day.year} if found[1] else {}
    return {**year, "month": day.month, "day_of_month": day.day, "comment": value.strip()}


def _whole_seconds(moment: datetime) -> datetime:
    if moment.microsecond:
        raise ValueError("whole seconds only")
    return moment


def _long_enough(catch_up: timedelta) -> timedelta:
    if catch_up < SHORTEST_CATCH_UP:
        raise ValueError(f"at least {duration_text(SHORTEST_CATCH_UP)}")
    return catch_up


Every = Annotated[Interval, BeforeValidator(_interval), PlainSerializer(_interval_text, return_type=str)]
Moment = Annotated[AwareDatetime, AfterValidator(_whole_seconds)]
Cron = Annotated[str, AfterValidator(_cron_text)]
Skipped = Annotated[SkippedTimes, BeforeValidator(_skipped)]


class ScheduleDeclaration(Contract):
    """Starts `process` with `variables` at every time that one of `cron`, `calendars` and `every` names.

    `every` are intervals counted from 1970 in UTC: `1h`, or `1h/15m` for a quarter past. `jitter` delays each start by chance, up
    to that long. `overlap` says what happens while the last start still runs. What was missed because Temporal was down is made
    up for when it is not older than `catch_up`. `skip` takes days out. Nothing fires before `start_at` and after `end_at`.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)
    process: str
    variables: dict[str, Any] = {}
    cron: Annotated[tuple[Cron, ...], BeforeValidator(_several), Field(max_length=MOST_TIMES)] = ()
    calendars: Annotated[tuple[Calendar, ...], BeforeValidator(_several), Field(max_length=MOST_TIMES)] = ()
    every: Annotated[tuple[Every, ...], BeforeValidator(_several), Field(max_length=MOST_TIMES)] = ()
    time_zone: str = "UTC"
    jitter: Duration = timedelta(0)
    overlap: Overlap = "skip"
    catch_up: Annotated[Duration, AfterValidator(_long_enough)] = timedelta(hours=1)
    start_at: Moment | None = None
    end_at: Moment | None = None
    skip: Annotated[tuple[Skipped, ...], BeforeValidator(_several), Field(max_length=MOST_TIMES)] = ()
    paused: bool = False
    note: str = Field(default="", max_length=500)

    @model_validator(mode="before")
    @classmethod
    def _from_cycle(cls, given: object) -> object:
        """ISO 8601's repeating interval, as a BPMN timer carries it: `R/2026-01-01T06:00:00Z/PT6H`."""
        read = dict(cast(Mapping[str, object], given)) if isinstance(given, Mapping) else {}
        every = read.get("every")
        cycle = _CYCLE.fullmatch(every.strip()) if isinstance(every, str) else None
        if cycle is None:
            return cast(object, given)
        read["every"] = cycle[3]
        if cycle[1]:
            raise ValueError(f"every {every}: a number of repetitions cannot be kept; write R/ and an end_at")
        if cycle[2]:
            start, size = _cycle_start(cycle[2]), _seconds(cycle[3])
            read["every"] = f"{cycle[3]}/{int(start.timestamp()) % size}s" if size else cycle[3]
            if not {"start_at", "startAt"} & set(read):
                read["start_at"] = start
        return read

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in time_zones():
            close = get_close_matches(name, time_zones(), n=3)
            hint = f"; did you mean {', '.join(close)}?" if close else ", such as Europe/Berlin"
            raise ValueError(f"{name!r} is not an IANA time zone{hint}")
        return name

    @model_validator(mode="after")
    def _fires(self) -> "ScheduleDeclaration":
        if not (self.cron or self.calendars or self.every):
            raise ValueError("it says no time: give it cron, calendars or every")
        if next(self.timing.after(BEFORE_ALL), None) is None:
            between = " between start_at and end_at" if self.start_at or self.end_at else ""
            raise ValueError(f"never fires: {self.times} names no moment{between} that is not skipped")
        return self

    @property
    def timing(self) -> Timing:
        return Timing(
            zone=ZoneInfo(self.time_zone),
            calendars=self.all_calendars,
            intervals=self.every,
            skip=self.skip,
            start_at=self.start_at,
            end_at=self.end_at,
        )

    @property
    def all_calendars(self) -> tuple[Calendar, ...]:
        """Those of cron and the others."""
        return (*(made for text in self.cron for made in read_cron(text)), *self.calendars)

    @property
    def times(self) -> str:
        """When, in one line for people."""
        every = tuple(f"every {_interval_text(interval)}" for interval in self.every)
        return "; ".join((*self.cron, *(calendar.text for calendar in self.calendars), *every)) or "no time"

    def fire_times(self, after: datetime, count: int) -> list[datetime]:
        """The next so many times after a moment, without jitter, at the zone's offset; fewer where it ends.

        Raises InvalidInput where all that can be looked at are skipped.
        """
        try:
            return list(islice(self.timing.after(after), count))
        except ValueError as error:
            raise InvalidInput(f"schedule {self.name}: {error}") from None
