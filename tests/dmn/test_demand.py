"""What a verdict asks for is known before there is a test result."""

from collections.abc import Sequence

import pytest

from mlc.dmn import DmnError
from mlc.dmn.demand import lacking
from tests.dmn.graphs import input_data, knowledge, node
from tests.dmn.tables import by_expression, by_variable, definitions, rule, table

PASSES = ['name="passes" typeRef="boolean"']


def judging(inputs: Sequence[str], cells: Sequence[str], passes: str = "false") -> str:
    return table(inputs, PASSES, [rule(cells, [passes])])


@pytest.mark.parametrize(
    ("logic", "known", "lacks"),
    [
        (judging([by_variable("auc"), by_variable("f1")], ["< 0.8", "-"]), [], {"auc", "f1"}),
        (judging([by_variable("auc"), by_variable("f1")], ["< 0.8", "-"]), ["auc", "f1", "psi"], set()),
        (judging([by_variable("auc")], ["< floor_of_auc"]), ["auc"], {"floor_of_auc"}),
        (judging([by_variable("auc")], ["${auc < 0.8 && recall < 0.1}"]), ["auc"], {"recall"}),
        (judging([by_expression("spread.gini")], ["< 0.8"]), [], {"spread", "spread.gini"}),
        (judging([by_variable("auc")], ["< 0.8"], "kind = null"), ["auc"], {"kind"}),
        (judging([by_variable("auc")], ["< rate-limit"]), ["auc", "rate-limit"], set()),
    ],
    ids=["columns", "all known", "a cell", "JUEL", "a member", "an output", "an operator in a name"],
)
def test_a_table_lacks_what_it_may_look_up_and_is_not_known(
    logic: str, known: list[str], lacks: set[str]
) -> None:
    assert lacking(definitions(node("Verdict", logic)), known) == lacks


def test_an_input_that_the_file_declares_is_lacked_by_its_name() -> None:
    logic = judging([by_expression("lift(test auc)")], ["< 0.8"])
    requires = {"inputs": ["test auc"], "knows": ["lift"]}
    xml = definitions(
        input_data("test auc"), knowledge("lift", ["x"], "x - 0.5"), node("Verdict", logic, **requires)
    )
    assert lacking(xml, []) >= {"test auc"}
    assert "lift" not in lacking(xml, [])
    assert "test auc" not in lacking(xml, ["test auc"])


@pytest.mark.parametrize(
    ("logic", "told"),
    [
        ("1 + 1", 'decision "Verdict": the decision is no table'),
        (table([by_variable("auc")], ['name="fine"'], []), 'a verdict needs "passes"'),
        (judging([by_variable("auc")], ["< ("]), 'rule 1, column "auc"'),
    ],
    ids=["no table", "no verdict", "a broken cell"],
)
def test_what_can_judge_no_test_result_is_refused(logic: str, told: str) -> None:
    with pytest.raises(DmnError) as refused:
        lacking(definitions(node("Verdict", logic)), [], file="new.dmn")
    assert str(refused.value).startswith("file new.dmn, ")
    assert told in str(refused.value)
