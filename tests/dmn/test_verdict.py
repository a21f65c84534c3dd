"""A model's decision table judges its test result."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from mlc.dmn import DmnError, Verdict, judge
from tests.dmn.graphs import imports, input_data, knowledge, model, node
from tests.dmn.tables import (
    COLOUR,
    DMN_11,
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

DRIFT = "DataDrift_maxKolmogorov-SmirnovPValue"
CREDIT = table(
    [by_variable("auc"), by_variable(DRIFT), by_variable("psi")],
    PASSES,
    [
        rule(["<= 0.70", "", ""], ["false", '"AUC is too low"', '"performance"']),
        rule(["", "]-99..0.1[", ""], ["false", '"the data have drifted"', '"drift"']),
        rule(["", "", ">=3,]-99..1]"], ["false", "", '"stability"'], "PSI is out of bounds"),
        rule(["", "", "-99"], ["true", '"no PSI was computed"', ""]),
    ],
)
GOOD = {"auc": 0.81, DRIFT: 0.4, "psi": 1.5}


@pytest.fixture(params=[None, DMN_11], ids=["DMN 1.3", "DMN 1.1"])
def credit(request: pytest.FixtureRequest) -> bytes:
    return (
        definitions(decision(CREDIT), namespace=request.param)
        if request.param
        else definitions(decision(CREDIT))
    )


def test_no_rule_fired_is_a_pass(credit: bytes) -> None:
    verdict = judge(credit, GOOD)
    assert (verdict.passed, verdict.reasons, verdict.matched_rules) == (True, [], [])
    assert [(each.metric, each.passed) for each in verdict.comparisons] == [
        ("auc", True),
        (DRIFT, True),
        ("psi", True),
    ]


def test_a_row_that_does_not_pass_fails_the_model_with_its_reason(credit: bytes) -> None:
    verdict = judge(credit, {**GOOD, "auc": 0.70})
    assert (verdict.passed, verdict.reasons) == (False, ["AUC is too low"])
    assert [(each.number, each.failing) for each in verdict.matched_rules] == [(1, True)]


def test_every_failing_row_gives_a_reason(credit: bytes) -> None:
    verdict = judge(credit, {"auc": 0.5, DRIFT: 0.0999, "psi": 1})
    assert verdict.reasons == ["AUC is too low", "the data have drifted", "stability"]


def test_a_reversed_bracket_leaves_its_end_out(credit: bytes) -> None:
    assert judge(credit, {**GOOD, DRIFT: -99}).passed
    assert judge(credit, {**GOOD, DRIFT: 0.1}).passed
    assert not judge(credit, {**GOOD, DRIFT: -98.999}).passed


def test_a_row_that_passes_is_matched_and_fails_nothing(credit: bytes) -> None:
    verdict = judge(credit, {**GOOD, "psi": -99})
    assert verdict.passed
    assert [(each.number, each.failing) for each in verdict.matched_rules] == [(4, False)]


def test_the_evidence_puts_failures_first_with_the_entry_that_matched(credit: bytes) -> None:
    verdict = judge(credit, {**GOOD, "psi": 3.25})
    assert [each.model_dump() for each in verdict.comparisons] == [
        {"metric": "psi", "value": 3.25, "threshold": ">=3,]-99..1]", "passed": False},
        {"metric": "auc", "value": 0.81, "threshold": "<= 0.70", "passed": True},
        {"metric": DRIFT, "value": 0.4, "threshold": "]-99..0.1[", "passed": True},
    ]


@pytest.mark.parametrize("metric", sorted(GOOD))
def test_a_metric_that_the_result_lacks_is_an_error_that_names_it(credit: bytes, metric: str) -> None:
    result = {name: value for name, value in GOOD.items() if name != metric}
    with pytest.raises(DmnError, match=f'no metric "{metric}"'):
        judge(credit, result)


@pytest.mark.parametrize("value", [None, "0.8", True, float("nan"), float("inf"), [0.8]])
def test_a_metric_that_cannot_be_compared_is_an_error_that_names_it(credit: bytes, value: object) -> None:
    with pytest.raises(DmnError, match="auc"):
        judge(credit, {**GOOD, "auc": value})


def test_a_metric_that_the_table_does_not_name_may_be_anything(credit: bytes) -> None:
    assert judge(credit, {**GOOD, "notes": object(), "loss": float("nan")}).passed


def test_a_column_that_tests_for_null_may_be_null() -> None:
    xml = definitions(
        decision(table([by_variable("auc")], PASSES, [rule(["null"], ["false", '"no AUC"', ""])]))
    )
    assert judge(xml, {"auc": None}).reasons == ["no AUC"]


def test_the_same_metric_may_be_two_columns() -> None:
    rules = [rule(["<0.5", ""], ["false", '"low"', ""]), rule(["", ">0.99"], ["false", '"suspicious"', ""])]
    xml = definitions(decision(table([by_variable("auc"), by_variable("auc")], PASSES, rules)))
    verdict = judge(xml, {"auc": 0.995})
    assert verdict.reasons == ["suspicious"]
    assert [(each.threshold, each.passed) for each in verdict.comparisons] == [
        (">0.99", False),
        ("<0.5", True),
    ]


def test_a_hyphenated_metric_may_stand_in_the_expression() -> None:
    xml = definitions(
        decision(table([by_expression(DRIFT)], PASSES, [rule(["<0.1"], ["false", '"drift"', ""])]))
    )
    assert judge(xml, {DRIFT: 0.01}).reasons == ["drift"]
    with pytest.raises(DmnError, match=f'no metric "{DRIFT}"'):
        judge(xml, {"DataDrift_maxKolmogorov": 1})


def test_a_hyphenated_metric_may_stand_in_a_cell() -> None:
    xml = definitions(
        decision(table([by_variable("rate")], PASSES, [rule(["< rate-limit"], ["false", '"low"', ""])]))
    )
    assert judge(xml, {"rate": 0.5, "rate-limit": 0.6, "limit": 9}).reasons == ["low"]
    assert judge(xml, {"rate": 0.5, "rate-limit": 0.4, "limit": -9}).passed


def test_juel_cells_are_conditions_of_their_own_with_evidence_of_their_variables() -> None:
    cell = "${currentDay_ActualRate < currentDay_Threshold}"
    xml = definitions(
        decision(
            table([by_variable("currentDay_ActualRate")], PASSES, [rule([cell], ["false", '"rate"', ""])])
        )
    )
    verdict = judge(xml, {"currentDay_ActualRate": 0.1, "currentDay_Threshold": 0.2})
    assert verdict.reasons == ["rate"]
    assert verdict.comparisons[0].value == {"currentDay_ActualRate": 0.1, "currentDay_Threshold": 0.2}
    with pytest.raises(DmnError, match=r'rule 1.*"currentDay_Threshold"'):
        judge(xml, {"currentDay_ActualRate": 0.1})


def test_a_groovy_cell_reads_the_models_own_data_beside_its_metrics() -> None:
    cell = 'modelMethodology.equalsIgnoreCase("regression") && r2_score>=0.7'
    rules = [
        rule([cell], ["true", '"fits"', ""]),
        rule([cell.replace(">=", "<")], ["false", '"does not fit"', ""]),
    ]
    xml = definitions(decision(table([by_expression("r2_score")], PASSES, rules)))
    assert judge(xml, {"r2_score": 0.7}, {"modelMethodology": "Regression"}).passed
    assert judge(xml, {"r2_score": 0.69}, {"modelMethodology": "REGRESSION"}).reasons == ["does not fit"]
    assert judge(xml, {}, {"modelMethodology": "clustering"}).passed


@pytest.mark.parametrize(
    ("value", "colour", "passed"), [(1, "Green", True), (5, "Yellow", True), (9, "Red", False)]
)
def test_colours_pass_unless_red(value: float, colour: str, passed: bool) -> None:
    rules = [
        rule(["<3"], ['"drift monitor"', '"Green"']),
        rule(["[3..7]"], ['"drift monitor"', '"Yellow"']),
        rule([">7"], ['"drift monitor"', '"Red"']),
    ]
    xml = definitions(decision(table([by_variable("drift")], COLOUR, rules, hit_policy="UNIQUE")))
    verdict = judge(xml, {"drift": value})
    assert verdict.passed is passed
    assert verdict.matched_rules[0].outputs["color"] == colour
    assert verdict.reasons == ([] if passed else ["drift monitor is Red"])


@pytest.mark.parametrize(
    ("outputs", "entries", "message"),
    [
        (['name="score"'], ["1"], 'a verdict needs "passes"'),
        (COLOUR, ['"m"', '"Purple"'], '"Purple" is none of'),
        (PASSES, ["1", "", ""], "rule 1.*neither true nor false"),
        (PASSES, ["", "", ""], "null is neither true nor false"),
    ],
)
def test_outputs_in_no_known_form_are_an_error(outputs: list[str], entries: list[str], message: str) -> None:
    xml = definitions(decision(table([by_variable("auc")], outputs, [rule([">0"], entries)])))
    with pytest.raises(DmnError, match=message):
        judge(xml, {"auc": 1})


def test_a_failing_default_fails_the_model_where_no_rule_fired() -> None:
    outputs = [
        output('name="passes"', default="false"),
        output('name="reason"', default='"nothing passed it"'),
    ]
    xml = definitions(
        decision(table([by_variable("auc")], outputs, [rule([">0.8"], ["true", '""'])], hit_policy="FIRST"))
    )
    assert judge(xml, {"auc": 0.9}).passed
    assert judge(xml, {"auc": 0.7}).reasons == ["nothing passed it"]


def test_a_failing_row_without_words_is_described_by_its_conditions() -> None:
    xml = definitions(decision(table([by_variable("auc")], PASSES[:1], [rule(["<0.8"], ["false"])])))
    assert judge(xml, {"auc": 0.75}).reasons == ["rule 1 matched: auc is 0.75 (<0.8)"]


def test_what_is_no_table_judges_nothing() -> None:
    with pytest.raises(DmnError, match="no table"):
        judge(definitions(decision(literal("true"))), {})


def test_no_metric_is_lost_to_the_type_that_the_file_declares() -> None:
    judging = table([by_variable("auc")], PASSES[:1], [rule(["null"], ["true"]), rule(["< 0.8"], ["false"])])
    xml = model(input_data("auc", "number"), node("Verdict", judging, inputs=["auc"]))
    assert not judge(xml, {"auc": 0.7}).passed
    assert judge(xml, {"auc": None}).passed
    with pytest.raises(DmnError, match=r'decision "Verdict": the input "auc" is "0.7", which is not of its'):
        judge(xml, {"auc": "0.7"})


def test_a_table_may_import_what_it_needs() -> None:
    shared = model(knowledge("gap", ["a: number", "b: number"], "a - b"), namespace="urn:shared")
    judging = table([by_expression("shared.gap(train, test)")], PASSES[:1], [rule(["> 0.1"], ["false"])])
    xml = model(imports("shared", "urn:shared"), node("Verdict", judging, knows=["urn:shared#gap"]))
    resources = {"shared.dmn": shared}
    assert judge(xml, {"train": 0.9, "test": 0.85}, resources=resources).passed
    assert not judge(xml, {"train": 0.9, "test": 0.7}, resources=resources).passed
    with pytest.raises(DmnError, match=r'import "shared" needs the file .* pass it in `resources`'):
        judge(xml, {"train": 0.9, "test": 0.7})


def test_a_table_with_a_broken_cell_judges_nothing() -> None:
    rules = [rule(["< 0.5"], ["false"]), rule(["< < 1"], ["false"])]
    xml = definitions(decision(table([by_variable("auc")], PASSES[:1], rules)))
    with pytest.raises(DmnError, match='rule 2, column "auc", character 3'):
        judge(xml, {"auc": 0.9})


@pytest.mark.parametrize(
    ("value", "told"),
    [(3, 3), (3.5, 3.5), ("1E+30", 1e30), ("1E+6000", "1E+6000"), ("1E-6000", "1E-6000"), (0, 0)],
)
def test_a_number_that_no_float_can_hold_is_told_as_text(value: object, told: object) -> None:
    xml = definitions(decision(table([by_variable("x")], PASSES[:1], [rule(["-1"], ["true"])])))
    number = Decimal(value) if isinstance(value, str) else value
    verdict = judge(xml, {"x": number})
    assert verdict.comparisons[0].value == told
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


def test_half_a_character_is_told_by_its_escape() -> None:
    rules = [rule(['"a"'], ["true", "", ""]), rule(['not("a")'], ["false", "x", "x"])]
    xml = definitions(decision(table([by_variable("x")], PASSES, rules)))
    verdict = judge(xml, {"x": "\ud800"})
    assert verdict.reasons == ["\\ud800"]
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
    with pytest.raises(DmnError, match="cannot be compared") as error:
        judge(xml, {"x": ["\ud800"]})
    assert "\\ud800" in str(error.value)


def test_a_verdict_travels_as_camel_case_json_and_cannot_be_changed(credit: bytes) -> None:
    verdict = judge(credit, {**GOOD, "auc": 0.5})
    wire = verdict.model_dump_json(by_alias=True)
    assert '"matchedRules":[{"number":1' in wire
    assert Verdict.model_validate_json(wire) == verdict
    with pytest.raises(ValidationError):
        verdict.passed = True  # pyright: ignore[reportAttributeAccessIssue]
