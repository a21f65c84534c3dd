"""Ranges and cells agree with a slow, obvious reference."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlc.dmn import load
from tests.dmn.reference import UnaryTest, Value
from tests.dmn.strategies import ORDERED, cells, equals, examples, intervals, unary_tests, words
from tests.dmn.tables import cell_file, expression_file

OF_ALL_KINDS = st.one_of(st.none(), st.booleans(), *ORDERED.values())
TESTS_OF_ALL_KINDS = st.one_of(equals(st.none()), equals(st.booleans()), *map(unary_tests, ORDERED.values()))


def passes(cell: str, values: list[Value]) -> list[bool]:
    definition = load(cell_file(cell))
    return [definition.evaluate(None, {"x": value}) is True for value in values]


@examples(150)
@given(kind=st.sampled_from(list(ORDERED)), data=st.data())
def test_a_range_holds_what_lies_between_its_ends(kind: str, data: st.DataObject) -> None:
    interval = data.draw(intervals(ORDERED[kind]))
    values = data.draw(st.lists(ORDERED[kind], min_size=1, max_size=8))
    expected = [interval.holds(value) for value in values]
    assert passes(interval.text, values) == expected
    definition = load(expression_file(f"x in {interval.text}"))
    assert [definition.evaluate(None, {"x": value}) for value in values] == expected


@examples(120)
@given(kind=st.sampled_from(list(ORDERED)), data=st.data())
def test_of_the_tests_in_a_cell_one_must_hold_or_none(kind: str, data: st.DataObject) -> None:
    cell = data.draw(cells(unary_tests(ORDERED[kind])))
    values = data.draw(st.lists(st.one_of(ORDERED[kind], st.none()), min_size=1, max_size=8))
    assert passes(cell.text, values) == [cell.holds(value) is True for value in values]


@examples(100)
@given(cell=cells(TESTS_OF_ALL_KINDS), values=st.lists(OF_ALL_KINDS, min_size=1, max_size=8))
def test_a_value_of_another_kind_passes_no_test(cell: UnaryTest, values: list[Value]) -> None:
    assert passes(cell.text, values) == [cell.holds(value) is True for value in values]


@examples(60)
@given(test=unary_tests(ORDERED["number"]), values=st.lists(ORDERED["number"], min_size=1, max_size=8))
def test_the_question_mark_is_the_value_that_a_cell_tests(test: UnaryTest, values: list[Value]) -> None:
    text = test.text
    asked = f"? {text}" if text[0] in "<>=!" else f"? in {text}"
    assert passes(asked, values) == passes(text, values)


@examples(40)
@given(cell=cells(unary_tests(words)), value=words)
def test_words_are_told_apart_by_their_letters(cell: UnaryTest, value: str) -> None:
    assert passes(cell.text, [value]) == [cell.holds(value) is True]


@examples(40)
@given(candidates=st.lists(ORDERED["number"], max_size=4), value=ORDERED["number"])
def test_a_list_in_a_cell_holds_its_items(candidates: list[Value], value: Value) -> None:
    definition = load(expression_file("x in candidates"))
    expected = value in candidates
    assert (definition.evaluate(None, {"x": value, "candidates": candidates}) is True) is expected
