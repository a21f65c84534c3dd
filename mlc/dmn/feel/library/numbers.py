"""Arithmetic beyond the operators, in decimal128. What has no result is null."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    DecimalException,
)
from typing import cast

from mlc.dmn.feel.library.registry import built_in
from mlc.dmn.temporal import negate
from mlc.dmn.values import ARITHMETIC, Value, calculate, compared

_SMALLEST_SCALE, _LARGEST_SCALE = -6111, 6176
_ZERO = Decimal(0)
_TWO = Decimal(2)


def _or_null(compute: Callable[[], Decimal]) -> Decimal | None:
    try:
        result = compute()
    except DecimalException:
        return None
    return result if result.is_finite() else None


@built_in("abs(n: number)")
def _abs(number: Decimal) -> Value:
    return ARITHMETIC.abs(number)


@built_in("abs(n: days and time duration or years and months duration)")
def _abs_of_duration(duration: Value) -> Value:
    opposite = negate(duration)
    return opposite if compared("<", duration, opposite) else duration


def _rounded(number: Decimal, scale: Decimal, rounding: str) -> Value:
    places = int(scale)
    if not _SMALLEST_SCALE <= places <= _LARGEST_SCALE:
        return None
    if cast("int", number.as_tuple().exponent) >= -places and number.adjusted() + places >= ARITHMETIC.prec:
        # There is nothing to round, and no room for the zeros that would show it.
        return number
    unit = Decimal((0, (1,), -places))
    # Plus: there is no negative zero.
    return _or_null(lambda: ARITHMETIC.plus(number.quantize(unit, rounding, ARITHMETIC)))


@built_in("decimal(n: number, scale: number)")
def _decimal(number: Decimal, scale: Decimal) -> Value:
    return _rounded(number, scale, ROUND_HALF_EVEN)


@built_in("floor(n: number, scale?: number)")
def _floor(number: Decimal, scale: Decimal = _ZERO) -> Value:
    return _rounded(number, scale, ROUND_FLOOR)


@built_in("ceiling(n: number, scale?: number)")
def _ceiling(number: Decimal, scale: Decimal = _ZERO) -> Value:
    return _rounded(number, scale, ROUND_CEILING)


@built_in("round up(n: number, scale: number)")
def _round_up(number: Decimal, scale: Decimal) -> Value:
    return _rounded(number, scale, ROUND_UP)


@built_in("round down(n: number, scale: number)")
def _round_down(number: Decimal, scale: Decimal) -> Value:
    return _rounded(number, scale, ROUND_DOWN)


@built_in("round half up(n: number, scale: number)")
def _round_half_up(number: Decimal, scale: Decimal) -> Value:
    return _rounded(number, scale, ROUND_HALF_UP)


@built_in("round half down(n: number, scale: number)")
def _round_half_down(number: Decimal, scale: Decimal) -> Value:
    return _rounded(number, scale, ROUND_HALF_DOWN)


@built_in("modulo(dividend: number, divisor: number)")
def _modulo(dividend: Decimal, divisor: Decimal) -> Value:
    """The remainder that has the divisor's sign."""

    def compute() -> Decimal:
        rest = ARITHMETIC.remainder(dividend, divisor)
        return (
            ARITHMETIC.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else ARITHMETIC.plus(rest)
        )

    return _or_null(compute)


@built_in("sqrt(number: number)")
def _sqrt(number: Decimal) -> Value:
    return _or_null(lambda: ARITHMETIC.sqrt(number))


@built_in("log(number: number)")
def _log(number: Decimal) -> Value:
    return _or_null(lambda: ARITHMETIC.ln(number))


@built_in("exp(number: number)")
def _exp(number: Decimal) -> Value:
    return _or_null(lambda: ARITHMETIC.exp(number))


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


@built_in("odd(number: number)")
def _odd(number: Decimal) -> Value:
    return int(number) % 2 == 1 if _is_whole(number) else None


@built_in("even(number: number)")
def _even(number: Decimal) -> Value:
    return int(number) % 2 == 0 if _is_whole(number) else None


def _numbers(items: Sequence[Value]) -> list[Decimal] | None:
    """The items, where there are some and all are numbers."""
    return (
        cast("list[Decimal]", items) if items and all(isinstance(item, Decimal) for item in items) else None
    )


def _accumulated(items: Sequence[Value], operation: Callable[[Decimal, Decimal], Decimal]) -> Decimal | None:
    numbers = _numbers(items)
    if numbers is None:
        return None
    result: Decimal | None = numbers[0]
    for number in numbers[1:]:
        result = None if result is None else calculate(operation, result, number)
    return result


def total(items: Sequence[Value]) -> Decimal | None:
    """The sum of a list of numbers; null for an empty list or anything else in it."""
    return _accumulated(items, ARITHMETIC.add)


@built_in("sum(list: list)", "sum(n*: number)")
def _sum(items: list[Value]) -> Value:
    return total(items)


@built_in("product(list: list)", "product(n*: number)")
def _product(items: list[Value]) -> Value:
    return _accumulated(items, ARITHMETIC.multiply)


@built_in("mean(list: list)", "mean(n*: number)")
def _mean(items: list[Value]) -> Value:
    result = total(items)
    return None if result is None else calculate(ARITHMETIC.divide, result, Decimal(len(items)))


@built_in("median(list: list)", "median(n*: number)")
def _median(items: list[Value]) -> Value:
    numbers = _numbers(items)
    if numbers is None:
        return None
    ordered = sorted(numbers)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return low if len(ordered) % 2 else _or_null(lambda: ARITHMETIC.divide(ARITHMETIC.add(low, high), _TWO))


@built_in("stddev(list: list)", "stddev(n*: number)")
def _stddev(items: list[Value]) -> Value:
    """Of a sample."""
    numbers = _numbers(items)
    mean = _mean(items)
    if numbers is None or not isinstance(mean, Decimal) or len(numbers) < 2:
        return None

    def compute() -> Decimal:
        squares = _ZERO
        for number in numbers:
            distance = ARITHMETIC.subtract(number, mean)
            squares = ARITHMETIC.fma(distance, distance, squares)
        return ARITHMETIC.sqrt(ARITHMETIC.divide(squares, Decimal(len(numbers) - 1)))

    return _or_null(compute)


@built_in("mode(list: list)", "mode(n*: number)")
def _mode(items: list[Value]) -> Value:
    """The most frequent numbers, in ascending order."""
    numbers = _numbers(items)
    if numbers is None:
        return None if items else []
    counts = Counter(numbers)
    most = max(counts.values())
    return cast("list[Value]", sorted(number for number, count in counts.items() if count == most))
