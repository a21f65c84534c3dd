"""Reads FEEL token by token, with the names in scope at each point: what the rules of the grammar stand on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from mlc.dmn.errors import DmnError
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.lexer import Lexer, Token
from mlc.dmn.feel.library import FUNCTIONS
from mlc.dmn.feel.names import CalledNames, KnownNames, known_names
from mlc.dmn.types import SIMPLE_TYPES, Type

MAX_NESTING = 64

_FUNCTION_NAMES = CalledNames(FUNCTIONS)
_BUILT_IN_MEMBERS = KnownNames(("start included", "end included", "time offset"))
_TYPE_NAMES = KnownNames(SIMPLE_TYPES)
_ITEM = KnownNames(("item",))
# What a name may hold beside its words, where it is declared.
_NAME_SYMBOLS = frozenset("./-'+*")
_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True)
class Names:
    """What the text may name: variables in scope, members of their values (blanks and operators included), and types
    beside those of FEEL itself."""

    variables: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    types: Mapping[str, Type] = field(default_factory=dict[str, Type])


class Reader(ABC):
    """Tokens of one text with one token of look-ahead, and the names that are visible at each of them."""

    def __init__(self, text: str, names: Names) -> None:
        self.names = names
        self.required: set[str] = set()
        self.looked_up: set[str] = set()
        self.uses_null = False
        self.uses_input = False
        self.position = 0
        self.inside_filter = 0
        self._members = (known_names(names.members), KnownNames(), _BUILT_IN_MEMBERS)
        self._lexer = Lexer(text)
        self._ahead: Token | None = None
        self._nesting = 0
        self._outer = (known_names(names.variables), _FUNCTION_NAMES)
        self._locals: list[KnownNames] = []

    @abstractmethod
    def expression(self) -> ast.Node:
        """An expression of any kind, one level deeper."""

    @abstractmethod
    def arithmetic(self) -> ast.Node:
        """An expression that binds tighter than a comparison."""

    def peek(self) -> Token:
        if self._ahead is None:
            self._ahead = self._lexer.token(self.position, (*self._outer, *self._locals))
        return self._ahead

    def next(self) -> Token:
        token = self.peek()
        self.move_to(token.end)
        return token

    def next_member(self) -> Token:
        """The token after a dot, where the names of members and not those of variables count."""
        token = self._lexer.token(self.position, self._members)
        self.move_to(token.end)
        return token

    def next_type(self) -> Token:
        """The next token, where the names of types count."""
        token = self._lexer.token(self.position, (known_names(frozenset(self.names.types)), _TYPE_NAMES))
        self.move_to(token.end)
        return token

    def move_to(self, position: int) -> None:
        self.position = position
        self._ahead = None

    def at(self, symbol: str) -> bool:
        token = self.peek()
        return token.kind == "symbol" and token.text == symbol

    def at_word(self, word: str) -> bool:
        token = self.peek()
        return token.kind == "name" and token.text == word

    def at_name(self) -> bool:
        return self.peek().kind in ("name", "known name")

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

    def new_name(self, *, ends_at: str = "") -> str | None:
        """Takes a name that the text declares, up to the word `ends_at` or what no name holds; None where there is none."""
        words: list[str] = []
        end = self.position
        while not self.at_word(ends_at):
            token = self.peek()
            named = token.kind in ("name", "known name")
            if not named and not (words and (token.kind == "number" or token.text in _NAME_SYMBOLS)):
                break
            words += [token.text] if token.start == end or not words else [" ", token.text]
            end = self.next().end
        return "".join(words) or None

    def nested(self, rule: Callable[[], _Parsed]) -> _Parsed:
        """What the rule reads, one level deeper."""
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise DmnError(f"nested more than {MAX_NESTING} levels deep", position=self.position)
        result = rule()
        self._nesting -= 1
        return result

    def with_locals(self, names: KnownNames, rule: Callable[[], _Parsed]) -> _Parsed:
        """What the rule reads where these names are visible too; what is ahead is read anew."""
        return self._with_locals((names,), rule)

    def inside_item(self, rule: Callable[[], _Parsed]) -> _Parsed:
        """What the rule reads where `item` and its members are visible: in a filter's condition."""
        self.inside_filter += 1
        result = rule() if self.inside_filter > 1 else self._with_locals((_ITEM, *self._members), rule)
        self.inside_filter -= 1
        return result

    def _with_locals(self, names: tuple[KnownNames, ...], rule: Callable[[], _Parsed]) -> _Parsed:
        self._locals.extend(names)
        self._ahead = None
        result = rule()
        del self._locals[-len(names) :]
        self._ahead = None
        return result

    def add_member(self, name: str) -> None:
        self._members[1].add(name)

    def is_member(self, name: str) -> bool:
        return any(name in names for names in self._members)

    def is_visible(self, name: str) -> bool:
        """Whether it is a variable, a local name or a built-in function."""
        return any(name in names for names in (*self._outer, *self._locals))

    def variable(self, name: str) -> ast.Node:
        # Inside a filter a name is the item's member or, where the item has none, a variable.
        self.looked_up.add(name)
        local = self.inside_filter or name in FUNCTIONS or any(name in names for names in self._locals)
        if not local:
            self.required.add(name)
        return ast.Name(name)
