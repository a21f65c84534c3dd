"""What keeps a file from judging test results, or from ever failing one."""

from __future__ import annotations

from collections.abc import Iterator

from mlc.dmn.cells import Expression
from mlc.dmn.checking.problems import Problem
from mlc.dmn.errors import DmnError
from mlc.dmn.model import Aggregation, DefinitionsSource, TableSource
from mlc.dmn.scope import Budget, Scope
from mlc.dmn.table import DecisionTable
from mlc.dmn.values import Value
from mlc.dmn.verdict import reading_of

# The output that decides, the first that a table has, and what it is where no rule fails a model.
_NEVER = {"passes": "passes is true in every rule", "color": 'color is "Red" in none'}


def no_verdict(source: DefinitionsSource) -> Iterator[Problem]:
    """Warnings for a file that no process can judge by, whatever its tables give."""
    decisions = source.decisions
    imported = ", ".join(each.name or each.namespace for each in source.imports if each.is_dmn)
    if imported:
        said = f"no verdict: a process judges by one file alone, this one imports {imported}"
        yield Problem("warning", "no verdict", said)
    if len(decisions) != 1:
        listed = f": {', '.join(each.name for each in decisions)}" if decisions else ""
        said = f"a process judges by a file's only decision, this one has {len(decisions) or 'none'}{listed}"
        yield Problem("warning", "no verdict", f"no verdict: {said}")
    elif not isinstance(decisions[0].logic, TableSource | DmnError):
        said = "no verdict: the decision is no table, so it can judge no test result"
        yield Problem("warning", "no verdict", said, decision=decisions[0].name)


def unable_to_judge(table: DecisionTable) -> Iterator[Problem]:
    """A warning for a table that can judge no test result, or none by which a rule matches."""
    try:
        reading_of(table)
    except DmnError as error:
        yield Problem("warning", "no verdict", f"no verdict: {error.message}")
        return
    if table.aggregation not in (Aggregation.LIST, Aggregation.COUNT):
        said = f"no verdict: {table.aggregation.value} is made of numbers; choose COLLECT without aggregation"
        yield Problem("warning", "no verdict", said)


def toothless(table: DecisionTable) -> Iterator[Problem]:
    """Warnings for a table without rules, for rules that give no verdict, and for a table none of whose rules fails."""
    try:
        finding = reading_of(table).finding
    except DmnError:
        if not table.rules:
            yield Problem("warning", "gap", "the table has no rule")
        return
    names = {output.name.strip().lower(): index for index, output in enumerate(table.outputs)}
    word = next(each for each in _NEVER if each in names)
    output = table.outputs[names[word]]
    if not table.rules:
        yield Problem("warning", "no verdict", "no verdict: the table has no rule")
    entries = [(rule.number, rule.outputs[names[word]]) for rule in table.rules]
    fails: list[bool | None] = []
    for number, entry in [*entries, (None, output.default)] if output.default else entries:
        row: dict[str, Value] = {each.name: None for each in table.outputs}
        fails.append(None)
        try:
            row[output.name] = _constant(entry)
        except _UnknownError:
            continue
        try:
            fails[-1] = finding(row).failing
        except DmnError as error:
            numbers = () if number is None else (number,)
            yield Problem(
                "warning", "no verdict", f"no verdict: {error.message}", rules=numbers, column=output.name
            )
    if fails and all(each is False for each in fails):
        yield Problem("warning", "never fails", f"no rule fails a model: {_NEVER[word]}")


class _UnknownError(Exception):
    """What an entry gives depends on the inputs, or cannot be told."""


def _constant(entry: Expression) -> Value:
    if entry.names:
        raise _UnknownError
    try:
        return entry.evaluate(Scope({}, None, Budget()))
    except DmnError:
        raise _UnknownError from None
