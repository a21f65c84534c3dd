"""Values of FEEL as plain Python, with FEEL's equality and order."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DecimalException
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from mlc.dmn.errors import DmnError
from mlc.dmn.temporal import (
    FarDate,
    YearsMonthsDuration,
    ZonedDateTime,
    ZonedTime,
    from_python,
    is_temporal,
    iso,
    position,
)

if TYPE_CHECKING:
    from mlc.dmn.scope import Scope
    from mlc.dmn.types import FunctionType

# Decimal128, as the DMN specification asks. Its own context: the caller's thread keeps its precision.
ARITHMETIC = Context(prec=34, Emin=-6143, Emax=6144)

ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_MAX_NESTING = 64


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of numbers, strings, dates, times or durations; an open end that is null has no bound."""

    start: Value
    end: Value
    start_closed: bool
    end_closed: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A function: a business knowledge model, a decision service, a `function(...)` literal or a built-in.

    parameters: their names by position. call: by position. call_named: by name. Both give null where the arguments do not fit.
    type: its parameters' types and its result's, None where they are not known.
    """

    parameters: tuple[str, ...]
    call: Callable[[Sequence[Value], Scope], Value]
    call_named: Callable[[Mapping[str, Value], Scope], Value]
    type: FunctionType | None = None


Temporal: TypeAlias = date | time | timedelta | FarDate | ZonedTime | ZonedDateTime | YearsMonthsDuration
Value: TypeAlias = (
    "bool | Decimal | str | Temporal | list[Value] | dict[str, Value] | Range | Function | None"
)

Kind: TypeAlias = Literal[
    "null",
    "boolean",
    "number",
    "string",
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
    "list",
    "context",
    "range",
    "function",
]

_KINDS: dict[type, Kind] = {
    NoneType: "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    # Before `date`, of which it is a subclass.
    datetime: "date and time",
    ZonedDateTime: "date and time",
    date: "date",
    FarDate: "date",
    time: "time",
    ZonedTime: "time",
    timedelta: "days and time duration",
    YearsMonthsDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}

# Types in which any two values are in order.
_ORDERED = frozenset({Decimal, str, date, timedelta, YearsMonthsDuration})
_OWN_POINTS = frozenset({FarDate, ZonedTime, ZonedDateTime})


def kind_of(value: Value) -> Kind:
    """Which of FEEL's kinds the value is of."""
    return _KINDS[type(value)]


def to_value(given: object, name: str, depth: int = 0) -> Value:
    """A caller's value as a FEEL value: int and float become Decimal (a float by its shortest text).

    Subclasses (pandas' timestamps, numpy's strings) become the type itself; a `datetime` or `time` of a `ZoneInfo`
    keeps the zone's name. Raises DmnError naming `name` for a number that is not finite, a date that is none (NaT), or
    a type that FEEL does not know.
    """
    if given is None or isinstance(given, bool):
        return given
    if isinstance(given, str):
        return given if type(given) is str else str.__str__(given)
    if isinstance(given, Decimal):
        number = given
    elif isinstance(given, int):
        number = Decimal(given)
    elif isinstance(given, float):
        # float.__repr__ because a subclass (numpy's) prints more than the number.
        number = Decimal(float.__repr__(given)) if math.isfinite(given) else Decimal("NaN")
    elif is_temporal(given):
        return _to_temporal(given, name)
    else:
        return _to_structure(given, name, depth)
    try:
        rounded = ARITHMETIC.plus(number)
    except DecimalException:
        rounded = Decimal("NaN")
    if not rounded.is_finite():
        raise DmnError(f'the value of "{name}" is not a finite number')
    return rounded


def read_number(text: str) -> Decimal:
    """A number as FEEL writes it. Raises DmnError where it is too large for decimal arithmetic."""
    try:
        return ARITHMETIC.create_decimal(text)
    except DecimalException:
        raise DmnError(f"the number {text[:40]} is too large") from None


def _to_temporal(given: object, name: str) -> Value:
    if not isinstance(given, (date, time, timedelta)):
        return cast("Value", given)
    value = from_python(given)
    if value is None:
        raise DmnError(f'the value of "{name}" is not a date or time')
    return value


def _to_structure(given: object, name: str, depth: int) -> Value:
    if depth > _MAX_NESTING:
        raise DmnError(f'the value of "{name}" is nested more than {_MAX_NESTING} levels deep')
    if isinstance(given, Mapping):
        entries = cast("Mapping[object, object]", given)
        return {str(key): to_value(entry, f"{name}.{key}", depth + 1) for key, entry in entries.items()}
    if isinstance(given, Sequence) and not isinstance(given, (bytes, bytearray)):
        items = cast("Sequence[object]", given)
        return [to_value(item, name, depth + 1) for item in items]
    raise DmnError(f'the value of "{name}" is a {type(given).__name__}, which a decision table cannot read')


def equal(left: Value, right: Value) -> bool | None:
    """FEEL's `=`: null equals null alone; values of different kinds give null.

    Moments with an offset or a zone are equal where they are the same instant; one with and one without are not.
    """
    if left is None or right is None:
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and conjunction(
            [equal(a, b) for a, b in zip(left, right, strict=True)]
        )
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and conjunction([equal(left[key], right[key]) for key in left])
    if isinstance(left, Range) and isinstance(right, Range):
        closed = left.start_closed == right.start_closed and left.end_closed == right.end_closed
        return conjunction([closed, equal(left.start, right.start), equal(left.end, right.end)])
    if type(left) is type(right) and type(left) not in _OWN_POINTS:
        return left == right
    return position(left) == position(right) if kind_of(left) == kind_of(right) else None


def comparable(left: Value, right: Value) -> bool:
    """Whether FEEL orders the two: same kind, and both or neither with an offset. Python's operators then order them."""
    if type(left) is type(right):
        if type(left) in _ORDERED:
            return True
        if isinstance(left, (datetime, time)) and isinstance(right, (datetime, time)):
            return (left.tzinfo is None) == (right.tzinfo is None)
    a, b = position(left), position(right)
    return a is not None and b is not None and a.kind == b.kind and a.zoned == b.zoned


def compared(symbol: str, left: Value, right: Value) -> bool | None:
    """One of FEEL's six comparisons; null where the two cannot be compared."""
    if symbol == "=":
        return equal(left, right)
    if symbol == "!=":
        return negation(equal(left, right))
    return ORDERINGS[symbol](left, right) if comparable(left, right) else None


def within(value: Value, interval: Range) -> bool | None:
    """Whether the value lies in the interval; null where it cannot be compared with an end."""
    start, end = interval.start, interval.end
    unbounded_below = start is None and end is not None and not interval.start_closed
    unbounded_above = end is None and start is not None and not interval.end_closed
    if not (unbounded_below or comparable(value, start)) or not (unbounded_above or comparable(value, end)):
        return None
    number, low, high = cast("tuple[Decimal, Decimal, Decimal]", (value, start, end))
    above = unbounded_below or (low <= number if interval.start_closed else low < number)
    return above and (unbounded_above or (number <= high if interval.end_closed else number < high))


def in_range_or_list(value: Value, candidates: Value) -> bool | None:
    """Whether the value is, or lies in, what a cell's expression gave."""
    if isinstance(candidates, Range):
        return within(value, candidates)
    if isinstance(candidates, list):
        if isinstance(value, list) and equal(value, candidates) is True:
            return True
        return disjunction([in_range_or_list(value, candidate) for candidate in candidates])
    return equal(value, candidates)


def conjunction(terms: Sequence[Value]) -> bool | None:
    """Three-valued `and`: false wins, then null (anything that is no boolean), then true."""
    if any(term is False for term in terms):
        return False
    return True if all(term is True for term in terms) else None


def disjunction(terms: Sequence[Value]) -> bool | None:
    """Three-valued `or`: true wins, then null (anything that is no boolean), then false."""
    if any(term is True for term in terms):
        return True
    return False if all(term is False for term in terms) else None


def negation(term: Value) -> bool | None:
    """Three-valued `not`."""
    return not term if isinstance(term, bool) else None


def calculate(
    operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal
) -> Decimal | None:
    """A method of ARITHMETIC on two numbers; null where there is no result (division by zero, overflow)."""
    try:
        result = operation(left, right)
    except DecimalException:
        return None
    return result if result.is_finite() else None


def shown(value: Value) -> str:
    """A value as FEEL would write it, for messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case Decimal():
            return format(value, "f") if -20 < value.adjusted() < 20 else str(value)
        case list():
            return "[" + ", ".join(shown(item) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f"{key}: {shown(entry)}" for key, entry in value.items()) + "}"
        case Range():
            opening, closing = "[" if value.start_closed else "(", "]" if value.end_closed else ")"
            return f"{opening}{shown(value.start)}..{shown(value.end)}{closing}"
        case Function():
            return f"function({', '.join(value.parameters)})"
        case _:
            return iso(value)
