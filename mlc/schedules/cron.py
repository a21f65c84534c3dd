"""Cron, translated to calendars: Unix cron of five fields, Quartz cron (Camunda's) of six or seven.

The text is never handed to Temporal, whose own reading of it differs: it wants the day of month *and* the day of week to
match where Unix cron takes either, and knows nothing of Quartz. Readers raise ValueError that names the field and what
would be right.
"""

import calendar as months
import re
from collections.abc import Callable
from itertools import product

from mlc.schedules import fields
from mlc.schedules.calendar import LONGEST_COMMENT, Calendar
from mlc.schedules.fields import Field

MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
FORMS = (
    "write five fields (minute, hour, day of month, month, day of week), or Quartz's six or seven "
    "(second, minute, hour, day of month, month, day of week, year)"
)
# Sunday is 0 and 7 in Unix cron, 1 in Quartz cron.
_UNIX_DAYS = Field("day of week", 0, 7, (*fields.DAYS, "sun"))
_QUARTZ_DAYS = Field("day of week", 1, 7, fields.DAYS)
_LAST_DAY = re.compile(r"L(?:-(\d{1,2}))?")
_NTH_DAY = re.compile(r"(\w+)#(\w+)")
_LAST_WEEKDAY = re.compile(r"(\w+)L")
_LEAP_YEARS = tuple(year for year in fields.YEAR.all if months.isleap(year))
_OTHER_YEARS = tuple(year for year in fields.YEAR.all if not months.isleap(year))
# How long a month is: (its days, the months that are so long, in these years).
_LENGTHS = (
    (31, (1, 3, 5, 7, 8, 10, 12), ()),
    (30, (4, 6, 9, 11), ()),
    (29, (2,), _LEAP_YEARS),
    (28, (2,), _OTHER_YEARS),
)


def read_cron(text: str) -> tuple[Calendar, ...]:
    """The calendars that together match when the cron text does; each carries the text as its comment."""
    comment = " ".join(text.split())
    if len(comment) > LONGEST_COMMENT:
        raise ValueError(f"a text of {len(comment)} characters: at most {LONGEST_COMMENT}; split it up")
    try:
        found = _calendars(comment)
    except ValueError as error:
        raise ValueError(f"{comment!r}: {error}") from None
    return tuple(calendar.model_copy(update={"comment": comment}) for calendar in found)


def _calendars(text: str) -> tuple[Calendar, ...]:
    if text.startswith("@"):
        text = _macro(text)
    if text.startswith(("TZ=", "CRON_TZ=")):
        raise ValueError("the time zone is not part of it; name it as the schedule's time zone")
    parts = text.split()
    if len(parts) == 5:
        return _unix(*parts)
    if len(parts) in (6, 7):
        return _quartz(*parts)
    raise ValueError(f"{len(parts)} fields; {FORMS}")


def _macro(text: str) -> str:
    if text.startswith("@every"):
        raise ValueError("write it as `every` instead")
    if text.casefold() not in MACROS:
        raise ValueError(f"{text} is not one of {', '.join(MACROS)}")
    return MACROS[text.casefold()]


def _unix(minute: str, hour: str, day: str, month: str, week_day: str) -> tuple[Calendar, ...]:
    for field, part in ((fields.DAY_OF_MONTH, day), (fields.DAY_OF_WEEK, week_day)):
        if "?" in part:
            raise ValueError(f"{field.name}: ? belongs to Quartz cron of six fields; write *")
    both = Calendar(
        minute=fields.MINUTE.numbers(minute),
        hour=fields.HOUR.numbers(hour),
        month=fields.MONTH.numbers(month),
        day_of_month=fields.DAY_OF_MONTH.numbers(day),
        day_of_week=_unix_week_days(week_day),
    )
    # As crontab(5) has it: a field that begins with * restricts nothing, and of two that do restrict either is enough.
    if day.startswith("*") or week_day.startswith("*"):
        return (both,)
    return (
        both.model_copy(update={"day_of_week": fields.DAY_OF_WEEK.all}),
        both.model_copy(update={"day_of_month": fields.DAY_OF_MONTH.all}),
    )


def _unix_week_days(text: str) -> tuple[int, ...]:
    return tuple(sorted({number % 7 for number in _UNIX_DAYS.numbers(text)}))


def _quartz(
    second: str, minute: str, hour: str, day: str, month: str, week_day: str, year: str = "*"
) -> tuple[Calendar, ...]:
    if "?" not in (day, week_day) and "*" not in (day, week_day):
        raise ValueError("day of month and day of week: Quartz cron takes one of them, the other is ?")
    if day == week_day == "?":
        raise ValueError("day of month and day of week: only one of them may be ?")
    years = fields.YEAR.numbers(year)
    every_day = Calendar(
        second=fields.SECOND.numbers(second, backwards=True),
        minute=fields.MINUTE.numbers(minute, backwards=True),
        hour=fields.HOUR.numbers(hour, backwards=True),
        month=fields.MONTH.numbers(month, backwards=True),
        year=() if years == fields.YEAR.all else years,
    )
    found = [
        made
        for days, week_days in product(day.upper().split(","), week_day.upper().split(","))
        for made in _on_days(every_day, days, week_days)
    ]
    if not found:
        raise ValueError("day of month: there is no such day in the months and years that are named")
    return _together(found)


def _on_days(every_day: Calendar, day: str, week_day: str) -> list[Calendar]:
    """Calendars of one item of the day of month and one of the day of week, of which one is open."""
    if day not in ("?", "*"):
        last = _LAST_DAY.fullmatch(day)
        if last is not None:
            return _of_month_ends(every_day, last_day=int(last[1] or 0))
        return [every_day.model_copy(update={"day_of_month": _quartz_days(day)})]
    if week_day in ("?", "*"):
        return [every_day]
    nth, last = _NTH_DAY.fullmatch(week_day), _LAST_WEEKDAY.fullmatch(week_day)
    if nth is not None:
        return [_nth(every_day, nth[1], nth[2])]
    if last is not None:
        return _of_month_ends(every_day, last_week_day=_quartz_week_days(last[1]))
    return [every_day.model_copy(update={"day_of_week": _quartz_week_days(week_day)})]


def _quartz_days(text: str) -> tuple[int, ...]:
    if "W" in text:
        raise ValueError(
            f"day of month: {text} (the working day nearest to a date) cannot be scheduled; "
            "name the days, or the day of week, such as 1-3 or MON#1"
        )
    return fields.DAY_OF_MONTH.numbers(text, backwards=True)


def _quartz_week_days(text: str) -> tuple[int, ...]:
    # A lone L is Quartz's other name of Saturday, the last day of its week.
    numbers = _QUARTZ_DAYS.numbers("7" if text == "L" else text, backwards=True)
    return tuple(number - 1 for number in numbers)


def _nth(every_day: Calendar, week_day: str, nth: str) -> Calendar:
    if nth not in ("1", "2", "3", "4", "5"):
        raise ValueError(f"day of week: {week_day}#{nth}: a month has a first to a fifth of a day, # 1 to 5")
    first = 7 * (int(nth) - 1) + 1
    days = tuple(range(first, min(first + 6, 31) + 1))
    return every_day.model_copy(update={"day_of_month": days, "day_of_week": _quartz_week_days(week_day)})


def _of_month_ends(
    every_day: Calendar, *, last_day: int | None = None, last_week_day: tuple[int, ...] | None = None
) -> list[Calendar]:
    """A calendar for each length of a month: its last day, or `last_day` days before it, or the last of a day of week."""
    if last_day is not None and last_day > 30:
        raise ValueError(f"day of month: L-{last_day}: at most 30 days before the last day")
    found: list[Calendar] = []
    for length, of_months, of_years in _LENGTHS:
        in_months = tuple(month for month in every_day.month if month in of_months)
        in_years = tuple(y for y in every_day.year or fields.YEAR.all if y in (of_years or fields.YEAR.all))
        days = (length - last_day,) if last_day is not None else tuple(range(length - 6, length + 1))
        if in_months and in_years and days[0] >= 1:
            update = {
                "day_of_month": days,
                "month": in_months,
                "year": () if in_years == fields.YEAR.all else in_years,
                "day_of_week": last_week_day or fields.DAY_OF_WEEK.all,
            }
            found.append(every_day.model_copy(update=update))
    return found


def _together(found: list[Calendar]) -> tuple[Calendar, ...]:
    """Calendars that differ in nothing but plain days are one."""
    plain = [c for c in found if c.day_of_week == fields.DAY_OF_WEEK.all]
    by_week = [c for c in found if c.day_of_week != fields.DAY_OF_WEEK.all]
    return (
        *_merged(plain, lambda c: c.day_of_month, "day_of_month"),
        *_merged(by_week, lambda c: c.day_of_week, "day_of_week"),
    )


def _merged(found: list[Calendar], days: Callable[[Calendar], tuple[int, ...]], name: str) -> list[Calendar]:
    groups: dict[Calendar, set[int]] = {}
    for calendar in found:
        groups.setdefault(calendar.model_copy(update={name: ()}), set()).update(days(calendar))
    return [key.model_copy(update={name: tuple(sorted(numbers))}) for key, numbers in groups.items()]
