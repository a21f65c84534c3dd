"""The DMN specification's own example, a bank's loans: decisions, knowledge models and services of every kind at once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mlc.dmn import Definitions, load

FILE = Path(__file__).parents[1] / "data/decisions/loan-origination.dmn"
APPLICANT = {
    "Age": 51,
    "MaritalStatus": "M",
    "EmploymentStatus": "EMPLOYED",
    "ExistingCustomer": False,
    "Monthly": {"Income": 10_000, "Repayments": 2_500, "Expenses": 3_000},
}
PRODUCT = {"ProductType": "STANDARD LOAN", "Rate": 0.08, "Term": 36, "Amount": 100_000}
INPUTS = {"Applicant data": APPLICANT, "Requested product": PRODUCT, "Bureau data": {"CreditScore": 649}}


@pytest.fixture(scope="module")
def loans() -> Definitions:
    return load(FILE.read_bytes())


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        ("Application risk score", Decimal(129)),
        ("Pre-bureau risk category", "LOW"),
        ("Pre-bureau affordability", True),
        ("Eligibility", "ELIGIBLE"),
        ("Bureau call type", "MINI"),
        ("d_strategy", "BUREAU"),
        ("Routing", "ACCEPT"),
        ("Cheapest long offer", {"rate": Decimal("0.06"), "fee": Decimal(0), "months": Decimal(60)}),
    ],
)
def test_every_decision_gives_what_the_example_says(
    loans: Definitions, decision: str, expected: object
) -> None:
    assert loans.evaluate(decision, INPUTS) == expected


def test_the_installment_is_the_annuity_and_the_fee(loans: Definitions) -> None:
    result = loans.evaluate("Required monthly installment", INPUTS)
    assert isinstance(result, Decimal)
    assert round(result, 6) == Decimal("3153.636546")


def test_a_service_with_two_outputs_gives_a_context(loans: Definitions) -> None:
    given = {name: INPUTS[name] for name in ("Applicant data", "Requested product")}
    assert loans.evaluate("Bureau strategy service", given) == {
        "Strategy": "BUREAU",
        "Bureau call type": "MINI",
    }


@pytest.mark.parametrize(
    ("changed", "score", "routing"),
    [
        ({"Age": 17}, 649, "DECLINE"),
        ({"Monthly": {"Income": 5_000, "Repayments": 2_500, "Expenses": 2_000}}, 649, "DECLINE"),
        ({}, 500, "REFER"),
        ({}, None, "REFER"),
        ({"ExistingCustomer": True}, 649, "ACCEPT"),
    ],
)
def test_the_routing_follows_what_is_known_of_the_applicant(
    loans: Definitions, changed: dict[str, object], score: int | None, routing: str
) -> None:
    inputs = {**INPUTS, "Applicant data": {**APPLICANT, **changed}, "Bureau data": {"CreditScore": score}}
    assert loans.evaluate("Routing", inputs) == routing
