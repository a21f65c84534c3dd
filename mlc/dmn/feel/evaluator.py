"""Turns FEEL's syntax tree into closures once, so that a table is evaluated without walking trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import assert_never

from mlc.dmn.errors import DmnError
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.iteration import Iteration, for_each, quantified
from mlc.dmn.feel.library import FUNCTIONS
from mlc.dmn.feel.unary import any_of
from mlc.dmn.scope import MAX_TEXT, TEXT_PER_STEP, Evaluate, Holds, Scope
from mlc.dmn.values import (
    ARITHMETIC,
    Function,
    Range,
    Value,
    calculate,
    comparable,
    compared,
    conjunction,
    disjunction,
    negation,
)

_NUMERIC = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
    "**": ARITHMETIC.power,
}
_TYPES: dict[str, type] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": date,
    "time": time,
    "date and time": datetime,
    "days and time duration": timedelta,
    "list": list,
    "context": dict,
}


def compiled(node: ast.Node) -> Evaluate:
    """The closure that evaluates the expression in a scope."""
    match node:
        case ast.Literal(value):
            return lambda scope: value
        case ast.Name(name):
            return _name(name)
        case ast.Path(base, member):
            return _path(compiled(base), member)
        case ast.Filter(base, condition):
            return _filter(compiled(base), compiled(condition))
        case ast.Call():
            return _call(node)
        case ast.Arithmetic(symbol, left, right):
            return _arithmetic(symbol, compiled(left), compiled(right))
        case ast.Negate(operand):
            return _negate(compiled(operand))
        case ast.Logical(symbol, terms):
            return _logical(symbol, [compiled(term) for term in terms])
        case ast.Compare(symbol, left, right):
            return _compare(symbol, compiled(left), compiled(right))
        case ast.Between(value, low, high):
            return _between(compiled(value), compiled(low), compiled(high))
        case ast.In(value, tests):
            return _in(compiled(value), any_of(tests, compiled))
        case ast.InstanceOf(value, type_name):
            return _instance_of(compiled(value), type_name)
        case ast.If(condition, then, otherwise):
            return _if(compiled(condition), compiled(then), compiled(otherwise))
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
            return closure(parameters, compiled(body))
        case _:
            assert_never(node)


def _name(name: str) -> Evaluate:
    built_in = FUNCTIONS.get(name)

    def evaluate(scope: Scope) -> Value:
        if name in scope.variables:
            return scope.variables[name]
        if built_in is not None and name not in scope:
            return built_in
        return scope.lookup(name)

    return evaluate


def member_of(value: Value, member: str) -> Value:
    """`value.member`; of a list, the member of each item; null where there is none."""
    match value:
        case dict():
            return value.get(member)
        case list():
            return [member_of(item, member) for item in value]
        case date() | time():
            return _date_part(value, member)
        case _:
            return None


def _date_part(value: date | time, member: str) -> Value:
    match value, member:
        case date(year=part), "year":
            return Decimal(part)
        case date(month=part), "month":
            return Decimal(part)
        case date(day=part), "day":
            return Decimal(part)
        case ((datetime(hour=part) | time(hour=part)), "hour"):
            return Decimal(part)
        case ((datetime(minute=part) | time(minute=part)), "minute"):
            return Decimal(part)
        case ((datetime(second=part) | time(second=part)), "second"):
            return Decimal(part)
        case _:
            return None


def _path(base: Evaluate, member: str) -> Evaluate:
    return lambda scope: member_of(base(scope), member)


def _filter(base: Evaluate, condition: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        value = base(scope)
        items: Sequence[Value] = value if isinstance(value, list) else () if value is None else (value,)
        kept: list[Value] = []
        for item in items:
            scope.budget.spend()
            verdict = condition(scope.inner({"item": item, **(item if isinstance(item, dict) else {})}))
            if isinstance(verdict, Decimal):
                return _item(items, verdict)
            if verdict is True:
                kept.append(item)
        return kept

    return evaluate


def _item(items: Sequence[Value], position: Decimal) -> Value:
    """FEEL counts from 1, and from the end with -1."""
    if position == 0 or position != position.to_integral_value() or abs(position) > len(items):
        return None
    return items[int(position) - 1 if position > 0 else int(position)]


def invoke(function: Value, arguments: Sequence[Value], scope: Scope) -> Value:
    """Calls a function value by position; null for anything that is none or has other parameters."""
    return function.call(arguments, scope) if isinstance(function, Function) else None


def invoke_named(function: Value, arguments: Mapping[str, Value], scope: Scope) -> Value:
    """Calls a function value by parameter names; null where a name is unknown or one is missing."""
    return function.call_named(arguments, scope) if isinstance(function, Function) else None


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


def closure(parameters: tuple[str, ...], body: Evaluate) -> Evaluate:
    """A function value that sees the scope it was made in."""

    def make(scope: Scope) -> Value:
        def call_named(arguments: Mapping[str, Value], caller: Scope) -> Value:
            if set(arguments) != set(parameters):
                return None
            caller.budget.enter_call()
            result = body(scope.inner(dict(arguments)))
            caller.budget.leave_call()
            return result

        def call(arguments: Sequence[Value], caller: Scope) -> Value:
            fits = len(arguments) == len(parameters)
            return call_named(dict(zip(parameters, arguments, strict=True)), caller) if fits else None

        return Function(parameters, call, call_named)

    return make


def _arithmetic(symbol: str, left: Evaluate, right: Evaluate) -> Evaluate:
    numeric = _NUMERIC[symbol]

    def evaluate(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        if isinstance(a, Decimal) and isinstance(b, Decimal):
            return calculate(numeric, a, b)
        if symbol == "+" and isinstance(a, str) and isinstance(b, str):
            if len(a) + len(b) > MAX_TEXT:
                raise DmnError(f"a text grew longer than {MAX_TEXT:,} characters")
            scope.budget.spend((len(a) + len(b)) // TEXT_PER_STEP)
            return a + b
        return _temporal(symbol, a, b)

    return evaluate


def _temporal(symbol: str, a: Value, b: Value) -> Value:
    try:
        match symbol, a, b:
            case "+", date(), timedelta():
                return a + b
            case "+", timedelta(), date():
                return b + a
            case "+", timedelta(), timedelta():
                return a + b
            case "-", date() | timedelta(), timedelta():
                return a - b
            case "-", date(), date() if comparable(a, b):
                return a - b
            case "*" | "/", timedelta(), Decimal():
                return a * float(b) if symbol == "*" else a / float(b)
            case "/", timedelta(), timedelta():
                return ARITHMETIC.divide(Decimal(a // _TICK), Decimal(b // _TICK))
            case _:
                return None
    except (ArithmeticError, TypeError):
        return None


_TICK = timedelta(microseconds=1)


def _negate(operand: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        value = operand(scope)
        if isinstance(value, Decimal):
            return ARITHMETIC.minus(value)
        return -value if isinstance(value, timedelta) else None

    return evaluate


def _logical(symbol: str, terms: Sequence[Evaluate]) -> Evaluate:
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


def _compare(symbol: str, left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        if isinstance(a, (str, list, dict)):
            scope.budget.spend_on(a)
        return compared(symbol, a, b)

    return evaluate


def compiled_tests(tests: ast.UnaryTests) -> Holds:
    """The closure that says whether a value passes the cell; null where it cannot be compared."""
    holds = any_of(tests.tests, compiled)
    if tests.negated:
        return lambda value, scope: negation(holds(value, scope))
    return holds


def _between(value: Evaluate, low: Evaluate, high: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        tested = value(scope)
        return conjunction([compared(">=", tested, low(scope)), compared("<=", tested, high(scope))])

    return evaluate


def _in(value: Evaluate, holds: Holds) -> Evaluate:
    return lambda scope: holds(value(scope), scope)


def _instance_of(value: Evaluate, type_name: str) -> Evaluate:
    wanted = _TYPES.get(type_name)
    if wanted is None and type_name != "Any":
        raise DmnError(f'there is no type "{type_name}"')
    return lambda scope: (tested := value(scope)) is not None and (wanted is None or type(tested) is wanted)


def _if(condition: Evaluate, then: Evaluate, otherwise: Evaluate) -> Evaluate:
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)


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


def context(entries: Sequence[tuple[str, Evaluate]]) -> Evaluate:
    """A context, whose later entries see the earlier ones."""

    def evaluate(scope: Scope) -> Value:
        values: dict[str, Value] = {}
        inner = scope.inner(values)
        for key, entry in entries:
            values[key] = entry(inner)
        scope.budget.spend_on(values)
        return dict(values)

    return evaluate


def _range(node: ast.RangeOf) -> Evaluate:
    start, end = compiled(node.start), compiled(node.end)
    closed, end_closed = node.start_closed, node.end_closed
    return lambda scope: Range(start(scope), end(scope), closed, end_closed)
