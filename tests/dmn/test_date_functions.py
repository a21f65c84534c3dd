"""FEEL's functions that make dates, times and durations, and those that tell a day's place in the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from mlc.dmn.feel.library import FUNCTIONS
from mlc.dmn.scope import Budget, Scope
from mlc.dmn.temporal import is_temporal, iso, read_temporal
from mlc.dmn.values import Value

SCOPE = Scope({}, None, Budget())


def feel(given: object) -> Value:
    """`@...` is what it means in FEEL, a number a Decimal, anything else itself."""
    if isinstance(given, str):
        return read_temporal(given[1:]) if given.startswith("@") else given
    return Decimal(str(given)) if isinstance(given, (int, float)) else None


def told(value: Value) -> object:
    """Temporal values with their kinds, as FEEL writes them; numbers as Python's."""
    if is_temporal(value):
        return f"@{iso(value)}"
    return int(value) if isinstance(value, Decimal) else value


NAMES = ("year", "month", "day", "hour", "minute", "second")
NOON = (2017, 7, 31, 12, 0, 0)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("date", ["2017-07-31"], "@2017-07-31"),
        ("date", ["-0044-03-15"], "@-0044-03-15"),
        ("date", ["2017-07-31T10:00:00"], None),
        ("date", ["@2017-07-31T23:00:00-10:00"], "@2017-07-31"),
        ("date", ["@10000-07-31"], "@10000-07-31"),
        ("date", ["@10:00:00"], None),
        ("date", [2017, 7, 31], "@2017-07-31"),
        ("date", [10000, 7, 31], "@10000-07-31"),
        ("date", [2017, 2, 29], None),
        ("date", [2017, 7.5, 1], None),
        ("date", [1e300, 1, 1], None),
        ("date", [None], None),
        ("time", ["11:22:33@Europe/Paris"], "@11:22:33@Europe/Paris"),
        ("time", ["@2017-07-31T10:00:00@Europe/Paris"], "@10:00:00@Europe/Paris"),
        ("time", ["@2017-07-31"], "@00:00:00Z"),
        ("time", ["2017-07-31"], None),
        ("time", [11, 22, 33.25], "@11:22:33.25"),
        ("time", [11, 22, 33, "@-PT5H"], "@11:22:33-05:00"),
        ("time", [11, 22, 33, "@PT0S"], "@11:22:33Z"),
        ("time", [11, 22, 33, None], "@11:22:33"),
        ("time", [11, 22, 33, "@PT18H1S"], None),
        ("time", [24, 0, 0], None),
        ("time", [11, 22, 60], None),
        ("time", [11, 22, -0.5], None),
        ("time", [11, 22.5, 0], None),
        ("date and time", ["2017-07-31T10:00:00@Europe/Paris"], "@2017-07-31T10:00:00@Europe/Paris"),
        ("date and time", ["2017-07-31"], "@2017-07-31T00:00:00"),
        ("date and time", ["@2017-07-31T10:00:00Z"], "@2017-07-31T10:00:00Z"),
        ("date and time", ["10:00:00"], None),
        ("date and time", ["@2017-07-31", "@10:00:00@Europe/Paris"], "@2017-07-31T10:00:00@Europe/Paris"),
        ("date and time", ["@2017-07-31T10:00:00Z", "@11:00:00"], "@2017-07-31T11:00:00"),
        ("date and time", ["@2017-07-31", "@2017-07-31"], None),
        ("date and time", NOON, "@2017-07-31T12:00:00"),
        ("date and time", [*NOON, "@PT2H"], "@2017-07-31T12:00:00+02:00"),
        ("date and time", [*NOON, "Europe/Paris"], "@2017-07-31T12:00:00@Europe/Paris"),
        ("date and time", [*NOON, "Nowhere/Atall"], None),
        ("date and time", [2017, 2, 29, 12, 0, 0], None),
        ("duration", ["P1Y2M"], "@P1Y2M"),
        ("duration", ["-PT90M"], "@-PT1H30M"),
        ("duration", ["P1Y1D"], None),
        ("duration", ["@P1D"], None),
        ("years and months duration", ["@2011-12-22", "@2013-08-24"], "@P1Y8M"),
        ("years and months duration", ["@2013-08-24", "@2011-12-22"], "@-P1Y8M"),
        ("years and months duration", ["@2017-01-31", "@2017-02-28"], "@P0M"),
        ("years and months duration", ["@2017-02-28", "@2017-01-31"], "@P0M"),
        ("years and months duration", ["@2017-01-01T10:00:00Z", "@10000-01-01"], "@P7983Y"),
        ("years and months duration", ["@2017-01-01", "@10:00:00"], None),
        ("day of year", ["@2019-09-17"], 260),
        ("day of year", ["@10000-12-31T10:00:00"], 366),
        ("day of week", ["@2019-09-17"], "Tuesday"),
        ("day of week", ["@-0001-12-31"], "Friday"),
        ("month of year", ["@2019-09-17T10:00:00@Europe/Paris"], "September"),
        ("week of year", ["@2003-12-29"], 1),
        ("week of year", ["@2005-01-01"], 53),
        ("week of year", ["@10:00:00"], None),
    ],
)  # fmt: skip
def test_functions_of_dates(name: str, arguments: list[object], result: object) -> None:
    assert told(FUNCTIONS[name].call([feel(given) for given in arguments], SCOPE)) == result


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("date", {"from": "2017-07-31"}, "@2017-07-31"),
        ("date", {"day": 31, "year": 2017, "month": 7}, "@2017-07-31"),
        ("time", {"hour": 11, "minute": 22, "second": 33, "offset": "@PT1H"}, "@11:22:33+01:00"),
        ("date and time", {"date": "@2017-07-31", "time": "@10:00:00"}, "@2017-07-31T10:00:00"),
        ("date and time", dict(zip(NAMES, NOON, strict=True)), "@2017-07-31T12:00:00"),
        ("date and time", {**dict(zip(NAMES, NOON, strict=True)), "offset": "@PT0S"}, "@2017-07-31T12:00:00Z"),
        ("date and time", {**dict(zip(NAMES, NOON, strict=True)), "timezone": "UTC"}, "@2017-07-31T12:00:00@UTC"),
        ("years and months duration", {"from": "@2017-01-01", "to": "@2018-01-01"}, "@P1Y"),
        ("day of week", {"date": "@2019-09-17"}, "Tuesday"),
        ("date", {"text": "2017-07-31"}, None),
    ],
)  # fmt: skip
def test_their_parameters_have_the_specifications_names(
    name: str, arguments: dict[str, object], result: object
) -> None:
    given = {parameter: feel(value) for parameter, value in arguments.items()}
    assert told(FUNCTIONS[name].call_named(given, SCOPE)) == result


def test_now_and_today_are_in_utc() -> None:
    now, today = (FUNCTIONS[name].call([], SCOPE) for name in ("now", "today"))
    assert isinstance(now, datetime)
    assert type(today) is date
    assert now.utcoffset() == timedelta(0)
    assert timedelta(0) <= datetime.now(UTC) - now < timedelta(minutes=1)
    assert today - now.date() in (timedelta(0), timedelta(days=1))
