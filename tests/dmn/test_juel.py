"""Cells in JUEL and Groovy's manner: a closed subset, never executed as code."""

from __future__ import annotations

import pytest

from mlc.dmn import DmnError, judge, load
from tests.dmn.tables import PASSES, by_variable, cell_file, decision, definitions, rule, table

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
        "${empty nothing && !empty kind}",
        "${not empty kind and rate ge 0.5 and x ne 2}",
        "kind.equalsIgnoreCase('REGRESSION') == ready",
        """kind != "it's" && kind != 'say "no"'""",
        "x == 1.0 && x eq 1",
    ],
)
def test_a_condition_that_holds(cell: str) -> None:
    assert hits(cell)


@pytest.mark.parametrize(
    "cell", ["${rate > limit}", 'kind.equals("regression")', "!ready || rate == limit", '${kind == "other"}']
)
def test_a_condition_that_does_not_hold(cell: str) -> None:
    assert not hits(cell)


def test_a_declared_language_makes_a_cell_juel() -> None:
    for language in ("juel", "groovy"):
        rules = [rule(["rate != limit"], ["true"], language=language)]
        xml = definitions(decision(table([by_variable("x")], ['name="hit"'], rules)))
        assert load(xml).evaluate(None, INPUTS) == [True]


def test_camundas_name_for_the_value_that_a_cell_tests() -> None:
    rules = [rule(["cellInput == 'red' || cellInput == other"], ["false", '"not good"', ""], language="juel")]
    xml = definitions(decision(table([by_variable("colour")], PASSES, rules)))
    assert not judge(xml, {"colour": "red"}).passed
    assert not judge(xml, {"colour": "blue", "other": "blue"}).passed
    assert judge(xml, {"colour": "green", "other": "blue"}).passed
    alone = rule(["${cellInput == 'red'}"], ["false", "", ""])
    xml = definitions(decision(table([by_variable("colour")], PASSES, [alone])))
    assert judge(xml, {"colour": "red"}).matched_rules[0].conditions[0].metric == "colour"
    with pytest.raises(DmnError, match='there is no value for "cellInput"'):
        judge(xml, {"other": "red"})


@pytest.mark.parametrize(
    ("cell", "construct", "character"),
    [
        ("${rate.class.forName('x')}", '".class"', 8),
        ("rate.execute() && true", '".execute"', 6),
        ("${T(java.lang.Runtime)}", 'function "T"', 3),
        ("${ execution.setVariable('a', 1) }", '".setVariable"', 14),
        ("x == 1 && kind.getClass()", '".getClass"', 16),
        ("${new File('/etc/passwd')}", '"new"', 3),
        ("a == 1 ? b : c", '"?', 8),
        ("${rate = 1}", '"= 1', 8),
        ("${rate + 1 > 2}", '"\\+ 1', 8),
        ("x == [1] && y", '"\\[1', 6),
        ("${", "'\\$", 1),
    ],
)
def test_anything_more_is_refused_by_rule_column_construct_and_position(
    cell: str, construct: str, character: int
) -> None:
    with pytest.raises(DmnError, match=construct) as error:
        load(cell_file(cell))
    assert (error.value.decision, error.value.rule, error.value.column) == ("Verdict", 1, "x")
    assert f"character {character}:" in str(error.value)


@pytest.mark.parametrize(
    "cell", ["T(java.lang.Runtime).exec('id')", "x.getClass()", "new File('a')", "x | 'calc'.execute()"]
)
def test_code_is_refused_in_whatever_language_it_is_written(cell: str) -> None:
    with pytest.raises(DmnError, match='rule 1, column "x", character'):
        load(cell_file(cell))


def test_a_name_with_a_hyphen_is_one_name_where_the_inputs_hold_it() -> None:
    xml = cell_file("max-rate >= 0.5 && max-rate < limit")
    definition = load(xml, variables=["max-rate"])
    assert definition.evaluate(None, {"x": 0, "max-rate": 0.5, "limit": 0.7}) is True


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
