"""Hit policies agree with a slow, obvious reference."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlc.dmn import Definitions, DmnError, load
from tests.dmn.reference import HitPolicyViolated, Row, UnaryTest, Value, decide, written
from tests.dmn.strategies import cells, examples, few_numbers, unary_tests, words
from tests.dmn.tables import by_expression, by_variable, decision, definitions, output, rule, table

POLICIES = [
    *[(policy, None) for policy in ("UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER")],
    *[("COLLECT", aggregation) for aggregation in (None, "SUM", "MIN", "MAX", "COUNT")],
]
COLUMNS = {"x": few_numbers, "kind": words, "y + 1": few_numbers}
OUTPUTS: dict[str, list[Value]] = {
    "score": [Decimal(number) for number in (3, 1, 2, 0)],
    "grade": ["B", "A", "C"],
}
INPUTS = st.fixed_dictionaries({"x": few_numbers, "kind": words, "y": few_numbers})


@dataclass(frozen=True)
class Table:
    """A table as it is written, and as it is meant."""

    columns: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[tuple[tuple[UnaryTest, ...], Row], ...]
    default: Row | None

    def xml(self, policy: str, aggregation: str | None) -> bytes:
        inputs = [by_variable(each) if each.isidentifier() else by_expression(each) for each in self.columns]
        outputs = [
            output(
                f'name="{name}"',
                allowed=", ".join(map(written, OUTPUTS[name])),
                default=written(self.default[name]) if self.default else None,
            )
            for name in self.outputs
        ]
        rules = [
            rule([cell.text for cell in row_cells], [written(row[name]) for name in self.outputs])
            for row_cells, row in self.rules
        ]
        return definitions(
            decision(table(inputs, outputs, rules, hit_policy=policy, aggregation=aggregation))
        )

    def matching(self, inputs: Row) -> list[tuple[int, Row]]:
        y = inputs["y"]
        tested = {**inputs, "y + 1": y + 1 if isinstance(y, Decimal) else None}
        return [
            (number, row)
            for number, (row_cells, row) in enumerate(self.rules, start=1)
            if all(
                cell.holds(tested[column]) is True
                for cell, column in zip(row_cells, self.columns, strict=True)
            )
        ]


@st.composite
def tables(draw: st.DrawFn, names: tuple[str, ...]) -> Table:
    columns = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=3))
    row = st.fixed_dictionaries({name: st.sampled_from(OUTPUTS[name]) for name in names})
    row_cells = st.tuples(*[cells(unary_tests(COLUMNS[column])) for column in columns])
    rules = draw(st.lists(st.tuples(row_cells, row), min_size=1, max_size=5))
    return Table(tuple(columns), names, tuple(rules), draw(st.one_of(st.none(), row)))


@pytest.mark.parametrize("names", [("score",), ("score", "grade"), ("grade", "score")], ids=" ".join)
@examples(30)
@given(data=st.data())
def test_a_table_gives_what_its_hit_policy_makes_of_the_rules_that_match(
    names: tuple[str, ...], data: st.DataObject
) -> None:
    drawn = data.draw(tables(names))
    several_inputs = data.draw(st.lists(INPUTS, min_size=1, max_size=6))
    for policy, aggregation in POLICIES:
        if len(names) == 1 or aggregation in (None, "COUNT"):
            definition = load(drawn.xml(policy, aggregation))
            for inputs in several_inputs:
                check(definition, drawn, policy, aggregation, inputs)


def check(definition: Definitions, drawn: Table, policy: str, aggregation: str | None, inputs: Row) -> None:
    matching = drawn.matching(inputs)
    allowed = {name: OUTPUTS[name] for name in drawn.outputs}
    try:
        value, numbers = decide(policy, aggregation, matching, allowed, drawn.default)
    except HitPolicyViolated:
        with pytest.raises(DmnError, match=policy):
            definition.evaluate(None, inputs)
        return
    decided = definition.decide(None, inputs)
    assert (decided.value, [matched.number for matched in decided.matched]) == (value, numbers), policy
    assert definition.evaluate(None, inputs) == value
    assert all(matched.outputs == dict(matching)[matched.number] for matched in decided.matched)
