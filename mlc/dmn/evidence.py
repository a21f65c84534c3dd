"""What the rules of an outcome demanded and met."""

from __future__ import annotations

from mlc.dmn.cells import Cell
from mlc.dmn.scope import Scope
from mlc.dmn.table import Condition, MatchedRule, Outcome, Row, Rule
from mlc.dmn.values import Value


def matched_rule(outcome: Outcome, rule: Rule, row: Row, scope: Scope) -> MatchedRule:
    """A rule that the outcome of the table comes from, with the values its cells met."""
    conditions = tuple(
        condition_of(column.variable, cell, value, scope)
        for column, cell, value in zip(outcome.table.columns, rule.cells, outcome.values, strict=True)
        if cell.holds is not None
    )
    return MatchedRule(rule.number, rule.id, rule.description, conditions, row)


def condition_of(column: str, cell: Cell, value: Value, scope: Scope) -> Condition:
    """What the cell demanded and met; a condition of its own speaks of its variables, not of its column."""
    if cell.condition is None or not cell.condition.names:
        return Condition(column, cell.text, value)
    # What a condition did not come to may have no value.
    seen: dict[str, Value] = {name: scope.lookup(name) for name in cell.condition.names if name in scope}
    value = next(iter(seen.values())) if len(cell.condition.names) == len(seen) == 1 else seen
    return Condition(", ".join(cell.condition.names), cell.text, value)
