"""Cases of a decision: what comes of them is compared with what is expected."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mlc.dmn import Definitions, DmnError, load
from mlc.dmn.checking import Case, Tried, refuse_unknown, tried
from tests.dmn.tables import PASSES, by_expression, by_variable, decision, definitions, literal, rule, table

THRESHOLDS = definitions(
    decision(
        table(
            [by_variable("auc"), by_variable("max-psi")],
            PASSES,
            [
                rule(["< 0.8", ""], ["false", '"AUC is low"', ""]),
                rule(["< 0.5", ""], ["false", '"AUC is a coin"', ""]),
                rule(["", "> 0.2"], ["true", '"PSI is high"', ""]),
            ],
        )
    )
)
FEE = definitions(
    decision(
        table([by_expression("age")], ['name="fee"'], [rule(["< 18"], ["age / 3"])], hit_policy="UNIQUE"),
        "Fee",
    ),
    decision(literal("{net: Fee, gross: Fee * 1.2}"), "Total", requires=["Fee"]),
)


def came(
    xml: bytes, inputs: dict[str, object], expected: dict[str, object], name: str | None = None
) -> Tried:
    return tried(opened(xml, inputs), Case("one", name, inputs, expected))


def opened(xml: bytes, inputs: dict[str, object]) -> Definitions:
    return load(xml, variables=inputs)


@pytest.mark.parametrize(
    "expected",
    [
        {"passes": False},
        {"passes": [False, False]},
        {"reason": ["AUC is low", "AUC is a coin"]},
        {"rules": "1;2"},
        {"rules": [2, 1]},
        {"verdict": "FAIL"},
        {"verdict": "fail", "category": None},
        {
            "value": [
                {"passes": False, "reason": each, "category": None}
                for each in ("AUC is low", "AUC is a coin")
            ]
        },
    ],
)
def test_it_passes_where_all_comes_as_expected(expected: dict[str, object]) -> None:
    assert came(THRESHOLDS, {"auc": 0.4, "max-psi": 0.1}, expected).differences == ()


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"passes": True}, ("passes", "true", "[false, false]")),
        ({"reason": "AUC is low"}, ("reason", '"AUC is low"', '["AUC is low", "AUC is a coin"]')),
        ({"rules": "none"}, ("rules", "none", "1, 2")),
        ({"verdict": "PASS"}, ("verdict", "PASS", "FAIL: AUC is low; AUC is a coin")),
        ({"error": True}, ("error", "an error", "none")),
    ],
)
def test_a_difference_says_what_was_expected_and_what_came(
    expected: dict[str, object], found: tuple[str, str, str]
) -> None:
    (difference,) = came(THRESHOLDS, {"auc": 0.4, "max-psi": 0.1}, expected).differences
    assert (difference.of, difference.expected, difference.found) == found


@pytest.mark.parametrize(
    "expected", [{"passes": None}, {"passes": []}, {"rules": "none"}, {"verdict": "PASS"}, {"value": []}]
)
def test_that_no_rule_matches_may_be_expected(expected: dict[str, object]) -> None:
    assert came(THRESHOLDS, {"auc": 0.9, "max-psi": 0.1}, expected).passed


@pytest.mark.parametrize("expected", [{"error": True}, {"error": 'no metric "max-psi"'}])
def test_that_a_metric_is_missing_may_be_expected(expected: dict[str, object]) -> None:
    assert came(THRESHOLDS, {"auc": 0.9}, expected).passed
    assert not came(THRESHOLDS, {"auc": 0.9}, {"verdict": "PASS"}).passed


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Fee", {"fee": Decimal(5)}),
        ("Fee", {"value": 5}),
        ("Total", {"gross": 6.0}),
        ("Total", {"value": {"net": 5, "gross": 6}}),
    ],
)
def test_numbers_are_compared_as_decimals(name: str, expected: dict[str, object]) -> None:
    assert came(FEE, {"age": 15}, expected, name).passed


def test_an_error_that_nobody_expects_is_a_difference() -> None:
    xml = definitions(
        decision(table([by_expression("x")], ['name="a"'], [rule(["-"], ["1"])] * 2, hit_policy="UNIQUE"))
    )
    result = came(xml, {"x": 1}, {"a": 1})
    assert not result.passed
    assert "rules 1, 2 match together" in (result.error or "")
    assert came(xml, {"x": 1}, {"error": "match together"}).passed


@pytest.mark.parametrize(
    ("inputs", "expected", "told"),
    [
        ({"acu": 1}, {"passes": True}, 'case "one": there is no input "acu": did you mean "auc"?'),
        ({"auc": 1}, {"pass": True}, 'case "one": there is no output "pass": did you mean "passes"?'),
    ],
)
def test_a_name_that_the_table_does_not_know_is_refused(
    inputs: dict[str, object], expected: dict[str, object], told: str
) -> None:
    with pytest.raises(DmnError, match=told):
        refuse_unknown(opened(THRESHOLDS, inputs), [Case("one", None, inputs, expected)])


def test_the_inputs_of_required_decisions_are_known() -> None:
    refuse_unknown(opened(FEE, {"age": 1}), [Case("one", "Total", {"age": 1}, {"value": 1})])


def test_a_decision_that_the_file_does_not_know_is_refused() -> None:
    with pytest.raises(DmnError, match='case "one": there is no decision "Fees"'):
        refuse_unknown(opened(FEE, {}), [Case("one", "Fees", {}, {"value": 1})])


@pytest.mark.parametrize("expected", [{"verdict": "maybe"}, {"rules": "two"}])
def test_an_expectation_that_cannot_be_read_is_an_error_that_names_the_case(
    expected: dict[str, object],
) -> None:
    with pytest.raises(DmnError, match='case "one"'):
        came(THRESHOLDS, {"auc": 1, "max-psi": 1}, expected)
