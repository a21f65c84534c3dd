"""Provisional stand-in, until the temporal values are there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from mlc.dmn.values import ARITHMETIC, Value, comparable


@dataclass(frozen=True, order=True)
class YearsMonthsDuration:
    months: int


_TICK = timedelta(microseconds=1)


def read_date_and_time(text: str) -> Value:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def read_temporal(text: str) -> Value:
    from mlc.dmn.feel.functions import date_literal

    return date_literal(text)


def is_temporal(value: Value) -> bool:
    return isinstance(value, (date, time, timedelta))


def add(a: Value, b: Value) -> Value:
    match a, b:
        case (date(), timedelta()) | (timedelta(), date()) | (timedelta(), timedelta()):
            try:
                return a + b  # pyright: ignore
            except OverflowError:
                return None
        case _:
            return None


def subtract(a: Value, b: Value) -> Value:
    try:
        match a, b:
            case date() | timedelta(), timedelta():
                return a - b
            case date(), date() if comparable(a, b):
                return a - b
            case _:
                return None
    except OverflowError:
        return None


def multiply(a: Value, b: Value) -> Value:
    match a, b:
        case (timedelta(), Decimal()):
            return a * float(b)
        case (Decimal(), timedelta()):
            return b * float(a)
        case _:
            return None


def divide(a: Value, b: Value) -> Value:
    match a, b:
        case timedelta(), Decimal() if b != 0:
            return a / float(b)
        case timedelta(), timedelta() if b != timedelta():
            return ARITHMETIC.divide(Decimal(a // _TICK), Decimal(b // _TICK))
        case _:
            return None


def negate(a: Value) -> Value:
    return -a if isinstance(a, timedelta) else None


def member_of(value: Value, name: str) -> Value:
    part = (
        getattr(value, name, None) if name in ("year", "month", "day", "hour", "minute", "second") else None
    )
    return Decimal(part) if isinstance(part, int) else None
