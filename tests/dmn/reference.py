"""What FEEL and decision tables mean, written slowly and obviously, with nothing of the product in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DecimalException
from typing import TypeAlias

Value: TypeAlias = "bool | Decimal | str | date | time | timedelta | list[Value] | dict[str, Value] | None"
Truth: TypeAlias = "bool | None"
Row: TypeAlias = "dict[str, Value]"
Variables: TypeAlias = "Mapping[str, Value]"

DECIMAL_128 = Context(prec=34, Emin=-6143, Emax=6144)


@dataclass(frozen=True)
class Term:
    """A text of FEEL and what it means; the higher its level the tighter it binds."""

    text: str
    meaning: Callable[[Variables], Value]
    level: int = 9

    def bracketed(self, level: int) -> str:
        """The text, in brackets where it binds less tightly than the level asks."""
        return self.text if self.level >= level else f"({self.text})"


@dataclass(frozen=True)
class UnaryTest:
    """A text that may stand in a cell, and whether a value passes it."""

    text: str
    holds: Callable[[Value], Truth]


def written(value: Value) -> str:
    """The value as a text of FEEL."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case str():
            return f'"{value}"'
        case datetime():
            return f'date and time("{value.isoformat()}")'
        case date():
            return f'date("{value.isoformat()}")'
        case time():
            return f'time("{value.isoformat()}")'
        case timedelta():
            seconds = Decimal(value // timedelta(microseconds=1)) / 1_000_000
            return f'duration("{"-" if seconds < 0 else ""}PT{abs(seconds):f}S")'
        case list():
            return f"[{', '.join(map(written, value))}]"
        case dict():
            return "{" + ", ".join(f'"{key}": {written(entry)}' for key, entry in value.items()) + "}"


def both(terms: Iterable[Value]) -> Truth:
    """`and`: false if any is false, true if all are true, null otherwise."""
    seen = list(terms)
    if any(term is False for term in seen):
        return False
    return True if all(term is True for term in seen) else None


def either(terms: Iterable[Value]) -> Truth:
    """`or`: true if any is true, false if all are false, null otherwise."""
    seen = list(terms)
    if any(term is True for term in seen):
        return True
    return False if all(term is False for term in seen) else None


def opposite(term: Value) -> Truth:
    """`not`: of anything but true and false it is null."""
    return {True: False, False: True}[term] if isinstance(term, bool) else None


def compare(operator: str, left: Value, right: Value) -> Truth:
    """The six comparisons. Null equals null alone; what is of two kinds, or has no order, gives null."""
    if operator == "!=":
        return opposite(compare("=", left, right))
    if operator == "=":
        if left is None or right is None:
            return left is None and right is None
        return left == right if type(left) is type(right) else None
    if type(left) is not type(right) or isinstance(left, (bool, list, dict, type(None))):
        return None
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]  # type: ignore[operator]


def between(value: Value, low: Value, high: Value, opening: str = "[", closing: str = "]") -> Truth:
    """Whether the value lies in the interval; `]` and `(` open it without its start, `[` and `)` close it without its end."""
    above = compare(">=" if opening == "[" else ">", value, low)
    below = compare("<=" if closing == "]" else "<", value, high)
    return both([above, below])


def calculate(operator: str, left: Value, right: Value) -> Value:
    """Arithmetic of numbers as IEEE's decimal128; null where there is no number."""
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    if operator == "**" and right == 0:
        return Decimal(1)
    operations = {
        "+": DECIMAL_128.add,
        "-": DECIMAL_128.subtract,
        "*": DECIMAL_128.multiply,
        "/": DECIMAL_128.divide,
        "**": DECIMAL_128.power,
    }
    try:
        result = operations[operator](left, right)
    except DecimalException:
        return None
    return result if result.is_finite() else None


class HitPolicyViolated(Exception):  # noqa: N818
    """More rules matched than the hit policy allows."""


def decide(
    policy: str,
    aggregation: str | None,
    matching: Sequence[tuple[int, Row]],
    allowed: Mapping[str, Sequence[Value]],
    default: Row | None,
) -> tuple[Value, list[int]]:
    """The result of a table and the numbers of the rules that it comes from.

    matching: the rules that match, by number, with their outputs. allowed: each output's values, best first.
    """
    if policy == "UNIQUE" and len(matching) > 1:
        raise HitPolicyViolated
    if policy == "ANY" and any(row != matching[0][1] for _, row in matching):
        raise HitPolicyViolated
    chosen = list(matching)
    if policy in ("PRIORITY", "OUTPUT ORDER"):
        chosen.sort(key=lambda hit: [values.index(hit[1][name]) for name, values in allowed.items()])
    if policy in ("UNIQUE", "FIRST", "PRIORITY"):
        chosen = chosen[:1]
    rows = [row for _, row in chosen] or ([default] if default else [])
    results: list[Value] = [next(iter(row.values())) if len(allowed) == 1 else row for row in rows]
    if default and not chosen:
        return results[0], []
    return _gathered(policy, aggregation, results), [number for number, _ in chosen]


def _gathered(policy: str, aggregation: str | None, results: list[Value]) -> Value:
    if policy in ("UNIQUE", "ANY", "FIRST", "PRIORITY"):
        return results[0] if results else None
    if policy in ("RULE ORDER", "OUTPUT ORDER"):
        return results or None
    if aggregation == "COUNT":
        return Decimal(len(results))
    if aggregation is None:
        return results
    numbers = [result for result in results if isinstance(result, Decimal)]
    if not numbers:
        return None
    return {"SUM": sum(numbers), "MIN": min(numbers), "MAX": max(numbers)}[aggregation]  # type: ignore[return-value]
