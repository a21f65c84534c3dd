"""The grammar's rules for types: what stands after `instance of` and after a parameter's name."""

from __future__ import annotations

from collections.abc import Callable

from mlc.dmn.errors import DmnError
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.reader import Reader
from mlc.dmn.types import SIMPLE_TYPES, ContextType, FunctionType, ListType, RangeType


def type_name(reader: Reader) -> ast.TypeName:
    """A type of FEEL, or one that the file defines. Raises DmnError with a position for any other."""
    token = reader.next_type()
    if token.kind not in ("name", "known name"):
        raise reader.unexpected("a type", token)
    if token.text in _GENERIC and reader.take("<"):
        return reader.nested(lambda: _GENERIC[token.text](reader))
    found = SIMPLE_TYPES.get(token.text) or reader.names.types.get(token.text)
    if found is None:
        raise DmnError(f'there is no type "{token.text}"', position=token.start)
    return ast.TypeName(token.text, found)


def parameters(reader: Reader) -> tuple[ast.ParameterOf, ...]:
    """`(name: type, ...)`."""
    reader.expect("(")
    found: list[ast.ParameterOf] = []
    while not reader.take(")"):
        if found:
            reader.expect(",")
        name = reader.new_name()
        if name is None:
            raise reader.unexpected("a parameter's name")
        found.append(ast.ParameterOf(name, type_name(reader) if reader.take(":") else None))
    return tuple(found)


def _list(reader: Reader) -> ast.TypeName:
    element = type_name(reader)
    reader.expect(">")
    return ast.TypeName(f"list<{element.text}>", ListType(element.type))


def _range(reader: Reader) -> ast.TypeName:
    element = type_name(reader)
    reader.expect(">")
    return ast.TypeName(f"range<{element.text}>", RangeType(element.type))


def _context(reader: Reader) -> ast.TypeName:
    fields: dict[str, ast.TypeName] = {}
    while not fields or reader.take(","):
        name = reader.new_name()
        if name is None:
            raise reader.unexpected("an entry's name")
        reader.expect(":")
        fields[name] = type_name(reader)
    reader.expect(">")
    listed = ", ".join(f"{name}: {each.text}" for name, each in fields.items())
    return ast.TypeName(f"context<{listed}>", ContextType({name: each.type for name, each in fields.items()}))


def _function(reader: Reader) -> ast.TypeName:
    taken: list[ast.TypeName] = []
    while not reader.take(">"):
        if taken:
            reader.expect(",")
        taken.append(type_name(reader))
    reader.expect("->")
    result = type_name(reader)
    listed = ", ".join(each.text for each in taken)
    return ast.TypeName(
        f"function<{listed}> -> {result.text}",
        FunctionType(tuple(each.type for each in taken), result.type),
    )


_GENERIC: dict[str, Callable[[Reader], ast.TypeName]] = {
    "list": _list,
    "range": _range,
    "context": _context,
    "function": _function,
}
