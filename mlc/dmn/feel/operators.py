"""Arithmetic, comparison and logic."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from mlc.dmn import temporal
from mlc.dmn.errors import DmnError
from mlc.dmn.scope import MAX_TEXT, TEXT_PER_STEP, Evaluate, Scope
from mlc.dmn.values import ARITHMETIC, Value, calculate, compared, conjunction, disjunction


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    return ARITHMETIC.power(base, exponent) if exponent else Decimal(1)


_NUMERIC = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
    "**": _power,
}
_TEMPORAL = {
    "+": temporal.add,
    "-": temporal.subtract,
    "*": temporal.multiply,
    "/": temporal.divide,
}


def arithmetic(symbol: str, left: Evaluate, right: Evaluate) -> Evaluate:
    """`+ - * / **` on numbers and temporal values, `+` on strings; null for other operands or where there is no result."""
    numeric = _NUMERIC[symbol]
    of_times = _TEMPORAL.get(symbol)

    def evaluate(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        if isinstance(a, Decimal) and isinstance(b, Decimal):
            return calculate(numeric, a, b)
        if isinstance(a, str) and isinstance(b, str):
            return _joined(a, b, scope) if symbol == "+" else None
        if of_times is not None and (temporal.is_temporal(a) or temporal.is_temporal(b)):
            return of_times(a, b)
        return None

    return evaluate


def _joined(a: str, b: str, scope: Scope) -> str:
    if len(a) + len(b) > MAX_TEXT:
        raise DmnError(f"a text grew longer than {MAX_TEXT:,} characters")
    scope.budget.spend((len(a) + len(b)) // TEXT_PER_STEP)
    return a + b


def negated(operand: Evaluate) -> Evaluate:
    """`-operand`."""

    def evaluate(scope: Scope) -> Value:
        value = operand(scope)
        if isinstance(value, Decimal):
            return ARITHMETIC.minus(value)
        return temporal.negate(value) if temporal.is_temporal(value) else None

    return evaluate


def logical(symbol: str, terms: Sequence[Evaluate]) -> Evaluate:
    """Three-valued `and` and `or`: what is no boolean counts as null."""
    decisive = symbol == "or"
    combine = disjunction if decisive else conjunction

    def evaluate(scope: Scope) -> Value:
        values: list[Value] = []
        for term in terms:
            value = term(scope)
            if value is decisive:
                return decisive
            values.append(value)
        return combine(values)

    return evaluate


def comparison(symbol: str, left: Evaluate, right: Evaluate, *, asks_for_null: bool) -> Evaluate:
    """`< <= > >= = !=`; null where the two cannot be compared.

    In a judgement that is so of null as well, unless the comparison asks for it.
    """

    def evaluate(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        if isinstance(a, (str, list, dict)):
            scope.budget.spend_on(a)
        if (a is None or b is None) and not asks_for_null and scope.budget.exact:
            return None
        return compared(symbol, a, b)

    return evaluate


def between(value: Evaluate, low: Evaluate, high: Evaluate) -> Evaluate:
    """`value between low and high`, both ends included."""

    def evaluate(scope: Scope) -> Value:
        tested = value(scope)
        return conjunction([compared(">=", tested, low(scope)), compared("<=", tested, high(scope))])

    return evaluate
