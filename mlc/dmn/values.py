"""Values of FEEL as plain Python, with FEEL's equality and order."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DecimalException
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from typing import Literal as OneOf

from mlc.dmn.errors import DmnError

if TYPE_CHECKING:
    from mlc.dmn.scope import Scope

# Decimal128, as the DMN specification asks. Its own context: the caller's thread keeps its precision.
ARITHMETIC = Context(prec=34, Emin=-6143, Emax=6144)

ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_MAX_NESTING = 64

Kind: TypeAlias = OneOf[
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


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of numbers, strings, dates, times or durations."""

    start: Value
    end: Value
    start_closed: bool
    end_closed: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A function: a business knowledge model, a decision service, a `function(...)` literal or a built-in.

    parameters: their names by position. call: by position. call_named: by name. Both give null where the arguments do not fit.
    """

    parameters: tuple[str, ...]
    call: Callable[[Sequence[Value], Scope], Value]
    call_named: Callable[[Mapping[str, Value], Scope], Value]


Value: TypeAlias = "bool | Decimal | str | date | time | timedelta | list[Value] | dict[str, Value] | Range | Function | None"

_ORDERED = (Decimal, str, date, time, datetime, timedelta)


def kind_of(value: Value) -> Kind:
    """Provisional: the kind of a value."""
    kinds: dict[type, Kind] = {
        bool: "boolean",
        Decimal: "number",
        str: "string",
        date: "date",
        time: "time",
        datetime: "date and time",
        timedelta: "days and time duration",
        list: "list",
        dict: "context",
        Range: "range",
        Function: "function",
    }
    return kinds.get(type(value), "null")


def to_value(given: object, name: str, depth: int = 0) -> Value:
    """A caller's value as a FEEL value: int and float become Decimal (a float by its shortest text).

    Raises DmnError naming `name` for a number that is not finite, or a type that FEEL does not know.
    """
    if given is None or isinstance(given, (bool, str, date, time, timedelta)):
        return given
    if isinstance(given, Decimal):
        number = given
    elif isinstance(given, int):
        number = Decimal(given)
    elif isinstance(given, float):
        # float.__repr__ because a subclass (numpy's) prints more than the number.
        number = Decimal(float.__repr__(given)) if math.isfinite(given) else Decimal("NaN")
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
    """FEEL's `=`: null equals null alone; values of different kinds give null."""
    if left is None or right is None:
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and conjunction(
            [equal(a, b) for a, b in zip(left, right, strict=True)]
        )
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and conjunction([equal(left[key], right[key]) for key in left])
    return left == right if type(left) is type(right) else None


def comparable(left: Value, right: Value) -> bool:
    """Whether FEEL orders the two: same kind, and both or neither with an offset."""
    if type(left) is not type(right) or not isinstance(left, _ORDERED):
        return False
    if isinstance(left, (datetime, time)) and isinstance(right, (datetime, time)):
        return (left.utcoffset() is None) == (right.utcoffset() is None)
    return True


def compared(symbol: str, left: Value, right: Value) -> bool | None:
    """One of FEEL's six comparisons; null where the two cannot be compared."""
    if symbol == "=":
        return equal(left, right)
    if symbol == "!=":
        return negation(equal(left, right))
    return ORDERINGS[symbol](left, right) if comparable(left, right) else None


def within(value: Value, interval: Range) -> bool | None:
    """Whether the value lies in the interval, which an end of None leaves open; null where it cannot be compared."""
    low, high = interval.start, interval.end
    if (low is not None and not comparable(value, low)) or (high is not None and not comparable(value, high)):
        return None
    above = low is None or ORDERINGS["<=" if interval.start_closed else "<"](low, value)
    return above and (high is None or ORDERINGS["<=" if interval.end_closed else "<"](value, high))


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
            return str(value)
