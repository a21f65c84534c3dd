"""The constants that a cell compares its value with: between them its outcome cannot change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal

from mlc.dmn.cells import Cell
from mlc.dmn.errors import DmnError
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.evaluator import compiled
from mlc.dmn.scope import Budget, Scope
from mlc.dmn.temporal import YearsMonthsDuration
from mlc.dmn.values import Range, Value

# Those built-in functions that give the same for the same constants; now() and today() do not.
_CONSTRUCTORS = frozenset(
    {"date", "time", "date and time", "duration", "years and months duration", "number", "string"}
)
_SCALARS = (bool, Decimal, str, date, time, timedelta, YearsMonthsDuration)
_INPUT = ast.Name("?")


class _UndecidableError(Exception):
    """The outcome depends on something beside the value tested, or in a way that constants do not tell."""


def landmarks(cell: Cell) -> tuple[Value, ...] | None:
    """The constants of a cell of comparisons, values, ranges and `not(...)`; None where it is made of more than these."""
    if cell.tests is None:
        return None
    try:
        return tuple(value for test in cell.tests.tests for value in _of_test(test))
    except (_UndecidableError, DmnError):
        return None


def _of_test(test: ast.Test) -> Iterator[Value]:
    if isinstance(test, ast.OperatorTest):
        return _scalars(_constant(test.operand))
    if test.uses_input:
        return _of_condition(test.expression)
    return _parts(_constant(test.expression))


def _of_condition(node: ast.Node) -> Iterator[Value]:
    """The constants of a condition on `?`."""
    match node:
        case ast.Logical(terms=terms):
            for term in terms:
                yield from _of_condition(term)
        case ast.Compare(left=left, right=right) if _INPUT in (left, right):
            yield from _scalars(_constant(right if left == _INPUT else left))
        case ast.Between(value=value, low=low, high=high) if value == _INPUT:
            yield from _scalars(_constant(low))
            yield from _scalars(_constant(high))
        case ast.In(value=value, tests=tests) if value == _INPUT:
            for test in tests:
                yield from _of_test(test)
        case ast.Call(function=ast.Name("not"), arguments=(negated,)):
            yield from _of_condition(negated)
        case _:
            raise _UndecidableError


def _constant(node: ast.Node) -> Value:
    if not _is_constant(node):
        raise _UndecidableError
    return compiled(node)(Scope({}, None, Budget()))


def _is_constant(node: ast.Node) -> bool:
    match node:
        case ast.Literal():
            return True
        case ast.Negate(operand):
            return _is_constant(operand)
        case ast.Arithmetic(left=left, right=right):
            return _is_constant(left) and _is_constant(right)
        case ast.RangeOf(start=start, end=end):
            return all(_is_constant(each) for each in (start, end) if each is not None)
        case ast.Call(function=ast.Name(name), arguments=arguments):
            return name in _CONSTRUCTORS and all(_is_constant(each) for each in arguments)
        case _:
            return False


def _scalars(value: Value) -> Iterator[Value]:
    if value is not None and not isinstance(value, _SCALARS):
        raise _UndecidableError
    yield value


def _parts(value: Value) -> Iterator[Value]:
    """The constants of what a cell's expression gave: a value or an interval. A list may be met by a list as well."""
    if not isinstance(value, Range):
        yield from _scalars(value)
        return
    for end in (value.start, value.end):
        if end is not None:
            yield from _scalars(end)
