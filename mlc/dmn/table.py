"""Decision tables: which rules match, and what the hit policy makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from mlc.dmn.cells import (
    Cell,
    Column,
    Expression,
    broken_cell,
    broken_expression,
    compile_cell,
    compile_column,
    compile_expression,
)
from mlc.dmn.doubt import asks_for_null, asks_for_what_is_there, doubt_of, refuse_empty_range
from mlc.dmn.errors import DmnError, located
from mlc.dmn.feel.library.numbers import total
from mlc.dmn.feel.reader import Names
from mlc.dmn.items import ItemTypes
from mlc.dmn.model import Aggregation, HitPolicy, InputClause, OutputClause, RuleSource, TableSource
from mlc.dmn.problems import Problems
from mlc.dmn.scope import Holds, Scope
from mlc.dmn.values import Value, compared, equal

Row = dict[str, Value]

_SINGLE_HIT = frozenset({HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.FIRST, HitPolicy.PRIORITY})
_COLLECTING = frozenset({HitPolicy.COLLECT, HitPolicy.RULE_ORDER})
_ORDERED_BY_OUTPUT = frozenset({HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER})


@dataclass(frozen=True)
class Condition:
    """What a matched rule demanded: a variable or expression, the entry's text, the value that it met."""

    variable: str
    entry: str
    value: Value


@dataclass(frozen=True)
class MatchedRule:
    """A rule that the result comes from. `number` counts from 1 in the table's order."""

    number: int
    id: str | None
    description: str | None
    conditions: tuple[Condition, ...]
    outputs: Row


@dataclass(frozen=True)
class Output:
    """An output column; `allowed` tests for its values from the highest priority to the lowest."""

    name: str
    allowed: tuple[Holds, ...]
    default: Expression | None


@dataclass(frozen=True)
class Rule:
    """`tests` are the cells that ask for something, with their columns' positions."""

    number: int
    id: str | None
    description: str | None
    cells: tuple[Cell, ...]
    tests: tuple[tuple[int, Holds], ...]
    outputs: tuple[Expression, ...]


@dataclass(frozen=True)
class Outcome:
    """table: what was evaluated. value: its result. hits: the rules it comes from, with their outputs.

    values: one for each column. defaults: the default outputs where no rule matched and the table has them.
    """

    table: DecisionTable
    value: Value
    hits: tuple[tuple[Rule, Row], ...]
    values: tuple[Value, ...]
    defaults: Row | None

    @property
    def outputs(self) -> Row:
        """The outputs by their own names, as Camunda hands them on: lists where the hit policy collects."""
        rows = [row for _, row in self.hits]
        if self.table.aggregation is not Aggregation.LIST:
            return {self.table.outputs[0].name: self.value} if rows else {}
        single = self.table.hit_policy in _SINGLE_HIT
        if rows and (single or (len(rows) == 1 and self.table.hit_policy not in _COLLECTING)):
            return rows[0]
        return {output.name: [row[output.name] for row in rows] for output in self.table.outputs if rows}


class DecisionTable:
    """A table ready to be evaluated any number of times."""

    def __init__(
        self, source: TableSource, names: Names, types: ItemTypes, type_ref: str | None, problems: Problems
    ) -> None:
        """What cannot be parsed goes to `problems`, and raises where it is evaluated."""
        single = len(source.outputs) == 1
        self.hit_policy = source.hit_policy
        collects = source.hit_policy is HitPolicy.COLLECT
        self.aggregation = source.aggregation if collects else Aggregation.LIST
        self.outputs = tuple(
            _output(clause, position, names, types, type_ref, problems, single=single)
            for position, clause in enumerate(source.outputs, start=1)
        )
        if not single and self.aggregation not in (Aggregation.LIST, Aggregation.COUNT):
            problems.found.append(
                DmnError(f"{self.aggregation.value} needs one output, the table has {len(source.outputs)}")
            )
        named = Counter(output.name for output in self.outputs)
        problems.found.extend(
            DmnError(f'{times} outputs are named "{name}"') for name, times in named.items() if times > 1
        )
        self.columns = tuple(
            _column(clause, clause.label or f"input {position}", names, problems)
            for position, clause in enumerate(source.inputs, start=1)
        )
        self.rules = tuple(
            self._rule(rule, number, names, problems) for number, rule in enumerate(source.rules, start=1)
        )
        self._asked = tuple(
            column.alias is not None
            or column.allowed is not None
            or any(rule.cells[index].holds is not None for rule in self.rules)
            for index, column in enumerate(self.columns)
        )
        self._asked_for_null = tuple(
            any(asks_for_null(rule.cells[index], column.variable) for rule in self.rules)
            for index, column in enumerate(self.columns)
        )
        self._is_decidable = False
        self._aliases = [(index, column.alias) for index, column in enumerate(self.columns) if column.alias]

    def _rule(self, source: RuleSource, number: int, names: Names, problems: Problems) -> Rule:
        cells = tuple(
            problems.attempt(
                partial(compile_cell, entry, names),
                partial(broken_cell, entry),
                column=column.variable,
                rule=number,
            )
            for entry, column in zip(source.inputs, self.columns, strict=True)
        )
        outputs = tuple(
            problems.attempt(
                partial(compile_expression, entry, names), broken_expression, column=output.name, rule=number
            )
            for entry, output in zip(source.outputs, self.outputs, strict=True)
        )
        tests = tuple((index, cell.holds) for index, cell in enumerate(cells) if cell.holds is not None)
        return Rule(number, source.id, source.description, cells, tests, outputs)

    @property
    def lists_rows(self) -> bool:
        """Whether its value is the list of what its rules give."""
        return self.hit_policy not in _SINGLE_HIT and self.aggregation is Aggregation.LIST

    @property
    def names(self) -> frozenset[str]:
        """Every name the table may look up."""
        defaults = [output.default for output in self.outputs if output.default]
        parts: list[Column | Cell | Expression] = [*self.columns, *defaults]
        for rule in self.rules:
            parts += [*rule.cells, *rule.outputs]
        return frozenset[str]().union(*(part.names for part in parts))

    def values(self, scope: Scope) -> tuple[Value, ...]:
        """The value that each column's cells test; null where none asks for it."""
        return tuple(
            located(lambda column=column: column.value(scope), column=column.variable) if asked else None
            for column, asked in zip(self.columns, self._asked, strict=True)
        )

    def cell_scope(self, scope: Scope, values: Sequence[Value]) -> Scope:
        """The scope the cells see: the columns' values under their input variables as well."""
        if not self._aliases:
            return scope
        return scope.inner({alias: values[index] for index, alias in self._aliases})

    def demand_decidable(self) -> None:
        """Raises DmnError where nothing could ever match: no rules and no defaults, or a range that holds nothing."""
        if self._is_decidable:
            return
        if not self.rules and all(output.default is None for output in self.outputs):
            raise DmnError("the table has no rule, so it decides nothing")
        for rule in self.rules:
            for cell, column in zip(rule.cells, self.columns, strict=True):
                located(partial(refuse_empty_range, cell), rule=rule.number, column=column.variable)
        self._is_decidable = True

    def decide(self, scope: Scope) -> Outcome:
        """Raises DmnError where the hit policy is violated or a cell cannot be evaluated."""
        scope.budget.spend(len(self.rules))
        if scope.budget.exact:
            self.demand_decidable()
        values = self.values(scope)
        inner = self.cell_scope(scope, values)
        matched: list[Rule] = []
        for rule in self.rules:
            if self._matches(rule, values, inner):
                matched.append(rule)
                if self.hit_policy is HitPolicy.FIRST:
                    break
        if self.hit_policy is HitPolicy.UNIQUE and len(matched) > 1:
            raise DmnError(f"{_numbers(matched)} match together, which hit policy UNIQUE forbids")
        hits = self._by_policy([(rule, self._row(rule, inner)) for rule in matched], inner)
        if hits:
            rows = [row for _, row in hits]
            return Outcome(self, self._result(rows), tuple(hits), values, None)
        defaults = self._defaults(inner)
        if defaults is None:
            return Outcome(self, self._nothing(), (), values, None)
        # Engines agree that a default is the result itself, whatever the hit policy makes of rules.
        return Outcome(self, self._given(defaults), (), values, defaults)

    def _matches(self, rule: Rule, values: Sequence[Value], scope: Scope) -> bool:
        index, undecided, exact = 0, None, scope.budget.exact
        try:
            for index, holds in rule.tests:
                held = holds(values[index], scope)
                if exact and values[index] is None and self._is_blind_to_null(rule, index):
                    held = None
                if held is False:
                    return False
                if held is None and undecided is None:
                    undecided = index
            if undecided is None:
                return True
            index = undecided
            scope.budget.doubt(lambda: self._doubt_of(rule, index, values[index], scope))
        except DmnError as error:
            raise error.located(rule=rule.number, column=self.columns[index].variable) from None
        return False

    def _is_blind_to_null(self, rule: Rule, index: int) -> bool:
        """Whether the rule's cell compares with what is no null, and no cell of the column asks for null."""
        return not self._asked_for_null[index] and asks_for_what_is_there(rule.cells[index])

    def _doubt_of(self, rule: Rule, index: int, value: Value, scope: Scope) -> str | None:
        return doubt_of(rule.cells[index], value, [each.cells[index] for each in self.rules], scope)

    def _row(self, rule: Rule, scope: Scope) -> Row:
        return {
            output.name: located(
                lambda entry=entry: entry.evaluate(scope), column=output.name, rule=rule.number
            )
            for output, entry in zip(self.outputs, rule.outputs, strict=True)
        }

    def _defaults(self, scope: Scope) -> Row | None:
        if all(output.default is None for output in self.outputs):
            return None
        return {
            output.name: located(
                lambda entry=output.default: entry.evaluate(scope) if entry else None, column=output.name
            )
            for output in self.outputs
        }

    def _by_policy(self, hits: list[tuple[Rule, Row]], scope: Scope) -> list[tuple[Rule, Row]]:
        if self.hit_policy is HitPolicy.ANY and any(equal(row, hits[0][1]) is not True for _, row in hits):
            rules = _numbers([rule for rule, _ in hits])
            raise DmnError(f"{rules} match with different outputs, which hit policy ANY forbids")
        if self.hit_policy in _ORDERED_BY_OUTPUT:
            hits = sorted(hits, key=lambda hit: self._priority(hit[1], scope))
            scope.budget.doubt(lambda: self._doubt_of_priority(hits, scope))
        # Of ANY every rule gives the result.
        return hits[:1] if self.hit_policy in _SINGLE_HIT - {HitPolicy.ANY} else hits

    def _doubt_of_priority(self, hits: list[tuple[Rule, Row]], scope: Scope) -> str | None:
        """Why no rule comes first: outputs that are to be ranked differ, and are not; None where one does."""
        if self.hit_policy is not HitPolicy.PRIORITY or not hits:
            return None
        first = hits[0][1]
        ranking = [each.name for each in self.outputs if each.allowed] or [each.name for each in self.outputs]
        unranked = [
            rule
            for rule, row in hits
            if self._priority(row, scope) == self._priority(first, scope)
            and any(equal(row[name], first[name]) is not True for name in ranking)
        ]
        if not unranked:
            return None
        return f"{_numbers([hits[0][0], *unranked])} match with outputs that no output value ranks"

    def _priority(self, row: Row, scope: Scope) -> tuple[int, ...]:
        return tuple(_position(row[output.name], output.allowed, scope) for output in self.outputs)

    def _given(self, row: Row) -> Value:
        return row[self.outputs[0].name] if len(self.outputs) == 1 else row

    def _result(self, rows: list[Row]) -> Value:
        results = [self._given(row) for row in rows]
        if self.hit_policy in _SINGLE_HIT:
            return results[0]
        if self.hit_policy is HitPolicy.COLLECT:
            return _AGGREGATIONS[self.aggregation](results)
        return results

    def _nothing(self) -> Value:
        """The result where no rule matches and there is no default."""
        if self.hit_policy is HitPolicy.COLLECT and self.aggregation is Aggregation.LIST:
            return []
        return Decimal(0) if self.aggregation is Aggregation.COUNT else None


def _column(clause: InputClause, name: str, names: Names, problems: Problems) -> Column:
    return problems.attempt(
        partial(compile_column, clause, names),
        lambda error: Column(name, broken_expression(error), clause.variable),
        column=name,
    )


def _output(
    clause: OutputClause,
    position: int,
    names: Names,
    types: ItemTypes,
    type_ref: str | None,
    problems: Problems,
    *,
    single: bool,
) -> Output:
    name = clause.name or ("" if single else f"output {position}")
    return problems.attempt(
        lambda: Output(
            name,
            types.allowed_values(clause, type_ref, single=single),
            compile_expression(clause.default, names) if clause.default else None,
        ),
        lambda _: Output(name, (), None),
        column=name or "output",
    )


def _numbers(rules: Sequence[Rule]) -> str:
    return "rules " + ", ".join(str(rule.number) for rule in rules)


def _position(value: Value, allowed: Sequence[Holds], scope: Scope) -> int:
    for index, holds in enumerate(allowed):
        scope.budget.spend()
        if holds(value, scope) is True:
            return index
    return len(allowed)


def _sum(results: list[Value]) -> Value:
    result = total(results)
    if result is None:
        raise DmnError("SUM needs numbers in the output of every rule that matches")
    return result


def _extreme(results: list[Value], comparison: str, name: str) -> Value:
    best = results[0]
    for result in results:
        better = compared(comparison, result, best)
        if better is None:
            raise DmnError(f"{name} needs outputs that can be compared in every rule that matches")
        best = result if better else best
    return best


_AGGREGATIONS: dict[Aggregation, Callable[[list[Value]], Value]] = {
    Aggregation.LIST: lambda results: results,
    Aggregation.COUNT: lambda results: Decimal(len(results)),
    Aggregation.SUM: _sum,
    Aggregation.MIN: lambda results: _extreme(results, "<", "MIN"),
    Aggregation.MAX: lambda results: _extreme(results, ">", "MAX"),
}
