"""Files that import each other: elements, types and inputs under the import's name."""

from __future__ import annotations

import pytest

from mlc.dmn import DmnError, load
from tests.dmn.graphs import imports, input_data, item, knowledge, model, node, service
from tests.dmn.tables import by_expression, rule, table

A = model(
    item("tName", "string", allowed='"Ann", "Bob"'),
    input_data("Person name", "tName"),
    knowledge("greet", ["who: tName"], '"Hello, " + who'),
    node("Greeting", "greet(Person name)", inputs=["Person name"], knows=["greet"]),
    service("Greeter", outputs=["Greeting"], inputs=["Person name"]),
    namespace="urn:a",
)


def importing(*parts: str, name: str = "model_a", location: str | None = None) -> bytes:
    return model(imports(name, "urn:a", location), *parts, namespace="urn:b")


@pytest.mark.parametrize(
    ("location", "key"),
    [
        (None, "whatever.dmn"),
        ("a.dmn", "a.dmn"),
        ("../models/a.dmn", "a.dmn"),
        ("a.dmn", "models/a.dmn"),
        ("moved.dmn", "x.dmn"),
    ],
)
def test_an_import_is_found_by_its_location_or_its_namespace(location: str | None, key: str) -> None:
    xml = importing(node("B", "model_a.Greeting", decisions=["urn:a#Greeting"]), location=location)
    resources = {"unrelated.dmn": b"no xml", key: A}
    assert load(xml, resources=resources).evaluate("B", {"Person name": "Ann"}) == "Hello, Ann"


def test_of_two_files_of_one_namespace_that_of_the_locations_name_is_meant() -> None:
    older = model(node("Greeting", '"older"'), namespace="urn:a")
    xml = importing(node("B", "model_a.Greeting", decisions=["urn:a#Greeting"]), location="..\\models/a.dmn")
    resources = {"copies/b.dmn": older, "kept/a.dmn": A}
    assert load(xml, resources=resources).evaluate("B", {"Person name": "Ann"}) == "Hello, Ann"


def test_of_two_imports_of_one_namespace_a_reference_means_the_first() -> None:
    other = model(node("Greeting", '"other"'), namespace="urn:a")
    xml = model(
        imports("first", "urn:a", "a.dmn"),
        imports("second", "urn:a", "other.dmn"),
        node("B", "first.Greeting", decisions=["urn:a#Greeting"]),
        namespace="urn:b",
    )
    resources = {"a.dmn": A, "other.dmn": other}
    assert load(xml, resources=resources).evaluate("B", {"Person name": "Ann"}) == "Hello, Ann"


@pytest.mark.parametrize(
    "inputs",
    [
        {"model_a.Person name": "Bob", "Person name": "Ann"},
        {"model_a": {"Person name": "Bob"}, "Person name": "Ann"},
        {"Person name": "Bob"},
    ],
)
def test_an_imported_input_is_looked_up_under_the_import_and_by_its_bare_name(
    inputs: dict[str, object],
) -> None:
    xml = importing(
        node(
            "B",
            'model_a.Greeting + "/" + model_a.Person name',
            decisions=["urn:a#Greeting"],
            inputs=["urn:a#Person name"],
        )
    )
    assert load(xml, resources={"a": A}).evaluate(None, inputs) == "Hello, Bob/Bob"


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        ('model_a.greet("Ann")', "Hello, Ann"),
        ('model_a.greet(who: "Bob")', "Hello, Bob"),
        ('model_a.greet("Zoe")', None),
        ('model_a.Greeter("Bob")', "Hello, Bob"),
        ('"Ann" instance of model_a.tName', True),
        ('"Zoe" instance of model_a.tName', False),
    ],
)
def test_functions_and_types_are_known_under_the_import(logic: str, expected: object) -> None:
    xml = importing(node("B", logic, knows=["urn:a#greet", "urn:a#Greeter"]))
    assert load(xml, resources={"a": A}).evaluate(None, {}) == expected


@pytest.mark.parametrize("name", ["Model A", "a.b", "model-a"])
def test_an_imports_name_may_hold_blanks_and_operators(name: str) -> None:
    xml = importing(
        input_data("x", f"{name}.tName"),
        node(
            "B",
            f"{name}.greet(x) + {name}.Person name",
            knows=["urn:a#greet"],
            inputs=["x", "urn:a#Person name"],
        ),
        name=name,
    )
    definition = load(xml, resources={"a": A})
    assert definition.evaluate(None, {"x": "Ann", name: {"Person name": "Bob"}}) == "Hello, AnnBob"


def test_an_imported_type_is_that_of_an_input() -> None:
    xml = importing(input_data("x", "model_a.tName"), node("B", "x", inputs=["x"]))
    definition = load(xml, resources={"a": A})
    assert definition.evaluate(None, {"x": "Ann"}) == "Ann"
    assert definition.evaluate(None, {"x": "Zoe"}) is None


def test_a_table_tests_imported_values() -> None:
    logic = table(
        [by_expression("model_a.Greeting")],
        ['name="hit"'],
        [rule(['"Hello, Ann"'], ["1"])],
        hit_policy="UNIQUE",
    )
    xml = importing(node("B", logic, decisions=["urn:a#Greeting"]))
    assert load(xml, resources={"a": A}).evaluate(None, {"Person name": "Ann"}) == 1


def test_an_import_without_a_name_is_seen_without_a_prefix() -> None:
    xml = importing(
        node(
            "B",
            "[Greeting, greet(Person name)]",
            decisions=["urn:a#Greeting"],
            inputs=["urn:a#Person name"],
            knows=["urn:a#greet"],
        ),
        input_data("y", "tName"),
        name="",
    )
    assert load(xml, resources={"a": A}).evaluate(None, {"Person name": "Ann"}) == ["Hello, Ann"] * 2


def test_what_is_imported_twice_is_evaluated_with_the_inputs_of_each_path() -> None:
    def middle(name: str) -> bytes:
        return model(
            imports("model_a", "urn:a"),
            node("Said", "model_a.Greeting", decisions=["urn:a#Greeting"]),
            namespace=f"urn:{name}",
        )

    top = model(
        imports("B1", "urn:b1"),
        imports("B2", "urn:b2"),
        node("Both", "[B1.Said, B2.Said]", decisions=["urn:b1#Said", "urn:b2#Said"]),
        namespace="urn:c",
    )
    definition = load(top, resources={"a": A, "b1": middle("b1"), "b2": middle("b2")})
    nested = {
        "B1": {"model_a": {"Person name": "Ann"}},
        "B2": {"model_a": {"Person name": "Bob"}},
    }
    dotted = {"B1.model_a.Person name": "Ann", "B2.model_a.Person name": "Bob"}
    for inputs in (nested, dotted):
        assert definition.evaluate(None, inputs) == ["Hello, Ann", "Hello, Bob"]


def test_a_reference_reaches_through_nested_imports() -> None:
    middle = model(imports("a", "urn:a"), namespace="urn:b")
    top = model(
        imports("b", "urn:b"), node("C", "b.a.Greeting", decisions=["urn:a#Greeting"]), namespace="urn:c"
    )
    assert load(top, resources={"a": A, "b": middle}).evaluate("C", {"Person name": "Ann"}) == "Hello, Ann"


def test_a_missing_file_is_told_with_what_to_pass() -> None:
    with pytest.raises(
        DmnError,
        match=r'^file b\.dmn: import "model_a" needs the file a\.dmn of namespace urn:a: pass it in `resources`',
    ):
        load(importing(node("B", "1"), location="a.dmn"), file="b.dmn")


@pytest.mark.parametrize("own", [True, False])
def test_files_that_import_each_other_are_refused(own: bool) -> None:
    first = model(imports("two", "urn:1" if own else "urn:2"), node("D", "1"), namespace="urn:1")
    second = model(imports("one", "urn:1"), namespace="urn:2")
    with pytest.raises(DmnError, match="import each other in a circle: urn:1 imports"):
        load(first, resources={"1": first, "2": second})


def test_an_import_that_is_no_dmn_is_refused_where_it_is_used() -> None:
    schema = imports("xsd", "urn:x", kind="http://www.w3.org/2001/XMLSchema")
    definition = load(model(schema, node("Free", "1"), node("Bound", "xsd.value")))
    assert definition.evaluate("Free", {}) == 1
    with pytest.raises(DmnError, match='decision "Bound": reads the import "xsd", which is no DMN'):
        definition.evaluate("Bound", {})


def test_an_error_in_an_imported_file_names_that_file() -> None:
    broken = model(node("Bad", "1 +"), namespace="urn:a")
    xml = importing(node("B", "model_a.Bad", decisions=["urn:a#Bad"]), node("C", "1"))
    definition = load(xml, resources={"broken.dmn": broken})
    with pytest.raises(DmnError, match=r'file broken\.dmn, decision "Bad", character 4'):
        definition.evaluate("B", {})
    assert [each.file for each in definition.problems] == ["broken.dmn"]


def test_the_bounds_hold_for_all_the_files_together() -> None:
    padding = b"<!--" + b"x" * 1_000_000 + b"-->"
    parts = {f"{n}.dmn": model(namespace=f"urn:{n}") + padding for n in range(6)}
    xml = model(*(imports(f"i{n}", f"urn:{n}", f"{n}.dmn") for n in range(6)), node("D", "1"))
    with pytest.raises(DmnError, match="bytes, more than"):
        load(xml, resources=parts)
