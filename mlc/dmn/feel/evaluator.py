"""Turns FEEL's syntax tree into closures once, so that a table is evaluated without walking trees."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import assert_never

from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.access import filtered, item_at, path
from mlc.dmn.feel.calls import closure, external, invoke, invoke_named
from mlc.dmn.feel.iteration import PARTIAL, Iteration, for_each, quantified
from mlc.dmn.feel.library import FUNCTIONS
from mlc.dmn.feel.operators import arithmetic, between, comparison, logical, negated
from mlc.dmn.feel.unary import any_of
from mlc.dmn.scope import Evaluate, Holds, Scope
from mlc.dmn.types import ANY, Parameter, Type, is_instance
from mlc.dmn.values import Function, Range, Value, comparable, negation, shown


def compiled(node: ast.Node) -> Evaluate:
    """The closure that evaluates the expression in a scope."""
    match node:
        case ast.Literal(value):
            return lambda scope: value
        case ast.Name(name):
            return _partial if name == PARTIAL else _name(name)
        case ast.Path(base, member):
            return path(compiled(base), member)
        case ast.Filter():
            return _filter(node)
        case ast.Call():
            return _call(node)
        case ast.Arithmetic(symbol, left, right):
            return arithmetic(symbol, compiled(left), compiled(right))
        case ast.Negate(operand):
            return negated(compiled(operand))
        case ast.Logical(symbol, terms):
            return logical(symbol, [compiled(term) for term in terms])
        case ast.Compare(symbol, left, right):
            asks_for_null = ast.Literal(None) in (left, right)
            return comparison(symbol, compiled(left), compiled(right), asks_for_null=asks_for_null)
        case ast.Between(value, low, high):
            return between(compiled(value), compiled(low), compiled(high))
        case ast.In(value, tests):
            return _in(compiled(value), any_of(tests, compiled), asks_for_null=_ask_for_null(tests))
        case ast.InstanceOf(value, wanted):
            return _instance_of(compiled(value), wanted.type)
        case ast.If(condition, then, otherwise):
            return chosen(compiled(condition), compiled(then), compiled(otherwise))
        case ast.For(iterators, result):
            return for_each(_iterators(iterators), compiled(result))
        case ast.Quantified(kind, iterators, condition):
            return quantified(kind, _iterators(iterators), compiled(condition))
        case ast.ListOf(items):
            return _list([compiled(item) for item in items])
        case ast.ContextOf(entries):
            return context([(key, compiled(entry)) for key, entry in entries])
        case ast.RangeOf():
            return _range(node)
        case ast.FunctionOf(parameters, body):
            return closure(_parameters(parameters), compiled(body))
        case ast.ExternalFunction(parameters):
            return external(tuple(parameter.name for parameter in parameters))
        case _:
            assert_never(node)


def compiled_tests(tests: ast.UnaryTests) -> Holds:
    """The closure that says whether a value passes the cell; null where it cannot be compared."""
    holds = any_of(tests.tests, compiled)
    if tests.negated:
        return lambda value, scope: negation(holds(value, scope))
    return holds


def context(entries: Sequence[tuple[str, Evaluate]]) -> Evaluate:
    """A context, whose later entries see the earlier ones; null where two have the same name."""
    if len({key for key, _ in entries}) != len(entries):
        return lambda scope: None

    def evaluate(scope: Scope) -> Value:
        values: dict[str, Value] = {}
        inner = scope.inner(values)
        for key, entry in entries:
            values[key] = entry(inner)
        scope.budget.spend_on(values)
        return dict(values)

    return evaluate


def _name(name: str) -> Evaluate:
    built_in = FUNCTIONS.get(name)

    def evaluate(scope: Scope) -> Value:
        if name in scope.variables:
            return scope.variables[name]
        if built_in is not None and name not in scope:
            return built_in
        return scope.lookup(name)

    return evaluate


def _partial(scope: Scope) -> Value:
    """The results of a loop so far: a copy, because the loop goes on adding to them."""
    results = scope.lookup(PARTIAL)
    if not isinstance(results, list):
        return results
    scope.budget.spend(len(results))
    return list(results)


def _filter(node: ast.Filter) -> Evaluate:
    # What is only looked into needs no copy.
    base = _name(PARTIAL) if node.base == ast.Name(PARTIAL) else compiled(node.base)
    if isinstance(node.condition, ast.Literal) and isinstance(node.condition.value, Decimal):
        return item_at(base, node.condition.value)
    return filtered(base, compiled(node.condition))


def _callee(node: ast.Node) -> Evaluate:
    """What is called: a built-in even where a variable that is no function bears its name (a metric "mean")."""
    named = compiled(node)
    built_in = FUNCTIONS.get(node.name) if isinstance(node, ast.Name) else None
    if built_in is None:
        return named
    return lambda scope: value if isinstance(value := named(scope), Function) else built_in


def _call(node: ast.Call) -> Evaluate:
    function = _callee(node.function)
    arguments = [compiled(argument) for argument in node.arguments]
    names = node.parameters
    if names is None:
        return lambda scope: invoke(function(scope), [each(scope) for each in arguments], scope)
    return lambda scope: invoke_named(
        function(scope), {name: each(scope) for name, each in zip(names, arguments, strict=True)}, scope
    )


def _parameters(parameters: tuple[ast.ParameterOf, ...]) -> tuple[Parameter, ...]:
    return tuple(Parameter(each.name, ANY if each.type is None else each.type.type) for each in parameters)


def _in(value: Evaluate, holds: Holds, *, asks_for_null: bool) -> Evaluate:
    """In a judgement, null is not in doubt only where it is in, or is asked for."""

    def evaluate(scope: Scope) -> Value:
        tested = value(scope)
        held = holds(tested, scope)
        in_doubt = tested is None and held is False and not asks_for_null and scope.budget.exact
        return None if in_doubt else held

    return evaluate


def _ask_for_null(tests: Sequence[ast.Test]) -> bool:
    operands = [test.operand if isinstance(test, ast.OperatorTest) else test.expression for test in tests]
    listed = [item for operand in operands if isinstance(operand, ast.ListOf) for item in operand.items]
    return ast.Literal(None) in [*operands, *listed]


def _instance_of(value: Evaluate, wanted: Type) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        tested = value(scope)
        scope.budget.spend_on(tested)
        return is_instance(tested, wanted)

    return evaluate


def chosen(condition: Evaluate, then: Evaluate, otherwise: Evaluate) -> Evaluate:
    """`then` where the condition is true, `otherwise` where it is not."""

    def evaluate(scope: Scope) -> Value:
        verdict = condition(scope)
        if verdict is True:
            return then(scope)
        if verdict is not False:
            scope.budget.doubt(lambda: f"the condition of an if is {shown(verdict)}, neither true nor false")
        return otherwise(scope)

    return evaluate


def _iterators(iterators: tuple[ast.Iterator, ...]) -> list[Iteration]:
    return [
        Iteration(each.name, compiled(each.source), None if each.end is None else compiled(each.end))
        for each in iterators
    ]


def _list(items: Sequence[Evaluate]) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        values = [item(scope) for item in items]
        scope.budget.spend_on(values)
        return values

    return evaluate


def _range(node: ast.RangeOf) -> Evaluate:
    """Null where the ends are of different kinds, or one that is written is null."""
    closed, end_closed = node.start_closed, node.end_closed
    start = None if node.start is None else compiled(node.start)
    end = None if node.end is None else compiled(node.end)

    def evaluate(scope: Scope) -> Value:
        low, high = start and start(scope), end and end(scope)
        # A range that is open to one side has an end that is comparable with itself, if with anything.
        fits = comparable(high if start is None else low, low if end is None else high)
        return Range(low, high, closed, end_closed) if fits else None

    return evaluate
