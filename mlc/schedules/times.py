"""When a schedule fires: the same moments as on Temporal, known before anything is created there.

Where the clocks of a zone change, Temporal has ways of its own, and they are followed here to the second, the odd ones as well:

- A time that the clocks leap over does not fire on that day.
- A time that comes twice fires twice west of Greenwich. East of it the server takes the second pass of the repeated hour for the
  first: it fires the hour before once more at the beginning of that, and looks for the rest of the second pass an hour late.

So the tests hold this file against a real server.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from itertools import product
from zoneinfo import ZoneInfo, available_timezones

from mlc.schedules.calendar import Calendar, SkippedTimes
from mlc.schedules.fields import LAST_YEAR

HOUR = 3600
# A schedule of which so many times in a row are skipped (a day that is skipped as a whole counts once) never fires, as far as
# anybody can wait for.
MOST_SKIPPED = 10_000
# The longest time for which clocks are put forward or back, and then some.
NEAR_A_CHANGE = timedelta(hours=3)


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(available_timezones())


def in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment at the offset that the zone has then. Fixed, because of the times that come twice Python calls none equal to
    its like in another zone."""
    return moment.astimezone(timezone(moment.astimezone(zone).utcoffset() or timedelta()))


@dataclass(frozen=True)
class Interval:
    """Every so many seconds since 1970-01-01 00:00 UTC, `offset` seconds later."""

    every: int
    offset: int = 0

    def after(self, moment: int) -> int:
        """The first time after a moment."""
        return ((moment - self.offset) // self.every + 1) * self.every + self.offset


@dataclass(frozen=True)
class Timing:
    """Everything that says when: times of calendars and intervals, without those that are skipped, from start to end."""

    zone: ZoneInfo
    calendars: tuple[Calendar, ...] = ()
    intervals: tuple[Interval, ...] = ()
    skip: tuple[SkippedTimes, ...] = ()
    start_at: datetime | None = None
    end_at: datetime | None = None

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The times after a moment, at the offset of the zone. Raises ValueError where too many in a row are skipped."""
        walls = [_WallCalendar(calendar, self.zone) for calendar in self.calendars]
        now = int(moment.timestamp())
        if self.start_at is not None:
            now = max(now, int(self.start_at.timestamp()) - 1)
        last = self.end_at.timestamp() if self.end_at is not None else None
        skipped = 0
        while skipped < MOST_SKIPPED:
            nexts = [wall.after(now) for wall in walls] + [interval.after(now) for interval in self.intervals]
            now = min((found for found in nexts if found is not None), default=-1)
            if now < 0 or (last is not None and now > last):
                return
            local = datetime.fromtimestamp(now, self.zone)
            skip = next((skip for skip in self.skip if _matches(skip, local)), None)
            if skip is not None:
                skipped += 1
                now = _day_s_end(local) if skip.whole_days else now
            else:
                skipped = 0
                yield in_zone(local, self.zone)
        raise ValueError(f"{MOST_SKIPPED} times in a row are skipped: skip less, or fire less often")


def _matches(calendar: Calendar, local: datetime) -> bool:
    return (
        local.second in calendar.second
        and local.minute in calendar.minute
        and local.hour in calendar.hour
        and local.day in calendar.day_of_month
        and local.month in calendar.month
        and _week_day(local) in calendar.day_of_week
        and (not calendar.year or local.year in calendar.year)
    )


def _day_s_end(local: datetime) -> int:
    """The last second of the day, from which the next day's times follow; near a change of the clocks the moment itself."""
    end = local.replace(hour=23, minute=59, second=59)
    changing = (end + NEAR_A_CHANGE).utcoffset() != (local - NEAR_A_CHANGE).utcoffset()
    return int((local if changing else end).timestamp())


def _week_day(day: date) -> int:
    """0 is Sunday."""
    return day.isoweekday() % 7


class _WallCalendar:
    """A calendar in a time zone. Moments are seconds since 1970; local times carry no zone, as on a clock on the wall."""

    def __init__(self, calendar: Calendar, zone: ZoneInfo) -> None:
        self._calendar = calendar
        self._zone = zone
        self._clock: Sequence[tuple[int, int]] = list(product(calendar.minute, calendar.second))

    def after(self, moment: int) -> int | None:
        """The first time after a moment, None where there is none up to the last year."""
        local = self._local(moment)
        # In the second pass of a repeated hour the clock shows what it showed an hour ago.
        second_pass = self._local(moment - HOUR).hour == local.hour
        for day in self._days(local.date()):
            today = day == local.date()
            # The server asks for the day of the week at the time that it has come to.
            reached = local if today else datetime.combine(day, datetime.min.time())
            for hour in self._calendar.hour:
                if today and hour < local.hour:
                    continue
                if _week_day(self._local(self._moment(reached))) not in self._calendar.day_of_week:
                    break
                start = datetime.combine(day, datetime.min.time()) + timedelta(hours=hour)
                now = today and hour == local.hour
                found = self._in_hour(
                    start,
                    beyond=(local.minute, local.second) if now else (-1, -1),
                    second_pass=now and second_pass,
                )
                if found is not None:
                    return found
                reached = start + timedelta(hours=1)
        return None

    def _in_hour(self, start: datetime, beyond: tuple[int, int], *, second_pass: bool) -> int | None:
        """The first time within an hour later than `beyond` (minute, second), the second pass of a repeated hour included."""
        for minute, second in self._clock:
            if (minute, second) > beyond:
                found = self._moment(start + timedelta(minutes=minute, seconds=second))
                if self._local(found).hour != start.hour:
                    return None  # the clocks leap over it
                return found + HOUR if second_pass else found
        repeated = self._moment(start + timedelta(hours=1)) - self._moment(start) > HOUR
        return self._in_hour(start, (-1, -1), second_pass=True) if repeated and not second_pass else None

    def _days(self, start: date) -> Iterator[date]:
        """The days that match by year, month and day of month, from `start` on."""
        for year in range(start.year, LAST_YEAR + 1):
            if self._calendar.year and year not in self._calendar.year:
                continue
            for month in self._calendar.month:
                if (year, month) < (start.year, start.month):
                    continue
                for day in self._calendar.day_of_month:
                    if day <= _length(year, month) and (found := date(year, month, day)) >= start:
                        yield found

    def _local(self, moment: int) -> datetime:
        return datetime.fromtimestamp(moment, self._zone).replace(tzinfo=None, fold=0)

    def _moment(self, local: datetime) -> int:
        """The moment of a local time: of one that comes twice the second east of Greenwich, the first west of it."""
        as_utc = int(local.replace(tzinfo=UTC).timestamp())
        return as_utc - self._offset(as_utc - self._offset(as_utc))

    def _offset(self, moment: int) -> int:
        offset = datetime.fromtimestamp(moment, self._zone).utcoffset() or timedelta()
        return int(offset.total_seconds())


def _length(year: int, month: int) -> int:
    """Days of a month."""
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
