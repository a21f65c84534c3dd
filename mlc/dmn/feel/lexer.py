"""Tokens of FEEL. Names may hold blanks and operators, so the names in scope decide where a token ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal as OneOf
from typing import NamedTuple, cast

from mlc.dmn.errors import DmnError

Kind = OneOf["number", "string", "name", "known name", "symbol", "end"]

MAX_DECLARED_NAMES = 1_000

_BLANK = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NAME = re.compile(r"[^\W\d]\w*")
_TOKEN = re.compile(
    r"""(?P<name>[^\W\d]\w*)
    |(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<symbol>\*\*|\.\.|<=|>=|!=|[-+*/=<>()\[\]{},.:?@])
    |"(?P<string>(?:[^"\\]|\\.)*)\"""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_LAST_CODE_POINT = 0x10FFFF


class Token(NamedTuple):
    """A piece of the text from `start` to `end`; `text` is a string's value, a name with single blanks."""

    kind: Kind
    text: str
    start: int
    end: int


def needs_declaring(name: str) -> bool:
    """Whether the lexer can tell the name's end only by knowing it: it holds more than letters and digits."""
    return _NAME.fullmatch(name) is None and any(character.isalpha() for character in name)


@lru_cache(maxsize=256)
def name_pattern(names: frozenset[str], functions: frozenset[str] = frozenset()) -> re.Pattern[str] | None:
    """Matches the longest declared name; `functions` only in front of their bracket."""
    declared = [(name, "") for name in names if needs_declaring(name)]
    declared += [(name, r"(?=\s*\()") for name in functions if needs_declaring(name)]
    if len(declared) > MAX_DECLARED_NAMES:
        raise DmnError(f"the file has more than {MAX_DECLARED_NAMES} names with blanks or operators in them")
    declared.sort(key=lambda entry: len(entry[0]), reverse=True)
    return re.compile("|".join(_spelled(name) + after for name, after in declared)) if declared else None


def _spelled(name: str) -> str:
    blanks_free = r"\s+".join(re.escape(part) for part in name.split())
    return blanks_free + (r"(?!\w)" if name[-1:].isalnum() or name.endswith("_") else "")


class Lexer:
    """Reads the token at a position of one text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def token(self, position: int, patterns: Sequence[re.Pattern[str]]) -> Token:
        """The token at or after `position`; a name that one of `patterns` knows is taken whole."""
        blank = _BLANK.match(self.text, position)
        start = blank.end() if blank else position
        if start >= len(self.text):
            return Token("end", "", start, start)
        if patterns:
            known = [found for pattern in patterns if (found := pattern.match(self.text, start))]
            if known:
                longest = max(known, key=lambda found: found.end())
                return Token("known name", " ".join(longest.group().split()), start, longest.end())
        found = _TOKEN.match(self.text, start)
        if found is not None:
            kind = cast("Kind", found.lastgroup)
            text = found[kind]
            return Token(kind, _unescaped(text, start) if kind == "string" else text, start, found.end())
        if self.text[start] == '"':
            raise DmnError("a string has no closing quotation mark", position=start)
        raise DmnError(f"{self.text[start : start + 2]!r} is not FEEL", position=start)


def _unescaped(body: str, position: int) -> str:
    def character(escape: re.Match[str]) -> str:
        code = escape.group(1)
        if code in _ESCAPED:
            return _ESCAPED[code]
        if code[0] in "uU" and len(code) > 1 and int(code[1:], 16) <= _LAST_CODE_POINT:
            return chr(int(code[1:], 16))
        raise DmnError(f"\\{code} is not an escape of FEEL", position=position)

    return _ESCAPE.sub(character, body) if "\\" in body else body
