"""Texts and negations in JUEL's manner, as Java reads them."""

from __future__ import annotations

import pytest

from mlc.dmn import load
from tests.dmn.tables import cell_file


def hits(cell: str, x: object) -> bool:
    return load(cell_file(cell)).evaluate(None, {"x": x}) is True


@pytest.mark.parametrize(
    ("marks", "of_true"), [("!", False), ("!!", True), ("!!!", False), ("!!!!", True), ("not ! not ", False)]
)
def test_every_second_negation_undoes_the_one_before(marks: str, of_true: bool) -> None:
    assert hits(f"${{{marks}x}}", True) is of_true
    assert hits(f"${{{marks}x}}", False) is not of_true


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Regression", "REGRESSION", True),
        ("straße", "STRASSE", True),
        ("STRASSE", "straße", True),
        ("ΣΟΦΟΣ", "σοφος", True),
        ("straße", "strase", False),
        ("", "", True),
    ],
)
def test_texts_are_the_same_without_their_case_in_any_script(left: str, right: str, same: bool) -> None:
    assert hits(f"${{x.equalsIgnoreCase('{right}')}}", left) is same


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        (r"'it\'s'", "it's"),
        (r'"say \"no\""', 'say "no"'),
        (r"'C:\\models'", r"C:\models"),
        (r"'\\\''", r"\'"),
        ("'it\"s'", 'it"s'),
    ],
)
def test_a_backslash_in_a_text_stands_for_the_character_after_it(literal: str, text: str) -> None:
    assert hits(f"${{x == {literal}}}", text)
    assert not hits(f"${{x != {literal}}}", text)
