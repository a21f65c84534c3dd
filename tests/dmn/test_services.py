"""Decision services: decisions behind one name, evaluated by it and called from FEEL."""

from __future__ import annotations

import pytest

from mlc.dmn import DmnError, load
from tests.dmn.graphs import input_data, item, knowledge_requirement, model, node, service

PARTS = (
    input_data("amount", "number"),
    input_data("rate", "number"),
    node("Base", "amount * 2", inputs=["amount"]),
    node("Fee", "Base * rate", inputs=["rate"], decisions=["Base"]),
    node("Total", "Base + Fee", decisions=["Base", "Fee"]),
)
ALL = service("All", outputs=["Total"], encapsulated=["Fee", "Base"], inputs=["amount", "rate"])
FROM_BASE = service(
    "From base", outputs=["Fee", "Total"], input_decisions=["Base"], inputs=["rate"], type_ref="tBoth"
)
BOTH = item("tBoth", components=[item(each, "number", tag="itemComponent") for each in ("Fee", "Total")])


def test_a_service_with_one_output_gives_its_value() -> None:
    definition = load(model(*PARTS, ALL))
    assert definition.services == ("All",)
    assert definition.evaluate("All", {"amount": 10, "rate": 0.5}) == 30


def test_a_service_with_several_outputs_gives_a_context() -> None:
    definition = load(model(BOTH, *PARTS, FROM_BASE))
    inputs = {"amount": 10, "rate": 0.5, "Base": 100}
    assert definition.evaluate("From base", inputs) == {"Fee": 50, "Total": 150}
    assert definition.evaluate("Frombase", inputs) == {"Fee": 50, "Total": 150}


def test_an_input_decision_is_never_evaluated_by_the_service() -> None:
    definition = load(model(BOTH, *PARTS, FROM_BASE))
    assert definition.evaluate("From base", {"amount": 10, "rate": 0.5}) == {"Fee": None, "Total": None}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("All(10, 0.5)", 30),
        ("All(rate: 0.5, amount: 10)", 30),
        ("From base(0.5, 100).Total", 150),
        ("From base(Base: 100, rate: 0.5).Fee", 50),
        ("All(10)", None),
        ("All(amount: 10)", None),
        ('All("ten", 1)', None),
        ("for i in 1..3 return All(i, 0)", [2, 4, 6]),
    ],
)
def test_a_service_is_called_from_feel(call: str, expected: object) -> None:
    caller = node("Caller", call, knows=["All", "From base"])
    inputs = {"amount": 1000, "rate": 1000, "Base": 1000}
    assert load(model(BOTH, *PARTS, ALL, FROM_BASE, caller)).evaluate("Caller", inputs) == expected


def test_a_service_may_be_called_as_often_as_a_list_is_long() -> None:
    caller = node("Caller", "sum(for i in 1..100 return All(i, 0))", knows=["All"])
    assert load(model(*PARTS, ALL, caller)).evaluate("Caller", {}) == 2 * 5050


def test_a_service_is_invoked_by_box() -> None:
    box = (
        "<invocation><literalExpression><text>All</text></literalExpression>"
        '<binding><parameter name="rate" typeRef="number"/><literalExpression><text>1</text></literalExpression></binding>'
        '<binding><parameter name="amount"/><literalExpression><text>3</text></literalExpression></binding></invocation>'
    )
    assert load(model(*PARTS, ALL, node("Caller", box, knows=["All"]))).evaluate("Caller", {}) == 12


def test_a_service_that_calls_itself_is_stopped() -> None:
    looping = node("Loop", "Again()", knows=["Again"])
    with pytest.raises(DmnError, match="nested"):
        load(model(looping, service("Again", outputs=["Loop"]))).evaluate("Loop", {})


def test_an_error_inside_names_the_service_and_the_decision() -> None:
    wrong = node("Wrong", '(function(x) external {java: {class: "C", method signature: "m()"}})(1)')
    definition = load(model(wrong, service("Svc", outputs=["Wrong"])))
    with pytest.raises(DmnError, match=r'^decision "Wrong", decision service "Svc": .*never run'):
        definition.evaluate("Svc", {})


def test_a_service_without_outputs_is_a_problem() -> None:
    definition = load(model(node("A", "1"), service("Empty", outputs=[])))
    assert [str(each) for each in definition.problems] == [
        'decision service "Empty": the service has no output decision'
    ]
    with pytest.raises(DmnError, match="no output decision"):
        definition.evaluate("Empty", {})


def test_a_knowledge_model_may_require_a_service() -> None:
    bkm = (
        '<businessKnowledgeModel id="bk" name="bk"><encapsulatedLogic><formalParameter name="n"/>'
        "<literalExpression><text>All(n, 1)</text></literalExpression></encapsulatedLogic>"
        f"{knowledge_requirement('All')}</businessKnowledgeModel>"
    )
    assert load(model(*PARTS, ALL, bkm, node("D", "bk(2)", knows=["bk"]))).evaluate("D", {}) == 8
