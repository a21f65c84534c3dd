"""Texts of a table made ready to run: input expressions, cells, output entries."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from mlc.dmn.errors import DmnError
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.evaluator import compiled, compiled_tests
from mlc.dmn.feel.parser import parse_expression, parse_unary_tests
from mlc.dmn.feel.reader import Names
from mlc.dmn.juel import JuelExpression, is_wrapped, parse_juel
from mlc.dmn.model import InputClause, Language, Text
from mlc.dmn.scope import Evaluate, Holds, Scope
from mlc.dmn.values import Value, shown

_Step = TypeVar("_Step")

# Camunda's name for the value that a cell tests.
_CELL_INPUT = "cellInput"
_VARIABLE_NAME = re.compile(r"[^\W\d][\w %#-]*")


@dataclass(frozen=True)
class Expression:
    """Gives a value. `required` names must have a value for it to mean anything; `names` may be looked up."""

    evaluate: Evaluate
    required: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True)
class Cell:
    """An input entry. `holds` is None where any value will do.

    tests: its syntax tree where it is FEEL. condition: what it is where it is JUEL.
    """

    text: str
    holds: Holds | None
    required: frozenset[str]
    names: frozenset[str]
    uses_null: bool
    tests: ast.UnaryTests | None = None
    condition: JuelExpression | None = None


@dataclass(frozen=True)
class Allowed:
    """The values that an input clause or a type allows, as unary tests; null is always allowed.

    A list that the tests cannot be asked of is allowed where each of its items is.
    """

    text: str
    holds: Holds | None

    def accepts(self, value: Value, scope: Scope) -> bool:
        if value is None or self.holds is None:
            return True
        held = self.holds(value, scope)
        if held is None and isinstance(value, list):
            scope.budget.spend(len(value))
            return all(self.accepts(item, scope) for item in value)
        return held is True


@dataclass(frozen=True)
class Column:
    """An input: the value its cells test.

    variable: the name whose value it is when the inputs hold it, taken verbatim. expression: what gives the value
    otherwise, None where there is only the variable. alias: the name under which cells may speak of the value.
    allowed: what the clause allows the value to be, None for any.
    """

    variable: str
    expression: Expression | None
    alias: str | None
    allowed: Allowed | None = None

    def value(self, scope: Scope) -> Value:
        """Raises DmnError for a value that the column does not allow."""
        if self.variable in scope:
            value = scope.lookup(self.variable)
        elif self.expression is None or self.expression.names == frozenset({self.variable}):
            value = None  # whether it is missed depends on the cells
        else:
            value = self.expression.evaluate(scope)
        if self.allowed is not None and not self.allowed.accepts(value, scope):
            raise DmnError(f"{shown(value)} is none of the values that the input allows: {self.allowed.text}")
        return value

    def missing(self, scope: Scope) -> list[str]:
        """The names that the column needs and the scope lacks."""
        if self.variable in scope:
            return []
        if self.expression is None:
            return [self.variable]
        absent = sorted(name for name in self.expression.required if name not in scope)
        return [self.variable] if absent and _VARIABLE_NAME.fullmatch(self.variable) else absent

    @property
    def names(self) -> frozenset[str]:
        own = frozenset({self.variable})
        return own | self.expression.names if self.expression else own


def compile_expression(source: Text, names: Names) -> Expression:
    """An expression or output entry; an empty one is null. Raises DmnError with a position."""
    if not source.text:
        return Expression(lambda scope: None, frozenset(), frozenset())
    if source.language is Language.JUEL or is_wrapped(source.text):
        return _juel_expression(parse_juel(source.text, names.variables))
    return feel_expression(source.text, names)


def feel_expression(text: str, names: Names) -> Expression:
    """Raises DmnError with a position for text that is no FEEL expression."""
    parsed = _bounded(lambda: parse_expression(text, names))
    tree = cast("ast.Node", parsed.tree)
    return Expression(_bounded(lambda: compiled(tree)), parsed.required, parsed.names)


def _juel_expression(juel: JuelExpression) -> Expression:
    # Which of its variables a condition comes to depends on the others, so none is required beforehand.
    return Expression(juel.evaluate, frozenset(), frozenset(juel.names))


def broken_expression(error: DmnError) -> Expression:
    """Stands for an expression that cannot be parsed."""
    return Expression(_raising(error), frozenset(), frozenset())


def broken_cell(source: Text, error: DmnError) -> Cell:
    """Stands for a cell that cannot be parsed."""
    evaluate = _raising(error)
    return Cell(
        source.text, lambda value, scope: evaluate(scope) is True, frozenset(), frozenset(), uses_null=False
    )


def _raising(error: DmnError) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        raise error

    return evaluate


def compile_column(clause: InputClause, names: Names) -> Column:
    """Raises DmnError for a column that names neither expression nor variable, or an expression that is wrong."""
    text = clause.expression.text
    allowed = allowed_values(clause.allowed_values, names.members) if clause.allowed_values else None
    if not text:
        if clause.variable is None:
            raise DmnError("the column has neither an input expression nor an input variable")
        return Column(clause.variable, None, None, allowed)
    try:
        expression = compile_expression(clause.expression, names)
    except DmnError:
        if _VARIABLE_NAME.fullmatch(text) is None:
            raise
        expression = None
    return Column(text, expression, clause.variable, allowed)


def allowed_values(text: str, members: frozenset[str]) -> Allowed:
    """Tests that see no variable, only the value and its members. Raises DmnError for a text of others."""
    return Allowed(text, compile_cell(Text(text), Names(members=members)).holds)


def ranked(text: str) -> tuple[Holds, ...]:
    """The unary tests one by one, which rank a value by the first that it passes. Raises DmnError for a text of others."""
    tests = cast("ast.UnaryTests | None", _bounded(lambda: parse_unary_tests(text, Names())).tree)
    if tests is None:
        return ()
    each = [tests] if tests.negated else [ast.UnaryTests((test,), negated=False) for test in tests.tests]
    return tuple(_bounded(lambda test=test: compiled_tests(test)) for test in each)


def compile_cell(source: Text, names: Names) -> Cell:
    """An input entry as unary tests or, where it is none, as a JUEL condition. Raises DmnError with a position."""
    if source.text in ("", "-"):
        return Cell(source.text or "-", None, frozenset(), frozenset(), uses_null=False)
    if source.language is Language.JUEL or is_wrapped(source.text):
        return _juel_cell(parse_juel(source.text, names.variables))
    try:
        return _feel_cell(source.text, names)
    except DmnError as not_feel:
        try:
            return _juel_cell(parse_juel(source.text, names.variables))
        except DmnError as not_juel:
            raise _more_telling(source.text, not_feel, not_juel) from None


def _more_telling(text: str, not_feel: DmnError, not_juel: DmnError) -> DmnError:
    """Text with operators that only JUEL has is judged as JUEL."""
    return not_juel if any(mark in text for mark in ("&&", "||", "==", "!(", ".equals")) else not_feel


def _juel_cell(juel: JuelExpression) -> Cell:
    names = tuple(name for name in juel.names if name != _CELL_INPUT)

    def holds(value: Value, scope: Scope) -> bool:
        # A value that is not there stays a variable that has none: that is an error, and no null to compare with.
        seen = scope if names == juel.names or value is None else scope.inner({_CELL_INPUT: value})
        return juel.holds(seen)

    return Cell(
        text=juel.text.strip(),
        holds=holds,
        required=frozenset(),
        names=frozenset(names),
        uses_null=False,
        condition=replace(juel, names=names),
    )


def _feel_cell(text: str, names: Names) -> Cell:
    parsed = _bounded(lambda: parse_unary_tests(text, names))
    tests = cast("ast.UnaryTests", parsed.tree)
    holds = _bounded(lambda: compiled_tests(tests))
    return Cell(text, holds, parsed.required, parsed.names, parsed.uses_null, tests)


def _bounded(step: Callable[[], _Step]) -> _Step:
    try:
        return step()
    except RecursionError:
        raise DmnError("the expression is nested too deeply") from None
