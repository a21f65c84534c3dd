"""What a verdict asks for, told before a test result is judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mlc.dmn.definitions import load
from mlc.dmn.elements import Decision, InputData
from mlc.dmn.errors import DmnError
from mlc.dmn.table import DecisionTable
from mlc.dmn.verdict import reading_of


def lacking(xml: bytes, known: Collection[str], *, file: str | None = None) -> frozenset[str]:
    """The names beside those known that the verdict of a DMN file may look up: maybe more than it needs, never less.

    Raises DmnError where `judge` would whatever the test result: for a file that is broken or can give no verdict.
    """
    decision = load(xml, file=file, variables=known).find(None)
    try:
        if isinstance(decision.logic, DecisionTable):
            reading_of(decision.logic)
            return frozenset(_lacking(decision, frozenset(known)))
    except DmnError as error:
        raise error.located(decision=decision.name, file=file) from None
    raise DmnError(
        "the decision is no table, so it can judge no test result", decision=decision.name, file=file
    )


def _lacking(decision: Decision, known: frozenset[str]) -> Iterator[str]:
    yield from (name for name in decision.free if name not in known)
    waiting, seen = list(decision.requirements), set[int]()
    while waiting:
        element = waiting.pop().element
        if id(element) in seen:
            continue
        seen.add(id(element))
        if isinstance(element, InputData):
            if known.isdisjoint((element.name, *element.names)):
                yield element.name
            continue
        waiting += element.requirements
        if isinstance(element, Decision):
            yield from (name for name in element.free if name not in known)
