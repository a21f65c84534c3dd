"""A syntax tree is written as FEEL that reads back as the same tree."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlc.dmn.errors import DmnError
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.parser import parse_expression, parse_unary_tests
from mlc.dmn.feel.reader import Names
from mlc.dmn.temporal import read_temporal
from mlc.dmn.types import SIMPLE_TYPES
from tests.dmn.printer import written, written_tests

VARIABLES = ["a", "b", "f", "Monthly Salary", "max-diff", "lib.rate"]
MEMBERS = ["name", "first name", "end included", "if"]
NAMES = Names(frozenset(VARIABLES), frozenset(MEMBERS), {"tAge": SIMPLE_TYPES["number"]})


def tree_of(text: str) -> ast.Node:
    tree = parse_expression(text, NAMES).tree
    assert tree is not None
    assert not isinstance(tree, ast.UnaryTests)
    return tree


def type_named(text: str) -> ast.TypeName:
    tree = tree_of(f"a instance of {text}")
    assert isinstance(tree, ast.InstanceOf)
    return tree.type


numbers = st.decimals(min_value=0, max_value=10**9, places=3) | st.sampled_from(
    [Decimal("1E+300"), Decimal("1.5E-30")]
)
moments = st.datetimes(datetime(1000, 1, 1)).map(lambda moment: moment.replace(microsecond=0))  # noqa: DTZ001
types = st.sampled_from(
    [
        type_named(text)
        for text in (
            *("number", "date and time", "years and months duration", "tAge", "list", "list<list<number>>"),
            *("range<date>", "context<a: number, b c: list<string>>", "function<number, tAge> -> boolean"),
            "function<> -> Any",
        )
    ]
)
names = st.sampled_from(VARIABLES).map(ast.Name)
leaves: st.SearchStrategy[ast.Node] = st.one_of(
    names,
    numbers.map(ast.Literal),
    numbers.map(lambda number: ast.Literal(-number)),
    st.text(max_size=5).map(ast.Literal),
    st.sampled_from([ast.Literal(True), ast.Literal(False), ast.Literal(None)]),
    st.dates(date(1000, 1, 1)).map(ast.Literal),
    moments.map(ast.Literal),
    st.sampled_from(
        ["P1Y2M", "-P3M", "P1DT2H3.5S", "-PT1S", "10:20:30Z", "10:20:30@Europe/Paris", "-12345-01-31"]
    )
    .map(read_temporal)
    .map(ast.Literal),
)


def is_number(node: ast.Node) -> bool:
    return isinstance(node, ast.Literal) and isinstance(node.value, Decimal)


def larger(node: st.SearchStrategy[ast.Node]) -> st.SearchStrategy[ast.Node]:
    several = st.lists(node, min_size=2, max_size=3).map(tuple)
    test = st.one_of(
        st.builds(ast.OperatorTest, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), node),
        st.builds(ast.ExpressionTest, node, st.just(value=False)),
    )
    tests = st.lists(test, min_size=1, max_size=3).map(tuple)
    iterator = st.builds(ast.Iterator, st.sampled_from(["i", "j k"]), node, st.none() | node)
    iterators = st.lists(iterator, min_size=1, max_size=2).map(tuple)
    parameter = st.builds(ast.ParameterOf, st.sampled_from(["p", "q r"]), st.none() | types)
    parameters = st.lists(parameter, max_size=2, unique_by=lambda each: each.name).map(tuple)
    entries = st.lists(st.tuples(st.sampled_from(["k", "first name", 'a"b', "if"]), node), max_size=3)
    callee = names | st.builds(ast.Path, node, st.sampled_from(MEMBERS))
    named = st.tuples(callee, node, node).map(lambda parts: ast.Call(parts[0], parts[1:], ("p", "q r")))
    return st.one_of(
        st.builds(ast.Path, node, st.sampled_from(MEMBERS)),
        st.builds(ast.Filter, node, node),
        st.builds(ast.Call, callee, st.just(()) | several, st.none()),
        named,
        st.builds(ast.Arithmetic, st.sampled_from(["+", "-", "*", "/", "**"]), node, node),
        node.filter(lambda operand: not is_number(operand)).map(ast.Negate),
        st.builds(ast.Logical, st.sampled_from(["and", "or"]), several),
        st.builds(ast.Compare, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), node, node),
        st.builds(ast.Between, node, node, node),
        st.builds(ast.In, node, tests),
        st.builds(ast.InstanceOf, node, types),
        st.builds(ast.If, node, node, node),
        st.builds(ast.For, iterators, node),
        st.builds(ast.Quantified, st.sampled_from(["some", "every"]), iterators, node),
        several.map(ast.ListOf),
        entries.map(lambda listed: ast.ContextOf(tuple(listed))),
        st.builds(ast.RangeOf, node, node, st.booleans(), st.booleans()),
        st.builds(ast.RangeOf, st.none(), node, st.just(value=False), st.booleans()),
        st.builds(ast.RangeOf, node, st.none(), st.booleans(), st.just(value=False)),
        st.builds(ast.FunctionOf, parameters, node),
        st.builds(ast.ExternalFunction, parameters, st.just(tree_of('{java: {class: "C"}}'))),
    )


expressions = st.recursive(leaves, larger, max_leaves=12)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tree=expressions)
def test_an_expression_reads_back(tree: ast.Node) -> None:
    assert tree_of(written(tree)) == tree


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    tests=st.lists(
        st.builds(ast.OperatorTest, st.sampled_from(["<", ">=", "!="]), expressions)
        | st.builds(ast.ExpressionTest, expressions, st.just(value=False)),
        min_size=1,
        max_size=3,
    ),
    negated=st.booleans(),
)
def test_a_cell_reads_back(tests: list[ast.Test], negated: bool) -> None:
    cell = ast.UnaryTests(tuple(tests), negated)
    assert parse_unary_tests(written_tests(cell), NAMES).tree == cell


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("((1+2))*a", "(1 + 2) * a"),
        ("-5**2", "-5 ** 2"),
        ("]1..2[", "(1..2)"),
        ("f( 1,2 )", "f(1, 2)"),
        ("a  in 1", "a in (1)"),
        ("(=5)", "[5..5]"),
        ("x<1 or y>2 and not(z)", "x < 1 or y > 2 and not(z)"),
        ("(a instance of date) and b", "(a instance of date) and b"),
        (r'"a\"\\\s"', r'"a\"\\\\s"'),
    ],
)
def test_an_expression_is_written_with_the_brackets_that_it_needs(text: str, expected: str) -> None:
    assert written(tree_of(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<1,>=  2", "< 1, >= 2"),
        ("not(1,2)", "not(1, 2)"),
        ("(not(a))", "(not(a))"),
        ("not(a) or b", "not(a) or b"),
        ("?>1 and ? in [1..2]", "? > 1 and ? in ([1..2])"),
    ],
)
def test_a_cell_is_written_as_it_is_read(text: str, expected: str) -> None:
    cell = parse_unary_tests(text, NAMES).tree
    assert isinstance(cell, ast.UnaryTests)
    printed = written_tests(cell)
    assert parse_unary_tests(printed, NAMES).tree == cell
    assert printed == expected or printed == f"({expected})"


def test_what_is_nested_too_deeply_to_be_written_is_refused() -> None:
    tree = tree_of("a" + " + a" * 900)
    with pytest.raises(DmnError, match="nested too deeply"):
        written(tree)
