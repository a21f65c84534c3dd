"""Why there is no verdict on a test result: the metrics that are missing, with those that may be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mlc.dmn.cells import Column
from mlc.dmn.checking.problems import Problem, did_you_mean, from_error
from mlc.dmn.errors import DmnError
from mlc.dmn.scope import Scope
from mlc.dmn.table import DecisionTable
from mlc.dmn.verdict import missing_names


def missing_metrics(table: DecisionTable, metrics: Mapping[str, object], scope: Scope) -> Iterator[Problem]:
    """The metrics that the table needs and the test result lacks, all of them, by column.

    scope: what the table's decision sees for the metrics.
    """
    told: set[str] = set()
    for column, lacking in missing_names(table, scope):
        for name in (meant for each in lacking for meant in _meant(each, column, scope)):
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


def _meant(name: str, column: Column, scope: Scope) -> list[str]:
    """The name that is missing; of a column `a - b` the ones of its variables that are."""
    if column.expression is None or name != column.variable:
        return [name]
    required = sorted(column.expression.required)
    absent = [each for each in required if each not in scope]
    # With hyphens alone the whole text may be one name, unless a part of it is known.
    is_computed = len(absent) < len(required) or " - " in column.variable
    return absent if is_computed else [name]
