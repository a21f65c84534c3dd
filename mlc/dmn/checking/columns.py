"""Cells that do not go with their column, and words that were meant as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from mlc.dmn.cells import Cell
from mlc.dmn.checking.landmarks import landmarks
from mlc.dmn.checking.problems import Problem
from mlc.dmn.errors import DmnError
from mlc.dmn.feel import syntax as ast
from mlc.dmn.feel.advice import advice
from mlc.dmn.model import TableSource
from mlc.dmn.scope import Budget, Scope
from mlc.dmn.table import DecisionTable

# Camunda's and DMN's names of the types whose constants look unlike each other.
_TYPES: dict[str, type] = {
    **dict.fromkeys(("number", "integer", "long", "double", "float", "int", "short", "decimal"), Decimal),
    "string": str,
    "boolean": bool,
}


# Camunda's name for the value that a cell tests.
_CELL_INPUT = "cellInput"
# `< 0,7` or `0,7`, but not the list `1,2,3`.
_COMMA = re.compile(r"(?:[<>]=?\s*-?\d+|(?<![\w.,])-?0),\d+(?![\w.,])")


def column_problems(table: DecisionTable, source: TableSource, known: frozenset[str]) -> Iterator[Problem]:
    """known: the names that a text of the table may mean a variable by."""
    yield from _types(table, source)
    yield from _words(table, source, known)
    yield from _commas(table)
    yield from _constants(table)


def _types(table: DecisionTable, source: TableSource) -> Iterator[Problem]:
    """Columns declared of one type whose cells compare with another: such a cell never matches."""
    for index, clause in enumerate(source.inputs):
        declared = _TYPES.get((clause.type_ref or "").strip().lower())
        if declared is None:
            continue
        strange = [rule for rule in table.rules if not _goes_with(rule.cells[index], declared)]
        if strange:
            cells = ", ".join(dict.fromkeys(rule.cells[index].text for rule in strange))
            yield Problem(
                "warning",
                "type",
                f"the input is declared {clause.type_ref}, with which {cells} cannot be compared",
                rules=tuple(rule.number for rule in strange),
                column=table.columns[index].variable,
            )


def _goes_with(cell: Cell, declared: type) -> bool:
    constants = [value for value in landmarks(cell) or () if value is not None]
    return not constants or any(type(value) is declared for value in constants)


def _words(table: DecisionTable, source: TableSource, known: frozenset[str]) -> Iterator[Problem]:
    """Bare words that no variable is known by: they are null, where a text was meant."""
    for rule, written in zip(table.rules, source.rules, strict=True):
        for cell, column in zip(rule.cells, table.columns, strict=True):
            for word in _bare_words(cell):
                if word not in known:
                    yield _word(word, rule.number, column.variable)
        for entry, text, output in zip(rule.outputs, written.outputs, table.outputs, strict=True):
            if text.text in entry.required and text.text not in known:
                yield _word(text.text, rule.number, output.name or "output")


def _constants(table: DecisionTable) -> Iterator[Problem]:
    """Cells such as 'High', which JUEL reads, and which are no conditions: with them nothing can be judged."""
    for rule in table.rules:
        for cell, column in zip(rule.cells, table.columns, strict=True):
            if cell.condition is None or cell.condition.names or _CELL_INPUT in cell.text:
                continue
            try:
                cell.condition.holds(Scope({}, None, Budget()))
            except DmnError as error:
                said = error.message + advice(cell.text, max(cell.text.find("'"), 0))
                yield Problem("error", "unreadable", said, rules=(rule.number,), column=column.variable)


def _commas(table: DecisionTable) -> Iterator[Problem]:
    """Numbers with a decimal comma: they are two tests."""
    for rule in table.rules:
        for cell, column in zip(rule.cells, table.columns, strict=True):
            found = _COMMA.search(cell.text)
            if found is not None and cell.tests is not None and '"' not in cell.text:
                whole, _, fraction = found.group().partition(",")
                said = f"{found.group()} is read as {whole} or {fraction}; a decimal point is a point: {whole}.{fraction}"
                yield Problem("warning", "comma", said, rules=(rule.number,), column=column.variable)


def _bare_words(cell: Cell) -> Iterator[str]:
    for test in cell.tests.tests if cell.tests else ():
        match test:
            case ast.ExpressionTest(expression=ast.Name(name)) if name != "?":
                yield name
            case _:
                pass


def _word(word: str, rule: int, column: str) -> Problem:
    said = f'{word} is read as a variable, of which nothing else is known; a text is written "{word}"'
    return Problem("warning", "word", said, rules=(rule,), column=column)
