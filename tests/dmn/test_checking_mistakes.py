"""What is often mistyped in a cell is told with what to write instead, at its place."""

from __future__ import annotations

import time

import pytest

from mlc.dmn.checking import check
from mlc.dmn.feel.advice import advice
from tests.dmn.tables import PASSES, by_variable, decision, definitions, rule, table


def told(cell: str, reason: str = "null") -> list[tuple[int | None, str]]:
    """Position and message of each error in a rule with this cell and this reason."""
    xml = definitions(decision(table([by_variable("auc")], PASSES[:2], [rule([cell], ["false", reason])])))
    return [(each.position, each.message) for each in check(xml).problems if each.severity == "error"]


@pytest.mark.parametrize(
    ("cell", "position", "hint"),
    [
        ("=< 0.7", 1, "write <="),
        ("=> 0.7", 1, "write >="),
        ("? =< 0.7", 3, "write <="),
        ("< 0.1 or > 0.9", 6, "one of several tests is written with a comma: < 0.1, > 0.9"),
        ("< 0.1 or 0.9", 6, "one of several tests is written with a comma: < 0.1, 0.9"),
        ("> 0.5 and < 0.6", 6, "two tests at once are written ? > 0.5 and ? < 0.6"),
        ("0.1..0.2", 3, "a range stands in brackets: [0.1..0.2]"),
        ("-99 .. psi", 4, "a range stands in brackets: [-99..psi]"),
        ("very high", 5, 'a text is quoted: "very high"'),
        ("'High', 'Low'", 0, 'a text stands in straight double quotes: "High"'),
        ("'High'", None, 'a text stands in straight double quotes: "High"'),
        ("not('High')", None, 'a text stands in straight double quotes: "High"'),
        ("\u201cHigh\u201d", 0, 'a text stands in straight double quotes: "High"'),
        ("\u201eHigh", 0, "a text stands in straight double quotes"),
        ("\u2264 0.7", 0, "write <="),
        ("\u2265 0.7", 0, "write >="),
        ("\u2260 0.7", 0, "write !="),
        ("\u221299", 0, "write -"),
        ("0.1 \u2013 0.2", 4, "write -"),
    ],
)
def test_a_mistake_in_a_cell_is_told_with_what_to_write(cell: str, position: int | None, hint: str) -> None:
    ((found, message),) = told(cell)
    assert (found, message.endswith(f": {hint}")) == (position, True), message


@pytest.mark.parametrize(
    ("reason", "position", "hint"),
    [
        ("AUC too low", 4, 'a text is quoted: "AUC too low"'),
        ("AUC is low, see (2).", 4, 'a text is quoted: "AUC is low, see (2)."'),
        ("if it drifts", 6, 'a text is quoted: "if it drifts"'),
        ("'too low'", 0, 'a text stands in straight double quotes: "too low"'),
        ("\u201ctoo low\u201d", 0, 'a text stands in straight double quotes: "too low"'),
    ],
)
def test_a_mistake_in_an_output_is_told_with_what_to_write(reason: str, position: int, hint: str) -> None:
    ((found, message),) = told("< 5", reason)
    assert (found, message.endswith(f": {hint}")) == (position, True), message


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("1 2", 'found "2" where the end should stand'),
        ("< 70%", "'%' is not FEEL"),
        ("[1..", "found the end where a value should stand"),
    ],
)
def test_what_is_no_usual_mistake_is_told_as_it_is(cell: str, message: str) -> None:
    ((_, said),) = told(cell)
    assert said == message


@pytest.mark.parametrize("cell", ["${cellInput > 3}", "cellInput == 'High'", "auc.equals('High')", "${true}"])
def test_a_condition_of_juel_is_no_mistake(cell: str) -> None:
    assert told(cell) == []


@pytest.mark.parametrize(
    "text", ["a" * 299, "a " * 150, "a ,,, " * 50 + "\t#", "<" * 300, "< a and " * 37, "1." * 150]
)
def test_a_hostile_text_takes_no_time(text: str) -> None:
    started = time.process_time()
    advice(text, 1)
    assert time.process_time() - started < 0.05
