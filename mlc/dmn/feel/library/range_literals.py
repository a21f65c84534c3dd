"""Ranges from their texts."""

from __future__ import annotations

from collections.abc import Sequence

from mlc.dmn.errors import DmnError
from mlc.dmn.feel.lexer import Lexer, Token
from mlc.dmn.feel.library.registry import built_in
from mlc.dmn.feel.names import KnownNames
from mlc.dmn.temporal import read_temporal
from mlc.dmn.values import ARITHMETIC, Kind, Range, Value, compared, kind_of, read_number

# `[`, `date("...")`, `..`, `date("...")`, `]`
_MOST_TOKENS = 11
_CALLS: dict[str, tuple[Kind, ...]] = {
    "date": ("date",),
    "time": ("time",),
    "date and time": ("date and time",),
    "duration": ("days and time duration", "years and months duration"),
}
_CALLED = KnownNames(_CALLS)


@built_in("range(from: string)")
def _range(text: str) -> Value:
    """A range of literals in ascending order, such as `[18..21)`; an open end may be left out. Anything else is null."""
    try:
        return _read(_tokens(text))
    except DmnError:
        return None


def _tokens(text: str) -> list[Token]:
    """As many as a range may have, and one more where there are more."""
    lexer = Lexer(text)
    tokens: list[Token] = []
    position = 0
    while len(tokens) <= _MOST_TOKENS:
        token = lexer.token(position, (_CALLED,))
        if token.kind == "end":
            break
        tokens.append(token)
        position = token.end
    return tokens


def _read(tokens: Sequence[Token]) -> Range | None:
    symbols = [token.text if token.kind == "symbol" else "" for token in tokens]
    if len(tokens) > _MOST_TOKENS or symbols.count("..") != 1:
        return None
    if symbols[0] not in ("[", "(", "]") or symbols[-1] not in ("]", ")", "["):
        return None
    middle = symbols.index("..")
    left, right = tokens[1:middle], tokens[middle + 1 : -1]
    interval = Range(_endpoint(left), _endpoint(right), symbols[0] == "[", symbols[-1] == "]")
    if not left:
        known = interval.end is not None and not interval.start_closed
    elif not right:
        known = interval.start is not None and not interval.end_closed
    else:
        known = compared("<=", interval.start, interval.end) is True
    return interval if known else None


def _endpoint(tokens: Sequence[Token]) -> Value:
    match [(token.kind, token.text) for token in tokens]:
        case [("number", digits)]:
            return read_number(digits)
        case [("symbol", "-"), ("number", digits)]:
            return ARITHMETIC.minus(read_number(digits))
        case [("string", text)]:
            return text
        case [("symbol", "@"), ("string", text)]:
            return read_temporal(text)
        case [(_, name), ("symbol", "("), ("string", text), ("symbol", ")")] if name in _CALLS:
            value = read_temporal(text)
            return value if kind_of(value) in _CALLS[name] else None
        case _:
            return None
