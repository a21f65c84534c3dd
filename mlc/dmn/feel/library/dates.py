"""Dates, times and durations from their texts and parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from mlc.dmn.feel.library.registry import built_in
from mlc.dmn.values import Value

_DURATION = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})?")


@built_in("date(from: string)")
def _date(text: str) -> Value:
    return _read_date(text)


@built_in("date(from: date and time)")
def _date_of_moment(moment: datetime) -> Value:
    return moment.date()


@built_in("date(from: date)")
def _same_date(day: date) -> Value:
    return day


@built_in("date(year: number, month: number, day: number)")
def _date_from_parts(year: Decimal, month: Decimal, day: Decimal) -> Value:
    return _or_null(lambda: date(int(year), int(month), int(day)))


@built_in("time(from: string)")
def _time(text: str) -> Value:
    return _read_time(text)


@built_in("time(from: date and time)")
def _time_of_moment(moment: datetime) -> Value:
    return moment.timetz()


@built_in("time(from: time)")
def _same_time(clock: time) -> Value:
    return clock


@built_in("time(hour: number, minute: number, second: number)")
def _time_from_parts(hour: Decimal, minute: Decimal, second: Decimal) -> Value:
    # FEEL knows times without an offset.
    return _or_null(lambda: time(int(hour), int(minute), int(second)))


@built_in("date and time(from: string)")
def _date_and_time(text: str) -> Value:
    return _read_moment(text)


@built_in("date and time(from: date and time)")
def _same_moment(moment: datetime) -> Value:
    return moment


@built_in("date and time(date: date, time: time)")
def _date_and_time_from_parts(day: date, clock: time) -> Value:
    return datetime.combine(day, clock)


@built_in("duration(from: string)")
def _duration(text: str) -> Value:
    return _read_duration(text)


def _or_null(make: Callable[[], Value]) -> Value:
    try:
        return make()
    except (ValueError, OverflowError):
        return None


def _read_date(text: str) -> Value:
    return _or_null(lambda: date.fromisoformat(text)) if _DATE.fullmatch(text) else None


def _read_time(text: str) -> Value:
    return _or_null(lambda: time.fromisoformat(text)) if _TIME.fullmatch(text) else None


def _read_moment(text: str) -> Value:
    day, separator, clock = text.partition("T")
    if not _DATE.fullmatch(day) or (separator and not _TIME.fullmatch(clock)):
        return None
    return _or_null(lambda: datetime.fromisoformat(text))


def _read_duration(text: str) -> Value:
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()[1:]):
        return None
    days, hours, minutes, seconds = (found.group(index) or "0" for index in range(2, 6))

    def make() -> timedelta:
        length = timedelta(days=int(days), hours=int(hours), minutes=int(minutes), seconds=float(seconds))
        return -length if found.group(1) else length

    return _or_null(make)
