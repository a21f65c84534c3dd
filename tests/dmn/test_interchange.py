"""DMN files as modelers write them, which the standard's examples are not."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest

from mlc.dmn import DmnError, load
from tests.dmn.graphs import (
    imports,
    input_data,
    item,
    knowledge,
    model,
    node,
    parameters,
    service,
)
from tests.dmn.tables import DMN_11, by_expression, by_variable, literal, output, rule, table

RANKED = [rule([">0"], ['"low"']), rule([">1"], ['"high"'])]
LEVEL = item("tLevel", "string", allowed='"high", "low"')


def file(body: str, attributes: str = "", version: str = DMN_11) -> bytes:
    """A file with the prefixes that modelers declare."""
    return (
        f'<definitions xmlns="{version}" xmlns:feel="http://www.omg.org/spec/FEEL/20140401" '
        'xmlns:kie="http://www.drools.org/kie/dmn/1.1" xmlns:other="urn:types" '
        f'name="m" namespace="urn:m" {attributes}>{body}</definitions>'
    ).encode()


def function(takes: str, body: str, attributes: str = "") -> str:
    return f"<functionDefinition{attributes}>{parameters([takes])}{literal(body)}</functionDefinition>"


@pytest.mark.parametrize(
    ("types", "type_ref"),
    [
        (LEVEL, "tLevel"),
        (LEVEL + item("tAlias", "tLevel"), "tAlias"),
        (LEVEL + item("tLevels", "tLevel", collection=True), "tLevels"),
        (item("tLevel", "string", constraint='"high", "low"'), "tLevel"),
        (item("tLevel", "string", allowed='starts with(?, "h"), "low"'), "tLevel"),
    ],
)
def test_outputs_are_ranked_by_the_values_of_the_type_that_their_type_goes_back_to(
    types: str, type_ref: str
) -> None:
    of_table = table([by_variable("x")], ['name="level"'], RANKED, hit_policy="OUTPUT ORDER")
    assert load(model(types, node("D", of_table, type_ref=type_ref))).evaluate("D", {"x": 5}) == [
        "high",
        "low",
    ]
    of_clause = of_table.replace('name="level"', f'name="level" typeRef="{type_ref}"')
    assert load(model(types, node("D", of_clause))).evaluate("D", {"x": 5}) == ["high", "low"]


def test_several_outputs_are_ranked_by_the_type_of_a_row() -> None:
    row = item(
        "tRow",
        components=[item("level", "tLevel", tag="itemComponent"), item("n", "number", tag="itemComponent")],
    )
    rules = [rule([">0"], ['"low"', "1"]), rule([">1"], ['"high"', "2"])]
    logic = table([by_variable("x")], ['name="level"', 'name="n"'], rules, hit_policy="PRIORITY")
    xml = model(LEVEL, row, item("tRows", "tRow", collection=True), node("D", logic, type_ref="tRows"))
    assert load(xml).decide("D", {"x": 5}).matched[0].outputs == {"level": "high", "n": 2}


@pytest.mark.parametrize("allowed", ["> 0", ">= 0, null", "[0..100]", "not(-1)", "? > 0"])
def test_an_outputs_type_may_allow_more_than_constants(allowed: str) -> None:
    logic = table([by_variable("x")], ['name="n" typeRef="tN"'], [rule(["-"], ["3"])], hit_policy="UNIQUE")
    assert load(model(item("tN", "number", allowed=allowed), node("D", logic))).evaluate("D", {"x": 1}) == 3


@pytest.mark.parametrize("policy", ["UNIQUE", "RULE ORDER", "OUTPUT ORDER", "COLLECT"])
def test_a_default_is_the_result_whatever_the_hit_policy(policy: str) -> None:
    outputs = [output('name="a"', default='"none"')]
    logic = table([by_variable("x")], outputs, [rule([">0"], ['"some"'])], hit_policy=policy)
    assert load(model(node("D", logic))).evaluate("D", {"x": -1}) == "none"
    as_list = model(item("tL", "string", collection=True), node("D", logic, type_ref="tL"))
    assert load(as_list).evaluate("D", {"x": -1}) == ["none"]


@pytest.mark.parametrize(("given", "expected"), [(["A", "B"], 2), ([], 0), ("A", 1)])
def test_a_list_may_come_into_a_column_that_allows_its_items(given: object, expected: object) -> None:
    allowed = '<inputValues><text>"A", "B"</text></inputValues></input>'
    clause = by_expression("x").replace("</input>", allowed)
    logic = table([clause], ['name="n"'], [rule(["-"], ["count(x)"])], hit_policy="FIRST")
    assert load(model(node("D", logic))).evaluate("D", {"x": given}) == expected


def test_a_list_with_an_item_that_the_column_does_not_allow_is_refused() -> None:
    for allowed, given in (('"A", "B"', ["A", "Z"]), ("count(?) < 2", ["A", "B"])):
        values = f"<inputValues><text>{escape(allowed)}</text></inputValues></input>"
        clause = by_expression("x").replace("</input>", values)
        logic = table([clause], ['name="n"'], [rule(["-"], ["1"])])
        with pytest.raises(DmnError, match=r'column "x": .* is none of the values that the input allows'):
            load(model(node("D", logic))).evaluate("D", {"x": given})


PERSON = item(
    "tPerson",
    components=[item("full name", "string", tag="itemComponent"), item("age", "number", tag="itemComponent")],
    constraint="string length(?.full name) > 2",
)


@pytest.mark.parametrize(("name", "expected"), [("Ada", 36), ("A", None)])
def test_a_constraint_speaks_of_members_whatever_their_names(name: str, expected: object) -> None:
    xml = model(PERSON, input_data("p", "tPerson"), node("D", "p.age", inputs=["p"]))
    assert load(xml).evaluate("D", {"p": {"full name": name, "age": 36}}) == expected
    values = f"<inputValues><text>{escape('?.full name != null')}</text></inputValues></input>"
    clause = by_expression("p").replace("</input>", values)
    logic = table([clause], ['name="n"'], [rule(["-"], ["p.age"])], hit_policy="FIRST")
    assert load(model(PERSON, node("D", logic))).evaluate("D", {"p": {"full name": name, "age": 36}}) == 36


def test_a_single_hits_list_is_no_list_of_rows() -> None:
    def decided(text: str) -> object:
        logic = table([by_variable("x")], ['name="a"'], [rule(["-"], [text])], hit_policy="UNIQUE")
        return load(model(node("D", logic, type_ref="string"))).evaluate("D", {"x": 1})

    assert decided('["one"]') == "one"
    assert decided('["one", "two"]') is None


@pytest.mark.parametrize(
    ("policy", "aggregation", "x", "seen"),
    [
        ("FIRST", None, 1, 1),
        ("COLLECT", None, 1, [1]),
        ("COLLECT", None, 2, [1, 2]),
        ("RULE ORDER", None, 1, [1]),
        ("COLLECT", "SUM", 2, 3),
        ("COLLECT", "COUNT", 1, 1),
        ("COLLECT", None, 0, None),
    ],
)
def test_camunda_hands_the_outputs_of_a_required_table_on_by_name(
    policy: str, aggregation: str | None, x: int, seen: object
) -> None:
    rules = [rule([">0"], ["1"]), rule([">1"], ["2"])]
    logic = table([by_variable("x")], ['name="score"'], rules, hit_policy=policy, aggregation=aggregation)
    xml = model(node("Scores", logic), node("D", "score", decisions=["Scores"]))
    assert load(xml).evaluate("D", {"x": x}) == seen


def test_an_attribute_of_the_modelers_own_gives_way_to_the_standards() -> None:
    for variable in (
        '<variable name="D" typeRef="number" kie:typeRef="string" kie:name="other"/>',
        '<variable kie:typeRef="string" kie:name="other" name="D" typeRef="number"/>',
    ):
        xml = file(f'<decision id="d" name="D" kie:name="E" kie:id="e">{variable}{literal("2")}</decision>')
        assert load(xml).decisions == ("D",)
        assert load(xml).evaluate("D", {}) == 2


def test_the_language_of_a_function_may_be_a_letter() -> None:
    model_of_one = (
        '<businessKnowledgeModel id="f" name="f"><encapsulatedLogic kie:kind="F">'
        f"{parameters(['n'])}{literal('n + 1')}</encapsulatedLogic></businessKnowledgeModel>"
    )
    assert load(file(model_of_one)).evaluate("f", {"n": 1}) == 2


def test_an_invocation_may_call_any_expression() -> None:
    box = (
        f"<invocation>{function('n', 'n + 1')}"
        f'<binding><parameter name="n"/>{literal("2")}</binding></invocation>'
    )
    assert load(model(node("D", box))).evaluate("D", {}) == 3


@pytest.mark.parametrize(
    ("type_ref", "expected"), [("number", 3), ("tUnary", 3), ("Any", 3), ("string", None), ("tText", None)]
)
def test_the_type_of_a_function_in_a_context_may_be_that_of_its_result(
    type_ref: str, expected: object
) -> None:
    types = "".join(
        f'<itemDefinition name="{name}"><functionItem outputTypeRef="{result}">'
        '<parameters name="n" typeRef="number"/></functionItem></itemDefinition>'
        for name, result in (("tUnary", "number"), ("tText", "string"))
    )
    box = (
        f'<context><contextEntry><variable name="f" typeRef="{type_ref}"/>'
        f"{function('n: number', 'n + 1')}</contextEntry>"
        f"<contextEntry>{literal('f(2)')}</contextEntry></context>"
    )
    assert load(model(types, node("D", box))).evaluate("D", {}) == expected


def test_what_is_not_filled_in_yet_is_null_in_a_context() -> None:
    entries = (
        '<contextEntry><variable name="later"/></contextEntry>'
        f'<contextEntry><variable name="now"/>{literal("1")}</contextEntry><contextEntry/>'
    )
    value = load(model(node("D", f"<context>{entries}</context>"))).evaluate("D", {})
    assert value == {"later": None, "now": 1}


def test_values_that_lie_in_another_file_are_refused_and_not_null() -> None:
    values = '<literalExpression><importedValues namespace="urn:v"/></literalExpression>'
    definitions = load(model(node("D", values), node("E", "1")))
    assert definitions.evaluate("E", {}) == 1
    with pytest.raises(DmnError, match=r'decision "D": .* takes its values from another file'):
        definitions.evaluate("D", {})


@pytest.mark.parametrize("place", ["inputEntry", "outputEntry", "inputExpression", "literalExpression"])
@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "<text>1</text><text>2</text>",
            "<{place}> in line 2 holds 2 <text>",
        ),
        ("1", "<{place}> in line 2 holds text outside of <text>"),
        ("1 <text>2</text>", "<{place}> in line 2 holds text outside of <text>"),
        ("<text>1<b>2</b></text>", "<{place}> in line 2 holds a <b> inside its <text>"),
        (literal("1"), "<{place}> in line 2 holds a <literalExpression> where only <text> may stand"),
        ("<value>1</value>", "<{place}> in line 2 holds a <value> where only <text> may stand"),
    ],
    ids=["two texts", "no element", "beside the element", "an element inside", "an expression", "no text"],
)
def test_a_text_that_would_be_read_in_part_is_refused_by_its_line(
    place: str, written: str, told: str
) -> None:
    whole = (
        literal("1")
        if place == "literalExpression"
        else table([by_expression("x")], ['name="a"'], [rule(["1"], ["1"])])
    )
    before, opening, after = whole.partition(f"<{place}>")
    broken = f"<!-- {place} -->{before}\n{opening}{written}{after[after.index(f'</{place}>') :]}"
    definitions = load(model(node("D", broken), node("E", "1")))
    assert len(definitions.problems) == 1
    assert definitions.evaluate("E", {}) == 1
    with pytest.raises(DmnError) as refused:
        definitions.evaluate("D", {"x": 1})
    assert str(refused.value).startswith(f'decision "D": {told.format(place=place)}')


def test_a_type_whose_values_would_be_read_in_part_is_refused_with_its_file() -> None:
    values = "<allowedValues><text>1</text><text>2</text></allowedValues>"
    types = f'<itemDefinition name="t"><typeRef>number</typeRef>{values}</itemDefinition>'
    with pytest.raises(DmnError, match=r"^file a\.dmn: <allowedValues> in line 1 holds 2 <text>"):
        load(model(types, node("D", "1")), file="a.dmn")


@pytest.mark.parametrize(
    "entry",
    [
        "<inputEntry/>",
        "<inputEntry><text/></inputEntry>",
        "<inputEntry><description>any</description><extensionElements/></inputEntry>",
    ],
)
def test_an_entry_without_a_text_asks_for_nothing(entry: str) -> None:
    logic = table([by_variable("x")], ['name="a"'], [rule(["1"], ["2"])], hit_policy="FIRST")
    xml = model(node("D", logic.replace("<inputEntry><text>1</text></inputEntry>", entry)))
    assert load(xml).evaluate("D", {"x": 7}) == 2


def test_a_text_may_be_written_as_character_data_beside_a_description_and_extensions() -> None:
    written = (
        "<description>why</description><extensionElements><kie:own>x<kie:b/></kie:own></extensionElements>"
        "<text>1 <!-- one --><![CDATA[< 2]]></text>"
    )
    body = f'<decision id="d" name="D"><literalExpression>{written}</literalExpression></decision>'
    assert load(file(body)).evaluate("D", {}) is True


def test_of_two_expressions_none_is_chosen() -> None:
    definitions = load(model(node("D", literal("1") + literal("2")), node("E", "1")))
    with pytest.raises(DmnError, match="<decision> in line 1 holds <literalExpression> and <literalExp"):
        definitions.evaluate("D", {})


def test_the_blanks_of_a_name_may_be_any() -> None:
    xml = model(input_data("credit  score"), node("The  grade", "credit score + 1", inputs=["credit  score"]))
    for inputs in ({"credit score": 1}, {"credit  score": 1}, {"credit\nscore ": 1}):
        assert load(xml).evaluate("The\tgrade", inputs) == 2
    assert load(xml).evaluate("The grade", {"credit score": 1, "credit  score": 9}) == 2


def test_a_decision_is_found_by_its_variables_name() -> None:
    body = f'<decision id="d" name="The decision"><variable name="its value"/>{literal("1")}</decision>'
    assert load(file(body)).evaluate("its value", {}) == 1


def test_a_decisions_id_gives_way_to_a_name() -> None:
    body = (
        '<inputData id="i" name="Age"/>'
        f'<decision id="Age" name="Older">{literal("40")}</decision>'
        '<decision id="d" name="D">'
        '<informationRequirement><requiredInput href="#i"/></informationRequirement>'
        '<informationRequirement><requiredDecision href="#Age"/></informationRequirement>'
        f"{literal('[Age, Older]')}</decision>"
    )
    assert load(file(body)).evaluate("D", {"Age": 30}) == [30, 40]


SHARED = model(
    item("tPercent", "number", allowed="[0..100]"),
    input_data("rate", "tPercent"),
    node("Doubled", "rate * 2", inputs=["rate"]),
    knowledge("twice", ["n"], "n * 2"),
    service("Doubling", outputs=["Doubled"], inputs=["rate"]),
    namespace="shared",
)
MIDDLE = model(
    imports("s", "shared"), node("M", "s.Doubled + 1", decisions=["shared#Doubled"]), namespace="middle"
)
RESOURCES = {"shared.dmn": SHARED, "middle.dmn": MIDDLE}


def test_what_is_imported_directly_is_seen_under_its_own_import() -> None:
    xml = model(
        imports("m", "middle"),
        imports("mine", "shared"),
        node(
            "D",
            "[m.M, mine.Doubled, mine.twice(2), mine.Doubling(5)]",
            decisions=["middle#M", "shared#Doubled"],
            knows=["shared#twice", "shared#Doubling"],
        ),
    )
    assert load(xml, resources=RESOURCES).evaluate("D", {"rate": 1}) == [3, 2, 4, 10]


@pytest.mark.parametrize(
    "inputs", [{"rate": 4}, {"mine": {"rate": 4}}, {"mine.rate": 4}], ids=["bare", "context", "path"]
)
def test_what_a_service_is_given_holds_on_every_path_of_imports(inputs: dict[str, object]) -> None:
    xml = model(
        imports("m", "middle"),
        imports("mine", "shared"),
        service("S", outputs=["middle#M"], inputs=["shared#rate"]),
        node("D", "[S(4), S(rate: 5)]", knows=["S"]),
    )
    definitions = load(xml, resources=RESOURCES)
    assert definitions.evaluate("S", inputs) == 9
    assert definitions.evaluate("D", inputs) == [9, 11]


def test_a_reference_may_name_the_file_of_an_import() -> None:
    xml = model(
        imports("mine", "shared", "shared.dmn"),
        node("D", "mine.Doubled", decisions=["shared.dmn#Doubled"]),
    )
    assert load(xml, resources=RESOURCES).evaluate("D", {"rate": 1}) == 2


def test_a_type_may_be_named_by_a_prefix_of_the_xml() -> None:
    body = (
        '<import name="mine" namespace="shared" importType="http://www.omg.org/spec/DMN/20151101/dmn.xsd"/>'
        '<inputData id="x" name="x"><variable name="x" typeRef="other:tPercent"/></inputData>'
        '<decision id="d" name="D"><informationRequirement><requiredInput href="#x"/>'
        f"</informationRequirement>{literal('x')}</decision>"
    )
    definitions = load(file(body), resources=RESOURCES)
    assert definitions.evaluate("D", {"x": 50}) == 50
    assert definitions.evaluate("D", {"x": 500}) is None


def test_of_two_files_with_one_name_that_of_the_imports_namespace_is_meant() -> None:
    xml = model(imports("s", "shared", "types.dmn"), node("D", "s.Doubled", decisions=["shared#Doubled"]))
    resources = {"a/types.dmn": MIDDLE, "b/types.dmn": SHARED}
    assert load(xml, resources=resources).evaluate("D", {"rate": 3}) == 6
