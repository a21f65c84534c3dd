"""The grammar's rules for what begins with a word: `if`, `for`, `some`, `every` and `function`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal as OneOf

from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.names import KnownNames
from mlc.dmn.feel.reader import Reader
from mlc.dmn.feel.type_rules import parameters


def _conditional(reader: Reader) -> ast.Node:
    condition = reader.expression()
    reader.expect_word("then")
    then = reader.expression()
    reader.expect_word("else")
    return ast.If(condition, then, reader.expression())


def _for(reader: Reader) -> ast.Node:
    iterators, visible = _iterators(reader, "return")
    # The results so far.
    visible.add("partial")
    return ast.For(iterators, reader.with_locals(visible, reader.expression))


def _quantified(kind: OneOf["some", "every"]) -> Callable[[Reader], ast.Node]:
    def rule(reader: Reader) -> ast.Node:
        iterators, visible = _iterators(reader, "satisfies")
        return ast.Quantified(kind, iterators, reader.with_locals(visible, reader.expression))

    return rule


def _iterators(reader: Reader, closing: str) -> tuple[tuple[ast.Iterator, ...], KnownNames]:
    """`a in x, b in y`, up to the closing word; each sees those before it."""
    visible = KnownNames()
    iterators: list[ast.Iterator] = []
    while not iterators or reader.take(","):
        iterators.append(_iterator(reader, visible))
        visible.add(iterators[-1].name)
    reader.expect_word(closing)
    return tuple(iterators), visible


def _iterator(reader: Reader, visible: KnownNames) -> ast.Iterator:
    name = reader.new_name(ends_at="in")
    if name is None:
        raise reader.unexpected("a name")
    reader.expect_word("in")

    def source() -> tuple[ast.Node, ast.Node | None]:
        first = reader.expression()
        return first, reader.expression() if reader.take("..") else None

    first, end = reader.with_locals(visible, source)
    return ast.Iterator(name, first, end)


def _function(reader: Reader) -> ast.Node:
    taken = parameters(reader)
    start = reader.position
    if reader.take_word("external"):
        if reader.at("{"):
            return ast.ExternalFunction(taken, reader.expression())
        reader.move_to(start)
    visible = KnownNames(parameter.name for parameter in taken)
    return ast.FunctionOf(taken, reader.with_locals(visible, reader.expression))


PHRASES: dict[str, Callable[[Reader], ast.Node]] = {
    "if": _conditional,
    "for": _for,
    "some": _quantified("some"),
    "every": _quantified("every"),
    "function": _function,
}
