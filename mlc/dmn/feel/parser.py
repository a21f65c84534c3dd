"""FEEL's grammar by recursive descent: expressions and unary tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from mlc.dmn.errors import DmnError
from mlc.dmn.feel import bracket_rules as brackets
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.advice import advice
from mlc.dmn.feel.lexer import Token
from mlc.dmn.feel.phrase_rules import PHRASES
from mlc.dmn.feel.reader import Names, Reader
from mlc.dmn.feel.type_rules import type_name
from mlc.dmn.temporal import read_temporal
from mlc.dmn.values import ARITHMETIC, read_number

MAX_LENGTH = 32_000

_KEYWORDS = frozenset(
    {"and", "between", "else", "every", "false", "for", "function", "if", "in", "instance", "null", "or"}
    | {"return", "satisfies", "some", "then", "true"}
)
_CONSTANTS = {"true": True, "false": False, "null": None}
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "=", "!="})
# How tightly each binds; all of them from the left.
_ARITHMETIC = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}


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
        raise DmnError(
            f"the text has {len(text):,} characters, more than {MAX_LENGTH:,}", position=MAX_LENGTH
        )
    parser = _Parser(text, names)
    try:
        tree = rule(parser)
        parser.expect_end()
    except DmnError as error:
        position = parser.position if error.position is None else error.position
        raise DmnError(error.message + advice(text, position), position=position) from None
    return Parsed(tree, frozenset(parser.required), frozenset(parser.looked_up), parser.uses_null)


class _Parser(Reader):
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
        tests = [self._test(self.expression)]
        while self.take(","):
            tests.append(self._test(self.expression))
        return tuple(tests)

    def _test(self, rule: Callable[[], ast.Node]) -> ast.Test:
        token = self.peek()
        if token.kind == "symbol" and token.text in _COMPARISONS:
            self.next()
            return ast.OperatorTest(cast("ast.Comparison", token.text), self.arithmetic())
        outer, self.uses_input = self.uses_input, False
        expression = rule()
        uses_input, self.uses_input = self.uses_input, outer
        return ast.ExpressionTest(expression, uses_input)

    def expression(self) -> ast.Node:
        return self.nested(self._disjunction)

    def _disjunction(self) -> ast.Node:
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
        left = self.arithmetic()
        token = self.peek()
        if token.kind == "symbol" and token.text in _COMPARISONS:
            self.next()
            return ast.Compare(cast("ast.Comparison", token.text), left, self.arithmetic())
        if self.take_word("between"):
            low = self.arithmetic()
            self.expect_word("and")
            return ast.Between(left, low, self.arithmetic())
        if self.take_word("in"):
            return ast.In(left, self._in_tests())
        return left

    def _in_tests(self) -> tuple[ast.Test, ...]:
        if not self.take("("):
            return (self._test(self.arithmetic),)
        tests = self.nested(self._tests)
        first = tests[0]
        if len(tests) > 1 or not isinstance(first, ast.ExpressionTest):
            self.expect(")")
            return tests
        if self.take(".."):
            # `(a..b]` begins like a list of tests.
            interval = brackets.range_end(self, first.expression, start_closed=False)
            return (ast.ExpressionTest(interval, first.uses_input),)
        self.expect(")")
        return (ast.ExpressionTest(self._extended(first.expression), first.uses_input),)

    def arithmetic(self, weakest: int = 1) -> ast.Node:
        left = self._signed()
        while True:
            token = self.peek()
            binding = _ARITHMETIC.get(token.text, 0) if token.kind == "symbol" else 0
            if binding < weakest:
                return left
            self.next()
            left = ast.Arithmetic(
                cast("ast.ArithmeticOperator", token.text), left, self.arithmetic(binding + 1)
            )

    def _signed(self) -> ast.Node:
        if not self.take("-"):
            return self._typed(self._extended(self._primary()))
        if self.peek().kind == "number":
            return self._typed(self._extended(ast.Literal(ARITHMETIC.minus(self._number()))))
        operand = self.nested(self._signed)
        if isinstance(operand, ast.Literal) and isinstance(operand.value, Decimal):
            return ast.Literal(ARITHMETIC.minus(operand.value))
        return ast.Negate(operand)

    def _typed(self, value: ast.Node) -> ast.Node:
        if not self.take_word("instance"):
            return value
        self.expect_word("of")
        return ast.InstanceOf(value, type_name(self))

    def _extended(self, node: ast.Node) -> ast.Node:
        """The node with the members, filters and arguments that follow it."""
        while True:
            if self.take("."):
                node = ast.Path(node, self._member())
            elif self.at("[") and brackets.begins_filter(self):
                self.next()
                node = ast.Filter(node, self.inside_item(self.expression))
                self.expect("]")
            elif self.at("("):
                self._check_callable(node)
                self.next()
                node = self._call(node)
            else:
                return node

    def _member(self) -> str:
        token = self.next_member()
        if token.kind not in ("name", "known name"):
            raise self.unexpected("a member's name", token)
        return token.text

    def _check_callable(self, node: ast.Node) -> None:
        if isinstance(node, ast.Name) and not self.is_visible(node.name):
            raise DmnError(f'there is no function "{node.name}"', position=self.position)
        if isinstance(node, ast.Path) and not self.is_member(node.member):
            raise DmnError(f'there is no function "{node.member}"', position=self.position)

    def _call(self, function: ast.Node) -> ast.Node:
        if self.take(")"):
            return ast.Call(function, (), None)
        parameters: list[str] = []
        arguments: list[ast.Node] = []
        while not arguments or self.take(","):
            if (name := self._parameter_name()) is not None:
                parameters.append(name)
            arguments.append(self.expression())
        self.expect(")")
        if parameters and len(parameters) != len(arguments):
            raise DmnError("arguments are either all named or none is", position=self.position)
        if len(set(parameters)) != len(parameters):
            raise DmnError("an argument is named twice", position=self.position)
        return ast.Call(function, tuple(arguments), tuple(parameters) or None)

    def _parameter_name(self) -> str | None:
        """Takes `name:`, where the name may hold blanks."""
        start = self.position
        name = self.new_name()
        if name is not None and self.take(":"):
            return name
        self.move_to(start)
        return None

    def _primary(self) -> ast.Node:
        token = self.peek()
        if token.kind == "number":
            return ast.Literal(self._number())
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

    def _number(self) -> Decimal:
        number = read_number(self.peek().text)
        self.next()
        return number

    def _keyword(self, token: Token) -> ast.Node:
        if token.text in _CONSTANTS:
            self.next()
            self.uses_null = self.uses_null or token.text == "null"
            return ast.Literal(_CONSTANTS[token.text])
        if token.text in PHRASES:
            self.next()
            return self.nested(lambda: PHRASES[token.text](self))
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


_BRACKETED: dict[str, Callable[[_Parser], ast.Node]] = {
    "(": brackets.round_bracket,
    "[": brackets.square_bracket,
    "]": brackets.reversed_bracket,
    "{": brackets.context,
    "?": _Parser.input_value,
    "@": _Parser.at_literal,
}
