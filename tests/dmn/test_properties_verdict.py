"""A verdict passes exactly where no failing rule matches, and never without the metrics it needs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlc.dmn import DmnError, judge
from tests.dmn.reference import UnaryTest, Value
from tests.dmn.strategies import cells, few_numbers
from tests.dmn.tables import PASSES, by_expression, by_variable, decision, definitions, rule, table

METRICS = ("auc", "psi", "rate-limit", "drift")
BINDINGS = {"by variable": by_variable, "by expression": by_expression}


@dataclass(frozen=True)
class FailureRule:
    cells: tuple[UnaryTest, ...]
    passes: bool
    reason: str


@dataclass(frozen=True)
class FailureTable:
    """A table of failures over some metrics; a metric may be several columns."""

    columns: tuple[str, ...]
    rules: tuple[FailureRule, ...]

    def xml(self, policy: str, binding: str) -> bytes:
        rules = [
            rule([cell.text for cell in each.cells], [str(each.passes).lower(), f'"{each.reason}"', ""])
            for each in self.rules
        ]
        columns = [BINDINGS[binding](metric) for metric in self.columns]
        return definitions(decision(table(columns, PASSES, rules, hit_policy=policy)))

    def needed(self) -> set[str]:
        """The metrics that some cell asks for."""
        return {
            metric
            for each in self.rules
            for cell, metric in zip(each.cells, self.columns, strict=True)
            if cell.text != "-"
        }

    def matching(self, metrics: dict[str, Value]) -> list[FailureRule]:
        return [
            each
            for each in self.rules
            if all(
                cell.text == "-" or cell.holds(metrics[metric]) is True
                for cell, metric in zip(each.cells, self.columns, strict=True)
            )
        ]


@st.composite
def failure_tables(draw: st.DrawFn) -> FailureTable:
    columns = draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=3))
    rules = draw(
        st.lists(
            st.tuples(
                st.tuples(*[cells(few_numbers) for _ in columns]),
                st.sampled_from([False, False, True]),
            ),
            min_size=1,
            max_size=4,
        )
    )
    return FailureTable(
        tuple(columns),
        tuple(
            FailureRule(row, passes, f"reason {number}")
            for number, (row, passes) in enumerate(rules, start=1)
        ),
    )


RESULTS = st.fixed_dictionaries({metric: st.one_of(few_numbers, st.floats(-3, 5)) for metric in METRICS})


def decimals(result: dict[str, Decimal | float]) -> dict[str, Value]:
    return {
        name: Decimal(repr(value)) if isinstance(value, float) else value for name, value in result.items()
    }


@pytest.mark.parametrize("policy", ["COLLECT", "RULE ORDER", "FIRST"])
@pytest.mark.parametrize("binding", BINDINGS)
@settings(max_examples=40, deadline=None)
@given(failures=failure_tables(), result=RESULTS)
def test_it_passes_exactly_where_no_failing_rule_matches(
    policy: str, binding: str, failures: FailureTable, result: dict[str, Decimal | float]
) -> None:
    matching = failures.matching(decimals(result))
    if policy == "FIRST":
        matching = matching[:1]
    failing = [each for each in matching if not each.passes]
    verdict = judge(failures.xml(policy, binding), result)
    assert verdict.passed is (not failing)
    assert verdict.reasons == [each.reason for each in failing]
    assert len(verdict.matched_rules) == len(matching)
    failed_on = {
        metric
        for each in failing
        for cell, metric in zip(each.cells, failures.columns, strict=True)
        if cell.text != "-"
    }
    assert {comparison.metric for comparison in verdict.comparisons if not comparison.passed} == failed_on


@pytest.mark.parametrize("binding", BINDINGS)
@settings(max_examples=60, deadline=None)
@given(failures=failure_tables(), result=RESULTS, data=st.data())
def test_a_missing_metric_is_an_error_and_never_a_pass(
    binding: str, failures: FailureTable, result: dict[str, Decimal | float], data: st.DataObject
) -> None:
    missing = data.draw(st.sets(st.sampled_from(METRICS), min_size=1))
    present = {name: value for name, value in result.items() if name not in missing}
    lacking = failures.needed() & missing
    if lacking:
        with pytest.raises(DmnError, match='"(' + "|".join(sorted(lacking)) + ')"'):
            judge(failures.xml("COLLECT", binding), present)
    else:
        judge(failures.xml("COLLECT", binding), present)


@settings(max_examples=60, deadline=None)
@given(
    failures=failure_tables(),
    result=RESULTS,
    data=st.data(),
    useless=st.sampled_from([None, "0.8", True, float("nan"), [1], {"a": 1}, object()]),
)
def test_a_metric_of_another_kind_is_an_error_and_never_a_pass(
    failures: FailureTable, result: dict[str, Decimal | float], data: st.DataObject, useless: object
) -> None:
    needed = sorted(failures.needed())
    if not needed:
        return
    metric = data.draw(st.sampled_from(needed))
    with pytest.raises(DmnError, match=metric):
        judge(failures.xml("COLLECT", "by variable"), {**result, metric: useless})
