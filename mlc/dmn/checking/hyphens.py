"""Names with hyphens in a table's cells, which as a rule only the test result declares."""

from __future__ import annotations

import re
from collections.abc import Container

from mlc.dmn.demand import lacking
from mlc.dmn.errors import DmnError
from mlc.dmn.imports import read_module
from mlc.dmn.model import DefinitionsSource, TableSource

MOST_NAMES = 100

# Possessive, and from a word's beginning: a text of 100,000 characters takes no time.
_WORD = re.compile(r"(?<![\w-])[^\W\d]\w*+(?:-\w++)+")


def hyphenated(
    source: DefinitionsSource, rules: Container[tuple[str | None, int | None]] | None = None
) -> frozenset[str]:
    """The words with hyphens in cells, each of which may be a metric's name; of very many the first.

    rules: those whose cells are looked at, by decision and number; None looks at all.
    """
    words = (
        word
        for decision in source.decisions
        if isinstance(decision.logic, TableSource)
        for number, rule in enumerate(decision.logic.rules, start=1)
        if rules is None or (decision.name, number) in rules
        for entry in rule.inputs
        for word in _WORD.findall(entry.text)
    )
    return frozenset(list(dict.fromkeys(words))[:MOST_NAMES])


def refuse_unusable(xml: bytes, *, file: str | None = None) -> None:
    """Raises DmnError for a file by which no test result at all can be judged, whatever its metrics are called."""
    try:
        lacking(xml, (), file=file)
    except DmnError as error:
        try:
            lacking(xml, hyphenated(read_module(xml, {}, file).source), file=file)
        except DmnError:
            raise error from None
