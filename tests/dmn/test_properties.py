"""Ranges, three-valued logic and hit policies agree with a slow, obvious reference."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mlc.dmn import DmnError, load
from tests.dmn.tables import (
    by_variable,
    cell_file,
    decision,
    definitions,
    expression_file,
    output,
    rule,
    table,
)

numbers = st.decimals(min_value=-100, max_value=100, places=2)
truths = st.sampled_from([True, False, None])


@given(
    low=numbers, high=numbers, value=numbers, opening=st.sampled_from("[]("), closing=st.sampled_from("[])")
)
def test_a_range_holds_what_lies_between_its_ends(
    low: Decimal, high: Decimal, value: Decimal, opening: str, closing: str
) -> None:
    above = value >= low if opening == "[" else value > low
    below = value <= high if closing == "]" else value < high
    definition = load(cell_file(f"{opening}{low}..{high}{closing}"))
    assert (definition.evaluate(None, {"x": value}) is True) is (above and below)


@given(left=truths, right=truths)
def test_and_or_and_not_are_three_valued(left: bool | None, right: bool | None) -> None:
    inputs = {"a": left, "b": right}
    both = False if False in (left, right) else None if None in (left, right) else True
    either = True if True in (left, right) else None if None in (left, right) else False
    assert load(expression_file("a and b")).evaluate(None, inputs) is both
    assert load(expression_file("a or b")).evaluate(None, inputs) is either
    assert load(expression_file("not(a)")).evaluate(None, inputs) is (None if left is None else not left)


@given(value=st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_float_is_the_decimal_that_it_prints(value: float) -> None:
    assert load(expression_file("x")).evaluate(None, {"x": value}) == Decimal(repr(value))


@given(
    policy=st.sampled_from(["UNIQUE", "ANY", "FIRST", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"]),
    rules=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=5),
    value=st.integers(0, 6),
)
def test_hit_policies_choose_among_the_rules_that_match(
    policy: str, rules: list[tuple[int, int]], value: int
) -> None:
    written = [rule([f">= {threshold}"], [str(score)]) for threshold, score in rules]
    outputs = [output('name="score"', allowed="3, 1, 2, 0")]
    definition = load(definitions(decision(table([by_variable("x")], outputs, written, hit_policy=policy))))
    try:
        result = definition.evaluate(None, {"x": value})
    except DmnError:
        result = "error"
    assert result == reference(policy, [score for threshold, score in rules if value >= threshold])


def reference(policy: str, scores: list[int]) -> object:
    by_priority = sorted(scores, key=[3, 1, 2, 0].index)
    if policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER"):
        listed = by_priority if policy == "OUTPUT ORDER" else scores
        return listed if scores or policy == "COLLECT" else None
    if not scores:
        return None
    if (policy == "UNIQUE" and len(scores) > 1) or (policy == "ANY" and len(set(scores)) > 1):
        return "error"
    return by_priority[0] if policy == "PRIORITY" else scores[0]
