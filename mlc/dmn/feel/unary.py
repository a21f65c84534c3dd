"""Unary tests: the cells of a decision table's input columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from mlc.dmn.feel import syntax as ast
from mlc.dmn.scope import Evaluate, Holds, Scope
from mlc.dmn.values import (
    ORDERINGS,
    Range,
    Value,
    comparable,
    compared,
    disjunction,
    equal,
    in_range_or_list,
    within,
)

_Compile: TypeAlias = Callable[[ast.Node], Evaluate]

# An expression of these kinds is a condition of its own; any other gives what the value is compared with.
_CONDITIONS = (ast.Compare, ast.Logical, ast.Between, ast.In, ast.Quantified, ast.InstanceOf)


def any_of(tests: tuple[ast.Test, ...], compiled: _Compile) -> Holds:
    """Whether one of the tests holds, in three-valued logic."""
    if len(tests) == 1:
        return _test(tests[0], compiled)
    each = [_test(test, compiled) for test in tests]
    return lambda value, scope: disjunction([holds(value, scope) for holds in each])


def _test(test: ast.Test, compiled: _Compile) -> Holds:
    if isinstance(test, ast.OperatorTest):
        return _operator_test(test, compiled)
    return _expression_test(test, compiled)


def _operator_test(test: ast.OperatorTest, compiled: _Compile) -> Holds:
    symbol = test.operator
    if isinstance(test.operand, ast.Literal) and symbol in ORDERINGS:
        ordering, threshold = ORDERINGS[symbol], test.operand.value
        return lambda value, scope: ordering(value, threshold) if comparable(value, threshold) else None
    operand = compiled(test.operand)
    asks_for_null = test.operand == ast.Literal(None)

    def holds(value: Value, scope: Scope) -> bool | None:
        if isinstance(value, (str, list, dict)):
            scope.budget.spend_on(value)
        wanted = operand(scope.inner({"?": value}))
        if wanted is None and not asks_for_null and scope.budget.exact:
            return None
        return compared(symbol, value, wanted)

    return holds


def _expression_test(test: ast.ExpressionTest, compiled: _Compile) -> Holds:
    node = test.expression
    if isinstance(node, ast.Literal):
        expected = node.value
        return lambda value, scope: equal(value, expected)
    if isinstance(node, ast.RangeOf):
        return _range_test(node, compiled)
    expression = compiled(node)
    if test.uses_input:
        return _input_test(expression)
    if isinstance(node, _CONDITIONS):
        return lambda value, scope: _truth(expression(scope))

    def holds(value: Value, scope: Scope) -> bool | None:
        result = expression(scope)
        scope.budget.spend_on(result)
        if isinstance(result, bool) and not isinstance(value, bool):
            # A null is no condition's business unless a function was asked: a missing boolean equals neither.
            return result if value is not None or isinstance(node, ast.Call) else equal(value, result)
        if scope.budget.exact and _says_nothing_of(value, result):
            return None
        return in_range_or_list(value, result)

    return holds


def _range_test(node: ast.RangeOf, compiled: _Compile) -> Holds:
    """Null where the range is none."""
    start, end = node.start, node.end
    if isinstance(start, ast.Literal) and isinstance(end, ast.Literal):
        if not comparable(start.value, end.value):
            return lambda value, scope: None
        interval = Range(start.value, end.value, node.start_closed, node.end_closed)
        return lambda value, scope: within(value, interval)
    expression = compiled(node)

    def holds(value: Value, scope: Scope) -> bool | None:
        interval = expression(scope.inner({"?": value}))
        return within(value, interval) if isinstance(interval, Range) else None

    return holds


def _input_test(expression: Evaluate) -> Holds:
    """An expression that speaks of the input itself: a condition or, where it gives no boolean, what the input equals."""

    def holds(value: Value, scope: Scope) -> bool | None:
        result = expression(scope.inner({"?": value}))
        scope.budget.spend_on(result)
        return result if result is None or isinstance(result, bool) else in_range_or_list(value, result)

    return holds


def _says_nothing_of(value: Value, candidates: Value) -> bool:
    """Whether the candidates are null or, for a value that is there, a list of nulls."""
    if isinstance(candidates, list) and candidates and value is not None:
        return all(each is None for each in candidates)
    return candidates is None


def _truth(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None
