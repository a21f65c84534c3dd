"""What a check finds in a table before it decides: rules that overlap, inputs without a rule, rules that never fire."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

import pytest

from mlc.dmn import DmnError, judge
from mlc.dmn.checking import Problem, check, judged
from tests.dmn.tables import (
    COLOUR,
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

SCORE = ['name="score"']


def file_of(
    hit_policy: str,
    rules: Sequence[Sequence[str]],
    *,
    inputs: Sequence[str] = ("x", "y", "z"),
    outputs: Sequence[str] = SCORE,
) -> bytes:
    """Each rule has the cells of its inputs, then that of its output; an input is a name or an element."""
    width = len(rules[0]) - len(outputs)
    columns = [each if each.startswith("<") else by_expression(each) for each in inputs[:width]]
    written = [rule(cells[:width], cells[width:]) for cells in rules]
    return definitions(decision(table(columns, outputs, written, hit_policy=hit_policy)))


def typed(name: str, type_ref: str, allowed: str = "") -> str:
    values = f"<inputValues><text>{allowed}</text></inputValues>" if allowed else ""
    return (
        f'<input><inputExpression typeRef="{type_ref}"><text>{name}</text></inputExpression>{values}</input>'
    )


def found(kind: str, xml: bytes) -> list[str]:
    """The findings of a kind, without the decision that they all are in."""
    return [
        line.replace('decision "Verdict"', "").removeprefix(": ").removeprefix(", ")
        for line in said(kind, xml)
    ]


def said(kind: str, xml: bytes) -> list[str]:
    return [str(problem) for problem in check(xml).problems if problem.kind == kind]


@pytest.mark.parametrize(
    ("rules", "met"),
    [
        ([["[0..10]", "1"], ["[10..20]", "2"]], "x = 10"),
        ([["[0..10[", "1"], ["[10..20]", "2"]], None),
        ([["(0..10)", "1"], ["> 9", "2"]], "x = 9.5"),
        ([["< 5", "1"], [">= 5", "2"]], None),
        ([["!= 5", "1"], ["5", "2"]], None),
        ([["1, 2, 3", "1"], ["[2.5..9]", "2"]], "x = 3"),
        ([["-99, >= 3", "1"], ["< 0", "2"]], "x = -99"),
        ([["1 + 1", "1"], ["< 3", "2"]], "x = 2"),
        ([["? > 3 and ? < 5", "1"], ["4", "2"]], "x = 4"),
        ([["? in [1..3]", "1"], ["? between 3 and 4", "2"]], "x = 3"),
        ([['"EU", "US"', "1"], ['"US"', "2"]], 'x = "US"'),
        ([['"EU"', "1"], ['not("EU")', "2"]], None),
        ([['not("EU")', "1"], ['not("US")', "2"]], 'x = "anything else"'),
        ([['["a".."m"]', "1"], ['> "k"', "2"]], 'x = "m"'),
        ([["true", "1"], ["not(false)", "2"]], "x = true"),
        ([["null", "1"], ["not(5)", "2"]], "x = null"),
        ([["-", "1"], ["7", "2"]], "x = 7"),
        ([['< date("2024-02-01")', "1"], ['> date("2024-01-30")', "2"]], "x = 2024-01-31"),
        ([['> duration("PT1H")', "1"], ['< duration("PT3H")', "2"]], "x = PT2H"),
        ([['> @"P1Y"', "1"], ['< @"P1Y3M"', "2"]], "x = P1Y1M"),
        (
            [['> @"2024-01-31T10:00:00Z"', "1"], ['< @"2024-01-31T12:00:00Z"', "2"]],
            "x = 2024-01-31T11:00:00Z",
        ),
        ([['<= time("12:00:00")', "1"], ['>= time("12:00:00")', "2"]], "x = 12:00:00"),
        ([["[0..5]", '"a"', "1"], ["[5..9]", '"b"', "2"]], None),
        ([["[0..5]", '"a"', "1"], ["[5..9]", '"b", "a"', "2"]], 'x = 5, y = "a"'),
        ([["[0..5]", "-", "1"], ["-", '"a"', "2"]], 'x = 0, y = "a"'),
    ],
)
def test_unique_rules_that_overlap_are_an_error_with_inputs_that_both_match(
    rules: list[list[str]], met: str | None
) -> None:
    expected = [f"rules 1 and 2 both match {met}, which hit policy UNIQUE forbids"] if met else []
    assert found("overlap", file_of("UNIQUE", rules)) == expected


def test_rules_of_any_may_overlap_where_their_outputs_agree() -> None:
    rules = [["< 5", "1"], ["> 3", "3 - 2"], ["4.5", "2"]]
    assert found("overlap", file_of("ANY", rules)) == [
        f"rules {number} and 3 both match x = 4.5 with different outputs (1 and 2), which hit policy ANY forbids"
        for number in (1, 2)
    ]


def test_two_columns_of_one_variable_are_one_input() -> None:
    xml = file_of("UNIQUE", [["< 3", "> 1", "1"], [">= 3", "< 9", "2"]], inputs=["x", "x"])
    assert found("overlap", xml) == []
    xml = file_of("UNIQUE", [["< 3", "> 1", "1"], ["-", "2", "2"]], inputs=["x", "x"])
    assert found("overlap", xml) == ["rules 1 and 2 both match x = 2, which hit policy UNIQUE forbids"]


def test_of_many_overlaps_the_first_are_told() -> None:
    xml = file_of("UNIQUE", [[f"> {number}", "1"] for number in range(30)])
    assert len(found("overlap", xml)) == 10
    assert "there may be more rules that overlap: the first 10 pairs are told" in found("undecided", xml)


@pytest.mark.parametrize(
    ("rules", "missed"),
    [
        ([["< 10", "1"], ["> 10", "2"]], ["x = 10"]),
        ([["< 10", "1"], ["[10..20]", "2"], ["> 25", "3"]], ["x = 25"]),
        ([["[0..10]", "1"], ["[20..30]", "2"]], ["x = 15", "x = -1", "x = 31"]),
        ([["< 10", "1"], [">= 10", "2"]], []),
        ([['"EU"', "1"], ['"US"', "2"]], ['x = "anything else"']),
        ([["true", "1"]], ["x = false"]),
        ([["true", "1"], ["false", "2"]], []),
        ([["null", "1"], ["> 0", "2"]], ["x = 0"]),
        ([["> 0", "1"], ["<= 0", "1"], ["-", "2"]], []),
        ([["> 0", "true", "1"], ["<= 0", "-", "2"]], ["x = 1, y = false"]),
        ([["-", "1"]], []),
    ],
)
@pytest.mark.parametrize("hit_policy", ["FIRST", "PRIORITY"])
def test_inputs_of_the_columns_kind_without_a_rule_are_a_warning(
    hit_policy: str, rules: list[list[str]], missed: list[str]
) -> None:
    assert found("gap", file_of(hit_policy, rules)) == [f"no rule matches {inputs}" for inputs in missed]


@pytest.mark.parametrize("hit_policy", ["COLLECT", "RULE ORDER", "OUTPUT ORDER"])
def test_where_many_rules_may_match_none_may_as_well(hit_policy: str) -> None:
    assert check(file_of(hit_policy, [["< 10", "1"], ["< 20", "2"]])).problems[:-1] == ()


def test_a_default_output_fills_every_gap() -> None:
    xml = file_of("FIRST", [["< 10", "1"]], outputs=[output('name="score"', default="0")])
    assert found("gap", xml) == []


@pytest.mark.parametrize(
    ("declared", "rules"),
    [
        (typed("x", "integer"), [["<= 10", "1"], [">= 11", "2"]]),
        (typed("x", "string", '"EU", "US"'), [['"EU"', "1"], ['"US"', "2"]]),
        (typed("x", "number", "[0..100]"), [["[0..50]", "1"], ["(50..200]", "2"]]),
    ],
    ids=["whole numbers", "allowed texts", "an allowed range"],
)
def test_what_a_column_does_not_allow_needs_no_rule(declared: str, rules: list[list[str]]) -> None:
    assert found("gap", file_of("UNIQUE", rules, inputs=[declared])) == []


def test_what_the_type_of_input_data_does_not_allow_needs_no_rule() -> None:
    declared = (
        '<itemDefinition name="Region"><typeRef>string</typeRef>'
        '<allowedValues><text>"EU", "US"</text></allowedValues></itemDefinition>'
        '<inputData id="in" name="region"><variable name="region" typeRef="Region"/></inputData>'
    )
    reads = '<informationRequirement><requiredInput href="#in"/></informationRequirement>'
    logic = table(
        [by_expression("region")], SCORE, [rule(['"EU"'], ["1"]), rule(['"US"'], ["2"])], hit_policy="FIRST"
    )
    assert found("gap", definitions(declared, decision(reads + logic))) == []
    assert found("gap", definitions(decision(logic))) == ['no rule matches region = "anything else"']


def test_types_of_other_inputs_say_nothing() -> None:
    unrelated = (
        '<itemDefinition name="Region"><allowedValues><text>"EU", 7</text></allowedValues></itemDefinition>'
    )
    logic = table(
        [by_expression("x")], SCORE, [rule(["< 5"], ["1"]), rule([">= 5"], ["2"])], hit_policy="UNIQUE"
    )
    assert found("gap", definitions(unrelated, decision(logic))) == []


def test_a_column_whose_type_allows_none_of_its_cells_has_no_gap_to_show() -> None:
    declared = '<inputData id="in" name="y"><variable name="y" typeRef="string"/></inputData>'
    reads = '<informationRequirement><requiredInput href="#in"/></informationRequirement>'
    logic = table(
        [by_expression("x"), by_expression("y")], SCORE, [rule(["> 5", "7"], ["1"])], hit_policy="UNIQUE"
    )
    xml = definitions(declared, decision(reads + logic))
    assert found("gap", xml) == []
    assert found("unmatchable", xml) == ['rule 1, column "y": never matches: no value satisfies 7']


def test_a_default_of_any_output_speaks_for_what_no_rule_matches() -> None:
    outputs = [output('name="a"', default="0"), output('name="b"')]
    rules = [["< 5", "1", "2"]]
    assert found("gap", file_of("UNIQUE", rules, outputs=outputs)) == []
    assert found("gap", file_of("UNIQUE", rules, outputs=['name="a"', 'name="b"'])) != []


@pytest.mark.parametrize(
    ("rules", "covered"),
    [
        (
            [["> 5", "1"], ["> 7", "2"]],
            "rule 2: never fires: whatever it matches is matched before by rule 1",
        ),
        (
            [["< 5", "1"], [">= 5", "2"], ["[0..9]", "3"]],
            "rule 3: never fires: whatever it matches is matched before by rules 1 and 2",
        ),
        ([["-", "1"], ["7", "2"]], "rule 2: never fires: whatever it matches is matched before by rule 1"),
        ([["< 5", "1"], ["<= 5", "2"]], None),
        ([["< 5", "1"], [">= 5", "2"], ["-", "3"]], None),
        ([["> 5", '"a"', "1"], ["> 7", "-", "2"]], None),
    ],
)
def test_a_rule_behind_earlier_ones_that_match_all_it_matches_never_fires(
    rules: list[list[str]], covered: str | None
) -> None:
    assert found("masked", file_of("FIRST", rules)) == ([covered] if covered else [])


def test_a_rule_that_no_value_satisfies_is_told() -> None:
    xml = file_of("COLLECT", [["[10..5]", "-", "1"], ["< 3", "> 4", "2"]], inputs=["x", "x"])
    assert found("unmatchable", xml) == [
        'rule 1, column "x": never matches: no value satisfies [10..5]',
        'rule 2, column "x": never matches: no value satisfies < 3 and > 4',
    ]


def test_a_rule_that_says_the_same_as_another_is_told() -> None:
    assert found(
        "duplicate", file_of("COLLECT", [["< 3", "-", "1"], ["< 3", "", "1"], ["< 3", "", "2"]])
    ) == ["rule 2: says the same as rule 1"]


def test_what_constants_do_not_tell_is_said_to_be_undecided() -> None:
    xml = file_of("UNIQUE", [["< limit", "1"], ["${x > 3}", "2"], ["7", "3"]])
    assert found("overlap", xml) == []
    (told,) = found("undecided", xml)
    question, _, reason = told.partition(": ")
    assert question == "not decided whether rules overlap and whether every input has a rule"
    assert reason == "constants alone do not tell the outcome of < limit in rule 1, ${x > 3} in rule 2"


def test_values_whose_neighbours_are_not_known_are_undecided() -> None:
    xml = file_of(
        "UNIQUE", [['@"2024-01-31T10:00:00@Europe/Paris"', "1"], ['> @"2024-01-31T10:00:00Z"', "2"]]
    )
    assert found("overlap", xml) == []
    assert found("undecided", xml) != []


def test_a_list_in_brackets_may_be_met_by_a_list_and_is_undecided() -> None:
    assert found("masked", file_of("FIRST", [["!= 5", "1"], ["[1, 2]", "2"]])) == []


def test_a_column_of_many_kinds_is_checked_in_each_of_them() -> None:
    rules = [["5", "1"], ['"a"', "2"], ["true", "3"], ['@"2024-01-31"', "4"], ["> 4", "5"]]
    assert found("overlap", file_of("UNIQUE", rules)) == [
        "rules 1 and 5 both match x = 5, which hit policy UNIQUE forbids"
    ]


def test_rules_that_decided_cells_keep_apart_do_not_overlap_whatever_the_others_are() -> None:
    (told,) = found("undecided", file_of("UNIQUE", [["< 5", "< limit", "1"], [">= 5", "> limit", "2"]]))
    assert told.startswith("not decided whether every input has a rule: ")


def test_the_result_of_another_decision_is_no_input_to_choose() -> None:
    risk = decision(table([by_expression("x")], SCORE, [rule(["-"], ['"low"'])], hit_policy="FIRST"), "Risk")
    fee = table([by_expression("Risk")], SCORE, [rule(['"low"'], ["1"])], hit_policy="UNIQUE")
    xml = definitions(risk, decision(fee, requires=["Risk"]))
    assert found("gap", xml) == []
    assert found("undecided", xml) == [
        'not decided whether every input has a rule: the value of "Risk" is computed'
    ]


def test_an_expression_is_no_input_to_choose() -> None:
    assert found("gap", file_of("FIRST", [["< 0", "1"], [">= 1", "1"]], inputs=["abs(x)"])) == []


def test_a_bare_word_is_told_to_be_no_text() -> None:
    assert found("word", file_of("COLLECT", [["Red, x", "Bad"]])) == [
        'rule 1, column "x": Red is read as a variable, of which nothing else is known; a text is written "Red"',
        'rule 1, column "score": Bad is read as a variable, of which nothing else is known; a text is written "Bad"',
    ]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("< 0,7", "< 0,7 is read as < 0 or 7; a decimal point is a point: < 0.7"),
        ("0,75", "0,75 is read as 0 or 75; a decimal point is a point: 0.75"),
        (">=12,5", ">=12,5 is read as >=12 or 5; a decimal point is a point: >=12.5"),
        ("1,2,3", None),
        ("0, 7", None),
        ("0,1,2", None),
        (">=3,]-99..1]", None),
        ('"0,7"', None),
    ],
)
def test_a_decimal_comma_is_told(cell: str, told: str | None) -> None:
    assert found("comma", file_of("COLLECT", [[cell, "1"]])) == (
        [f'rule 1, column "x": {told}'] if told else []
    )


def test_a_name_that_the_test_result_has_is_no_bare_word() -> None:
    xml = file_of("COLLECT", [["baseline", "1"]])
    assert [each.kind for each in check(xml, variables=["baseline"]).problems] == ["no verdict"]


HYPHENS = file_of("COLLECT", [["DataDrift_max-PValue > 0.1 && x > 0.1", "false"]], outputs=PASSES[:1])


def test_a_name_with_hyphens_that_only_a_test_result_declares_is_a_warning() -> None:
    (problem,) = check(HYPHENS).problems
    assert (problem.severity, str(problem)) == (
        "warning",
        (
            'decision "Verdict", rule 1, column "x": can be read only if the test result has "DataDrift_max-PValue", '
            "which nothing in the file declares"
        ),
    )


def test_a_name_with_hyphens_that_the_test_result_lacks_is_an_error() -> None:
    assert check(HYPHENS, variables=["x", "DataDrift_max-PValue"]).problems == ()
    assert [each.severity for each in check(HYPHENS, variables=["x"]).problems] == ["error"]


@pytest.mark.parametrize("cell", ["a-b > 0.1 && (", "a-b - 1 > 0.1 && x > 1", "< ("])
def test_what_is_wrong_beside_a_name_with_hyphens_stays_an_error(cell: str) -> None:
    assert [each.severity for each in check(file_of("COLLECT", [[cell, "1"]])).problems][:1] == ["error"]


def test_cells_that_do_not_go_with_the_declared_type_are_told() -> None:
    rules = [['"Red"', "1"], ["< 5", "1"], ['"Green"', "2"]]
    assert found("type", file_of("COLLECT", rules, inputs=[typed("x", "double")])) == [
        'column "x": the input is declared double, with which "Red", "Green" cannot be compared'
    ]


@pytest.mark.parametrize(
    ("outputs", "row", "told"),
    [
        (PASSES, ["false", "", ""], []),
        (COLOUR, ['"drift"', '"Red"'], []),
        (
            SCORE,
            ["1"],
            ['no verdict: the table gives score; a verdict needs "passes", or "monitor_name" and "color"'],
        ),
        (
            ['name="pass"'],
            ["false"],
            ['no verdict: the table gives pass; a verdict needs "passes", or "monitor_name" and "color"'],
        ),
        (PASSES, ["", "", ""], ['rule 1, column "passes": no verdict: null is neither true nor false']),
        (
            COLOUR,
            ['"drift"', '"Rot"'],
            ['rule 1, column "color": no verdict: "Rot" is none of Gray, Green, Yellow, Red'],
        ),
    ],
)
def test_a_table_that_can_judge_no_test_result_is_told(
    outputs: Sequence[str], row: Sequence[str], told: list[str]
) -> None:
    assert found("no verdict", file_of("COLLECT", [["< 5", *row]], outputs=outputs)) == told


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([], "a process judges by a file's only decision, this one has none"),
        (
            [decision(literal("1"), "One"), decision(literal("2"), "Two")],
            "a process judges by a file's only decision, this one has 2: One, Two",
        ),
        ([decision(literal("1"))], "the decision is no table, so it can judge no test result"),
        ([decision("")], "the decision is no table, so it can judge no test result"),
    ],
    ids=["no decision", "two decisions", "an expression", "nothing"],
)
def test_a_file_that_no_process_can_judge_by_is_told(parts: Sequence[str], told: str) -> None:
    assert found("no verdict", definitions(*parts)) == [f"no verdict: {told}"]


@pytest.mark.parametrize("aggregation", ["SUM", "MIN", "MAX"])
def test_a_table_that_makes_a_number_of_its_rules_is_told_to_give_no_verdict(aggregation: str) -> None:
    logic = table([by_expression("x")], PASSES[:1], [rule(["> 1"], ["false"])], aggregation=aggregation)
    assert found("no verdict", definitions(decision(logic))) == [
        f"no verdict: {aggregation} is made of numbers; choose COLLECT without aggregation"
    ]


@pytest.mark.parametrize("hit_policy", ["UNIQUE", "FIRST", "COLLECT", "RULE ORDER"])
@pytest.mark.parametrize(
    ("outputs", "kind", "told"),
    [
        (PASSES, "no verdict", "no verdict: the table has no rule"),
        ([output('name="passes"', default="false")], "no verdict", "no verdict: the table has no rule"),
        (SCORE, "gap", "the table has no rule"),
    ],
    ids=["a verdict", "a default", "a score"],
)
def test_a_table_without_rules_is_told(hit_policy: str, outputs: Sequence[str], kind: str, told: str) -> None:
    xml = definitions(decision(table([by_expression("x")], outputs, [], hit_policy=hit_policy)))
    assert found(kind, xml) == [told]
    if kind == "no verdict":
        with pytest.raises(DmnError, match="the table has no rule"):
            judge(xml, {"x": 1})


@pytest.mark.parametrize(
    ("outputs", "rows", "told"),
    [
        (PASSES[:1], [["true"], ["true"]], ["no rule fails a model: passes is true in every rule"]),
        (PASSES[:1], [['"true"']], ["no rule fails a model: passes is true in every rule"]),
        (PASSES[:1], [["true"], ["false"]], []),
        (PASSES[:1], [["true"], ["x > 5"]], []),
        (
            COLOUR,
            [['"m"', '"Green"'], ['"m"', '"Yellow"']],
            ['no rule fails a model: color is "Red" in none'],
        ),
        (COLOUR, [['"m"', '"Green"'], ['"m"', '"red"']], []),
        ([output('name="passes"', default="false")], [["true"]], []),
        (SCORE, [["true"]], []),
    ],
)
def test_a_table_none_of_whose_rules_fails_a_model_is_told(
    outputs: Sequence[str], rows: Sequence[Sequence[str]], told: list[str]
) -> None:
    rules = [rule([f"< {number}"], row) for number, row in enumerate(rows)]
    xml = definitions(decision(table([by_expression("x")], outputs, rules)))
    assert found("never fails", xml) == told


def test_every_cell_that_cannot_be_parsed_is_told_and_the_rest_is_checked() -> None:
    xml = file_of("UNIQUE", [["[1..", "1"], ["< 5", "2 +"], ["< 3", "3"]])
    assert [
        (each.rules, each.column, each.severity) for each in check(xml).problems if each.kind == "unreadable"
    ] == [
        ((1,), "x", "error"),
        ((2,), "score", "error"),
    ]
    assert said("unmatchable", xml) == []


@pytest.mark.parametrize("xml", [b"", b"<html/>", b"{}", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_a_file_that_is_no_dmn_is_one_error(xml: bytes) -> None:
    checked = check(xml, file="a.dmn")
    (problem,) = checked.problems
    assert (checked.decisions, problem.severity, problem.file) == ((), "error", "a.dmn")


def test_one_decision_of_several_may_be_looked_at() -> None:
    xml = definitions(decision(literal("1 +"), "One"), decision(literal("2"), "Two"))
    assert [each.name for each in check(xml).decisions] == ["One", "Two"]
    assert [each.kind for each in check(xml, decision="Two").problems] == ["no verdict"]
    with pytest.raises(DmnError, match='there is no decision "Three"; the file has One, Two'):
        check(xml, decision="Three")


def test_what_the_decision_requires_is_looked_at_for_errors() -> None:
    xml = definitions(decision(literal("1 +"), "One"), decision(literal("One"), "Two", requires=["One"]))
    checked = check(xml, decision="Two")
    broken = [each.decision for each in checked.problems if each.severity == "error"]
    assert ([each.name for each in checked.decisions], broken) == (["Two"], ["One"])


@pytest.mark.parametrize("hit_policy", ["UNIQUE", "FIRST"])
def test_300_rules_over_10_inputs_are_checked_within_2_seconds(hit_policy: str) -> None:
    chance = random.Random(7)

    def cell() -> str:
        low, high = sorted(round(chance.random(), 3) for _ in range(2))
        return f"[{low}..{high}["

    rules = [[*(cell() for _ in range(10)), str(number)] for number in range(300)]
    xml = file_of(hit_policy, rules, inputs=[f"x{number}" for number in range(10)])
    started = time.process_time()
    problems = check(xml).problems
    assert time.process_time() - started < 2
    assert any(problem.kind == "gap" for problem in problems)


@pytest.mark.parametrize("cell", ["a" * 140_000, "a-" * 70_000 + "(", "a-b && ( " * 15_000])
def test_a_hostile_cell_is_refused_soon(cell: str) -> None:
    started = time.process_time()
    assert check(file_of("COLLECT", [[cell, "1"]])).problems[0].severity == "error"
    assert time.process_time() - started < 2


def test_a_search_that_would_not_end_is_stopped_and_says_so() -> None:
    chance = random.Random(3)
    names = [f"x{number}" for number in range(60)]
    # Three of 60 booleans each: whether some input escapes all of the rules is as hard as satisfiability.
    rules = [
        [*(chance.choice(["true", "false"]) if name in kept else "-" for name in names), "1"]
        for kept in (chance.sample(names, 3) for _ in range(260))
    ]
    started = time.process_time()
    told = found("undecided", file_of("PRIORITY", rules, inputs=names))
    assert time.process_time() - started < 4
    assert told == ["the search was stopped after 200,000 steps: there may be more problems between rules"]


THRESHOLDS = definitions(
    decision(
        table(
            [by_variable("auc"), by_variable("psi")],
            PASSES,
            [rule(["< 0.8", ""], ["false", '"low"', ""]), rule(["", '"Red"'], ["false", '"drift"', ""])],
        )
    )
)


def unfit(metrics: dict[str, object]) -> list[str]:
    result = judged(THRESHOLDS, metrics)
    assert result.verdict is None
    return [problem.message for problem in result.problems]


def test_all_that_a_test_result_lacks_is_told_with_the_names_that_may_be_meant() -> None:
    assert unfit({"AUC": 0.9, "loss": 1}) == [
        'the test result has no metric "auc": did you mean "AUC"?',
        'the test result has no metric "psi"',
    ]


def judged_by(cells: Sequence[str], columns: Sequence[str], metrics: dict[str, object]) -> list[str]:
    """Why there is no verdict by a rule of these cells."""
    xml = definitions(decision(table(columns, PASSES[:1], [rule(cells, ["false"])])))
    return [problem.message for problem in judged(xml, metrics).problems]


@pytest.mark.parametrize(
    ("columns", "metrics", "told"),
    [
        (["auc - auc_befor"], {"auc": 1, "auc_before": 1}, '"auc_befor": did you mean "auc_before"?'),
        (["auc - auc_before"], {"auc": 1}, '"auc_before"'),
        (["drift-max"], {"drift_max": 1}, '"drift-max": did you mean "drift_max"?'),
        (["a_b-c"], {"a_b-d": 1}, '"a_b-c": did you mean "a_b-d"?'),
    ],
)
def test_of_a_computed_column_the_variable_that_is_missing_is_told(
    columns: Sequence[str], metrics: dict[str, object], told: str
) -> None:
    expected = [f"the test result has no metric {told}"]
    assert judged_by(["< 5"], [by_expression(each) for each in columns], metrics) == expected


def test_what_a_computed_column_lacks_is_all_told() -> None:
    assert judged_by(["< 5"], [by_expression("auc - auc_before")], {}) == [
        'the test result has no metric "auc"',
        'the test result has no metric "auc_before"',
    ]


@pytest.mark.parametrize(
    ("cell", "metrics", "told"),
    [
        ("< 0.5", {"x": None}, 'the metric "x" is null'),
        ("count(for i in 1..10**10 return i) > ?", {"x": 1}, "evaluation stopped after 500,000 steps"),
        (
            "${auc_befor < 3}",
            {"x": 1, "auc_before": 1},
            'no value for "auc_befor": did you mean "auc_before"?',
        ),
    ],
)
def test_anything_else_is_the_judgements_own_error(cell: str, metrics: dict[str, object], told: str) -> None:
    (said,) = judged_by([cell], [by_expression("x")], metrics)
    assert said.endswith(told)
    assert "compared" not in said


def said_of(judging: Callable[[], object]) -> list[str]:
    try:
        judging()
    except DmnError as error:
        return [error.message]
    return []


def test_what_can_be_judged_has_no_problem_whatever_its_cells_name() -> None:
    computed = by_expression("auc - before").replace("<input>", '<input camunda:inputVariable="gain">')
    metrics: dict[str, object] = {"auc": 0.9, "before": 0.7, "psi": 0.1}
    xml = definitions(
        decision(table([computed, by_expression("psi")], PASSES[:1], [rule(["", "> gain"], ["false"])]))
    )
    assert said_of(lambda: judge(xml, metrics)) == [
        problem.message for problem in judged(xml, metrics).problems
    ]


def test_a_metric_that_is_null_goes_with_a_column_that_tests_for_null() -> None:
    rules = [rule(["< 0.8"], ["false"]), rule(["null"], ["false"])]
    result = judged(definitions(decision(table([by_variable("auc")], PASSES[:1], rules))), {"auc": None})
    assert result.problems == ()
    assert result.verdict is not None
    assert [each.number for each in result.verdict.matched_rules] == [2]


def test_a_test_result_that_goes_with_the_table_gets_its_verdict() -> None:
    result = judged(THRESHOLDS, {"auc": 0.7, "psi": "Green"})
    assert result.problems == ()
    assert result.verdict is not None
    assert (result.verdict.passed, result.verdict.reasons) == (False, ["low"])


def test_a_table_that_can_judge_nothing_gives_no_verdict() -> None:
    result = judged(file_of("COLLECT", [["< 5", "1"]]), {"x": 1})
    assert [problem.severity for problem in result.problems] == ["error"]


def test_a_problem_says_where_it_is_in_one_line() -> None:
    problem = Problem("error", "unreadable", "no", "a.dmn", "Risk", (), (3,), "auc", 4)
    assert str(problem) == 'file a.dmn, decision "Risk", rule 3, column "auc", character 5: no'
