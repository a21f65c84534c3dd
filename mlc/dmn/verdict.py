"""What a model's decision table says of its test result: passed or failed, why, and on what evidence."""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

from pydantic import JsonValue

from mlc.dmn.cells import Cell, Column
from mlc.dmn.definitions import Definitions, load
from mlc.dmn.doubt import asks_for_null, doubt_of
from mlc.dmn.errors import MAX_MESSAGE, DmnError, shortened, writable
from mlc.dmn.evidence import condition_of, matched_rule
from mlc.dmn.scope import Scope
from mlc.dmn.table import Condition, DecisionTable, MatchedRule, Outcome, Row
from mlc.dmn.values import Value, shown
from mlc.verdict import Comparison, Verdict, VerdictCondition, VerdictRule

_COLOURS = frozenset({"gray", "green", "yellow", "red"})
_DIGITS_OF_A_FLOAT = 16
_BOOLEAN_TEXTS = {"true": True, "false": False}


def judge(
    xml: bytes,
    metrics: Mapping[str, object],
    extra: Mapping[str, object] | None = None,
    *,
    resources: Mapping[str, bytes] | None = None,
    file: str | None = None,
) -> Verdict:
    """Judges a test result by the one decision table of a DMN file.

    metrics: the test result, by metric name. extra: further variables the table may name (the model's methodology);
    a metric of the same name wins. resources: the files that the table's file imports, as `load` takes them. file: the
    file's name, for errors.
    No rule fired is a pass; a row with `passes` false, or `color` Red, is a failure.
    Raises DmnError, never a pass, for a table that is broken or has neither `passes` nor `monitor_name` and `color`,
    and for a metric that the table needs and the result lacks or holds in a kind that the column cannot be compared
    with or its input does not declare.
    """
    known = ChainMap(dict(metrics), dict(extra or {}))
    return verdict_of(load(xml, resources=resources, file=file, variables=known), known)


def verdict_of(definitions: Definitions, known: Mapping[str, object], decision: str | None = None) -> Verdict:
    """As `judge`, by a decision of a file that is loaded already; None takes the only one.

    known: the metrics, and what else the table may name.
    """
    judging = definitions.find(decision)
    table = judging.logic
    if not isinstance(table, DecisionTable):
        raise DmnError(
            "the decision is no table, so it can judge no test result",
            decision=judging.name,
            file=definitions.file,
        )
    try:
        reading = reading_of(table)
        scope = definitions.scope(judging, known)
        with scope.budget.being_spent():
            _demand_metrics(table, scope)
            return _Judgement.of(table, scope).verdict(reading)
    except DmnError as error:
        raise error.located(decision=judging.name, file=definitions.file) from None


@dataclass(frozen=True)
class _Finding:
    """What a row of outputs says. `reason` is None where the row gives none of its own."""

    failing: bool
    reason: str | None


@dataclass(frozen=True)
class _PassesReading:
    """Rows of `passes`, `reason` and `category`; the category speaks where there is no reason."""

    passes: str
    reason: str | None
    category: str | None

    def finding(self, row: Row) -> _Finding:
        passes = row[self.passes]
        if isinstance(passes, str):
            passes = _BOOLEAN_TEXTS.get(passes.strip().lower(), passes)
        if not isinstance(passes, bool):
            raise DmnError(f"{shown(passes)} is neither true nor false", column=self.passes)
        said = [_text(row[name]) for name in (self.reason, self.category) if name]
        return _Finding(not passes, next((text for text in said if text), None))


@dataclass(frozen=True)
class _ColourReading:
    """Rows of `monitor_name` and `color`: Red fails."""

    monitor: str
    colour: str
    reason: str | None

    def finding(self, row: Row) -> _Finding:
        colour = _text(row[self.colour])
        if colour.lower() not in _COLOURS:
            raise DmnError(
                f"{shown(row[self.colour])} is none of Gray, Green, Yellow, Red", column=self.colour
            )
        reason = _text(row[self.reason]) if self.reason else ""
        said = f"{_text(row[self.monitor]) or 'monitor'} is {colour.capitalize()}"
        return _Finding(colour.lower() == "red", f"{said}: {reason}" if reason else said)


def reading_of(table: DecisionTable) -> _PassesReading | _ColourReading:
    """How the rows of the table are read. Raises DmnError for a table whose outputs can judge nothing."""
    names = {output.name.strip().lower(): output.name for output in table.outputs}
    if len(names) < len(table.outputs):
        raise DmnError("two outputs of the table differ by nothing but small and capital letters")
    if {"passes", "color"} <= set(names):
        raise DmnError('the table gives both "passes" and "color"; a verdict needs one of them')
    if "passes" in names:
        return _PassesReading(names["passes"], names.get("reason"), names.get("category"))
    if "color" in names and "monitor_name" in names:
        return _ColourReading(names["monitor_name"], names["color"], names.get("reason"))
    listed = ", ".join(output.name or "(unnamed)" for output in table.outputs)
    raise DmnError(f'the table gives {listed}; a verdict needs "passes", or "monitor_name" and "color"')


def _demand_metrics(table: DecisionTable, scope: Scope) -> None:
    """Raises DmnError naming what the cells need and the result lacks, and for a table or a cell that nothing can match."""
    if not table.rules:
        raise DmnError("the table has no rule, so every result would pass")
    table.demand_decidable()
    for column, lacking in missing_names(table, scope):
        listed = ", ".join(f'"{name}"' for name in lacking)
        raise DmnError(f"the test result has no metric {listed}", column=column.variable)


def missing_names(table: DecisionTable, scope: Scope) -> Iterator[tuple[Column, list[str]]]:
    """The columns whose cells ask for names that the scope lacks, each with these names, its own first."""
    aliases = {column.alias for column in table.columns}
    for index, column in enumerate(table.columns):
        cells = [rule.cells[index] for rule in table.rules if rule.cells[index].holds is not None]
        tests = [cell for cell in cells if cell.condition is None]
        lacking = column.missing(scope) if tests else []
        lacking += sorted(
            {name for cell in tests for name in cell.required if name not in scope and name not in aliases}
        )
        if lacking:
            yield column, lacking


@dataclass(frozen=True)
class _Judgement:
    """The outcome of a table with the outcome of each of its cells, by rule and column."""

    outcome: Outcome
    scope: Scope
    cells: tuple[tuple[bool | None, ...], ...]

    @staticmethod
    def of(table: DecisionTable, scope: Scope) -> _Judgement:
        values = table.values(scope)
        inner = table.cell_scope(scope, values)
        cells = tuple(
            tuple(
                _cell_outcome(cell, values[index], inner, rule.number, table.columns[index].variable)
                for index, cell in enumerate(rule.cells)
            )
            for rule in table.rules
        )
        for index, column in enumerate(table.columns):
            _demand_comparable(
                column.variable,
                values[index],
                [(rule.cells[index], cells[rule.number - 1][index]) for rule in table.rules],
                inner,
            )
        return _Judgement(table.decide(scope), inner, cells)

    def verdict(self, reading: _PassesReading | _ColourReading) -> Verdict:
        rules: list[VerdictRule] = []
        reasons: list[str] = []
        for rule, row in self.outcome.hits:
            matched = matched_rule(self.outcome, rule, row, self.scope)
            try:
                finding = reading.finding(row)
            except DmnError as error:
                raise error.located(rule=rule.number) from None
            rules.append(_verdict_rule(matched, failing=finding.failing))
            if finding.failing:
                reasons.append(finding.reason or _circumstances(matched))
        if self.outcome.defaults is not None:
            finding = reading.finding(self.outcome.defaults)
            if finding.failing:
                reasons.append(finding.reason or "no rule matched, and the default output is a failure")
        failing = frozenset(rule.number for rule in rules if rule.failing)
        return Verdict(
            passed=not reasons,
            reasons=list(dict.fromkeys(reasons)),
            matched_rules=rules,
            comparisons=self._comparisons(failing),
        )

    def _comparisons(self, failing: frozenset[int]) -> list[Comparison]:
        compared: list[Comparison] = []
        for index, column in enumerate(self.outcome.table.columns):
            entries: dict[str, _Evidence] = {}
            for rule in self.outcome.table.rules:
                cell = rule.cells[index]
                if cell.holds is None:
                    continue
                condition = condition_of(column.variable, cell, self.outcome.values[index], self.scope)
                evidence = entries.setdefault(condition.variable, _Evidence(condition, [], []))
                evidence.entries.append(cell.text)
                if rule.number in failing:
                    evidence.failed.append(cell.text)
            compared += [evidence.comparison() for evidence in entries.values()]
        return sorted(compared, key=lambda comparison: comparison.passed)


@dataclass(frozen=True)
class _Evidence:
    """The entries that a metric is compared with in one column, and those that failing rules matched on."""

    condition: Condition
    entries: list[str]
    failed: list[str]

    def comparison(self) -> Comparison:
        return Comparison(
            metric=self.condition.variable,
            value=json_value(self.condition.value),
            threshold="; ".join(dict.fromkeys(self.failed or self.entries)),
            passed=not self.failed,
        )


def _cell_outcome(cell: Cell, value: Value, scope: Scope, rule: int, column: str) -> bool | None:
    if cell.holds is None:
        return True
    try:
        return cell.holds(value, scope)
    except DmnError as error:
        raise error.located(rule=rule, column=column) from None


def _demand_comparable(
    column: str, value: Value, cells: Sequence[tuple[Cell, bool | None]], scope: Scope
) -> None:
    """A value that no cell of its column can be compared with would pass every table unseen."""
    tests = [(cell, outcome) for cell, outcome in cells if cell.holds is not None and cell.condition is None]
    if not tests:
        return
    if value is None and not any(asks_for_null(cell, column) for cell, _ in tests):
        raise DmnError(f'the metric "{column}" is null', column=column)
    if all(outcome is None for _, outcome in tests) and doubt_of(
        tests[0][0], value, [cell for cell, _ in tests], scope
    ):
        entries = ", ".join(dict.fromkeys(cell.text for cell, _ in tests))
        raise DmnError(
            f'the metric "{column}" is {shown(value)}, which cannot be compared with {entries}', column=column
        )


def _verdict_rule(rule: MatchedRule, *, failing: bool) -> VerdictRule:
    return VerdictRule(
        number=rule.number,
        id=rule.id,
        description=rule.description,
        failing=failing,
        conditions=[
            VerdictCondition(metric=each.variable, entry=each.entry, value=json_value(each.value))
            for each in rule.conditions
        ],
        outputs={name: json_value(value) for name, value in rule.outputs.items()},
    )


def _circumstances(rule: MatchedRule) -> str:
    if rule.description:
        return rule.description
    met = ", ".join(f"{each.variable} is {shown(each.value)} ({each.entry})" for each in rule.conditions)
    said = f"rule {rule.number} matched: {met}" if met else f"rule {rule.number} matched"
    return shortened(writable(said), MAX_MESSAGE)


def _text(value: Value) -> str:
    if value is None:
        return ""
    return writable(value.strip() if isinstance(value, str) else shown(value))


def json_value(value: Value) -> JsonValue:
    """A value as JSON writes it; what JSON has no kind for is text."""
    match value:
        case None | bool():
            return value
        case str():
            return writable(value)
        case Decimal():
            return _json_number(value)
        case list():
            return [json_value(item) for item in value]
        case dict():
            return {writable(key): json_value(entry) for key, entry in value.items()}
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return shown(value)


def _json_number(value: Decimal) -> JsonValue:
    if value.adjusted() < _DIGITS_OF_A_FLOAT and value == value.to_integral_value():
        return int(value)
    number = float(value)
    # What no float can hold would be infinite, or nothing.
    return number if math.isfinite(number) and (number or not value) else shown(value)
