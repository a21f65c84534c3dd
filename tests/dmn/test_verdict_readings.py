"""How the rows of a table are read as a verdict: what counts as a failure, and in which spellings."""

from __future__ import annotations

import pytest

from mlc.dmn import Verdict, judge
from tests.dmn.tables import COLOUR, by_variable, decision, definitions, output, rule, table

PASSES = ['name="passes"']


def judged(outputs: list[str], entries: list[str], metrics: dict[str, object] | None = None) -> Verdict:
    """The verdict of a table whose one rule matches."""
    logic = table([by_variable("x")], outputs, [rule(["-"], entries)])
    return judge(definitions(decision(logic)), metrics or {"x": 1})


def test_a_failing_default_fails_the_model_without_words_of_its_own() -> None:
    outputs = [output('name="passes"', default="false"), 'name="reason"']
    logic = table([by_variable("x")], outputs, [rule(["> 5"], ["true", ""])], hit_policy="FIRST")
    verdict = judge(definitions(decision(logic)), {"x": 1})
    assert not verdict.passed
    assert verdict.reasons == ["no rule matched, and the default output is a failure"]


@pytest.mark.parametrize("colour", ["Red", "red", "RED", " rEd "])
def test_red_fails_however_it_is_written(colour: str) -> None:
    verdict = judged(list(COLOUR), ['"drift"', f'"{colour}"'])
    assert (verdict.passed, verdict.reasons) == (False, ["drift is Red"])


@pytest.mark.parametrize("colour", ["Green", "yellow", "GRAY", " green"])
def test_the_other_colours_pass_however_they_are_written(colour: str) -> None:
    assert judged(list(COLOUR), ['"drift"', f'"{colour}"']).passed


@pytest.mark.parametrize(
    ("text", "passed"),
    [("true", True), ("True", True), (" TRUE ", True), ("false", False), ("False", False), (" FALSE", False)],
)
def test_passes_may_be_the_text_of_a_boolean_in_any_case(text: str, passed: bool) -> None:
    assert judged(PASSES, [f'"{text}"']).passed is passed


def test_a_metric_wins_over_what_is_known_of_the_model() -> None:
    xml = definitions(decision(table([by_variable("kind")], PASSES, [rule(['"mine"'], ["false"])])))
    assert not judge(xml, {"kind": "mine"}, {"kind": "the model's"}).passed
    assert judge(xml, {"kind": "another"}, {"kind": "mine"}).passed
    assert not judge(xml, {}, {"kind": "mine"}).passed
