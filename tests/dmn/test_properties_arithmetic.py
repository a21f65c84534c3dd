"""Arithmetic agrees with Python's decimals of 34 digits."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mlc.dmn import load
from tests.dmn.reference import DECIMAL_128, Term, Value
from tests.dmn.strategies import arithmetic, constant, examples, few_numbers, numbers, variable
from tests.dmn.tables import expression_file

NAMES = ("x", "y", "z")
OPERANDS = st.one_of(
    few_numbers,
    numbers,
    st.decimals(allow_nan=False, allow_infinity=False).map(DECIMAL_128.plus).filter(Decimal.is_finite),
)
LEAVES = st.one_of(st.sampled_from(NAMES).map(variable), st.one_of(few_numbers, numbers).map(constant))


@examples(200)
@given(
    expression=arithmetic(LEAVES),
    given_values=st.lists(
        st.tuples(*[st.one_of(OPERANDS, st.none()) for _ in NAMES]), min_size=1, max_size=4
    ),
)
def test_an_expression_gives_the_number_that_decimal_arithmetic_gives(
    expression: Term, given_values: list[tuple[Value, ...]]
) -> None:
    definition = load(expression_file(expression.text))
    for values in given_values:
        variables = dict(zip(NAMES, values, strict=True))
        assert definition.evaluate(None, variables) == expression.meaning(variables)


ITSELF = load(expression_file("x"))
SUM = load(expression_file("sum(items)"))


@examples(100)
@given(value=st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_float_is_the_decimal_that_it_prints(value: float) -> None:
    assert ITSELF.evaluate(None, {"x": value}) == Decimal(repr(value))


@examples(50)
@given(items=st.lists(numbers, min_size=1, max_size=20))
def test_a_sum_loses_nothing(items: list[Decimal]) -> None:
    assert SUM.evaluate(None, {"items": items}) == sum(items)
