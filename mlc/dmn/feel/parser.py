"""FEEL's grammar by recursive descent: expressions and unary tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from mlc.dmn.errors import DmnError
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.lexer import Token
from mlc.dmn.feel.reader import NameReader, Names
from mlc.dmn.temporal import read_temporal
from mlc.dmn.values import ARITHMETIC, read_number

MAX_LENGTH = 32_000

_KEYWORDS = frozenset(
    {"and", "between", "else", "every", "false", "for", "function", "if", "in", "instance", "null", "or"}
    | {"return", "satisfies", "some", "then", "true"}
)
_CONSTANTS = {"true": True, "false": False, "null": None}
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "=", "!="})
# "date and time", "days and time duration", "years and months duration": how many words follow "and".
_COMPOUND_TYPES = {"date": range(1), "days": range(2), "years": range(2)}


@dataclass(frozen=True)
class Parsed:
    """A text's tree (None: a cell that is always true), the variables it must have, and all it may look up."""

    tree: ast.Node | ast.UnaryTests | None
    required: frozenset[str]
    names: frozenset[str]
    uses_null: bool


def parse_expression(text: str, names: Names) -> Parsed:
    """Raises DmnError with a position for text that is no FEEL expression."""
    return _parse(text, names, _Parser.expression)


def parse_unary_tests(text: str, names: Names) -> Parsed:
    """A cell of an input column. Raises DmnError with a position for text that is no list of unary tests."""
    if text.strip() in ("", "-"):
        return Parsed(None, frozenset(), frozenset(), uses_null=False)
    return _parse(text, names, _Parser.unary_tests)


def _parse(text: str, names: Names, rule: Callable[[_Parser], ast.Node | ast.UnaryTests]) -> Parsed:
    if len(text) > MAX_LENGTH:
        raise DmnError(f"the text has {len(text):,} characters, more than {MAX_LENGTH:,}")
    parser = _Parser(text, names)
    tree = rule(parser)
    parser.expect_end()
    return Parsed(tree, frozenset(parser.required), frozenset(parser.looked_up), parser.uses_null)


class _Parser(NameReader):
    """One method for each rule of the grammar, from the loosest binding to the tightest."""

    def unary_tests(self) -> ast.UnaryTests:
        if self.at_word("not"):
            start = self.position
            self.next()
            if self.take("("):
                tests = self._tests()
                if self.take(")") and self.peek().kind == "end":
                    return ast.UnaryTests(tests, negated=True)
            self.move_to(start)
        return ast.UnaryTests(self._tests(), negated=False)

    def _tests(self) -> tuple[ast.Test, ...]:
        tests = [self._test()]
        while self.take(","):
            tests.append(self._test())
        return tuple(tests)

    def _test(self) -> ast.Test:
        token = self.peek()
        if token.kind == "symbol" and token.text in _COMPARISONS:
            self.next()
            return ast.OperatorTest(cast("ast.Comparison", token.text), self._sum())
        self.uses_input = False
        expression = self.expression()
        return ast.ExpressionTest(expression, self.uses_input)

    def expression(self) -> ast.Node:
        return self.nested(self._expression, filters=self.filters_allowed)

    def _expression(self) -> ast.Node:
        terms = [self._conjunction()]
        while self.take_word("or"):
            terms.append(self._conjunction())
        return terms[0] if len(terms) == 1 else ast.Logical("or", tuple(terms))

    def _conjunction(self) -> ast.Node:
        terms = [self._comparison()]
        while self.take_word("and"):
            terms.append(self._comparison())
        return terms[0] if len(terms) == 1 else ast.Logical("and", tuple(terms))

    def _comparison(self) -> ast.Node:
        left = self._sum()
        token = self.peek()
        if token.kind == "symbol" and token.text in _COMPARISONS:
            self.next()
            return ast.Compare(cast("ast.Comparison", token.text), left, self._sum())
        if self.take_word("between"):
            low = self._sum()
            self.expect_word("and")
            return ast.Between(left, low, self._sum())
        if self.take_word("in"):
            return ast.In(left, self._in_tests())
        if self.take_word("instance"):
            self.expect_word("of")
            return ast.InstanceOf(left, self._type_name())
        return left

    def _in_tests(self) -> tuple[ast.Test, ...]:
        if not self.take("("):
            return (self._test(),)
        tests = self.nested(self._tests)
        first = tests[0]
        if len(tests) == 1 and isinstance(first, ast.ExpressionTest) and self.take(".."):
            # `(a..b]` begins like a list of tests.
            return (
                ast.ExpressionTest(self._range_end(first.expression, start_closed=False), first.uses_input),
            )
        self.expect(")")
        return tests

    def _type_name(self) -> str:
        words = [self.next().text] if self.peek().kind in ("name", "known name") else []
        if words and words[0] in _COMPOUND_TYPES and self.take_word("and"):
            words += ["and", *(self.next().text for _ in _COMPOUND_TYPES[words[0]])]
        if not words:
            raise self.unexpected("a type")
        return " ".join(words)

    def _sum(self) -> ast.Node:
        left = self._product()
        while True:
            if self.take("+"):
                left = ast.Arithmetic("+", left, self._product())
            elif self.take("-"):
                left = ast.Arithmetic("-", left, self._product())
            else:
                return left

    def _product(self) -> ast.Node:
        left = self._power()
        while True:
            if self.take("*"):
                left = ast.Arithmetic("*", left, self._power())
            elif self.take("/"):
                left = ast.Arithmetic("/", left, self._power())
            else:
                return left

    def _power(self) -> ast.Node:
        left = self._signed()
        while self.take("**"):
            left = ast.Arithmetic("**", left, self._signed())
        return left

    def _signed(self) -> ast.Node:
        if not self.take("-"):
            return self._postfix()
        operand = self.nested(self._signed, filters=self.filters_allowed)
        if isinstance(operand, ast.Literal) and isinstance(operand.value, Decimal):
            return ast.Literal(ARITHMETIC.minus(operand.value))
        return ast.Negate(operand)

    def _postfix(self) -> ast.Node:
        node = self._primary()
        while True:
            if self.take("."):
                node = ast.Path(node, self._member())
            elif self.filters_allowed and self.take("["):
                node = ast.Filter(node, self._filter_condition())
            elif self.at("("):
                self._check_callable(node)
                self.next()
                node = self._arguments(node)
            else:
                return node

    def _member(self) -> str:
        token = self.next_member()
        if token.kind not in ("name", "known name"):
            raise self.unexpected("a member's name", token)
        return token.text

    def _filter_condition(self) -> ast.Node:
        self.inside_filter += 1
        condition = self.with_locals({"item"} | self.members, lambda: self.nested(self._expression))
        self.inside_filter -= 1
        self.expect("]")
        return condition

    def _check_callable(self, node: ast.Node) -> None:
        known = self.visible_names()
        if isinstance(node, ast.Name) and node.name not in known:
            raise DmnError(f'there is no function "{node.name}"', position=self.position)
        if isinstance(node, ast.Path) and node.member not in self.members:
            raise DmnError(f'there is no function "{node.member}"', position=self.position)

    def _arguments(self, function: ast.Node) -> ast.Node:
        if self.take(")"):
            return ast.Call(function, (), None)
        parameters: list[str] = []
        arguments: list[ast.Node] = []
        while True:
            if (name := self._parameter_name()) is not None:
                parameters.append(name)
            arguments.append(self.nested(self._expression))
            if not self.take(","):
                break
        self.expect(")")
        if parameters and len(parameters) != len(arguments):
            raise DmnError("arguments are either all named or none is", position=self.position)
        return ast.Call(function, tuple(arguments), tuple(parameters) or None)

    def _parameter_name(self) -> str | None:
        """Takes `name:`, where the name may hold blanks."""
        start = self.position
        words: list[str] = []
        while self.peek().kind in ("name", "known name"):
            words.append(self.next().text)
        if words and self.take(":"):
            return " ".join(words)
        self.move_to(start)
        return None

    def _primary(self) -> ast.Node:
        token = self.peek()
        if token.kind == "number":
            self.next()
            return ast.Literal(read_number(token.text))
        if token.kind == "string":
            self.next()
            return ast.Literal(token.text)
        if token.kind == "known name" or (token.kind == "name" and token.text not in _KEYWORDS):
            self.next()
            return self.variable(token.text)
        if token.kind == "name":
            return self._keyword(token)
        if token.kind == "symbol" and token.text in _BRACKETED:
            self.next()
            return _BRACKETED[token.text](self)
        raise self.unexpected("a value")

    def _keyword(self, token: Token) -> ast.Node:
        if token.text in _CONSTANTS:
            self.next()
            self.uses_null = self.uses_null or token.text == "null"
            return ast.Literal(_CONSTANTS[token.text])
        if token.text in _PHRASES:
            self.next()
            return self.nested(lambda: _PHRASES[token.text](self))
        raise self.unexpected("a value")

    def input_value(self) -> ast.Node:
        self.uses_input = True
        return ast.Name("?")

    def at_literal(self) -> ast.Node:
        token = self.next()
        if token.kind != "string":
            raise DmnError('after "@" a text such as "2024-01-31" should stand', position=token.start)
        value = read_temporal(token.text)
        if value is None:
            raise DmnError(f'"{token.text}" is no date, time or duration', position=token.start)
        return ast.Literal(value)

    def round_bracket(self) -> ast.Node:
        first = self.nested(self._expression)
        if self.take(".."):
            return self._range_end(first, start_closed=False)
        self.expect(")")
        return first

    def square_bracket(self) -> ast.Node:
        if self.take("]"):
            return ast.ListOf(())
        items = [self.nested(self._expression)]
        if self.take(".."):
            return self._range_end(items[0], start_closed=True)
        while self.take(","):
            items.append(self.nested(self._expression))
        self.expect("]")
        return ast.ListOf(tuple(items))

    def reversed_bracket(self) -> ast.Node:
        first = self.nested(self._sum)
        self.expect("..")
        return self._range_end(first, start_closed=False)

    def _range_end(self, start: ast.Node, *, start_closed: bool) -> ast.Node:
        # No filter here: in `]1..2[` the last bracket closes the range.
        end = self.nested(self._sum, filters=False)
        if self.take("]"):
            return ast.RangeOf(start, end, start_closed, end_closed=True)
        if self.take(")") or self.take("["):
            return ast.RangeOf(start, end, start_closed, end_closed=False)
        raise self.unexpected('"]", ")" or "["')

    def context(self) -> ast.Node:
        entries: list[tuple[str, ast.Node]] = []
        if self.take("}"):
            return ast.ContextOf(())
        while True:
            token = self.peek()
            key = self.next().text if token.kind == "string" else self._parameter_name()
            if key is None:
                raise self.unexpected("an entry's name")
            if token.kind == "string":
                self.expect(":")
            visible = [name for name, _ in entries]
            entries.append((key, self.with_locals(visible, lambda: self.nested(self._expression))))
            self.members.add(key)
            if not self.take(","):
                break
        self.expect("}")
        return ast.ContextOf(tuple(entries))

    def conditional(self) -> ast.Node:
        condition = self.expression()
        self.expect_word("then")
        then = self.expression()
        self.expect_word("else")
        return ast.If(condition, then, self.expression())

    def _iterators(self, closing: str) -> tuple[ast.Iterator, ...]:
        iterators = [self._iterator(())]
        while self.take(","):
            iterators.append(self._iterator([iterator.name for iterator in iterators]))
        self.expect_word(closing)
        return tuple(iterators)

    def _iterator(self, visible: Iterable[str]) -> ast.Iterator:
        words: list[str] = []
        while self.peek().kind in ("name", "known name") and not self.at_word("in"):
            words.append(self.next().text)
        if not words:
            raise self.unexpected("a name")
        self.expect_word("in")

        def source() -> tuple[ast.Node, ast.Node | None]:
            first = self.expression()
            return first, self.expression() if self.take("..") else None

        first, end = self.with_locals(visible, source)
        return ast.Iterator(" ".join(words), first, end)

    def for_loop(self) -> ast.Node:
        iterators = self._iterators("return")
        visible = [iterator.name for iterator in iterators]
        return ast.For(iterators, self.with_locals(visible, self.expression))

    def some(self) -> ast.Node:
        iterators = self._iterators("satisfies")
        visible = [iterator.name for iterator in iterators]
        return ast.Quantified("some", iterators, self.with_locals(visible, self.expression))

    def every(self) -> ast.Node:
        iterators = self._iterators("satisfies")
        visible = [iterator.name for iterator in iterators]
        return ast.Quantified("every", iterators, self.with_locals(visible, self.expression))

    def function_literal(self) -> ast.Node:
        self.expect("(")
        parameters: list[str] = []
        while not self.take(")"):
            if parameters:
                self.expect(",")
            token = self.next()
            if token.kind not in ("name", "known name"):
                raise DmnError("a parameter's name is missing", position=token.start)
            parameters.append(token.text)
            if self.take(":"):
                self._type_name()
        return ast.FunctionOf(tuple(parameters), self.with_locals(parameters, self.expression))


_BRACKETED: dict[str, Callable[[_Parser], ast.Node]] = {
    "(": _Parser.round_bracket,
    "[": _Parser.square_bracket,
    "]": _Parser.reversed_bracket,
    "{": _Parser.context,
    "?": _Parser.input_value,
    "@": _Parser.at_literal,
}
_PHRASES: dict[str, Callable[[_Parser], ast.Node]] = {
    "if": _Parser.conditional,
    "for": _Parser.for_loop,
    "some": _Parser.some,
    "every": _Parser.every,
    "function": _Parser.function_literal,
}
