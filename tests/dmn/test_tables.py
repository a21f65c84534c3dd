"""Decision tables: hit policies, outputs, required decisions, boxed expressions."""

from __future__ import annotations

from decimal import Decimal
from xml.sax.saxutils import escape

import pytest

from mlc.dmn import DmnError, load
from tests.dmn.graphs import item, model, node
from tests.dmn.tables import (
    PASSES,
    by_expression,
    by_variable,
    cell_file,
    decision,
    definitions,
    literal,
    output,
    rule,
    table,
)


def policy(hit_policy: str, aggregation: str | None = None) -> bytes:
    rules = [rule([">0"], ["10"]), rule([">1"], ["30"]), rule([">2"], ["20"])]
    outputs = [output('name="score"', allowed="30, 20, 10")]
    return definitions(
        decision(table([by_variable("x")], outputs, rules, hit_policy=hit_policy, aggregation=aggregation))
    )


@pytest.mark.parametrize(
    ("hit_policy", "aggregation", "expected"),
    [
        ("FIRST", None, 10),
        ("PRIORITY", None, 30),
        ("COLLECT", None, [10, 30, 20]),
        ("RULE ORDER", None, [10, 30, 20]),
        ("OUTPUT ORDER", None, [30, 20, 10]),
        ("COLLECT", "SUM", 60),
        ("COLLECT", "MIN", 10),
        ("COLLECT", "MAX", 30),
        ("COLLECT", "COUNT", 3),
    ],
)
def test_hit_policy(hit_policy: str, aggregation: str | None, expected: object) -> None:
    assert load(policy(hit_policy, aggregation)).evaluate(None, {"x": 3}) == expected


@pytest.mark.parametrize("hit_policy", ["UNIQUE", "ANY"])
def test_a_violated_hit_policy_names_the_rules(hit_policy: str) -> None:
    with pytest.raises(DmnError, match=f'decision "Verdict": rules 1, 2, 3 match .* hit policy {hit_policy}'):
        load(policy(hit_policy)).evaluate(None, {"x": 3})


def test_rules_that_agree_satisfy_any() -> None:
    rules = [rule([">0"], ["1"]), rule([">1"], ["1.0"])]
    xml = definitions(decision(table([by_variable("x")], ['name="score"'], rules, hit_policy="ANY")))
    assert load(xml).evaluate(None, {"x": 3}) == 1


def test_rules_whose_outputs_cannot_be_compared_do_not_satisfy_any() -> None:
    rules = [rule([">0"], ["1"]), rule([">1"], ['"1"'])]
    xml = definitions(decision(table([by_variable("x")], ['name="score"'], rules, hit_policy="ANY")))
    with pytest.raises(DmnError, match="rules 1, 2 match with different outputs, which hit policy ANY"):
        load(xml).evaluate(None, {"x": 3})


@pytest.mark.parametrize(("hit_policy", "expected"), [("PRIORITY", 20), ("OUTPUT ORDER", [20, 10, 99])])
def test_an_output_that_is_none_of_the_allowed_values_ranks_last(hit_policy: str, expected: object) -> None:
    rules = [rule(["-"], [score]) for score in ("99", "10", "20")]
    outputs = [output('name="score"', allowed="20, 10")]
    logic = table([by_variable("x")], outputs, rules, hit_policy=hit_policy)
    assert load(definitions(decision(logic))).evaluate(None, {"x": 1}) == expected


@pytest.mark.parametrize(
    ("hit_policy", "aggregation", "nothing"),
    [
        ("UNIQUE", None, None),
        ("FIRST", None, None),
        ("COLLECT", None, []),
        ("COLLECT", "COUNT", 0),
        ("COLLECT", "SUM", None),
    ],
)
def test_no_match(hit_policy: str, aggregation: str | None, nothing: object) -> None:
    assert load(policy(hit_policy, aggregation)).evaluate(None, {"x": 0}) == nothing


@pytest.mark.parametrize(
    ("aggregation", "values", "message"),
    [
        ("SUM", ["true", "false"], "SUM needs numbers"),
        ("SUM", ['"a"', "1"], "SUM needs numbers"),
        ("MIN", ["true", "false"], "MIN needs outputs that can be compared"),
        ("MAX", ["1", '"a"'], "MAX needs outputs that can be compared"),
        ("MAX", ["1", "null"], "MAX needs outputs that can be compared"),
    ],
)
def test_what_cannot_be_aggregated_is_an_error(aggregation: str, values: list[str], message: str) -> None:
    rules = [rule(["-"], [value]) for value in values]
    logic = table([by_variable("x")], ['name="score"'], rules, aggregation=aggregation)
    with pytest.raises(DmnError, match=message):
        load(definitions(decision(logic))).evaluate(None, {"x": 1})


@pytest.mark.parametrize(("aggregation", "least"), [("MIN", "abc"), ("MAX", "abd")])
def test_texts_have_a_least_and_a_greatest(aggregation: str, least: str) -> None:
    rules = [rule(["-"], ['"abd"']), rule(["-"], ['"abc"'])]
    logic = table([by_variable("x")], ['name="score"'], rules, aggregation=aggregation)
    assert load(definitions(decision(logic))).evaluate(None, {"x": 1}) == least


def test_several_outputs_are_collected_as_contexts_and_have_no_sum() -> None:
    outputs = [output('name="a"'), output('name="b"')]
    rules = [rule(["-"], ["1", "2"]), rule(["-"], ["3", "4"])]
    logic = table([by_variable("x")], outputs, rules)
    rows = [{"a": 1, "b": 2}, {"a": 3, "b": 4}]
    assert load(definitions(decision(logic))).evaluate(None, {"x": 1}) == rows
    with pytest.raises(DmnError, match="SUM needs one output, the table has 2"):
        load(definitions(decision(table([by_variable("x")], outputs, rules, aggregation="SUM"))))


@pytest.mark.parametrize(
    ("hit_policy", "expected"),
    [
        ("PRIORITY", {"a": "high", "b": 1}),
        ("OUTPUT ORDER", [{"a": "high", "b": 1}, {"a": "low", "b": 2}, {"a": "low", "b": 1}]),
    ],
)
def test_outputs_rank_by_their_allowed_values_from_the_first_column_to_the_last(
    hit_policy: str, expected: object
) -> None:
    ranked = item(
        "tRow",
        components=[
            item("a", "string", allowed='"high", "low"', tag="itemComponent"),
            item("b", "tRank", tag="itemComponent"),
        ],
    )
    rules = [rule(["-"], ['"low"', "1"]), rule(["-"], ['"high"', "1"]), rule(["-"], ['"low"', "2"])]
    logic = table([by_variable("x")], ['name="a"', 'name="b"'], rules, hit_policy=hit_policy)
    xml = model(ranked, item("tRank", "number", allowed="2, 1"), node("D", logic, type_ref="tRow"))
    assert load(xml).evaluate(None, {"x": 1}) == expected


def test_a_default_that_cannot_be_evaluated_names_its_column() -> None:
    outputs = [output('name="a"', default="(function() external {java: {}})()")]
    logic = table([by_variable("x")], outputs, [rule([">1"], ["1"])], hit_policy="FIRST")
    with pytest.raises(DmnError, match=r'column "a": .*never run'):
        load(definitions(decision(logic))).evaluate(None, {"x": 1})


def test_annotations_are_kept_beside_the_description() -> None:
    noted = rule([">0"], ["1"], "why").replace(
        "</rule>", "<annotationEntry><text>who</text></annotationEntry></rule>"
    )
    xml = definitions(decision(table([by_variable("x")], ['name="a"'], [noted])))
    assert load(xml).decide(None, {"x": 1}).matched[0].description == "why; who"


def test_several_outputs_are_a_context_and_defaults_stand_in() -> None:
    outputs = [output('name="grade"', default='"C"'), output('name="rate"', default="0")]
    rules = [rule([">5"], ['"A"', "x / 10"])]
    definition = load(definitions(decision(table([by_variable("x")], outputs, rules, hit_policy="UNIQUE"))))
    assert definition.evaluate(None, {"x": 6}) == {"grade": "A", "rate": Decimal("0.6")}
    assert definition.evaluate(None, {"x": 1}) == {"grade": "C", "rate": 0}


@pytest.mark.parametrize(
    ("grade", "rate", "expected"),
    [('"C"', None, {"grade": "C", "rate": None}), (None, "0", {"grade": None, "rate": 0})],
)
def test_an_output_without_a_default_is_null_beside_those_that_have_one(
    grade: str | None, rate: str | None, expected: object
) -> None:
    outputs = [output('name="grade"', default=grade), output('name="rate"', default=rate)]
    logic = table([by_variable("x")], outputs, [rule([">5"], ['"A"', "1"])], hit_policy="UNIQUE")
    assert load(definitions(decision(logic))).evaluate(None, {"x": 1}) == expected


@pytest.mark.parametrize(
    ("allowed", "given", "accepted"),
    [
        ("< 5", 4, True),
        ("< 5", 5, False),
        ("< 5", "a", False),
        ("< 5", [1, 2], True),
        ("< 5", [1, "a"], False),
        ("< 5", None, True),
    ],
)
def test_a_column_allows_what_its_values_say_is_so_and_not_what_they_cannot_tell(
    allowed: str, given: object, accepted: bool
) -> None:
    values = f"<inputValues><text>{escape(allowed)}</text></inputValues></input>"
    clause = by_variable("x").replace("</input>", values)
    definition = load(definitions(decision(table([clause], ['name="n"'], [rule(["-"], ["1"])]))))
    if accepted:
        assert definition.evaluate(None, {"x": given}) == [1]
    else:
        with pytest.raises(DmnError, match=f'column "x": .* is none of the values .* allows: {allowed}'):
            definition.evaluate(None, {"x": given})


def test_the_matched_rules_tell_what_they_demanded_and_met() -> None:
    rules = [rule([">1", ""], ["false", '"big"', ""], "too big"), rule(["", "< 1"], ["false", '"y"', ""])]
    decided = load(
        definitions(decision(table([by_variable("x"), by_expression("y * 2")], PASSES, rules)))
    ).decide(None, {"x": 2, "y": 3})
    [matched] = decided.matched
    assert (matched.number, matched.description, matched.outputs["reason"]) == (1, "too big", "big")
    assert [(each.variable, each.entry, each.value) for each in matched.conditions] == [("x", ">1", 2)]


def test_a_cell_may_speak_of_its_column_by_camundas_variable() -> None:
    column = by_expression("a + b").replace("<input>", '<input camunda:inputVariable="total">')
    xml = definitions(
        decision(table([column], ['name="hit"'], [rule(["total > 3 and total < 9"], ["true"])]))
    )
    assert load(xml).evaluate(None, {"a": 2, "b": 2}) == [True]
    assert load(xml).evaluate(None, {"a": 9, "b": 2}) == []


def test_required_decisions_are_evaluated_first_and_known_by_name() -> None:
    base = decision(literal("income * 12"), "Yearly Income")
    middle = decision(
        table(
            [by_expression("Yearly Income")],
            ['name="band"'],
            [rule([">100"], ['"high"'])],
            hit_policy="FIRST",
        ),
        "Band",
        ["YearlyIncome"],
    )
    top = decision(literal('if Band = "high" then Yearly Income else 0'), "Limit", ["Band", "YearlyIncome"])
    definition = load(definitions(top, middle, base))
    assert definition.decisions == ("Limit", "Band", "Yearly Income")
    assert definition.evaluate("Limit", {"income": 10}) == 120
    assert definition.evaluate("Limit", {"income": 1}) == 0
    with pytest.raises(DmnError, match="3: Limit, Band, Yearly Income"):
        definition.evaluate(None, {})
    with pytest.raises(DmnError, match='no decision "Limits"'):
        definition.evaluate("Limits", {})


def test_decisions_that_require_each_other_are_refused() -> None:
    with pytest.raises(DmnError, match="circle: A requires B requires A"):
        load(definitions(decision(literal("B"), "A", ["B"]), decision(literal("A"), "B", ["A"])))


def test_a_required_decision_must_be_there() -> None:
    with pytest.raises(DmnError, match='decision "A": requires "Z"'):
        load(definitions(decision(literal("1"), "A", ["Z"])))


def test_a_knowledge_model_is_invoked_by_name_and_by_box() -> None:
    model = (
        '<businessKnowledgeModel id="bk" name="Rate of"><encapsulatedLogic><formalParameter name="base rate"/>'
        '<formalParameter name="n"/><literalExpression><text>base rate ** n</text></literalExpression>'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    box = (
        "<invocation><literalExpression><text>Rate of</text></literalExpression>"
        '<binding><parameter name="n"/><literalExpression><text>3</text></literalExpression></binding>'
        '<binding><parameter name="base rate"/><literalExpression><text>x</text></literalExpression></binding></invocation>'
    )
    definition = load(
        definitions(model, node("Direct", "Rate of(x, 2)", knows=["bk"]), node("Boxed", box, knows=["bk"]))
    )
    assert definition.evaluate("Direct", {"x": 5}) == 25
    assert definition.evaluate("Boxed", {"x": 5}) == 125


def test_boxed_context_relation_and_list() -> None:
    relation = (
        '<relation><column name="k"/><column name="v"/>'
        "<row><literalExpression><text>1</text></literalExpression><literalExpression><text>x</text></literalExpression></row>"
        "</relation>"
    )
    entries = (
        f'<context><contextEntry><variable name="rows"/>{relation}</contextEntry>'
        "<contextEntry><literalExpression><text>rows[k = 1].v</text></literalExpression></contextEntry></context>"
    )
    items = f"<list>{literal('x')}{literal('2')}</list>"
    definition = load(definitions(decision(entries, "Context"), decision(items, "List")))
    assert definition.evaluate("Context", {"x": 7}) == [7]
    assert definition.evaluate("List", {"x": 7}) == [7, 2]


def test_an_error_names_decision_rule_and_column() -> None:
    rules = [rule(["<1"], ["true", "", ""]), rule(["<<1"], ["true", "", ""])]
    with pytest.raises(DmnError) as error:
        load(definitions(decision(table([by_variable("auc")], PASSES, rules), "Model check")))
    assert (error.value.decision, error.value.rule, error.value.column) == ("Model check", 2, "auc")
    assert str(error.value).startswith('decision "Model check", rule 2, column "auc", character 2: ')


def test_an_error_names_the_file_where_it_has_a_name() -> None:
    with pytest.raises(DmnError, match=r"^file risk\.dmn: "):
        load(b"<a/>", file="risk.dmn")
    with pytest.raises(DmnError, match=r'^file risk\.dmn, decision "Verdict": rules 1, 2, 3'):
        load(policy("UNIQUE"), file="risk.dmn").evaluate(None, {"x": 3})


def test_a_name_in_the_inputs_that_no_table_reads_is_never_looked_at() -> None:
    assert load(policy("FIRST")).evaluate(None, {"x": 1, "other": object()}) == 10


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b"no xml", "well-formed"),
        (b"<definitions/>", "not the definitions of DMN"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "not the definitions of DMN"),
        (b"", "well-formed"),
        (policy("FISRT"), 'no hit policy "FISRT"'),
        (policy("COLLECT", "MEDIAN"), 'no aggregation "MEDIAN"'),
        (
            cell_file("<1").replace(b"<outputEntry>", b"<x>").replace(b"</outputEntry>", b"</x>"),
            "rule 1: .*0 output entries",
        ),
        (
            cell_file("<1").replace(b'camunda:inputVariable="x"', b""),
            "neither an input expression nor an input variable",
        ),
        (definitions("<decision/>"), "neither id nor name"),
        (
            definitions(decision(table([by_variable("x")], ['name="a"', 'name="a"'], []))),
            'decision "Verdict": 2 outputs are named "a"',
        ),
        (
            definitions(
                decision('<literalExpression expressionLanguage="python"><text>1</text></literalExpression>')
            ),
            '"python" is not supported',
        ),
    ],
)
def test_a_broken_file_is_refused_when_loaded(xml: bytes, message: str) -> None:
    with pytest.raises(DmnError, match=message):
        load(xml)
