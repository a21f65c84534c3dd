"""FEEL's grammar: which text is FEEL, what it names, and what is said of text that is not."""

from __future__ import annotations

import time

import pytest

from mlc.dmn import DmnError, load
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.parser import parse_expression, parse_unary_tests
from mlc.dmn.feel.reader import Names
from mlc.dmn.types import SIMPLE_TYPES
from mlc.dmn.values import Value
from tests.dmn.tables import expression_file


def value_of(text: str) -> Value:
    return load(expression_file(text)).evaluate(None, {"x": 5})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r'"\u00e9\U01F40E"', "é🐎"),
        (r'"\uD83D\uDC0E"', "🐎"),
        (r'"\uD83D"', r"\uD83D"),
        (r'"\UFFFFFF"', r"\UFFFFFF"),
        (r'"\n\r\t\'\"\\"', "\n\r\t'\"\\"),
        (r'"\s\d+\\s"', r"\s\d+\s"),
        (".5 + 1.2e3", value_of("1200.5")),
        ("1 /* a * comment */ + // and\n 2 // another", value_of("3")),
        ("1\u00a0+\u200b2\ufeff", value_of("3")),
        ("x<10", True),
    ],
)
def test_what_the_text_says(text: str, expected: Value) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("é", "_a", "a1", "?a", "a·b", "🐎", "Ⅻ", "データ", "a b", "a-b", "a/b", "a'b", "a+b", "a*b", "a.b"),
        *("1st-rate", "if later", "x and y", "🐎 🐎", "list contains it", "end included"),
    ],
)
def test_a_declared_name_is_taken_whole(name: str) -> None:
    names = Names(variables=frozenset({name, "a", "b", "x"}))
    sum_of = ast.Arithmetic("+", ast.Name(name), ast.Name("a"))
    assert parse_expression(f"{name}+ a", names).tree == sum_of
    assert parse_expression(f"{name.replace(' ', chr(10) + '  ')} + a", names).tree == sum_of
    assert parse_expression(f"{{x: {name}}}", names).required == {name}


def test_a_name_ends_where_no_declared_one_goes_on() -> None:
    names = Names(variables=frozenset({"a", "b", "a-b", "a-b-c"}))
    assert parse_expression("a-b-c", names).required == {"a-b-c"}
    assert parse_expression("a-b-d", names).required == {"a-b", "d"}
    assert parse_expression("a - b", names).required == {"a", "b"}
    assert parse_expression("a-bc", names).required == {"a", "bc"}


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ("a + b.c", {"a", "b"}),
        ("for i in a return i + b", {"a", "b"}),
        ("for i in a return partial", {"a"}),
        ("partial", {"partial"}),
        ("some i in a satisfies i > b", {"a", "b"}),
        ("{k: a, l: k + b}", {"a", "b"}),
        ("function(p: number) p + a", {"a"}),
        ("function(p) external {java: {class: a}}", {"a"}),
        ("a[b > c]", {"a"}),
        ("sum(a)", {"a"}),
        ("f(p: a)", {"f", "a"}),
        ("[a..b]", {"a", "b"}),
        ("(< a)", {"a"}),
        ("a instance of number", {"a"}),
        ("a in (< b, c)", {"a", "b", "c"}),
        ("lib.rate.x + 1", {"lib.rate"}),
    ],
)
def test_a_text_requires_the_variables_that_it_does_not_bind_itself(text: str, required: set[str]) -> None:
    names = Names(frozenset({"a", "b", "c", "f", "lib.rate"}), frozenset({"c", "x"}))
    assert parse_expression(text, names).required == required


def test_types_may_be_those_of_the_file() -> None:
    names = Names(types={"tAge": SIMPLE_TYPES["number"], "lib.t-Age": SIMPLE_TYPES["number"]})
    for text in ("tAge", "lib.t-Age"):
        tree = parse_expression(f"1 instance of {text} and true", names).tree
        assert isinstance(tree, ast.Logical)
        assert tree.terms[0] == ast.InstanceOf(
            ast.Literal(value_of("1")), ast.TypeName(text, SIMPLE_TYPES["number"])
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3 +", "character 4: found the end where a value should stand"),
        ('"abc', "character 1: a string has no closing quotation mark"),
        ("[1..2", 'found the end where "]"'),
        ("frobnicate(1)", 'no function "frobnicate"'),
        ("1 instance of colour", 'no type "colour"'),
        ("a # b", "'# ' is not FEEL"),
        ("for i in 1..2", 'where "return" should stand'),
        ("1e9999", "too large"),
        ("5.", "character 3: found the end where a member's name"),
        ("1 /* 2", "character 3: found a comment that no"),
        ("1 = 2 = 3", 'character 7: found "="'),
        ("function(a: colour) a", 'character 13: there is no type "colour"'),
        ("1 instance of list<number", 'character 26: found the end where ">"'),
        ("for 1 in 2 return 3", 'character 5: found "1" where a name'),
        ("abs(n: 1, 2)", "character 13: arguments are either all named or none is"),
        ("function(a, a) a", 'the parameter "a" is named twice'),
        ("abs(n: 1, n: 2)", "an argument is named twice"),
        ('@"noon"', 'character 2: "noon" is no date, time or duration'),
        ("x.frob(1)", 'character 7: there is no function "frob"'),
        ("1 + then", 'character 5: found "then" where a value'),
        ("@noon", 'character 2: after "@" a text such as'),
        ("1 instance of <", 'character 15: found "<" where a type'),
        ("function(1) 2", 'character 10: found "1" where a parameter\'s name'),
        ("1 instance of context<1>", 'character 23: found "1" where an entry\'s name'),
        ("{1: 2}", 'character 2: found "1" where an entry\'s name'),
        ("1" * 32_001, "character 32001: the text has 32,001 characters"),
        ("(" * 65 + "1", "character 65: nested more than 64 levels deep"),
        ("(!= 5)", 'character 2: found "!="'),
    ],
)
def test_what_cannot_be_parsed_is_refused_when_loaded(text: str, message: str) -> None:
    with pytest.raises(DmnError, match=message) as error:
        load(expression_file(text))
    assert error.value.decision == "Verdict"
    assert "\n" not in str(error.value)


HOSTILE = [
    *(
        "1 in (",
        "{a:",
        "[",
        "not(",
        "x.",
        "x[1].",
        "f(",
        "if ",
        "-",
        '"',
        "/*",
        "//",
        "(",
        "1+",
        "1,",
        "x x ",
    ),
    *(
        "for a in ",
        "for a in 1, ",
        "function(a) ",
        "function(a: list<",
        "x instance of list<",
        "[1..",
        "(<",
        "@",
    ),
    *(
        '"\\u0000',
        "x in x in ",
        "x and ",
        "a[a[",
        "a[1]",
        "?",
        "f(x:",
        "abs(x)+",
        "1 in (1) and ",
        "{a:1,b:[",
    ),
    *(
        "x instance of number+",
        "if 1 then 1 else ",
        "x-x-",
        "]x[",
        "x y 1.",
        "🐎 ",
        "partial[",
        "every x x in ",
    ),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_is_read_or_refused_soon(piece: str) -> None:
    crowd = frozenset(" ".join(["x"] * length) for length in range(2, 50))
    crowd |= {f"x y {number}" for number in range(900)}
    names = Names(crowd, crowd)
    text = piece * (30_000 // len(piece))
    started = time.process_time()
    assert refusal_position(text, names) is not None
    assert time.process_time() - started < 1


def refusal_position(text: str, names: Names) -> int | None:
    """Where the text was refused, -1 for one that was read."""
    try:
        parse_unary_tests(text, names)
    except DmnError as error:
        return error.position
    return -1


def test_a_file_of_too_many_or_too_long_names_is_refused() -> None:
    with pytest.raises(DmnError, match="more than 1000 names"):
        parse_expression("1", Names(frozenset(f"a {number}" for number in range(1_001))))
    with pytest.raises(DmnError, match="more than 100 words"):
        parse_expression("1", Names(frozenset({"a " * 51 + "b"})))
