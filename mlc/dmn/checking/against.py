"""Why there is no verdict on a test result: the metrics that are missing, with those that may be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mlc.dmn.cells import Column
from mlc.dmn.checking.problems import Problem, did_you_mean, from_error
from mlc.dmn.errors import DmnError
from mlc.dmn.scope import Scope
from mlc.dmn.table import DecisionTable


def missing_metrics(table: DecisionTable, metrics: Mapping[str, object], scope: Scope) -> Iterator[Problem]:
    """The metrics that the table needs and the test result lacks, all of them, by column.

    scope: what the table's decision sees for the metrics.
    """
    known = {column.alias for column in table.columns}
    told: set[str] = set()
    for index, column in enumerate(table.columns):
        cells = (rule.cells[index] for rule in table.rules)
        tests = [cell for cell in cells if cell.holds is not None and cell.condition is None]
        named = {name for cell in tests for name in cell.required if name not in scope and name not in known}
        for name in [*(_missing(column, scope) if tests else ()), *sorted(named)]:
            if name not in told:
                told.add(name)
                said = f'the test result has no metric "{name}"{did_you_mean(name, metrics)}'
                yield Problem("error", "unfit", said, column=column.variable)


def as_judged(error: DmnError, table: DecisionTable, metrics: Mapping[str, object], scope: Scope) -> Problem:
    """The error of the judgement. Of a variable without a value in a JUEL cell it tells what may be meant."""
    problem = from_error(error, "unfit")
    cells = [
        rule.cells[index]
        for rule in table.rules
        for index, column in enumerate(table.columns)
        if (rule.number, column.variable) == (error.rule, error.column)
    ]
    names = (name for cell in cells if cell.condition for name in cell.names if name not in scope)
    meant = (did_you_mean(name, metrics) for name in names if f'"{name}"' in error.message)
    return replace(problem, message=problem.message + next(meant, ""))


def _missing(column: Column, scope: Scope) -> list[str]:
    """The names that the column needs and the scope lacks; of `a - b` the one that is missing."""
    lacking = column.missing(scope)
    if column.expression is None or lacking != [column.variable]:
        return lacking
    required = sorted(column.expression.required)
    absent = [name for name in required if name not in scope]
    # With hyphens alone the whole text may be one name, unless a part of it is known.
    is_computed = len(absent) < len(required) or " - " in column.variable
    return absent if is_computed else lacking
