"""Reads FEEL token by token, with the names in scope at each point."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from mlc.dmn.errors import DmnError
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.lexer import Lexer, Token, name_pattern
from mlc.dmn.feel.library import FUNCTIONS

MAX_NESTING = 64

_FUNCTION_NAMES = frozenset(FUNCTIONS)
_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True)
class Names:
    """What the text may name: variables in scope and members of their values, blanks and hyphens included."""

    variables: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()


class NameReader:
    """Tokens of one text with one token of look-ahead, and the names that are visible at each of them."""

    def __init__(self, text: str, names: Names) -> None:
        self.names = names
        self.required: set[str] = set()
        self.looked_up: set[str] = set()
        self.uses_null = False
        self.uses_input = False
        self.position = 0
        self.filters_allowed = True
        self.inside_filter = 0
        self.members = set(names.members)
        self._lexer = Lexer(text)
        self._ahead: Token | None = None
        self._nesting = 0
        self._locals: list[frozenset[str]] = []
        self._patterns = self._visible_patterns()

    def peek(self) -> Token:
        if self._ahead is None:
            self._ahead = self._lexer.token(self.position, self._patterns)
        return self._ahead

    def next(self) -> Token:
        token = self.peek()
        self.move_to(token.end)
        return token

    def next_member(self) -> Token:
        """The token after a dot, where the names of members and not those of variables count."""
        pattern = name_pattern(frozenset(self.members))
        token = self._lexer.token(self.position, [pattern] if pattern else [])
        self.move_to(token.end)
        return token

    def visible_names(self) -> frozenset[str]:
        """Variables, local names and built-in functions."""
        return self.names.variables.union(FUNCTIONS, *self._locals)

    def move_to(self, position: int) -> None:
        self.position = position
        self._ahead = None

    def at(self, symbol: str) -> bool:
        token = self.peek()
        return token.kind == "symbol" and token.text == symbol

    def at_word(self, word: str) -> bool:
        token = self.peek()
        return token.kind == "name" and token.text == word

    def take(self, symbol: str) -> bool:
        if self.at(symbol):
            self.next()
            return True
        return False

    def take_word(self, word: str) -> bool:
        if self.at_word(word):
            self.next()
            return True
        return False

    def expect(self, symbol: str) -> None:
        if not self.take(symbol):
            raise self.unexpected(f'"{symbol}"')

    def expect_word(self, word: str) -> None:
        if not self.take_word(word):
            raise self.unexpected(f'"{word}"')

    def expect_end(self) -> None:
        if self.peek().kind != "end":
            raise self.unexpected("the end")

    def unexpected(self, wanted: str, token: Token | None = None) -> DmnError:
        """The error that something other than `wanted` stands at the token, or at the next one."""
        token = token or self.peek()
        found = "the end" if token.kind == "end" else f'"{token.text}"'
        return DmnError(f"found {found} where {wanted} should stand", position=token.start)

    def nested(self, rule: Callable[[], _Parsed], *, filters: bool = True) -> _Parsed:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise DmnError(f"nested more than {MAX_NESTING} levels deep", position=self.position)
        outer, self.filters_allowed = self.filters_allowed, filters
        result = rule()
        self.filters_allowed = outer
        self._nesting -= 1
        return result

    def with_locals(self, names: Iterable[str], rule: Callable[[], _Parsed]) -> _Parsed:
        outer = self._patterns
        self._locals.append(frozenset(names))
        self._patterns = self._visible_patterns()
        self._ahead = None
        result = rule()
        self._locals.pop()
        self._patterns = outer
        self._ahead = None
        return result

    def _visible_patterns(self) -> list[re.Pattern[str]]:
        found = [name_pattern(self.names.variables, _FUNCTION_NAMES), *map(name_pattern, self._locals)]
        return [pattern for pattern in found if pattern is not None]

    def variable(self, name: str) -> ast.Node:
        # Inside a filter a name is the item's member or, where the item has none, a variable.
        self.looked_up.add(name)
        local = self.inside_filter or name in FUNCTIONS or any(name in names for names in self._locals)
        if not local:
            self.required.add(name)
        return ast.Name(name)
