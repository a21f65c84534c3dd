"""A verdict passes exactly where no failing rule matches, and never without the metrics it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlc.dmn import DmnError, Verdict
from mlc.dmn import judge as judged
from tests.dmn.reference import UnaryTest, Value
from tests.dmn.strategies import cells, examples, few_numbers, unary_tests
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

    def asked_by(self, rule: FailureRule) -> set[str]:
        """The metrics that the rule's cells ask for."""
        return {metric for cell, metric in zip(rule.cells, self.columns, strict=True) if cell.text != "-"}

    def needed(self) -> set[str]:
        return {metric for each in self.rules for metric in self.asked_by(each)}

    def matching(self, metrics: dict[str, Value]) -> list[FailureRule]:
        return [
            each
            for each in self.rules
            if all(
                cell.holds(metrics[metric]) is True
                for cell, metric in zip(each.cells, self.columns, strict=True)
            )
        ]


def judge(xml: bytes, metrics: Mapping[str, object]) -> Verdict:
    """A range that holds nothing is refused, whatever the metrics are."""
    try:
        return judged(xml, metrics)
    except DmnError as error:
        assume("no value lies in" not in str(error))
        raise


@st.composite
def failure_tables(draw: st.DrawFn) -> FailureTable:
    columns = draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=3))
    rules = draw(
        st.lists(
            st.tuples(
                st.tuples(*[cells(unary_tests(few_numbers)) for _ in columns]),
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


@examples(50)
@given(failures=failure_tables(), result=RESULTS)
def test_it_passes_exactly_where_no_failing_rule_matches(
    failures: FailureTable, result: dict[str, Decimal | float]
) -> None:
    every_match = failures.matching(decimals(result))
    for policy, binding in product(("COLLECT", "RULE ORDER", "FIRST"), BINDINGS):
        matching = every_match[:1] if policy == "FIRST" else every_match
        failing = [each for each in matching if not each.passes]
        verdict = judge(failures.xml(policy, binding), result)
        assert verdict.passed is (not failing)
        assert verdict.reasons == [each.reason for each in failing]
        assert len(verdict.matched_rules) == len(matching)
        failed_on = {metric for each in failing for metric in failures.asked_by(each)}
        assert {each.metric for each in verdict.comparisons if not each.passed} == failed_on


@examples(60)
@given(failures=failure_tables(), result=RESULTS, missing=st.sets(st.sampled_from(METRICS), min_size=1))
def test_a_missing_metric_is_an_error_and_never_a_pass(
    failures: FailureTable, result: dict[str, Decimal | float], missing: set[str]
) -> None:
    present = {name: value for name, value in result.items() if name not in missing}
    lacking = failures.needed() & missing
    for binding in BINDINGS:
        if lacking:
            with pytest.raises(DmnError, match='"(' + "|".join(sorted(lacking)) + ')"'):
                judge(failures.xml("COLLECT", binding), present)
        else:
            judge(failures.xml("COLLECT", binding), present)


@examples(60)
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
    assume(needed)
    metric = data.draw(st.sampled_from(needed))
    with pytest.raises(DmnError, match=metric):
        judge(failures.xml("COLLECT", "by variable"), {**result, metric: useless})
