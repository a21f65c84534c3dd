"""FEEL's structures: lists and filters, loops, ranges, contexts, functions and their types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mlc.dmn import DmnError, load
from tests.dmn.tables import expression_file

INPUTS = {"x": 5, "partial": 7, "rows": [{"a": 1}, {"a": 3}, {"b": 2}], "nothing": None}


def value_of(text: str) -> object:
    return load(expression_file(text)).evaluate(None, INPUTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[10, 20, 30][2]", Decimal(20)),
        ("[10, 20, 30][-1]", Decimal(30)),
        ("[10, 20, 30][0]", None),
        ("[10, 20, 30][1.5]", None),
        ("[10, 20, 30][1 + 1]", Decimal(20)),
        ("[10, 20, 30][item > x * 3]", [Decimal(20), Decimal(30)]),
        ("rows[a > 1].a", [Decimal(3)]),
        ("rows[a > 0 or b > 0]", [{"a": Decimal(1)}, {"a": Decimal(3)}, {"b": Decimal(2)}]),
        ("rows.a", [Decimal(1), Decimal(3), None]),
        ("[{item: 1}, {item: 2}][item > 1]", [{"item": Decimal(2)}]),
        ("[{item: 1}, {item: 2}][item.item > 1]", []),
        ("5[1]", Decimal(5)),
        ("5[item > 6]", []),
        ("[][1]", None),
        ("nothing[1]", None),
        ("nothing[item > 1]", []),
        ("nothing.a", None),
        ('[1, 2]["a"]', None),
        ("[1, 2][null]", []),
        ("[[1, 2], [3]][1][2]", Decimal(2)),
    ],
)
def test_a_filter_takes_a_position_or_the_items_that_its_condition_is_true_of(
    text: str, expected: object
) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for i in 1..3 return i", [1, 2, 3]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in -1..1 return i", [-1, 0, 1]),
        ("for i in [1..3] return i", [1, 2, 3]),
        ("for i in (1..4) return i", [2, 3]),
        ("count(for i in [3..1] return i)", 0),
        ("for i in 1.5..3 return i", None),
        ('for i in "a".."c" return i', None),
        ("for i in (< 3) return i", None),
        (
            'for d in @"2023-12-31"..@"2024-01-01" return d',
            [date(2023, 12, 31), date(2024, 1, 1)],
        ),
        ('for d in [@"2024-01-01"..@"2024-01-02"] return d.day', [1, 2]),
        ("for i in 5 return i", [5]),
        ("for i in nothing return i", None),
        ("for i in [1, 2], j in nothing return i", None),
        ("for i in [[1, 2], [3]], j in i return j * 10", [10, 20, 30]),
        ("for a-b in [1, 2] return a-b * 2", [2, 4]),
        ("for i in 1..5 return if i = 1 then 1 else i * partial[-1]", [1, 2, 6, 24, 120]),
        ("for i in 1..3 return count(partial)", [0, 1, 2]),
        ("(for i in 1..3 return partial)[3][2] = [(for i in 1..1 return partial)[1]]", True),
        ("for i in partial return i", [7]),
        ("partial", 7),
        ("some i in [1, 2] satisfies i > 1", True),
        ('some i in ["a", 2] satisfies i > 1', True),
        ('some i in ["a", 1] satisfies i > 1', None),
        ('every i in ["a", 2] satisfies i > 1', None),
        ('every i in ["a", 1] satisfies i > 1', False),
        ("some i in [] satisfies true", False),
        ("some i in nothing satisfies true", None),
        ("every i in [1], j in nothing satisfies true", None),
        ("some i in [1, 2], j in [i + 1] satisfies j = 3", True),
    ],
)
def test_loops(text: str, expected: object) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4 in [1..5)", True),
        ("5 in [1..5)", False),
        ("5 in ]1..5]", True),
        ("1 in ]1..5]", False),
        ("4 in (< 5)", True),
        ("5 in (< 5)", False),
        ("5 in (>= 5)", True),
        ("{r: (> 5), t: 6 in r}.t", True),
        ("(= 5) = [5..5]", True),
        ("6 in [(< 3), [5..7]]", True),
        ("x in [x - 1..[9, x + 1][2]]", True),
        ("x in ]1..rows[2].a[", False),
        ("[1..5].start", 1),
        ("(1..5].start included", False),
        ("(1..5].end", 5),
        ("(1..5].end included", True),
        ("(< 5).start", None),
        ("[1..5].middle", None),
        ("3 in ([[1, 2], [3]])[2]", True),
        ("x in (rows).a", False),
        ('[1.."a"]', None),
        ("[nothing..5]", None),
        ('["a".."c"].end', "c"),
        ('"b" in ["a".."c"]', True),
        ('@"2024-01-02" in [@"2024-01-01"..@"2024-01-03"]', True),
    ],
)
def test_ranges(text: str, expected: object) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a: 1, b: a + 1}.b", 2),
        ("{a: 1, b: {c: a + 1}}.b.c", 2),
        ("{a-b: 1, c: a-b + 1}.c", 2),
        ('{"a+b c": 1, d: a+b c * 3}.d', 3),
        ("{if: 1}.if", 1),
        ("{a: 1, a: 2}", None),
        ("{}", {}),
    ],
)
def test_contexts(text: str, expected: object) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(function(a, b) a - b)(3, 1)", 2),
        ("(function(a, b) a - b)(b: 3, a: 1)", -2),
        ("(function(a, b) a - b)(1)", None),
        ("(function(a) a)(b: 1)", None),
        ("(function(a b) a b * 2)(a b: 4)", 8),
        ("(function(a: number, b: list<number>) a + b[1])(1, [2, 3])", 3),
        ("(function(a: number, b: list<number>) a + b[1])(1, 2)", 3),
        ("(function(a: number) a)([4])", 4),
        ('(function(a: number) "called")("x")', None),
        ('(function(a: number) "called")(null)', "called"),
        (
            '(function(a: date and time) a)(@"2024-01-31")',
            datetime(2024, 1, 31, tzinfo=UTC),
        ),
        ("{n: 2, f: function(a) a * n, r: {n: 5, r: f(3)}.r}.r", 6),
        ("{f: function(a) function(b) a + b, r: f(1)(2)}.r", 3),
        ("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(5)}.r", 120),
        ("{f: 5, r: f(1)}.r", None),
        ("{m: {f: function() 7}, r: m.f()}.r", 7),
        ("(function(external) external)(3)", 3),
        ('"text"(1)', None),
        (
            '(function(a) external {java: {class: "C", method signature: "m(int)"}}) instance of function',
            True,
        ),
    ],
)
def test_functions(text: str, expected: object) -> None:
    assert value_of(text) == expected


def test_an_external_function_is_never_run() -> None:
    with pytest.raises(DmnError, match="never run"):
        value_of('{f: function(a) external {java: {class: "C", method signature: "m(int)"}}, r: f(1)}')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 instance of number", True),
        ("5 instance of Any", True),
        ("null instance of Any", False),
        ("null instance of Null", True),
        ("null instance of number", False),
        ("-1 instance of number", True),
        ("(1 + 1) instance of number", True),
        ("x instance of number and x > 4", True),
        ('@"2024-01-31" instance of date', True),
        ('@"2024-01-31" instance of date and time', False),
        ('@"2024-01-31T00:00:00" instance of date and time', True),
        ('@"2024-01-31T00:00:00" instance of date', False),
        ('@"10:00:00" instance of time', True),
        ('@"P1D" instance of days and time duration', True),
        ('@"P1D" instance of years and months duration', False),
        ("[1, null] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("[[1]] instance of list<list<number>>", True),
        ("[1] instance of list", True),
        ("1 instance of list<number>", False),
        ("{a: 1, b: 2} instance of context<a: number>", True),
        ("{b: 2} instance of context<a: number>", False),
        ("{a b: {c: 1}} instance of context<a b: context<c: number>>", True),
        ("{} instance of context", True),
        ("[1..2] instance of range<number>", True),
        ("[1..2] instance of range<string>", False),
        ("(< 2) instance of range<number>", True),
        ("(function(a) a) instance of function<number> -> number", True),
        ("(function(a) a) instance of function<number, number> -> Any", False),
        ("(function() 1) instance of function<> -> number", True),
        ("(function(a: number) a) instance of function<number> -> Any", True),
        ("(function(a: number) a) instance of function<string> -> Any", False),
        ("(function(f: function<> -> string) 1) instance of function<function<> -> number> -> Any", False),
        ("(function(f: function<> -> string) 1) instance of function<function<> -> string> -> Any", True),
        ("(function(a: list<Any>) a) instance of function<list<number>> -> Any", True),
        ("(function(a: list<number>) a) instance of function<list<Any>> -> Any", False),
        (
            "(function(a: context<b: number>) a) instance of function<context<b: number, c: string>> -> Any",
            True,
        ),
        ("(function(a: context<b: number>) a) instance of function<context<c: number>> -> Any", False),
        ("(function(f: function<number> -> Any) 1) instance of function<function> -> Any", False),
    ],
)
def test_instance_of_is_exact(text: str, expected: object) -> None:
    assert value_of(text) is expected
