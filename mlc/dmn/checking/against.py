"""What stands between a table and a test result: every metric that is missing, null or of another kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from mlc.dmn.cells import Cell
from mlc.dmn.checking.problems import Problem
from mlc.dmn.errors import DmnError
from mlc.dmn.scope import Scope
from mlc.dmn.table import DecisionTable
from mlc.dmn.values import Value, shown


def unmet(table: DecisionTable, metrics: Mapping[str, object], scope: Scope) -> Iterator[Problem]:
    """The problems for which the table cannot judge the test result, all of them, by column.

    scope: what the table's decision sees for the metrics. Raises DmnError for a column that cannot be evaluated.
    """
    values = table.values(scope)
    inner = table.cell_scope(scope, values)
    told: set[str] = set()
    for index, column in enumerate(table.columns):
        cells = [rule.cells[index] for rule in table.rules if rule.cells[index].holds is not None]
        tests = [cell for cell in cells if cell.condition is None]
        if not tests:
            continue
        lacking = column.missing(scope)
        named = {name for cell in tests for name in cell.required if name not in inner}
        for name in dict.fromkeys([*lacking, *sorted(named)]):
            if name not in told:
                told.add(name)
                yield _unfit(f'the test result has no metric "{name}"{near(name, metrics)}', column.variable)
        if not lacking and not named:
            yield from _incomparable(column.variable, values[index], tests, inner)


def near(name: str, known: Mapping[str, object] | frozenset[str]) -> str:
    """The end of a sentence about a name that is unknown: the one that may be meant."""
    folded = {each.casefold(): each for each in known}
    close = get_close_matches(name.casefold(), folded, n=1)
    return f': did you mean "{folded[close[0]]}"?' if close else ""


def _incomparable(column: str, value: Value, tests: list[Cell], scope: Scope) -> Iterator[Problem]:
    if value is None and not any(cell.uses_null for cell in tests):
        yield _unfit(f'the metric "{column}" is null', column)
    elif all(_outcome(cell, value, scope) is None for cell in tests):
        entries = ", ".join(dict.fromkeys(cell.text for cell in tests))
        yield _unfit(
            f'the metric "{column}" is {shown(value)}, which cannot be compared with {entries}', column
        )


def _outcome(cell: Cell, value: Value, scope: Scope) -> bool | None:
    try:
        return cell.holds(value, scope) if cell.holds else True
    except DmnError:
        return None


def _unfit(message: str, column: str) -> Problem:
    return Problem("error", "unfit", message, column=column)
