"""A rule that cannot be decided is an error, never a pass: rules assert failures, and a silent one lets a model through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlc.dmn import DmnError, judge, load
from mlc.dmn.verdict import verdict_of
from tests.dmn.graphs import knowledge, model, node
from tests.dmn.tables import (
    PASSES,
    by_expression,
    by_variable,
    decision,
    definitions,
    literal,
    output,
    rule,
    table,
)

TABLES = Path(__file__).parents[2] / "sandbox" / "tables"


def column(metric: str, *cells: str) -> bytes:
    """A table that fails a model where a cell matches the metric; a name with more than letters is an expression."""
    clause = by_variable(metric) if metric.isidentifier() else by_expression(metric)
    return definitions(
        decision(
            table([clause], PASSES[:1], [rule([cell], ["false"]) for cell in cells], hit_policy="COLLECT")
        )
    )


@pytest.mark.parametrize(
    ("cells", "result"),
    [
        (["> auc_before + 0.1", "-99"], {"auc": 0.95, "auc_before": None}),
        (["> auc_before + 0.1", "-99"], {"auc": 0.95, "auc_before": "0.7"}),
        (["< limit", "-99"], {"auc": 0.95, "limit": None}),
        (["< limits.auc", "-99"], {"auc": 0.95, "limits": {}}),
        (["[lo..hi]", "-99"], {"auc": 0.95, "lo": 0.1, "hi": None}),
        (["< a / b", "-99"], {"auc": 0.95, "a": 1, "b": 0}),
        (["f1 < 0.5", "-99"], {"auc": 0.95, "f1": None}),
        (["f1 < 0.5", "-99"], {"auc": 0.95, "f1": "high"}),
        (["f1 < 0.5", "-99"], {"auc": -99, "f1": None}),
        (["< limit", '"N/A"'], {"auc": "N/A", "limit": None}),
        (["? > lo and ? < hi", "-99"], {"auc": 0.95, "lo": 0.1, "hi": None}),
        (["abs(auc, 1) < 3", "-99"], {"auc": 0.95}),
        (["[0.1..null]", "-99"], {"auc": 0.95}),
        (['< "0.7"', "-99"], {"auc": 0.95}),
        (["< 0.7", '"N/A"'], {"auc": "0.5"}),
        (['"Red"', "-99"], {"auc": 0.5}),
        (['not("Green")', "-99"], {"auc": 5}),
        (["< 0.7", "f1 = null"], {"auc": None, "f1": None}),
        (["< 0.7", "not(null)"], {"auc": None}),
        (["< 0.7", "-99"], {"auc": [0.5]}),
        (['< @"10:00:00"', '@"10:00:00Z"'], {"auc": "x"}),
    ],
)
def test_a_cell_that_is_neither_true_nor_false_of_the_value_is_an_error(
    cells: list[str], result: dict[str, object]
) -> None:
    with pytest.raises(DmnError, match=r'decision "Verdict".*column "auc"'):
        judge(column("auc", *cells), result)


@pytest.mark.parametrize(
    ("cells", "value", "passes"),
    [
        (["< 0.7", '"N/A"'], 0.9, True),
        (["< 0.7", '"N/A"'], "N/A", False),
        (["< 0.7", "null"], None, False),
        (["< 0.7", "? = null"], None, False),
        (['"N/A", < 0.7'], 0.9, True),
        (['"N/A", < 0.7'], 0.5, False),
        (['"Red"', "-99"], "Green", True),
        (['"Red"', "-99"], -99, False),
        (['"Red"', "-99"], "Red", False),
        (["< limit", '"N/A"'], 0.9, True),
        (["< limit", '"N/A"'], 0.1, False),
        (["< limit", '"N/A"'], "N/A", False),
        (["? < 0.7 or ? > limit", '"N/A"'], "N/A", False),
        (['starts with(?, "a")', "-99"], -99, False),
        (["? in (< 0.3)", "null"], None, False),
        (["[0..0.1[", "-99"], 0.5, True),
        (["true", "-99"], False, True),
    ],
)
def test_a_cell_for_values_of_another_kind_is_passed_over(
    cells: list[str], value: object, passes: bool
) -> None:
    assert judge(column("auc", *cells), {"auc": value, "limit": 0.5}).passed is passes


def test_a_cell_in_doubt_does_not_matter_where_another_column_decides_the_rule() -> None:
    xml = definitions(
        decision(
            table(
                [by_variable("auc"), by_variable("n")], PASSES[:1], [rule(["< limit", "< 10"], ["false"])] * 2
            )
        )
    )
    result = {"auc": 0.5, "limit": None, "n": 50}
    with pytest.raises(DmnError, match="cannot be compared"):
        judge(xml, result)
    both = definitions(
        decision(
            table(
                [by_variable("auc"), by_variable("n")],
                PASSES[:1],
                [rule(["< limit", "< 10"], ["false"]), rule(["-99", "-"], ["false"])],
            )
        )
    )
    assert judge(both, result).passed


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ('if auc < 0.7 then "bad" else "good"', {"auc": None}),
        ('if auc < 0.7 then "bad" else "good"', {"auc": "0.5"}),
        ("count(drift[p < 0.05])", {"drift": [{"pvalue": 0.01}]}),
        ("count(drift[p < 0.05])", {"drift": [{"p": "0.01"}]}),
    ],
)
def test_a_condition_in_a_column_that_is_neither_true_nor_false_is_an_error(
    expression: str, result: dict[str, object]
) -> None:
    with pytest.raises(DmnError, match=r"neither true nor false|there is no value|cannot be compared"):
        judge(column(expression, '"bad"', "> 0"), result)


@pytest.mark.parametrize("result", [{"auc": 0.5}, {"auc": 0.5, "threshold": None}])
def test_an_output_that_lacks_what_it_asks_for_is_an_error(result: dict[str, object]) -> None:
    xml = definitions(
        decision(
            table(
                [by_variable("auc")], PASSES[:1], [rule(["-"], ["if auc < threshold then false else true"])]
            )
        )
    )
    with pytest.raises(DmnError, match='rule 1, column "passes"'):
        judge(xml, result)


GRADE = 'if auc < 0.7 then "bad" else "good"'
BAD = table([by_expression("Grade")], PASSES[:1], [rule(['"bad"'], ["false"])])


@pytest.mark.parametrize("result", [{}, {"auc": None}, {"auc": "0.5"}])
def test_a_required_decision_that_lacks_its_metric_is_an_error(result: dict[str, object]) -> None:
    xml = definitions(
        decision(
            f"<literalExpression><text>{GRADE.replace('<', '&lt;')}</text></literalExpression>", "Grade"
        ),
        decision(BAD, "Verdict", ["Grade"]),
    )
    with pytest.raises(DmnError, match=r'decision "(Grade|Verdict)"'):
        verdict(xml, result)


@pytest.mark.parametrize("result", [{}, {"auc": None}, {"auc": "0.5"}])
@pytest.mark.parametrize(
    "policy", [{"hit_policy": "COLLECT", "aggregation": "COUNT"}, {"hit_policy": "FIRST"}]
)
def test_a_required_table_that_cannot_be_decided_is_an_error(
    result: dict[str, object], policy: dict[str, str]
) -> None:
    low = table(
        [by_variable("auc")], ['name="low"'], [rule(["< 0.7"], ["1"]), rule(["-99"], ["2"])], **policy
    )
    bad = table([by_expression("Low")], PASSES[:1], [rule(["> 0"], ["false"])])
    xml = definitions(decision(low, "Low"), decision(bad, "Verdict", ["Low"]))
    with pytest.raises(DmnError, match='decision "Low"'):
        verdict(xml, result)


def test_a_knowledge_model_is_asked_as_strictly() -> None:
    grade = knowledge("grade", ["n"], 'if n < 0.7 then "bad" else "good"')
    logic = table([by_expression("grade(auc)")], PASSES[:1], [rule(['"bad"'], ["false"])])
    xml = model(grade, node("Verdict", logic, knows=["grade"]))
    with pytest.raises(DmnError, match="neither true nor false"):
        judge(xml, {"auc": None})


def verdict(xml: bytes, result: dict[str, object]) -> object:
    return verdict_of(load(xml), result, "Verdict")


@pytest.mark.parametrize("methodology", [None, True, [1], {}])
def test_a_condition_of_groovy_on_null_or_another_kind_is_an_error(methodology: object) -> None:
    result = json.loads((TABLES / "dashboard-fails.json").read_text())
    with pytest.raises(DmnError, match="cannot be compared"):
        judge((TABLES / "dashboard.dmn").read_bytes(), {**result, "modelMethodology": methodology})


@pytest.mark.parametrize(
    ("cell", "value"),
    [("${psi == -99}", None), ("${psi == -99}", "-99"), ('${psi != "Red"}', 5), ('psi.equals("Red")', 5)],
)
def test_a_condition_of_juel_on_null_or_another_kind_is_an_error(cell: str, value: object) -> None:
    with pytest.raises(DmnError, match="cannot be compared"):
        judge(column("psi", cell), {"psi": value})


@pytest.mark.parametrize(
    ("cell", "value", "passes"),
    [
        ("${psi == null}", None, False),
        ("${psi == null}", 1, True),
        ("${psi != null}", 1, False),
        ("${null != psi}", None, True),
    ],
)
def test_a_condition_of_juel_may_ask_for_null(cell: str, value: object, passes: bool) -> None:
    assert judge(column("psi", cell), {"psi": value}).passed is passes


@pytest.mark.parametrize("cell", ["[0.9..0.1]", "]0.1..-99[", "]0.1..0.1[", "< 0.5, [0.1..0.1)"])
def test_a_range_that_holds_nothing_is_an_error(cell: str) -> None:
    with pytest.raises(DmnError, match='rule 1, column "auc": no value lies in'):
        judge(column("auc", cell), {"auc": 0.05})


def test_a_table_without_rules_judges_nothing() -> None:
    with pytest.raises(DmnError, match="no rule"):
        judge(column("auc"), {"auc": 0.05})


@pytest.mark.parametrize(
    "outputs", [['name="passes"', 'name="Passes"'], ['name="passes"', 'name="monitor_name"', 'name="color"']]
)
def test_outputs_that_can_be_read_in_two_ways_are_refused(outputs: list[str]) -> None:
    said = ['"x"'] * len(outputs)
    xml = definitions(decision(table([by_variable("auc")], outputs, [rule(["-"], said)])))
    with pytest.raises(DmnError, match=r"differ by nothing but|both"):
        judge(xml, {"auc": 1})


def test_a_cell_may_name_the_input_variable_of_another_column() -> None:
    pct = (
        '<input camunda:inputVariable="pct"><inputExpression><text>auc * 100</text></inputExpression></input>'
    )
    xml = definitions(decision(table([pct, by_variable("n")], PASSES[:1], [rule(["-", "> pct"], ["false"])])))
    assert judge(xml, {"auc": 0.5, "n": 40}).passed
    assert not judge(xml, {"auc": 0.5, "n": 60}).passed


def test_every_rule_that_matches_under_any_is_told() -> None:
    rules = [rule([f"> {number}"], ["false"]) for number in range(3)]
    xml = definitions(decision(table([by_variable("auc")], PASSES[:1], rules, hit_policy="ANY")))
    assert [each.number for each in judge(xml, {"auc": 9}).matched_rules] == [1, 2, 3]


def test_what_a_judgement_refuses_is_null_to_an_evaluation() -> None:
    definitions_ = load(column("auc", "< limit", "-99"))
    assert definitions_.evaluate(None, {"auc": 0.5, "limit": None}) == []


@pytest.mark.parametrize(
    ("metric", "cell", "result"),
    [
        ('status = "failed"', "true", {"status": None}),
        ("status != previous", "true", {"status": None, "previous": None}),
        ("(auc < 0.1) = true", "true", {"auc": "x"}),
        ('status in ("failed", "error")', "true", {"status": None}),
        ('count(runs[status = "failed"])', "> 0", {"runs": [{"status": None}]}),
        ("count(runs[item < 0.1])", "> 0", {"runs": None}),
        ("index of(known, auc) = []", "true", {"auc": 1, "known": None}),
        ("auc", "= limit", {"auc": 1, "limit": None}),
        ("auc", "!= limit", {"auc": 1, "limit": None}),
        ("auc", "limit", {"auc": 1, "limit": None}),
        ("auc", "limit", {"auc": 1, "limit": [None]}),
        ("auc", "? in (limit)", {"auc": 1, "limit": None}),
        ("auc", "any(known)", {"auc": 1, "known": [None, False]}),
        ("auc", 'date("2020-13-45")', {"auc": "2020-01-01"}),
        ("auc", "f1 = null or f1 < 3", {"auc": None, "f1": 1}),
    ],
)
def test_null_equals_nothing_and_is_in_nothing_in_a_judgement(
    metric: str, cell: str, result: dict[str, object]
) -> None:
    with pytest.raises(DmnError, match=r"null|cannot be compared|neither true nor false"):
        judge(column(metric, cell), result)


@pytest.mark.parametrize(
    ("cells", "value", "passes"),
    [
        (['? = "x" or ? = null'], None, False),
        (['? != null and ? = "x"'], None, True),
        (["? = null or ? < limit"], None, False),
        (["? != null and ? < limit"], None, True),
        (["auc = null or auc < limit", "-99"], None, False),
        (["null, < limit"], None, False),
        (["null", "< limit"], None, False),
        (["null", "[0..limit]"], 0.9, True),
        (["? in (null, 0.1)"], None, False),
        (["not(0.1, null)"], None, True),
        (["limit", "null"], 0.9, True),
    ],
)
def test_a_cell_may_ask_for_null(cells: list[str], value: object, passes: bool) -> None:
    assert judge(column("auc", *cells), {"auc": value, "limit": 0.5}).passed is passes


@pytest.mark.parametrize(
    ("metric", "cell"),
    [
        ("count(drift[p < 0.05])", "> 0"),
        ("count(drift[p < limit])", "> 0"),
        ("drift", "count(?[p < 0.05]) > 0"),
        ("drift", "some each in ? satisfies each.p < 0.05"),
    ],
)
def test_an_empty_list_has_nothing_that_could_be_in_doubt(metric: str, cell: str) -> None:
    assert judge(column(metric, cell), {"drift": [], "limit": 0.05}).passed


@pytest.mark.parametrize("value", [None, "0.5"])
def test_a_boxed_conditional_that_is_neither_true_nor_false_is_an_error(value: object) -> None:
    parts = {"if": "auc < 0.7", "then": '"bad"', "else": '"good"'}
    boxed = "".join(f"<{tag}>{literal(text)}</{tag}>" for tag, text in parts.items())
    xml = definitions(
        decision(f"<conditional>{boxed}</conditional>", "Grade"), decision(BAD, "Verdict", ["Grade"])
    )
    with pytest.raises(DmnError, match='decision "Grade": the condition of an if'):
        verdict(xml, {"auc": value})


@pytest.mark.parametrize(
    ("cells", "value"),
    [(['"Red"'], None), (['not("Green")'], None), (["[0.9..0.1]"], 0.5), ([], 0.5), (["limit"], 0.5)],
)
def test_a_required_table_that_nothing_can_decide_is_an_error(cells: list[str], value: object) -> None:
    inner = table(
        [by_variable("auc")],
        ['name="low"'],
        [rule([cell], ["1"]) for cell in cells],
        hit_policy="COLLECT",
        aggregation="COUNT",
    )
    bad = table([by_expression("Low")], PASSES[:1], [rule(["> 0"], ["false"])])
    with pytest.raises(DmnError, match='decision "Low"'):
        verdict(
            definitions(decision(inner, "Low"), decision(bad, "Verdict", ["Low"])),
            {"auc": value, "limit": None},
        )


@pytest.mark.parametrize("allowed", [None, '"false","true"'])
def test_a_priority_that_ranks_no_output_is_an_error(allowed: str | None) -> None:
    with pytest.raises(DmnError, match="rules 1, 2 match with outputs that no output value ranks"):
        judge(priorities(allowed, "true", "false"), {"auc": 0.6})


def test_a_priority_may_leave_the_other_outputs_unranked() -> None:
    assert not judge(priorities("false,true", "true", "false"), {"auc": 0.6}).passed
    assert not judge(priorities("false,true", "false", "false"), {"auc": 0.6}).passed


def priorities(allowed: str | None, *passes: str) -> bytes:
    rules = [rule(["> 0.5"], [each, f'"{number}"']) for number, each in enumerate(passes)]
    outputs = [output(PASSES[0], allowed=allowed), PASSES[1]]
    return definitions(decision(table([by_variable("auc")], outputs, rules, hit_policy="PRIORITY")))


@pytest.mark.parametrize(
    "policy", ["UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"]
)
def test_no_rule_that_matches_is_a_pass_under_every_hit_policy(policy: str) -> None:
    rules = [rule(["< 0.5"], ["false"]), rule(["< 0.1"], ["false"])]
    outputs = [output('name="passes"', allowed="false, true")]
    xml = definitions(decision(table([by_variable("auc")], outputs, rules, hit_policy=policy)))
    assert judge(xml, {"auc": 0.9}).passed
