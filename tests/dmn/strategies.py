"""Random texts of FEEL together with what they mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.dmn.reference import (
    Term,
    UnaryTest,
    Value,
    between,
    both,
    calculate,
    compare,
    either,
    opposite,
    written,
)

OPENINGS = "[(]"
CLOSINGS = "])["
COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")

numbers = st.decimals(min_value=-100, max_value=100, places=2)
few_numbers = st.integers(-3, 5).map(Decimal)
words = st.sampled_from(["Red", "Yellow", "Green", "red", "", "a b", "é"])
# Few enough of each kind for equal ones to meet.
ORDERED: dict[str, SearchStrategy[Value]] = {
    "number": st.one_of(few_numbers, numbers),
    "string": st.text("abB", max_size=2),
    "date": st.dates(date(2024, 2, 27), date(2024, 3, 2)),
    "time": st.builds(time, st.integers(0, 2), st.integers(0, 1), st.just(30)),
    "date and time": st.datetimes(
        datetime(2024, 2, 28, 23, 59),  # noqa: DTZ001
        datetime(2024, 2, 29),  # noqa: DTZ001
        timezones=st.just(UTC),
    ).map(lambda moment: moment.replace(microsecond=0)),
    "duration": st.builds(timedelta, hours=st.integers(-30, 30)),
}


def examples(count: int) -> settings:
    """How many examples a property is tried on."""
    return settings(max_examples=count, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def intervals(draw: Callable[[SearchStrategy[Value]], Value], ends: SearchStrategy[Value]) -> UnaryTest:
    """An interval in any brackets, its ends in any order."""
    low, high = draw(ends), draw(ends)
    opening, closing = draw(st.sampled_from(OPENINGS)), draw(st.sampled_from(CLOSINGS))
    text = f"{opening}{written(low)}..{written(high)}{closing}"
    return UnaryTest(text, lambda value: between(value, low, high, str(opening), str(closing)))


def comparisons(operands: SearchStrategy[Value]) -> SearchStrategy[UnaryTest]:
    def test(operator: str, operand: Value) -> UnaryTest:
        return UnaryTest(f"{operator} {written(operand)}", lambda value: compare(operator, value, operand))

    return st.builds(test, st.sampled_from(COMPARISONS), operands)


def equals(operands: SearchStrategy[Value]) -> SearchStrategy[UnaryTest]:
    return operands.map(
        lambda operand: UnaryTest(written(operand), lambda value: compare("=", value, operand))
    )


def unary_tests(operands: SearchStrategy[Value]) -> SearchStrategy[UnaryTest]:
    return st.one_of(comparisons(operands), intervals(operands), equals(operands))


def cells(tests: SearchStrategy[UnaryTest]) -> SearchStrategy[UnaryTest]:
    """What may stand in a cell: nothing, a test, several, or none of several."""
    listed = st.lists(tests, min_size=1, max_size=3)
    anything = UnaryTest("-", lambda value: True)
    return st.one_of(st.just(anything), listed.map(_any_of), listed.map(_none_of))


def _any_of(tests: list[UnaryTest]) -> UnaryTest:
    return UnaryTest(
        ", ".join(test.text for test in tests), lambda value: either(test.holds(value) for test in tests)
    )


def _none_of(tests: list[UnaryTest]) -> UnaryTest:
    listed = _any_of(tests)
    return UnaryTest(f"not({listed.text})", lambda value: opposite(listed.holds(value)))


def constant(value: Value) -> Term:
    negative = isinstance(value, Decimal) and value < 0
    return Term(written(value), lambda variables: value, level=7 if negative else 9)


def variable(name: str) -> Term:
    return Term(name, lambda variables: variables[name])


def arithmetic(leaves: SearchStrategy[Term]) -> SearchStrategy[Term]:
    """Expressions of + - * / **, unary minus and brackets, with no more brackets than they need, or some more."""
    levels = {"+": 4, "-": 4, "*": 5, "/": 5, "**": 6}

    def operation(operator: str, left: Term, right: Term) -> Term:
        level = levels[operator]
        return Term(
            f"{left.bracketed(level)} {operator} {right.bracketed(level + 1)}",
            lambda variables: calculate(operator, left.meaning(variables), right.meaning(variables)),
            level,
        )

    def negation(term: Term) -> Term:
        return Term(
            f"-{term.bracketed(7)}",
            lambda variables: calculate("-", Decimal(0), term.meaning(variables)),
            level=7,
        )

    def redundant(term: Term) -> Term:
        return Term(f"({term.text})", term.meaning)

    def grown(terms: SearchStrategy[Term]) -> SearchStrategy[Term]:
        operators = st.sampled_from(tuple(levels))
        return st.one_of(
            st.builds(operation, operators, terms, terms), terms.map(negation), terms.map(redundant)
        )

    return st.recursive(leaves, grown, max_leaves=8)


def conditions(leaves: SearchStrategy[Term]) -> SearchStrategy[Term]:
    """Nested and, or, not, if, comparisons, between and in."""

    def joined(operator: str, level: int, combine: Callable[..., Value]) -> Callable[[list[Term]], Term]:
        return lambda terms: Term(
            f" {operator} ".join(term.bracketed(level + 1) for term in terms),
            lambda variables: combine([term.meaning(variables) for term in terms]),
            level,
        )

    def denied(term: Term) -> Term:
        return Term(f"not({term.text})", lambda variables: opposite(term.meaning(variables)))

    def compared(operator: str, left: Term, right: Term) -> Term:
        return Term(
            f"{left.bracketed(4)} {operator} {right.bracketed(4)}",
            lambda variables: compare(operator, left.meaning(variables), right.meaning(variables)),
            level=3,
        )

    def lying_between(value: Term, low: Term, high: Term) -> Term:
        return Term(
            f"{value.bracketed(4)} between {low.bracketed(4)} and {high.bracketed(4)}",
            lambda variables: between(*(term.meaning(variables) for term in (value, low, high))),
            level=3,
        )

    def lying_in(value: Term, tests: list[UnaryTest]) -> Term:
        return Term(
            f"{value.bracketed(4)} in ({', '.join(test.text for test in tests)})",
            lambda variables: either(test.holds(value.meaning(variables)) for test in tests),
            level=3,
        )

    def chosen(condition: Term, then: Term, otherwise: Term) -> Term:
        return Term(
            f"(if {condition.text} then {then.text} else {otherwise.text})",
            lambda variables: (then if condition.meaning(variables) is True else otherwise).meaning(
                variables
            ),
        )

    def grown(terms: SearchStrategy[Term]) -> SearchStrategy[Term]:
        several = st.lists(terms, min_size=2, max_size=3)
        return st.one_of(
            several.map(joined("and", 2, both)),
            several.map(joined("or", 1, either)),
            terms.map(denied),
            st.builds(compared, st.sampled_from(COMPARISONS), terms, terms),
            st.builds(lying_between, terms, terms, terms),
            st.builds(lying_in, terms, st.lists(unary_tests(few_numbers), min_size=1, max_size=3)),
            st.builds(chosen, terms, terms, terms),
        )

    return st.recursive(leaves, grown, max_leaves=10)
