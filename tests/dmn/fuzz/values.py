"""Random inputs of all kinds, those that no decision table can read included."""

from __future__ import annotations

# ruff: noqa: DTZ001, DTZ901 — values without an offset are inputs too
from collections import ChainMap, OrderedDict
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from random import Random
from types import MappingProxyType
from zoneinfo import ZoneInfo


class Colour(StrEnum):
    RED = "Red"


class Level(IntEnum):
    HIGH = 3


class Stamp(datetime):
    """As pandas has one."""


COMMON: tuple[object, ...] = (
    0, 1, 2, 3, 5, 10, -1, -99, 0.5, 0.1, 0.7, 1.5, 42, Decimal("0.25"), Decimal(7), True, False, None,
    "Red", "a", "model", "", "Yellow", "regression", [1, 2, 3], ["a", "b"], {"a": 1, "b": "x"},
    date(2024,     2, 29), [{"name": "Ada", "a": 36}, {"name": "Alan", "a": 41}],
)  # fmt: skip
ODD: tuple[object, ...] = (
    10**40, -(10**5000), 2**63, 10**6144, 10**6145, float("nan"), float("inf"), float("-inf"), -0.0, 5e-324,
    1.7976931348623157e308, Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-0"),
    Decimal("1E+6144"), Decimal("1E-6176"), Decimal("1E+999999"), Decimal("1E-999999"), Decimal("0E+9999"),
    Decimal("0E-9999"), Decimal("0." + "3" * 60), Decimal("9" * 40), "a" * 10_000, "\x00", "\ud800",
    "😀" * 5, "é\n\u2028\x85", "null", "2024-02-29", "1e5", b"bytes", bytearray(b"x"), date.min, date.max,
    datetime.min, datetime.max, datetime(2024, 2, 29, 10, 20, 30, 123456), datetime.min.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
    datetime(2024, 10, 27, 2, 30,     tzinfo=ZoneInfo("Europe/Paris"), fold=1),
    datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30, seconds=17, microseconds=3))),
    datetime(2024, 1, 1, tzinfo=UTC), time.min, time.max, time(10, 20, 30, tzinfo=UTC),
    time(2, 30, tzinfo=ZoneInfo("America/New_York")),
    time(1, tzinfo=timezone(timedelta(hours=-23, minutes=-59))), timedelta.min, timedelta.max, timedelta(0),
    timedelta(microseconds=1), timedelta(days=-1, seconds=1), Colour.RED, Level.HIGH, Stamp(2024, 1, 1),
    {1, 2}, frozenset({"a"}), range(5), range(10_000), 1j, object, ..., {}, [], (), [[]], [None], (1, 2),
    {1: "a", None: 2, (1, 2): 3}, {"a": {"b": {"c": [1, {"d": None}]}}}, [float("nan")], {"a": b"x"},
    OrderedDict(a=1), MappingProxyType({"a": 1}), ChainMap({"a": 1}, {"b": 2}), [1, "a", None, True],
    [3, 1,     2, 1, 3.0], list(range(2000)), [date(2024, 1, 1), datetime(2024, 1, 1)],
    [timedelta(1), timedelta(2)], {"first name": "Ada", "a+b": 1,     "": 0},
)  # fmt: skip


def nested(depth: int) -> object:
    value: object = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def circular() -> object:
    items: list[object] = [1]
    items.append(items)
    return items


def any_value(random: Random, depth: int = 2) -> object:
    """A value that a caller might give: mostly sensible, sometimes at or over the edge."""
    choice = random.random()
    if choice < 0.6:
        return random.choice(COMMON)
    if choice < 0.88:
        return random.choice(ODD)
    if choice < 0.9:
        return random.choice((nested(60), nested(64), nested(70), nested(2000), circular()))
    if choice < 0.95 or depth == 0:
        return random.choice((random.uniform(-1e3, 1e3), random.getrandbits(64), random.gauss(0, 1)))
    if random.random() < 0.5:
        return [any_value(random, depth - 1) for _ in range(random.randrange(6))]
    return {random.choice(("a", "b", "name", "x")): any_value(random, depth - 1) for _ in range(3)}
