"""Boxed expressions: contexts, functions, invocations, iterators, and their types."""

from __future__ import annotations

import pytest

from mlc.dmn import DmnError, load
from tests.dmn.graphs import item, knowledge, model, node, parameters
from tests.dmn.tables import by_variable, literal, rule, table


def part(tag: str, text: str) -> str:
    return f"<{tag}>{text if text.startswith('<') else literal(text)}</{tag}>"


def entry(name: str | None, text: str, type_ref: str | None = None) -> str:
    declared = f' typeRef="{type_ref}"' if type_ref else ""
    variable = f'<variable name="{name}"{declared}/>' if name else ""
    return f"<contextEntry>{variable}{text if text.startswith('<') else literal(text)}</contextEntry>"


def context(*entries: str) -> str:
    return f"<context>{''.join(entries)}</context>"


def iterator(tag: str, source: str, body: str) -> str:
    closing = "return" if tag == "for" else "satisfies"
    return f'<{tag} iteratorVariable="each one">{part("in", source)}{part(closing, body)}</{tag}>'


def function(takes: list[str], body: str) -> str:
    return f"<functionDefinition>{parameters(takes)}{literal(body)}</functionDefinition>"


def conditional(condition: str, then: str, otherwise: str) -> str:
    return f"<conditional>{part('if', condition)}{part('then', then)}{part('else', otherwise)}</conditional>"


def chosen(base: str, match: str) -> str:
    return f"<filter>{part('in', base)}{part('match', match)}</filter>"


def invocation(name: str, **bindings: str) -> str:
    bound = "".join(
        f'<binding><parameter name="{parameter}"/>{literal(text)}</binding>'
        for parameter, text in bindings.items()
    )
    return f"<invocation>{literal(name)}{bound}</invocation>"


PEOPLE = (
    '<relation><column name="full name" typeRef="string"/><column name="age" typeRef="number"/>'
    f"<row>{literal(chr(34) + 'Ann' + chr(34))}{literal('x')}</row>"
    f"<row>{literal(chr(34) + 'Bob' + chr(34))}{literal('40')}</row></relation>"
)
GRADE = table([by_variable("x")], ['name="g"'], [rule([">5"], ['"high"'])], hit_policy="UNIQUE")


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (conditional("x > 5", '"big"', '"small"'), "big"),
        (conditional("x > 5 and null", '"big"', '"small"'), "small"),
        (conditional("true", GRADE, "1"), "high"),
        (chosen("[1, 2, x]", "item > 1"), [2, 7]),
        (chosen(PEOPLE, "age > 10"), [{"full name": "Bob", "age": 40}]),
        (chosen(PEOPLE, 'full name = "Ann"'), [{"full name": "Ann", "age": 7}]),
        (chosen("[1, 2, x]", "3"), 7),
        (iterator("for", "[1..3]", "each one * x"), [7, 14, 21]),
        (iterator("for", "[1..3]", "each one + count(partial)"), [1, 3, 5]),
        (iterator("some", PEOPLE, "each one.age > 30"), True),
        (iterator("every", PEOPLE, "each one.age > 30"), False),
        (context(entry("a", "x"), entry("b", "a * 2")), {"a": 7, "b": 14}),
        (context(entry("a", "x"), entry(None, "a * 2")), 14),
        (context(entry("box", context(entry("deep er", "x"))), entry(None, "box.deep er")), 7),
        (context(entry("grade", GRADE), entry(None, 'grade + "!"')), "high!"),
        (context(entry("a", '"7"', "number"), entry("l", "[x]", "number")), {"a": None, "l": 7}),
        (context(entry("f", function(["n: number"], "n + x")), entry(None, "f(1)")), 8),
        (context(entry("f", function(["n"], "n + x")), entry(None, invocation("f", n="2"))), 9),
        (invocation("floor", n="x / 2"), 3),
        (invocation("nothing", n="1"), None),
        (
            f"<list>{literal('x')}{GRADE}{PEOPLE}</list>",
            [7, "high", [{"full name": "Ann", "age": 7}, {"full name": "Bob", "age": 40}]],
        ),
    ],
)
def test_a_box_gives_its_value(logic: str, expected: object) -> None:
    assert load(model(node("D", logic))).evaluate(None, {"x": 7}) == expected


def test_a_knowledge_model_may_hold_any_box() -> None:
    grade = knowledge("grade of", ["x: number"], GRADE, type_ref="string")
    scale = knowledge("scale", ["x"], context(entry("y", "x * 2"), entry(None, "y + 1")))
    xml = model(
        grade, scale, node("D", '[grade of(9), grade of("9"), scale(3)]', knows=["grade of", "scale"])
    )
    assert load(xml).evaluate("D", {}) == ["high", None, 7]


def test_a_knowledge_models_result_is_as_its_type_asks() -> None:
    one = knowledge("one", ["l"], "l[item > 1]", type_ref="number")
    assert load(model(one, node("D", "one([1, 2])", knows=["one"]))).evaluate("D", {}) == 2


def test_a_knowledge_model_may_do_without_the_element_around_its_logic() -> None:
    bare = '<businessKnowledgeModel id="f" name="f">' + literal("40 + 2") + "</businessKnowledgeModel>"
    wrapped = (
        '<businessKnowledgeModel id="g" name="g"><encapsulatedLogic>'
        + function(["n"], "n + 1")
        + "</encapsulatedLogic></businessKnowledgeModel>"
    )
    assert load(model(bare, wrapped, node("D", "f() + g(1)", knows=["f", "g"]))).evaluate("D", {}) == 44


@pytest.mark.parametrize("kind", ["Java", "PMML"])
def test_an_external_function_loads_and_is_never_run(kind: str) -> None:
    external = f'<functionDefinition kind="{kind}">{parameters(["n"])}{context(entry("class", "1"))}</functionDefinition>'
    definition = load(model(node("F", context(entry("f", external))), node("D", "F.f(1)", decisions=["F"])))
    with pytest.raises(DmnError, match=r'^decision "D": an external function \(Java, PMML\) is never run'):
        definition.evaluate("D", {})


def test_a_bindings_type_is_asked_of_its_argument() -> None:
    box = (
        f"<invocation>{literal('shown')}"
        f'<binding><parameter name="n" typeRef="tFew"/>{literal("x")}</binding></invocation>'
    )
    few = item("tFew", "number", allowed="[0..10]")
    definition = load(model(few, knowledge("shown", ["n"], "n"), node("D", box, knows=["shown"])))
    assert definition.evaluate("D", {"x": 3}) == 3
    assert definition.evaluate("D", {"x": 30}) is None


def test_each_expression_may_be_in_a_language_of_its_own() -> None:
    juel = "<literalExpression expressionLanguage='juel'><text>${x > 1}</text></literalExpression>"
    assert load(model(node("D", context(entry("a", juel), entry("b", "x * 2"))))).evaluate(
        None, {"x": 7}
    ) == {"a": True, "b": 14}


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        ("<conditional><if/></conditional>", "<if> in line 1 holds no expression"),
        (f"<filter>{part('in', '1')}</filter>", "<filter> in line 1 has no <match>"),
        (f"<for>{part('in', '1')}{part('return', '1')}</for>", "names no iteratorVariable"),
        (context(entry("a", "1"), entry("b", "1 +")), 'decision "D", context entry "b", character 4'),
        (invocation("f", n="1 +"), 'decision "D", binding "n", character 4'),
        (context(entry("a", context(entry("b", ")")))), 'context entry "a", context entry "b", character 1'),
    ],
)
def test_a_box_that_cannot_be_read_is_refused_with_its_place(logic: str, message: str) -> None:
    with pytest.raises(DmnError, match=message):
        load(model(node("D", logic)))
