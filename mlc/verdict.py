"""What a model's decision table said of its test result, with the evidence for it."""

from __future__ import annotations

from pydantic import JsonValue

from mlc.contract import Contract

# The step in which a process asks the table.
JUDGING_STEP = "Analysis"


class VerdictCondition(Contract):
    """What a rule demanded: the metric (or expression), the entry's text and the value that met it."""

    metric: str
    entry: str
    value: JsonValue


class VerdictRule(Contract):
    """A rule that fired. number: 1-based, in the table's order. failing: whether it fails the model."""

    number: int
    id: str | None
    description: str | None
    failing: bool
    conditions: list[VerdictCondition]
    outputs: dict[str, JsonValue]


class Comparison(Contract):
    """One metric against the table. passed: no failing rule matched on it.

    threshold: the entries that failing rules matched on or, where none did, every entry of the column.
    """

    metric: str
    value: JsonValue
    threshold: str
    passed: bool


class Verdict(Contract):
    """A table's judgement of a test result. reasons: one for each failing rule. comparisons: failures first."""

    passed: bool
    reasons: list[str]
    matched_rules: list[VerdictRule]
    comparisons: list[Comparison]
