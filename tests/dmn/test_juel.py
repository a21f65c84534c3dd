"""Cells in JUEL and Groovy's manner: a closed subset, never executed as code."""

from __future__ import annotations

import pytest

from mlc.dmn import DmnError, load
from tests.dmn.tables import by_variable, cell_file, decision, definitions, rule, table

INPUTS = {"x": 1, "rate": 0.5, "limit": 0.7, "kind": "Regression", "ready": True, "nothing": None}


def hits(cell: str) -> bool:
    return load(cell_file(cell)).evaluate(None, INPUTS) is True


@pytest.mark.parametrize(
    "cell",
    [
        "${rate < limit}",
        "#{rate lt limit and ready}",
        'kind.equalsIgnoreCase("regression") && rate>=0.5',
        "kind.equals('Regression')",
        "kind == 'Regression' && (rate > 1 || limit <= 0.7)",
        "!(rate > limit) && ready",
        "${!(kind == 'other')}",
        "nothing == null && kind != null",
        "rate > -1 && ready == true",
        "kind == 'other' && absent > 1 || ready",
    ],
)
def test_a_condition_that_holds(cell: str) -> None:
    assert hits(cell)


@pytest.mark.parametrize(
    "cell", ["${rate > limit}", 'kind.equals("regression")', "!ready || rate == limit", "${kind == 5}"]
)
def test_a_condition_that_does_not_hold(cell: str) -> None:
    assert not hits(cell)


def test_a_declared_language_makes_a_cell_juel() -> None:
    for language in ("juel", "groovy"):
        rules = [rule(["rate != limit"], ["true"], language=language)]
        xml = definitions(decision(table([by_variable("x")], ['name="hit"'], rules)))
        assert load(xml).evaluate(None, INPUTS) == [True]


@pytest.mark.parametrize(
    ("cell", "construct"),
    [
        ("${rate.class.forName('x')}", '".class"'),
        ("rate.execute() && true", '".execute"'),
        ("${T(java.lang.Runtime)}", 'function "T"'),
        ("a == 1 ? b : c", '"?'),
        ("${rate = 1}", '"= 1'),
        ("x == [1] && y", '"\\[1'),
        ("${", "'\\$"),
    ],
)
def test_anything_more_is_refused_by_rule_column_and_construct(cell: str, construct: str) -> None:
    with pytest.raises(DmnError, match=construct) as error:
        load(cell_file(cell))
    assert (error.value.decision, error.value.rule, error.value.column) == ("Verdict", 1, "x")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("${absent > 1}", 'rule 1, column "x": there is no value for "absent"'),
        ("${rate}", "gives 0.5, neither true nor false"),
        ("${kind > 1}", '"Regression" and 1 cannot be compared'),
        ("${kind && ready}", "where true or false is needed"),
    ],
)
def test_a_condition_that_cannot_be_decided_is_an_error(cell: str, message: str) -> None:
    with pytest.raises(DmnError, match=message):
        hits(cell)
