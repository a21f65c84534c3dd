"""The built-in functions agree with Python's own, and none of them runs without end."""

from __future__ import annotations

import re
import statistics
import time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlc.dmn import DmnError, load
from mlc.dmn.scope import MAX_STEPS, MAX_TEXT
from tests.dmn.tables import expression_file

texts = st.text(alphabet="ab$\\é\U0001d11e", max_size=12)
words = st.text(alphabet="ab;", max_size=12)
numbers = st.decimals(min_value=-1000, max_value=1000, places=2)
patterns = st.lists(
    st.sampled_from(["a", "b", "[ab]", "(a|b)", "a+", "b?;", "(?:ab)*b", "a{2}", "."]), min_size=1
)

SUBSTRING = load(expression_file("substring(text, start, length)"))
JOINED = load(expression_file('string join(split(text, ";"), ";")'))
LITERAL = load(expression_file('replace(text, match, replacement, "q")'))
REPLACED = load(expression_file('replace(text, pattern, "[$0]")'))
MATCHED = load(expression_file("matches(text, pattern)"))
SORTED = load(expression_file("sort(items)"))
SORTED_BY = load(expression_file("sort(items, function(x, y) x.key < y.key).at"))
MODULO = load(expression_file("modulo(a, b)"))
MEDIAN = load(expression_file("median(items)"))
DISTINCT = load(expression_file("distinct values(items)"))
ROUND_TRIP = load(expression_file("number(string(n))"))


@given(text=texts, start=st.integers(-14, 14), length=st.integers(1, 14))
def test_a_substring_is_a_slice(text: str, start: int, length: int) -> None:
    first = start - 1 if start > 0 else len(text) + start
    expected = text[first : first + length] if start and 0 <= first < len(text) else None
    assert SUBSTRING.evaluate(None, {"text": text, "start": start, "length": length}) == expected


@given(text=words)
def test_what_is_split_can_be_joined(text: str) -> None:
    assert JOINED.evaluate(None, {"text": text}) == text


@given(text=words, match=st.text(alphabet="ab.*$\\[", min_size=1, max_size=2), replacement=texts)
def test_a_literal_is_replaced_by_a_literal(text: str, match: str, replacement: str) -> None:
    result = LITERAL.evaluate(None, {"text": text, "match": match, "replacement": replacement})
    assert result == text.replace(match, replacement)


@given(text=words, parts=patterns)
def test_a_pattern_matches_where_python_says(text: str, parts: list[str]) -> None:
    pattern = "".join(parts)
    inputs = {"text": text, "pattern": pattern}
    assert MATCHED.evaluate(None, inputs) is (re.search(pattern, text) is not None)
    assert REPLACED.evaluate(None, inputs) == re.sub(pattern, lambda found: f"[{found.group()}]", text)


@given(items=st.lists(numbers))
def test_numbers_are_sorted_ascending(items: list[Decimal]) -> None:
    assert SORTED.evaluate(None, {"items": items}) == sorted(items)


@given(keys=st.lists(st.integers(0, 3)))
def test_a_sort_by_a_function_is_stable(keys: list[int]) -> None:
    items = [{"key": key, "at": at} for at, key in enumerate(keys)]
    expected = [item["at"] for item in sorted(items, key=lambda item: item["key"])]
    assert SORTED_BY.evaluate(None, {"items": items}) == expected


@given(a=numbers, b=numbers.filter(bool))
def test_a_remainder_has_the_sign_of_the_divisor(a: Decimal, b: Decimal) -> None:
    result = MODULO.evaluate(None, {"a": a, "b": b})
    assert isinstance(result, Decimal)
    assert Fraction(result) == Fraction(a) % Fraction(b)


@given(items=st.lists(numbers, min_size=1))
def test_the_median_lies_in_the_middle(items: list[Decimal]) -> None:
    assert MEDIAN.evaluate(None, {"items": items}) == statistics.median(items)


@given(items=st.lists(st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from(["", "1"]))))
def test_distinct_values_keep_the_first_of_each_kind(items: list[object]) -> None:
    expected = list({(isinstance(item, bool), item): item for item in items}.values())
    assert DISTINCT.evaluate(None, {"items": items}) == expected


@given(n=st.decimals(allow_nan=False, allow_infinity=False, places=5))
def test_a_number_survives_its_text(n: Decimal) -> None:
    rounded = load(expression_file("n")).evaluate(None, {"n": n})
    assert ROUND_TRIP.evaluate(None, {"n": n}) == rounded


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('replace(text, "a.*c|a", "")', f"{MAX_STEPS:,} steps"),
        ('replace(text, "(a|b)*a(a|b){300}d|a", "")', f"{MAX_STEPS:,} steps"),
        ('matches(text, "(a|b)*a(a|b){900}[^b]{50}")', f"{MAX_STEPS:,} steps"),
        ('replace(text, "b", text)', f"longer than {MAX_TEXT:,}"),
        ('matches("", "([^x]{1,100}\\\\w{1,100}){1,9}")', "too large"),
        ("string(for i in 1..10000 return 10 ** 6000)", f"longer than {MAX_TEXT:,}"),
        ('string join(for i in 1..10000 return "0123456789", text)', f"longer than {MAX_TEXT:,}"),
        ('distinct values(for i in 1..9999 return duration("PT" + string(i) + "S"))', f"{MAX_STEPS:,} steps"),
    ],
)
def test_a_function_that_would_take_too_much_is_stopped(text: str, message: str) -> None:
    definition = load(expression_file(text))
    started = time.process_time()
    with pytest.raises(DmnError, match=message):
        definition.evaluate(None, {"text": "ab" * 300_000})
    assert time.process_time() - started < 5


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_pattern_that_would_backtrack_forever_is_matched_in_linear_time(pattern: str) -> None:
    definition = load(expression_file("matches(text, pattern)"))
    started = time.process_time()
    assert definition.evaluate(None, {"text": "a" * 5_000 + "!", "pattern": pattern}) is False
    assert time.process_time() - started < 1
