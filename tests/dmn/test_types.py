"""Types of FEEL: which values conform, and what they become where a type is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mlc.dmn.temporal import read_date, read_date_and_time
from mlc.dmn.types import (
    ANY,
    SIMPLE_TYPES,
    ConstrainedType,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    SimpleType,
    Type,
    coerced,
    conforms,
    is_instance,
)
from mlc.dmn.values import Function, Range, Value

ONE, TWO = Decimal(1), Decimal(2)
NUMBER = SimpleType("number")
TEXT = SimpleType("string")
DATE = SimpleType("date")
MOMENT = SimpleType("date and time")
PERSON = ContextType({"name": TEXT, "age": NUMBER})
POSITIVE = ConstrainedType(NUMBER, lambda value: isinstance(value, Decimal) and value > 0)
DAY, MIDNIGHT = date(2024, 1, 31), datetime(2024, 1, 31, tzinfo=UTC)
UNARY = Function(("a",), lambda arguments, scope: None, lambda arguments, scope: None)


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        (ONE, NUMBER, True),
        (True, NUMBER, False),
        ("a", TEXT, True),
        (DAY, DATE, True),
        (MIDNIGHT, DATE, False),
        (DAY, MOMENT, False),
        (ONE, ANY, True),
        (None, NUMBER, True),
        (None, PERSON, True),
        ([ONE, None], ListType(NUMBER), True),
        ([ONE, "a"], ListType(NUMBER), False),
        ([], ListType(NUMBER), True),
        (ONE, ListType(NUMBER), False),
        ({"name": "Ada", "age": ONE, "more": True}, PERSON, True),
        ({"name": "Ada", "age": None}, PERSON, True),
        ({"name": "Ada"}, PERSON, False),
        ({"name": ONE}, PERSON, False),
        (Range(ONE, TWO, True, True), RangeType(NUMBER), True),
        (Range(None, TWO, False, True), RangeType(NUMBER), True),
        (Range("a", "b", True, True), RangeType(NUMBER), False),
        (UNARY, FunctionType((NUMBER,), ANY), True),
        (UNARY, FunctionType((NUMBER, NUMBER), ANY), False),
        (UNARY, FunctionType(None, ANY), True),
        (ONE, FunctionType(None, ANY), False),
        (ONE, POSITIVE, True),
        (-ONE, POSITIVE, False),
        ("a", POSITIVE, False),
    ],
)
def test_a_value_conforms_by_kind_and_by_what_it_holds(value: Value, wanted: Type, expected: bool) -> None:
    assert conforms(value, wanted) is expected


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        (ONE, NUMBER, ONE),
        ([ONE], NUMBER, ONE),
        ([ONE, TWO], NUMBER, None),
        (["a"], NUMBER, None),
        (ONE, ListType(NUMBER), [ONE]),
        ("a", ListType(NUMBER), None),
        ([ONE], ListType(NUMBER), [ONE]),
        ([[ONE]], ListType(NUMBER), None),
        (DAY, MOMENT, MIDNIGHT),
        (MIDNIGHT, DATE, None),
        (read_date("12345-01-31"), MOMENT, read_date_and_time("12345-01-31T00:00:00Z")),
        (MIDNIGHT, MOMENT, MIDNIGHT),
        ("a", NUMBER, None),
        (None, NUMBER, None),
        ([ONE], ANY, [ONE]),
        ([ONE], POSITIVE, ONE),
        ([-ONE], POSITIVE, None),
        (ONE, ConstrainedType(ListType(NUMBER), lambda value: value == [ONE]), [ONE]),
        ([{"name": "Ada", "age": ONE}], PERSON, {"name": "Ada", "age": ONE}),
        ([{"name": "Ada"}], PERSON, None),
    ],
)
def test_what_does_not_conform_is_converted_or_null(value: Value, wanted: Type, expected: Value) -> None:
    assert coerced(value, wanted) == expected
    assert type(coerced(value, wanted)) is type(expected)


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        (None, ANY, False),
        (None, NUMBER, False),
        (None, SimpleType("null"), True),
        ([None], ListType(NUMBER), True),
        ({"name": "Ada"}, PERSON, False),
        ({"name": "Ada", "age": None}, PERSON, True),
        ([{"name": "Ada"}], ListType(PERSON), False),
        (ONE, POSITIVE, True),
        (None, POSITIVE, False),
    ],
)
def test_an_instance_is_no_null_and_has_every_field(value: Value, wanted: Type, expected: bool) -> None:
    assert is_instance(value, wanted) is expected


@pytest.mark.parametrize(
    ("feel", "xml"),
    [
        ("date and time", "dateTime"),
        ("days and time duration", "dayTimeDuration"),
        ("years and months duration", "yearMonthDuration"),
    ],
)
def test_a_type_has_one_name_in_feel_and_one_in_xml(feel: str, xml: str) -> None:
    assert SIMPLE_TYPES[feel] == SIMPLE_TYPES[xml]


def test_types_are_hashable() -> None:
    assert len({PERSON, ContextType({"name": TEXT, "age": NUMBER}), ListType(NUMBER), NUMBER}) == 3
