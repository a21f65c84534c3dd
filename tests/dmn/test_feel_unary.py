"""Unary tests: the cells of a decision table's input columns."""

from __future__ import annotations

from datetime import date

import pytest

from mlc.dmn import load
from tests.dmn.tables import cell_file


@pytest.mark.parametrize(
    ("cell", "passing", "failing"),
    [
        ("< 0.8", [0.7999], [0.8, 1]),
        (">= 3, ]-99..1]", [3, 1, -98.5], [-99, 1.001, 2]),
        ("[0..0.1[", [0, 0.0999], [0.1, -0.001]),
        ("(0..0.1)", [0.05], [0, 0.1]),
        ("-99", [-99], [99, -99.5]),
        ('"Red", "Yellow"', ["Red", "Yellow"], ["red", "Green", 1]),
        ('not("Red")', ["Green"], ["Red"]),
        ("not(< 1, > 2)", [1, 2], [0, 3]),
        ("true", [True], [False, 1]),
        ("false", [False], [True]),
        ("-", [1, None, "a"], []),
        ("", [1, None], []),
        ("null", [None], [1, False]),
        ("not(null)", [1, "a"], [None]),
        ("? > 1 and ? < 3", [2], [1, 3]),
        ('contains(?, "ode")', ["model"], ["mole", 1]),
        ("[1, 2]", [1, 2], [3]),
        ("1 + 1", [2], [1]),
        ('date("2024-01-01")', [date(2024, 1, 1)], [date(2024, 1, 2)]),
        ('> date("2024-01-01")', [date(2024, 1, 2)], [date(2024, 1, 1), 5]),
        ("= 5", [5], [4, None]),
        ("!= 5", [4], [5]),
        ("(< 5)", [4], [5, "a"]),
        ("not((>= 5))", [4], [5, "a"]),
        ("[null..5]", [], [4, None]),
        ("[1..1 + 1]", [2], [2.5]),
        ("> ? - 1", [5], ["a", None]),
        ("[? - 1..? + 1]", [5], ["a"]),
        ("max([?, 5])", [5, 6], [4]),
        ("? = true", [True], [False]),
        ("? in [1..3] or ? = 9", [2, 9], [4]),
        ("2 in (1, 2) and ? > 3", [4], [3]),
        ("(? > 3) and 2 in (1, 2)", [4], [3]),
        ('not(contains(?, "a"))', ["b"], ["a", 1]),
        ('not([1, "a"])', [5, "b"], [1, "a", True]),
        ("(not(true))", [False], [True]),
        ("not(false) and ? > 1", [2], [1]),
        ("1 < 2", [True, 5, None], []),
        ("if 1 < 2 then 5 else 6", [5], [6]),
        ("[[1, 2], 3]", [[1, 2], 3], [[1], 4]),
        ("[1, 2]", [[1, 2]], [[2, 1]]),
        ("[1..3], 7", [2, 7], [5]),
        ("yes", [True, 5], [False, None]),
    ],
)
def test_unary_tests(cell: str, passing: list[object], failing: list[object]) -> None:
    table = load(cell_file(cell))
    assert [value for value in passing if table.evaluate(None, {"x": value, "yes": True}) is not True] == []
    assert [value for value in failing if table.evaluate(None, {"x": value, "yes": True}) is True] == []
