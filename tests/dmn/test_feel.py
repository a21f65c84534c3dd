"""FEEL, the expression language of decision tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from mlc.dmn import load
from tests.dmn.tables import decision, definitions, literal

INPUTS = {
    "x": 5,
    "items": [1, 2, 3],
    "people": [{"name": "Ada", "age": 36}, {"name": "Alan", "age": 41}],
    "Monthly Salary": 10_000,
    "max-diff": 0.25,
    "mean": 4,
}
DECLARED = '<inputData id="i1" name="Monthly Salary"/><inputData id="i2" name="max-diff"/>'


def value_of(text: str) -> object:
    return load(definitions(DECLARED, decision(literal(text)))).evaluate(None, INPUTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 3 * 3", Decimal("0.9999999999999999999999999999999999")),
        ("-5 ** 2", Decimal(25)),
        ("2 ** 3 ** 2", Decimal(64)),
        ("10 - 4 - 3", Decimal(3)),
        ("1 / 0", None),
        ("9 ** 9 ** 9 ** 9", Decimal("4.393285036964643298297747826570724E+695")),
        ("10 ** 10000", None),
        ('"a" + "b"', "ab"),
        ('"a" + 1', None),
        (r'"\"\u00e9\n"', '"é\n'),
        ("1 = null", False),
        ("null = null", True),
        ('1 = "1"', None),
        ('1 < "1"', None),
        ("x between 5 and 6", True),
        ("x in [1..5[", False),
        ("x in ]4..5]", True),
        ("x in (1, 5)", True),
        ("x in (<3, >=5)", True),
        ("x in (4..6)", True),
        ("x instance of number", True),
        ("x instance of string", False),
        ('if x > 3 then "big" else "small"', "big"),
        ('if null then "big" else "small"', "small"),
        ("for i in items return i * 2", [Decimal(2), Decimal(4), Decimal(6)]),
        ("for i in 3..1 return i", [Decimal(3), Decimal(2), Decimal(1)]),
        ("for i in [1, 2], j in [10, 20] return i + j", [Decimal(11), Decimal(21), Decimal(12), Decimal(22)]),
        ("some i in items satisfies i > 2", True),
        ("every i in items satisfies i > 2", False),
        ("every i in [] satisfies false", True),
        ("people.name", ["Ada", "Alan"]),
        ('people[name = "Alan"].age', [Decimal(41)]),
        ("people[age > 40].name", ["Alan"]),
        ("{x: 1, r: people[age > x + 35].name}.r", ["Alan"]),
        ("people[age > x + 31].name", ["Alan"]),
        ("items[item > 1]", [Decimal(2), Decimal(3)]),
        ("items[-1]", Decimal(3)),
        ("items[4]", None),
        ("{a: 1, b: a + 1}.b", Decimal(2)),
        ('{"first name": "Ada"}.first name', "Ada"),
        ("{twice: function(n) n * 2, r: twice(4)}.r", Decimal(8)),
        ("12 * Monthly Salary", Decimal(120_000)),
        ("Monthly\n Salary + 1", Decimal(10_001)),
        ("max-diff * 2", Decimal("0.5")),
        ("mean + mean([1, 3])", Decimal(6)),
        ("x - max-diff", Decimal("4.75")),
        ("2 ** -1", Decimal("0.5")),
        ("0 ** 0", Decimal(1)),
        ("(-8) ** 0.5", None),
        ("[1] + 1", None),
        ("null + 1", None),
        ("-null", None),
        ("-x", Decimal(-5)),
        ("--x - -2", Decimal(7)),
        ("-(2)", Decimal(-2)),
        ("x in [1..10] and x = 4", False),
        ("x in ((< 3), (> 4)) and true", True),
        ("x between 1 and 9 and x = 5", True),
        ('true and "a"', None),
        ('true or "a"', True),
        ('false and "a"', False),
    ],
)
def test_expression(text: str, expected: object) -> None:
    assert value_of(text) == expected
    assert type(value_of(text)) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("min(3, 1, 2)", Decimal(1)),
        ("max([3, 1, 2])", Decimal(3)),
        ("sum(1, 2, 3.5)", Decimal("6.5")),
        ("mean([1, 2, 3])", Decimal(2)),
        ("count([1, null])", Decimal(2)),
        ("abs(-2.5)", Decimal("2.5")),
        ("abs(-0.1234567890123456789012345678901)", Decimal("0.1234567890123456789012345678901")),
        ("floor(-1.5)", Decimal(-2)),
        ("ceiling(1.01)", Decimal(2)),
        ("decimal(2.5, 0)", Decimal(2)),
        ('contains("model", "ode")', True),
        ('starts with("model", "mo")', True),
        ('ends with("model", "mo")', False),
        ('ends with(match: "el", string: "model")', True),
        ('string length("model")', Decimal(5)),
        ('upper case("abc")', "ABC"),
        ('lower case("ABC")', "abc"),
        ("not(true)", False),
        ("not(null)", None),
        ("list contains([1, 2], 2)", True),
        ("append([1], 2)", [Decimal(1), Decimal(2)]),
        ("string(1.50)", "1.50"),
        ('number("1.5")', Decimal("1.5")),
        ('date("2024-02-29")', date(2024, 2, 29)),
        ('date("2023-02-29")', None),
        ("date(2024, 2, 29)", date(2024, 2, 29)),
        ('date("2024-03-01") - date("2024-02-28")', timedelta(days=2)),
        ('date("2024-02-28") + duration("P2D")', date(2024, 3, 1)),
        ('time("10:20:30Z")', time(10, 20, 30, tzinfo=UTC)),
        ('date and time("2024-02-29T10:20:30Z")', datetime(2024, 2, 29, 10, 20, 30, tzinfo=UTC)),
        ('date and time("2024-02-29T10:20:30Z").hour', Decimal(10)),
        ('@"2024-02-29".year', Decimal(2024)),
        ('duration("P1DT2H") > duration("PT25H")', True),
        ('string(duration("P1DT2H"))', "P1DT2H"),
        ('sum("a")', None),
        ('abs("a")', None),
    ],
)
def test_built_in_function(text: str, expected: object) -> None:
    assert value_of(text) == expected
