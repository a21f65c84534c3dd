"""Conditions agree with a slow, obvious reference of three-valued logic."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from mlc.dmn import load
from tests.dmn.reference import Term, Value, both, either
from tests.dmn.strategies import conditions, constant, examples, few_numbers, variable
from tests.dmn.tables import expression_file

NAMES = ("a", "b", "c")
LEAVES = st.one_of(
    st.sampled_from(NAMES).map(variable),
    st.sampled_from(NAMES).map(variable),
    st.one_of(st.booleans(), st.none(), few_numbers).map(constant),
)


@examples(150)
@given(condition=conditions(LEAVES), number=few_numbers)
def test_a_condition_is_true_false_or_null(condition: Term, number: Value) -> None:
    definition = load(expression_file(condition.text))
    for values in product((True, False, None, number), repeat=len(NAMES)):
        variables = dict(zip(NAMES, values, strict=True))
        assert definition.evaluate(None, variables) == condition.meaning(variables), variables


AND, OR, ALL, ANY = (
    load(expression_file(text)) for text in ("a and b and c", "a or b or c", "all(items)", "any(items)")
)


@examples(60)
@given(terms=st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=3))
def test_all_and_any_are_and_and_or_of_a_list(terms: list[bool | None]) -> None:
    variables = dict(zip(NAMES, terms, strict=True))
    assert AND.evaluate(None, variables) is ALL.evaluate(None, {"items": terms}) is both(terms)
    assert OR.evaluate(None, variables) is ANY.evaluate(None, {"items": terms}) is either(terms)
