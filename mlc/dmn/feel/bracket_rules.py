"""The grammar's rules for what begins with a bracket: groups, ranges, lists and contexts."""

from __future__ import annotations

from collections.abc import Callable

from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.names import KnownNames
from mlc.dmn.feel.reader import Reader

_BEGINNINGS = frozenset({"(", "[", "{", "-", "@", "?"})
_NO_BEGINNINGS = frozenset({"and", "between", "else", "in", "instance", "or", "return", "satisfies", "then"})


def round_bracket(reader: Reader) -> ast.Node:
    """`(a + b)`, `(a..b]`, `(< a)`."""
    if (half := _half_open(reader)) is not None:
        return half
    first = reader.expression()
    if reader.take(".."):
        return range_end(reader, first, start_closed=False)
    reader.expect(")")
    return first


def _half_open(reader: Reader) -> ast.Node | None:
    """A range with one end, or with twice the same: `< a)`, `>= a)`, `= a)`."""
    symbol = next((each for each in _HALF_OPEN if reader.take(each)), None)
    if symbol is None:
        return None
    end = reader.nested(reader.arithmetic)
    reader.expect(")")
    return _HALF_OPEN[symbol](end)


_HALF_OPEN: dict[str, Callable[[ast.Node], ast.Node]] = {
    "<": lambda end: ast.RangeOf(None, end, start_closed=False, end_closed=False),
    "<=": lambda end: ast.RangeOf(None, end, start_closed=False, end_closed=True),
    ">": lambda start: ast.RangeOf(start, None, start_closed=False, end_closed=False),
    ">=": lambda start: ast.RangeOf(start, None, start_closed=True, end_closed=False),
    "=": lambda end: ast.RangeOf(end, end, start_closed=True, end_closed=True),
}


def square_bracket(reader: Reader) -> ast.Node:
    """`[a, b]`, `[a..b]`."""
    if reader.take("]"):
        return ast.ListOf(())
    items = [reader.expression()]
    if reader.take(".."):
        return range_end(reader, items[0], start_closed=True)
    while reader.take(","):
        items.append(reader.expression())
    reader.expect("]")
    return ast.ListOf(tuple(items))


def reversed_bracket(reader: Reader) -> ast.Node:
    """`]a..b]`."""
    first = reader.nested(reader.arithmetic)
    reader.expect("..")
    return range_end(reader, first, start_closed=False)


def range_end(reader: Reader, start: ast.Node, *, start_closed: bool) -> ast.Node:
    """`b]`, `b)`, `b[`: what follows the two dots of a range."""
    end = reader.nested(reader.arithmetic)
    if reader.take("]"):
        return ast.RangeOf(start, end, start_closed, end_closed=True)
    if reader.take(")") or reader.take("["):
        return ast.RangeOf(start, end, start_closed, end_closed=False)
    raise reader.unexpected('"]", ")" or "["')


def begins_filter(reader: Reader) -> bool:
    """Whether the bracket `[` ahead begins a filter and does not close a range: an expression follows it."""
    start = reader.position
    reader.next()
    token = reader.peek()
    reader.move_to(start)
    match token.kind:
        case "symbol":
            return token.text in _BEGINNINGS
        case "name":
            return token.text not in _NO_BEGINNINGS
        case _:
            return token.kind != "end"


def context(reader: Reader) -> ast.Node:
    """`{key: value, ...}`, whose later entries see the earlier ones."""
    entries: list[tuple[str, ast.Node]] = []
    visible = KnownNames()
    if reader.take("}"):
        return ast.ContextOf(())
    while True:
        key = reader.next().text if reader.peek().kind == "string" else reader.new_name()
        if key is None:
            raise reader.unexpected("an entry's name")
        reader.expect(":")
        entries.append((key, reader.with_locals(visible, reader.expression)))
        visible.add(key)
        reader.add_member(key)
        if not reader.take(","):
            break
    reader.expect("}")
    return ast.ContextOf(tuple(entries))
