"""Tokens of FEEL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal as OneOf
from typing import NamedTuple, cast

from mlc.dmn.errors import DmnError
from mlc.dmn.feel.names import BLANKS, NAME, KnownNames

Kind = OneOf["number", "string", "name", "known name", "symbol", "end"]

_BLANK = re.compile(rf"(?:[{BLANKS}]+|//[^\n\r]*|/\*.*?\*/)*", re.DOTALL)
_TOKEN = re.compile(
    rf"""(?P<name>{NAME})
    |(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<symbol>\*\*|\.\.|->|<=|>=|!=|[-+*/=<>()\[\]{{}},.:?@'])
    |"(?P<string>(?:[^"\\]|\\.)*)\"""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{6})|(?P<character>.))",
    re.DOTALL,
)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_LAST_CODE_POINT = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


class Token(NamedTuple):
    """A piece of the text from `start` to `end`; `text` is a string's value, a name with single blanks."""

    kind: Kind
    text: str
    start: int
    end: int


class Lexer:
    """Reads the token at a position of one text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def token(self, position: int, known: Sequence[KnownNames]) -> Token:
        """The token at or after `position`; the longest name among `known` is taken whole."""
        blank = _BLANK.match(self.text, position)
        start = blank.end() if blank else position
        if start >= len(self.text):
            return Token("end", "", start, start)
        standing = [found for names in known if (found := names.longest(self.text, start))]
        if standing:
            name, end = max(standing, key=lambda found: found[1])
            return Token("known name", name, start, end)
        found = _TOKEN.match(self.text, start)
        if found is not None:
            kind = cast("Kind", found.lastgroup)
            text = found[kind]
            if text == "/" and self.text.startswith("/*", start):
                raise DmnError('found a comment that no "*/" ends', position=start)
            return Token(kind, _unescaped(text) if kind == "string" else text, start, found.end())
        if self.text[start] == '"':
            raise DmnError("a string has no closing quotation mark", position=start)
        raise DmnError(f"{self.text[start : start + 2]!r} is not FEEL", position=start)


def _unescaped(body: str) -> str:
    return _ESCAPE.sub(_character, body) if "\\" in body else body


def _character(escape: re.Match[str]) -> str:
    """What the escape stands for; one that FEEL does not know stays as it is (`\\s` in a pattern)."""
    if escape["character"]:
        return _ESCAPED.get(escape["character"], escape.group())
    if escape["high"]:
        high, low = int(escape["high"], 16), int(escape["low"], 16)
        return chr(0x10000 + ((high - _SURROGATES.start) << 10) + (low & 0x3FF))
    code = int(escape["short"] or escape["long"], 16)
    return escape.group() if code in _SURROGATES or code > _LAST_CODE_POINT else chr(code)
