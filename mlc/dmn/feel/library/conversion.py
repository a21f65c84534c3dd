"""Numbers from texts, and texts from every value."""

from __future__ import annotations

import re
from collections.abc import Generator
from decimal import Decimal, DecimalException

from mlc.dmn.feel.library.registry import built_in
from mlc.dmn.feel.library.text import joined
from mlc.dmn.scope import Scope
from mlc.dmn.temporal import is_temporal, iso
from mlc.dmn.values import ARITHMETIC, Range, Value, shown

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAME = re.compile(r"[^\W\d]\w*(?: \w+)*")
_GROUPING = frozenset({" ", ",", "."})
_DECIMAL = frozenset({",", "."})


@built_in("number(from: string)")
def _number(text: str) -> Value:
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return ARITHMETIC.plus(Decimal(text))
    except DecimalException:
        return None


@built_in("number(from: string, grouping separator: string or null, decimal separator: string or null)")
def _number_with_separators(text: str, grouping: str | None, point: str | None) -> Value:
    known = (grouping is None or grouping in _GROUPING) and (point is None or point in _DECIMAL)
    if not known or (grouping is not None and grouping == point):
        return None
    digits = text if grouping is None else text.replace(grouping, "")
    if point == ",":
        # A dot that is left stands where none belongs: the swap keeps the text from being a number.
        digits = digits.translate({ord(","): ".", ord("."): ","})
    return _number(digits)


@built_in("string(from: any)", needs_scope=True)
def _string(scope: Scope, value: Value) -> Value:
    return value if value is None or isinstance(value, str) else joined(_pieces(value), scope)


def _pieces(value: Value) -> Generator[str, None, None]:
    """The value as FEEL writes it, piece by piece; dates, times and durations as their plain texts."""
    match value:
        case str():
            yield _quoted(value)
        case Decimal():
            yield format(value, "f")
        case list():
            yield "["
            for index, item in enumerate(value):
                yield ", " if index else ""
                yield from _pieces(item)
            yield "]"
        case dict():
            yield "{"
            for index, (key, entry) in enumerate(value.items()):
                yield ", " if index else ""
                yield f"{key if _NAME.fullmatch(key) else _quoted(key)}: "
                yield from _pieces(entry)
            yield "}"
        case Range():
            yield "[" if value.start_closed else "("
            yield from _pieces(value.start)
            yield ".."
            yield from _pieces(value.end)
            yield "]" if value.end_closed else ")"
        case _:
            yield iso(value) if is_temporal(value) else shown(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
