"""Writes a syntax tree as FEEL that the parser reads back as the same tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from typing import assert_never

from mlc.dmn import temporal
from mlc.dmn.errors import DmnError
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.names import NAME
from mlc.dmn.values import Value, shown

_PLAIN_NAME = re.compile(NAME)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class _Binding(IntEnum):
    """How tightly an expression holds together; what asks for more than that puts it into brackets."""

    LOOSE = 0
    OR = 1
    AND = 2
    COMPARISON = 3
    SUM = 4
    PRODUCT = 5
    POWER = 6
    SIGNED = 7
    EXTENDED = 8


_ARITHMETIC = {
    "+": _Binding.SUM,
    "-": _Binding.SUM,
    "*": _Binding.PRODUCT,
    "/": _Binding.PRODUCT,
    "**": _Binding.POWER,
}


def written(node: ast.Node) -> str:
    """The expression as FEEL, with no more brackets than it needs. Raises DmnError where it is nested too deeply."""
    return _bounded(lambda: _written(node))


def written_tests(tests: ast.UnaryTests) -> str:
    """The cell as FEEL. Raises DmnError where it is nested too deeply."""
    return _bounded(lambda: _written_tests(tests))


def _bounded(write: Callable[[], str]) -> str:
    try:
        return write()
    except RecursionError:
        raise DmnError("the expression is nested too deeply to be written") from None


def _written(node: ast.Node) -> str:
    match node:
        case ast.Literal(value):
            return _literal(value)
        case ast.Name(name):
            return name
        case ast.Path(base, member):
            return f"{_held(base, _Binding.EXTENDED)}.{member}"
        case ast.Filter(base, condition):
            return f"{_held(base, _Binding.EXTENDED)}[{_written(condition)}]"
        case ast.Call():
            return _call(node)
        case ast.Arithmetic(symbol, left, right):
            binding = _ARITHMETIC[symbol]
            return f"{_held(left, binding)} {symbol} {_held(right, binding + 1)}"
        case ast.Negate(operand):
            text = _held(operand, _Binding.SIGNED)
            # `-5.a` would be a member of -5.
            return f"-({text})" if text[0] in "0123456789." else f"-{text}"
        case ast.Logical(symbol, terms):
            inner = _Binding.AND if symbol == "or" else _Binding.COMPARISON
            return f" {symbol} ".join(_held(term, inner) for term in terms)
        case ast.Compare(symbol, left, right):
            return f"{_operand(left)} {symbol} {_operand(right)}"
        case ast.Between(value, low, high):
            return f"{_operand(value)} between {_operand(low)} and {_operand(high)}"
        case ast.In(value, tests):
            return f"{_operand(value)} in ({_tests(tests)})"
        case ast.InstanceOf(value, wanted):
            return f"{_held(value, _Binding.EXTENDED)} instance of {wanted.text}"
        case ast.ListOf(items):
            return f"[{_listed(items)}]"
        case ast.ContextOf(entries):
            return "{" + ", ".join(f"{_key(key)}: {_written(entry)}" for key, entry in entries) + "}"
        case ast.RangeOf():
            return _range(node)
        case _:
            return _phrase(node)


def _written_tests(tests: ast.UnaryTests) -> str:
    text = _tests(tests.tests)
    if tests.negated:
        return f"not({text})"
    if not text.startswith("not("):
        return text
    # A call of the function `not`, which must not be read as a negated cell.
    first, *others = tests.tests
    rest = f", {_tests(tuple(others))}" if others else ""
    return f"({_test(first)}){rest}"


def _phrase(node: ast.If | ast.For | ast.Quantified | ast.FunctionOf | ast.ExternalFunction) -> str:
    match node:
        case ast.If(condition, then, otherwise):
            return f"if {_written(condition)} then {_written(then)} else {_written(otherwise)}"
        case ast.For(iterators, result):
            return f"for {_iterators(iterators)} return {_written(result)}"
        case ast.Quantified(kind, iterators, condition):
            return f"{kind} {_iterators(iterators)} satisfies {_written(condition)}"
        case ast.FunctionOf(parameters, body):
            return f"function({_parameters(parameters)}) {_written(body)}"
        case ast.ExternalFunction(parameters, mapping):
            return f"function({_parameters(parameters)}) external {_written(mapping)}"
        case _:
            assert_never(node)


def _binding(node: ast.Node) -> _Binding:
    match node:
        case ast.Logical(symbol):
            return _Binding.OR if symbol == "or" else _Binding.AND
        case ast.Compare() | ast.Between() | ast.In():
            return _Binding.COMPARISON
        case ast.Arithmetic(symbol):
            return _ARITHMETIC[symbol]
        case ast.Negate():
            return _Binding.SIGNED
        case ast.Literal(Decimal() as number) if number < 0:
            return _Binding.SIGNED
        case ast.If() | ast.For() | ast.Quantified() | ast.FunctionOf() | ast.ExternalFunction():
            return _Binding.LOOSE
        case ast.InstanceOf():
            # It binds tightly, but its type would run on into what follows: `x instance of date and time`.
            return _Binding.LOOSE
        case _:
            return _Binding.EXTENDED


def _held(node: ast.Node, binding: int) -> str:
    return _written(node) if _binding(node) >= binding else f"({_written(node)})"


def _operand(node: ast.Node) -> str:
    return _held(node, _Binding.SUM)


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return f'"{value.translate(_ESCAPES)}"'
    if isinstance(value, Decimal):
        return str(value)
    return f'@"{temporal.iso(value)}"' if temporal.is_temporal(value) else shown(value)


def _call(node: ast.Call) -> str:
    arguments = [_written(argument) for argument in node.arguments]
    if node.parameters is not None:
        arguments = [f"{name}: {text}" for name, text in zip(node.parameters, arguments, strict=True)]
    return f"{_held(node.function, _Binding.EXTENDED)}({', '.join(arguments)})"


def _range(node: ast.RangeOf) -> str:
    start = "" if node.start is None else _written(node.start)
    end = "" if node.end is None else _operand(node.end)
    if not start:
        return f"({'<=' if node.end_closed else '<'} {end})"
    if node.start is not None and not end:
        return f"({'>=' if node.start_closed else '>'} {_operand(node.start)})"
    return f"{'[' if node.start_closed else '('}{start}..{end}{']' if node.end_closed else ')'}"


def _listed(nodes: tuple[ast.Node, ...]) -> str:
    return ", ".join(_written(node) for node in nodes)


def _key(key: str) -> str:
    return key if _PLAIN_NAME.fullmatch(key) else _literal(key)


def _tests(tests: tuple[ast.Test, ...]) -> str:
    return ", ".join(_test(test) for test in tests)


def _test(test: ast.Test) -> str:
    if isinstance(test, ast.OperatorTest):
        return f"{test.operator} {_operand(test.operand)}"
    return _written(test.expression)


def _iterators(iterators: tuple[ast.Iterator, ...]) -> str:
    return ", ".join(_iterator(each) for each in iterators)


def _iterator(iterator: ast.Iterator) -> str:
    end = "" if iterator.end is None else f"..{_written(iterator.end)}"
    return f"{iterator.name} in {_written(iterator.source)}{end}"


def _parameters(parameters: tuple[ast.ParameterOf, ...]) -> str:
    return ", ".join(
        each.name if each.type is None else f"{each.name}: {each.type.text}" for each in parameters
    )
