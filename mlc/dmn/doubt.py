"""Cells that are neither true nor false of a value, and when a judgement may pass over them.

FEEL takes such a cell for one that does not match. Where rules assert failures, that lets a model pass unseen. The one
cell that may be passed over asks for values of another kind ("N/A" beside `< 0.7`), and then only where the column knows
the value's own kind, or names the value itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from mlc.dmn import temporal
from mlc.dmn.cells import Cell
from mlc.dmn.errors import DmnError
from mlc.dmn.feel import syntax as ast
from mlc.dmn.scope import Scope
from mlc.dmn.values import ORDERINGS, Value, compared, kind_of, shown

_DAY = date(2000, 1, 1)

# A value of each kind that cells measure.
_PROBES: tuple[Value, ...] = (
    Decimal(0),
    "",
    False,
    _DAY,
    datetime.combine(_DAY, time()),
    datetime.combine(_DAY, time(), UTC),
    timedelta(0),
)


class _Constant(NamedTuple):
    """What a cell compares with. orders: whether by size, and not by equality alone."""

    kind: str
    orders: bool


def doubt_of(cell: Cell, value: Value, column: Sequence[Cell], scope: Scope) -> str | None:
    """Why the cell, which gives null, leaves its rule undecided; None where it asks for values of another kind."""
    if _constants(cell) is None:
        if _measures_anything(cell, scope) and _is_expected(column, value, scope):
            return None
        return f"{cell.text} is neither true nor false where the value is {shown(value)}"
    negated = cell.tests is not None and cell.tests.negated
    if not negated and value is not None and _is_of_a_kind_for(column, value, scope):
        return None
    return (
        None if _is_expected(column, value, scope) else f"{shown(value)} cannot be compared with {cell.text}"
    )


def asks_for_what_is_there(cell: Cell) -> bool:
    """Whether the cell compares with constants, none of them null: what it gives for null says nothing."""
    return not cell.uses_null and bool(_constants(cell))


def asks_for_null(cell: Cell, column: str) -> bool:
    """Whether the cell knows what to say of a null of its column."""
    if not cell.uses_null or not cell.names:
        return cell.uses_null
    inputs = (ast.Name("?"), ast.Name(column))
    for test in cell.tests.tests if cell.tests else ():
        if isinstance(test, ast.OperatorTest):
            continue
        expression = test.expression
        for term in expression.terms if isinstance(expression, ast.Logical) else (expression,):
            match term:
                case ast.Literal(None):
                    return True
                case ast.Compare("=" | "!=", left, right) if ast.Literal(None) in (left, right):
                    if left in inputs or right in inputs:
                        return True
                case _:
                    pass
    return False


def refuse_empty_range(cell: Cell) -> None:
    """Raises DmnError for a cell with a range of constants that holds nothing: its ends are probably swapped."""
    for test in cell.tests.tests if cell.tests else ():
        match test:
            case ast.ExpressionTest(ast.RangeOf(ast.Literal(start), ast.Literal(end)) as interval):
                symbol = "<=" if interval.start_closed and interval.end_closed else "<"
                if compared(symbol, start, end) is False:
                    raise DmnError(
                        f"no value lies in {cell.text}: its ends are swapped, or the same and left out"
                    )
            case _:
                pass


def _is_of_a_kind_for(column: Iterable[Cell], value: Value, scope: Scope) -> bool:
    """Whether some cell measures values of this kind.

    Numbers that are only named (-99 beside "Red") stand for something special; they measure no other number.
    """
    cells = list(column)
    constants = [each for cell in cells for each in _constants(cell) or ()]
    measured = {each.kind for each in constants if each.orders}
    measured = measured or {each.kind for each in constants} - {"number", "null"} or {"number"}
    if _kind(value) in measured:
        return True
    comparing = [cell for cell in cells if _constants(cell) is None and _compares_input(cell)]
    return any(cell.holds is not None and cell.holds(value, scope) is not None for cell in comparing)


def _is_expected(column: Iterable[Cell], value: Value, scope: Scope) -> bool:
    """Whether a cell that looks at nothing else names this very value."""
    looking = (
        cell.holds
        for cell in column
        if cell.condition is None and not cell.names and (value is not None or cell.uses_null)
    )
    return any(holds is not None and holds(value, scope) is True for holds in looking)


def _compares_input(cell: Cell) -> bool:
    return cell.tests is not None and any(
        isinstance(test, ast.OperatorTest) or test.uses_input or isinstance(test.expression, ast.RangeOf)
        for test in cell.tests.tests
    )


def _measures_anything(cell: Cell, scope: Scope) -> bool:
    """Whether the cell decides of some value: what else it compares with is there."""
    calls = scope.budget.calls
    for probe in _PROBES:
        try:
            if cell.holds is not None and cell.holds(probe, scope) is not None:
                return True
        except DmnError:
            scope.budget.calls = calls
    return False


def _constants(cell: Cell) -> tuple[_Constant, ...] | None:
    """None for a cell that holds anything else."""
    if cell.tests is None:
        return () if cell.holds is None else None
    found = [_of_test(test) for test in cell.tests.tests]
    return None if None in found else tuple(each for listed in found for each in listed or ())


def _of_test(test: ast.Test) -> list[_Constant] | None:
    match test:
        case ast.OperatorTest(symbol, operand):
            return _constants_in([operand], orders=symbol in ORDERINGS)
        case ast.ExpressionTest(ast.ListOf(items)):
            return _constants_in(items, orders=False)
        case ast.ExpressionTest(ast.RangeOf(start, end)):
            return _constants_in([each for each in (start, end) if each is not None], orders=True)
        case ast.ExpressionTest(expression):
            return _constants_in([expression], orders=False)


def _constants_in(nodes: Iterable[ast.Node], *, orders: bool) -> list[_Constant] | None:
    found: list[_Constant] = []
    for node in nodes:
        # Nothing is less than null: what is ordered by it never decides.
        if not isinstance(node, ast.Literal) or (orders and node.value is None):
            return None
        found.append(_Constant(_kind(node.value), orders))
    return found


def _kind(value: Value) -> str:
    """Points in time with a zone and without are of two kinds: they cannot be compared."""
    zoned = temporal.is_temporal(value) and temporal.member_of(value, "time offset") is not None
    return f"{kind_of(value)} with a zone" if zoned else kind_of(value)
