"""Conditions in JUEL and Groovy's manner, the closed subset that decision tables hold.

Comparisons, `&&`, `||`, `!`, `empty`, brackets, `equals` and `equalsIgnoreCase`, variables, numbers, strings, booleans,
null.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlc.dmn.errors import DmnError
from mlc.dmn.feel.names import known_names
from mlc.dmn.scope import Evaluate, Scope
from mlc.dmn.values import Value, compared, read_number, shown

MAX_NESTING = 64
MAX_LENGTH = 32_000

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<name>[^\W\d]\w*)
    |(?P<symbol>&&|\|\||[<>=!]=|[<>!().,-])
    |(?P<end>\Z))""",
    re.VERBOSE | re.DOTALL,
)
_WRAPPED = re.compile(r"\s*[$#]\{(.*)\}\s*", re.DOTALL)
_LITERALS: dict[str, Value] = {"true": True, "false": False, "null": None}
_WORDS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "eq": "==",
    "ne": "!=",
}
_COMPARISONS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "!="}
_METHODS = frozenset({"equals", "equalsIgnoreCase"})


def is_wrapped(text: str) -> bool:
    """Whether the text stands in `${...}` or `#{...}`."""
    return _WRAPPED.fullmatch(text) is not None


@dataclass(frozen=True)
class JuelExpression:
    """A parsed condition, or a plain variable, with the variables it names in order."""

    text: str
    names: tuple[str, ...]
    evaluate: Evaluate

    def holds(self, scope: Scope) -> bool:
        """Raises DmnError where the outcome is no boolean, or a variable it comes to has no value."""
        outcome = self.evaluate(scope)
        if not isinstance(outcome, bool):
            raise DmnError(f"{self.text.strip()} gives {shown(outcome)}, neither true nor false")
        return outcome


def parse_juel(text: str, variables: frozenset[str] = frozenset()) -> JuelExpression:
    """Raises DmnError naming the construct that is outside the subset. `variables`: names with other characters."""
    if len(text) > MAX_LENGTH:
        raise DmnError(f"the text has {len(text):,} characters, more than {MAX_LENGTH:,}")
    wrapped = _WRAPPED.fullmatch(text)
    parser = _Parser(text, variables, *(wrapped.span(1) if wrapped else (0, len(text))))
    evaluate = parser.condition()
    if parser.kind != "end":
        raise parser.beyond()
    return JuelExpression(text, tuple(dict.fromkeys(parser.names)), evaluate)


class _Parser:
    """Reads the text from `start` to `end`; one method for each rule of the grammar."""

    def __init__(self, text: str, variables: frozenset[str], start: int, end: int) -> None:
        self._text = text[:end]
        self._declared = known_names(variables)
        self._start = self._end = start
        self._nesting = 0
        self.names: list[str] = []
        self.kind = "end"
        self._lexeme: str = ""
        self._advance()

    def _advance(self) -> None:
        start = self._end
        while start < len(self._text) and self._text[start].isspace():
            start += 1
        self._start = start
        if declared := self._declared.longest(self._text, start):
            self.kind, (self._lexeme, self._end) = "declared", declared
            return
        found = _TOKEN.match(self._text, start)
        if found is None or found.lastgroup is None:
            raise self._refused(f'"{self._text[start : start + 20].strip()}"')
        self.kind, self._lexeme, self._end = found.lastgroup, str(found[found.lastgroup]), found.end()
        if self.kind == "name" and self._lexeme in _WORDS:
            self.kind, self._lexeme = "symbol", _WORDS[self._lexeme]

    def _refused(self, construct: str, position: int | None = None) -> DmnError:
        return DmnError(
            f"{construct} is more than a condition may hold",
            position=self._start if position is None else position,
        )

    def beyond(self) -> DmnError:
        found = "the end" if self.kind == "end" else f'"{self._lexeme}"'
        return DmnError(f"found {found}, which is more than a condition may hold", position=self._start)

    def _take(self, symbol: str) -> bool:
        if self.kind == "symbol" and self._lexeme == symbol:
            self._advance()
            return True
        return False

    def condition(self) -> Evaluate:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise DmnError(f"nested more than {MAX_NESTING} levels deep", position=self._start)
        terms = [self._conjunction()]
        while self._take("||"):
            terms.append(self._conjunction())
        self._nesting -= 1
        return terms[0] if len(terms) == 1 else lambda scope: any(_boolean(term(scope)) for term in terms)

    def _conjunction(self) -> Evaluate:
        terms = [self._negation()]
        while self._take("&&"):
            terms.append(self._negation())
        return terms[0] if len(terms) == 1 else lambda scope: all(_boolean(term(scope)) for term in terms)

    def _negation(self) -> Evaluate:
        negations = 0
        while self._take("!"):
            negations += 1
        term = self._comparison()
        if negations == 0:
            return term
        wanted = negations % 2 == 0
        return lambda scope: _boolean(term(scope)) is wanted

    def _comparison(self) -> Evaluate:
        left = self._operand()
        if self.kind != "symbol" or self._lexeme not in _COMPARISONS:
            return left
        symbol = _COMPARISONS[self._lexeme]
        self._advance()
        right = self._operand()

        def evaluate(scope: Scope) -> Value:
            if _NULL in (left, right):
                return ((left(scope) is None) == (right(scope) is None)) is (symbol == "=")
            return _compared(symbol, left(scope), right(scope))

        return evaluate

    def _operand(self) -> Evaluate:
        value = self._value()
        while self._take("."):
            method = self._lexeme
            if self.kind != "name" or method not in _METHODS:
                raise self._refused(f'the method or member ".{method}"')
            self._advance()
            if not self._take("("):
                raise self.beyond()
            value = _method(method, value, self._value())
            if not self._take(")"):
                raise self.beyond()
        return value

    def _value(self) -> Evaluate:
        if self._take("("):
            inner = self.condition()
            if not self._take(")"):
                raise self.beyond()
            return inner
        sign = "-" if self._take("-") else ""
        kind, word, start = self.kind, self._lexeme, self._start
        if sign and kind != "number":
            raise self.beyond()
        if kind == "number":
            self._advance()
            return _constant(read_number(sign + word))
        if kind == "string":
            self._advance()
            return _constant(re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL))
        if kind == "name" and word in _LITERALS:
            self._advance()
            return _NULL if word == "null" else _constant(_LITERALS[word])
        if kind in ("name", "declared"):
            self._advance()
            if word == "new":
                raise self._refused('"new"', start)
            if word == "empty" and self.kind in ("name", "declared", "string"):
                return _empty(self._value())
            if self.kind == "symbol" and self._lexeme == "(":
                raise self._refused(f'the function "{word}"', start)
            self.names.append(word)
            return _variable(word)
        raise self.beyond()


def _constant(value: Value) -> Evaluate:
    return lambda scope: value


# One object, so that asking for null is told from meeting it.
_NULL = _constant(None)


def _variable(name: str) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        if name not in scope:
            raise DmnError(f'there is no value for "{name}"')
        return scope.lookup(name)

    return evaluate


def _empty(value: Evaluate) -> Evaluate:
    return lambda scope: value(scope) in (None, "", [], {})


def _boolean(value: Value) -> bool:
    if not isinstance(value, bool):
        raise DmnError(f"{shown(value)} stands where true or false is needed")
    return value


def _compared(symbol: str, left: Value, right: Value) -> Value:
    """Raises DmnError for null and for values of two kinds: neither equals anything else, nor differs from it."""
    outcome = compared(symbol, left, right)
    if outcome is None or left is None or right is None:
        raise DmnError(f"{shown(left)} and {shown(right)} cannot be compared")
    return outcome


def _method(method: str, value: Evaluate, argument: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        left, right = value(scope), argument(scope)
        if method == "equalsIgnoreCase" and isinstance(left, str) and isinstance(right, str):
            return left.casefold() == right.casefold()
        return left is None if argument is _NULL else _compared("=", left, right)

    return evaluate
