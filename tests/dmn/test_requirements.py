"""What a decision sees: what it requires, the inputs, and nothing else; what is wrong is told, all of it."""

from __future__ import annotations

import pytest

from mlc.dmn import DmnError, load
from tests.dmn.graphs import input_data, item, knowledge, model, node
from tests.dmn.tables import by_variable, decision, definitions, rule, table


def test_a_result_is_visible_to_those_that_require_it_alone() -> None:
    base = node("Base", "2")
    middle = node("Middle", "Base + 1", decisions=["Base"])
    definition = load(
        model(base, middle, node("Top", "Middle * 10", decisions=["Middle"]), node("Blind", "Base"))
    )
    assert definition.evaluate("Top", {}) == 30
    assert definition.evaluate("Blind", {}) is None


def test_what_is_required_by_what_is_required_stays_hidden() -> None:
    chain = [node("A", "1"), node("B", "A", decisions=["A"]), node("C", "[A, B]", decisions=["B"])]
    assert load(model(*chain)).evaluate("C", {}) == [None, 1]


def test_a_knowledge_model_is_visible_to_those_that_require_it_alone() -> None:
    twice = knowledge("twice", ["n"], "n * 2")
    definition = load(model(twice, node("Seen", "twice(4)", knows=["twice"]), node("Unseen", "twice(4)")))
    assert definition.evaluate("Seen", {}) == 8
    with pytest.raises(DmnError, match='decision "Unseen": "twice" is called and not required: add a know'):
        definition.evaluate("Unseen", {})


def test_a_name_of_ones_own_hides_a_function_that_is_not_required() -> None:
    twice = knowledge("twice", ["n"], "n * 2")
    definition = load(
        model(twice, node("D", "{twice: function(n) n + 1, r: twice(4)}.r"), node("I", "twice"))
    )
    assert definition.evaluate("D", {}) == 5
    assert definition.evaluate("I", {"twice": 7}) == 7


def test_a_table_without_requirements_reads_any_input() -> None:
    xml = definitions(
        decision(
            table(
                [by_variable("x")],
                ['name="hit"'],
                [rule(["< limit"], ['kind + "!"'])],
                hit_policy="FIRST",
            )
        )
    )
    assert load(xml).evaluate(None, {"x": 1, "limit": 2, "kind": "a"}) == "a!"


def test_the_outputs_of_a_required_table_are_visible_by_their_own_names() -> None:
    season = decision(
        table([by_variable("t")], ['name="season"'], [rule([">20"], ['"summer"'])], hit_policy="UNIQUE"),
        "Season table",
    )
    dish = decision(
        table(
            [by_variable("season")], ['name="dish"'], [rule(['"summer"'], ['"salad"'])], hit_policy="UNIQUE"
        ),
        "Dish",
        ["Seasontable"],
    )
    assert load(definitions(season, dish)).evaluate("Dish", {"t": 25}) == "salad"


def test_knowledge_models_require_each_other_and_themselves() -> None:
    even = knowledge("even", ["n"], "if n = 0 then true else odd(n - 1)", knows=["odd"])
    odd = knowledge("odd", ["n"], "if n = 0 then false else even(n - 1)", knows=["even"])
    factorial = knowledge("factorial", ["n"], "if n < 2 then 1 else n * factorial(n - 1)")
    xml = model(
        even, odd, factorial, node("D", "[even(7), odd(7), factorial(5)]", knows=["even", "factorial", "odd"])
    )
    assert load(xml).evaluate("D", {}) == [False, True, 120]


def test_a_knowledge_model_is_evaluated_with_its_parameters_as_inputs() -> None:
    definition = load(model(knowledge("area", ["width: number", "height: number"], "width * height")))
    assert definition.evaluate("area", {"width": 3, "height": 4}) == 12


@pytest.mark.parametrize("href", ["#A", "n#A", "elsewhere#A"])
def test_a_reference_may_name_the_files_own_namespace(href: str) -> None:
    assert load(model(node("A", "1"), node("B", "A", decisions=[href]))).evaluate("B", {}) == 1


def test_a_required_decision_is_evaluated_once() -> None:
    slow = [node("L0", "1")]
    slow += [
        node(f"L{n}", f"L{n - 1} + R{n - 1}", decisions=[f"L{n - 1}", f"R{n - 1}"]) for n in range(1, 30)
    ]
    slow += [node("R0", "1")]
    slow += [
        node(f"R{n}", f"L{n - 1} + R{n - 1}", decisions=[f"L{n - 1}", f"R{n - 1}"]) for n in range(1, 30)
    ]
    assert load(model(*slow)).evaluate("L29", {}) == 2**29


def test_a_decision_without_logic_is_null() -> None:
    assert load(model(node("Later", ""))).evaluate(None, {}) is None


PERSON = item(
    "tPerson",
    components=[
        item("name", "string", tag="itemComponent"),
        item("age", "number", allowed=">= 0", tag="itemComponent"),
    ],
)


@pytest.mark.parametrize(
    ("types", "type_ref", "given", "expected"),
    [
        ("", "number", 1, 1),
        ("", "feel:number", "1", None),
        ("", "long", 1, 1),
        ("", "double", "x", None),
        ("", "tUnknown", "x", "x"),
        ("", "number", [1], 1),
        (item("tList", "number", collection=True), "tList", 1, [1]),
        (item("tList", "number", collection=True), "tList", ["a"], None),
        (item("tGrade", "string", allowed='"A", "B"'), "tGrade", "B", "B"),
        (item("tGrade", "string", allowed='"A", "B"'), "tGrade", "C", None),
        (item("tFew", "number", collection=True, constraint="count(?) < 3"), "tFew", [1, 2], [1, 2]),
        (item("tFew", "number", collection=True, constraint="count(?) < 3"), "tFew", [1, 2, 3], None),
        (PERSON, "tPerson", {"name": "Ann", "age": 3}, {"name": "Ann", "age": 3}),
        (PERSON, "tPerson", {"name": "Ann", "age": -3}, None),
        (PERSON, "tPerson", "Ann", None),
        (
            item("tTree", components=[item("next", "tTree", tag="itemComponent")]),
            "tTree",
            {"next": {"next": None}},
            {"next": {"next": None}},
        ),
    ],
)
def test_an_input_and_a_result_are_as_their_type_asks(
    types: str, type_ref: str, given: object, expected: object
) -> None:
    of_input = model(types, input_data("x", type_ref), node("D", "x", inputs=["x"]))
    assert load(of_input).evaluate("D", {"x": given}) == expected
    of_result = model(types, node("D", "x", type_ref=type_ref))
    assert load(of_result).evaluate("D", {"x": given}) == expected


def test_the_type_of_a_table_that_collects_may_be_that_of_a_row() -> None:
    rules = [rule([">0"], ["1"]), rule([">1"], ["2"])]
    logic = table([by_variable("x")], ['name="score"'], rules)
    assert load(model(node("D", logic, type_ref="number"))).evaluate("D", {"x": 5}) == [1, 2]


def test_an_input_outside_the_clauses_allowed_values_is_an_error_that_names_the_column() -> None:
    clause = (
        '<input label="Grade"><inputExpression><text>grade</text></inputExpression>'
        '<inputValues><text>"A", "B"</text></inputValues></input>'
    )
    xml = definitions(decision(table([clause], ['name="hit"'], [rule(["-"], ["1"])], hit_policy="FIRST")))
    assert load(xml).evaluate(None, {"grade": "B"}) == 1
    with pytest.raises(DmnError, match=r'column "grade": "C" is none of the values .* "A", "B"'):
        load(xml).evaluate(None, {"grade": "C"})


BROKEN = table(
    [by_variable("x"), by_variable("y")],
    ['name="a"', 'name="b"'],
    [rule(["<<1", "2"], ["1", ")"]), rule(["", "3 +"], ["1", "2"])],
)


def test_every_problem_of_every_text_is_told_with_its_place() -> None:
    definition = load(model(node("Good", "1"), node("Bad", BROKEN), node("Worse", "1 +")), file="f.dmn")
    assert [(each.file, each.decision, each.rule, each.column) for each in definition.problems] == [
        ("f.dmn", "Bad", 1, "x"),
        ("f.dmn", "Bad", 1, "b"),
        ("f.dmn", "Bad", 2, "y"),
        ("f.dmn", "Worse", None, None),
    ]
    assert all(each.position is not None for each in definition.problems)


def test_a_broken_decision_leaves_the_others_usable_and_stops_those_that_need_it() -> None:
    xml = model(
        node("Bad", "1 +"),
        node("Good", "1"),
        node("Needy", "Bad", decisions=["Bad"]),
        knowledge("broken", ["n"], "n +"),
        node("Caller", "broken(1)", knows=["broken"]),
    )
    definition = load(xml, file="f.dmn")
    assert definition.evaluate("Good", {}) == 1
    for name in ("Bad", "Needy"):
        with pytest.raises(DmnError, match=r'^file f\.dmn, decision "Bad", character 4: found the end'):
            definition.evaluate(name, {})
    with pytest.raises(DmnError, match='decision "Caller", business knowledge model "broken", character 4'):
        definition.evaluate("Caller", {})
    assert len(definition.problems) == 2


def test_a_file_without_a_usable_decision_is_refused() -> None:
    with pytest.raises(DmnError, match='decision "Bad", rule 1, column "x", character 2'):
        load(model(node("Bad", BROKEN), node("Needy", "Bad", decisions=["Bad"])))


def test_an_input_that_is_required_and_not_declared_is_a_problem_that_stops_nothing() -> None:
    definition = load(model(node("D", "x + 1", inputs=["x"])))
    assert definition.evaluate("D", {"x": 1}) == 2
    assert [str(each) for each in definition.problems] == [
        'decision "D": requires "x", which the file does not hold'
    ]


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (node("A", "1", decisions=["Z"]), 'decision "A": requires "Z", which the file does not hold'),
        (node("A", "1", inputs=["Z"]), 'decision "A": requires "Z", which the file does not hold'),
        (node("A", "1", knows=["Z"]), 'decision "A": requires "Z", which the file does not hold'),
        (node("Good", "2"), 'the id "Good" is borne by more than one element'),
        (node("Good", "2").replace('id="Good"', 'id="g2"'), 'the name "Good" is borne by more than one'),
        (item("t", "number", allowed="1 +"), 'item definition "t", character 4: found the end'),
        (node("A", "B", decisions=["B"]) + node("B", "A", decisions=["A"]), "in a circle: A requires B"),
    ],
)
def test_what_is_wrong_with_the_graph_is_a_problem(part: str, problem: str) -> None:
    definition = load(model(node("Good", "1"), part))
    assert definition.evaluate("Good", {}) == 1
    assert [str(each) for each in definition.problems if problem in str(each)]


def test_an_error_tells_the_knowledge_model_and_the_entry_it_comes_from() -> None:
    logic = table(
        [by_variable("n")], ['name="r"'], [rule([">0"], ["1"]), rule([">1"], ["2"])], hit_policy="UNIQUE"
    )
    box = f'<context><contextEntry><variable name="rate"/>{logic}</contextEntry></context>'
    definition = load(model(knowledge("price", ["n"], box), node("D", "price(5)", knows=["price"])))
    with pytest.raises(
        DmnError, match=r'^decision "D", business knowledge model "price", context entry "rate": rules 1, 2'
    ):
        definition.evaluate("D", {})
