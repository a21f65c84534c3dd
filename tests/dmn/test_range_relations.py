"""Relations of ranges are those that the specification writes out, case by case."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlc.dmn import load
from mlc.dmn.values import Range
from tests.dmn.tables import expression_file

ends = st.integers(1, 4)


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    low, high = sorted((draw(ends), draw(ends)))
    return Range(Decimal(low), Decimal(high + 1), draw(st.booleans()), draw(st.booleans()))


def before(a: Range, b: Range) -> bool:
    return a.end < b.start or ((not a.end_closed or not b.start_closed) and a.end == b.start)


def meets(a: Range, b: Range) -> bool:
    return a.end_closed and b.start_closed and a.end == b.start


def overlaps(a: Range, b: Range) -> bool:
    return (a.end > b.start or (a.end == b.start and a.end_closed and b.start_closed)) and (
        a.start < b.end or (a.start == b.end and a.start_closed and b.end_closed)
    )


def overlaps_before(a: Range, b: Range) -> bool:
    return (
        (a.start < b.start or (a.start == b.start and a.start_closed and not b.start_closed))
        and (a.end > b.start or (a.end == b.start and a.end_closed and b.start_closed))
        and (a.end < b.end or (a.end == b.end and (not a.end_closed or b.end_closed)))
    )


def finishes(a: Range, b: Range) -> bool:
    return (
        a.end_closed == b.end_closed
        and a.end == b.end
        and (a.start > b.start or (a.start == b.start and (not a.start_closed or b.start_closed)))
    )


def includes(a: Range, b: Range) -> bool:
    return (a.start < b.start or (a.start == b.start and (a.start_closed or not b.start_closed))) and (
        a.end > b.end or (a.end == b.end and (a.end_closed or not b.end_closed))
    )


def starts(a: Range, b: Range) -> bool:
    return (
        a.start == b.start
        and a.start_closed == b.start_closed
        and (a.end < b.end or (a.end == b.end and (not a.end_closed or b.end_closed)))
    )


def coincides(a: Range, b: Range) -> bool:
    return a == b


@pytest.mark.parametrize(
    ("name", "converse", "relation"),
    [
        ("before", "after", before),
        ("meets", "met by", meets),
        ("overlaps", "overlaps", overlaps),
        ("overlaps before", "overlaps after", overlaps_before),
        ("finishes", "finished by", finishes),
        ("includes", "during", includes),
        ("starts", "started by", starts),
        ("coincides", "coincides", coincides),
    ],
)
def test_a_relation_and_its_converse(
    name: str, converse: str, relation: Callable[[Range, Range], bool]
) -> None:
    definition = load(expression_file(f"[{name}(range(a), range(b)), {converse}(range(b), range(a))]"))

    @given(a=ranges(), b=ranges())
    def agree(a: Range, b: Range) -> None:
        assert definition.evaluate(None, {"a": written(a), "b": written(b)}) == [relation(a, b)] * 2

    agree()


def written(each: Range) -> str:
    return f"{'[' if each.start_closed else '('}{each.start}..{each.end}{']' if each.end_closed else ')'}"
