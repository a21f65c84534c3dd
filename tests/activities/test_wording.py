"""How a ticket reads: what comes from users is shown, never interpreted."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import JsonValue

from activities.jira import wording
from mlc.record import ProcessRecord
from mlc.record import TestResult as Result
from mlc.settings import LinkSettings
from mlc.tickets import TicketOrder
from mlc.verdict import Comparison, Verdict, VerdictCondition, VerdictRule

STATUSES = {"go": "Done", "end": "Rejected"}
NOWHERE = LinkSettings()


def order(**more: Any) -> TicketOrder:
    record = ProcessRecord(
        process="deploy",
        workflow_id="mlc-deploy-1",
        run_id="r",
        snapshot_id="1",
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        test_result=more.pop("test_result", None),
        verdict=more.pop("verdict", None),
    )
    return TicketOrder.model_validate(
        {
            "key": "k",
            "kind": "review",
            "step": "Approval",
            "cycle": 1,
            "workflow_id": "mlc-deploy-1",
            "run_id": "r",
            "namespace": "default",
            "summary": "Approve?",
            "lead": "A lead",
            "record": record,
            **more,
        }
    )


@pytest.mark.parametrize("mark", ["{", "}", "[", "]", "*", "_", "|", "\\"])
def test_each_character_of_markup_is_escaped(mark: str) -> None:
    assert wording.escaped(f"a{mark}b") == f"a\\{mark}b"


def test_a_value_stays_on_one_line_and_is_shortened() -> None:
    assert wording.escaped("a\nh1. b\r\n* c") == "a h1. b \\* c"
    assert len(wording.escaped("x" * 10_000)) == wording.VALUE_LENGTH


def test_a_model_that_calls_itself_markup_shows_as_it_is_called() -> None:
    text = wording.description(
        order(facts=(("Model", "{color:red}|*evil*|[x|http://x]"),)), NOWHERE, STATUSES
    )
    assert r"||Model|\{color:red\}\|\*evil\*\|\[x\|http://x\]|" in text


def test_messages_of_a_job_cannot_break_out_of_their_box() -> None:
    text = wording.description(order(messages=("{noformat}", "h1. Approved")), NOWHERE, STATUSES)
    assert text.count("{noformat}") == 2


def test_a_summary_is_one_line_of_at_most_255_characters() -> None:
    shown = wording.summary(order(summary="a\nb " + "x" * 500))
    assert (len(shown), shown[:4], shown[-1]) == (255, "a b ", "…")


def test_a_description_stays_under_jiras_limit() -> None:
    huge = tuple((f"name {n}", "x" * 400) for n in range(200))
    assert len(wording.description(order(facts=huge), NOWHERE, STATUSES)) < 32_767


def test_the_statuses_are_named_as_the_installation_calls_them() -> None:
    choices = (("go", "it goes on"), ("end", "it ends"))
    text = wording.description(order(choices=choices), NOWHERE, {"go": "Genehmigt", "end": "Abgelehnt"})
    assert "Move to *Genehmigt*: it goes on" in text
    assert "Move to *Abgelehnt*: it ends" in text


def test_a_ticket_that_nobody_waits_for_says_so() -> None:
    assert "Nobody waits for an answer" in wording.description(order(), NOWHERE, STATUSES)


@pytest.mark.parametrize(
    ("choices", "does"),
    [
        pytest.param(
            (("go", "again"), ("end", "it ends")),
            "mend the model or its table, move this ticket to *Rejected* and take a new snapshot.",
            id="somebody is waited for",
        ),
        pytest.param((), "mend the model or its table and take a new snapshot.", id="nobody is waited for"),
    ],
)
def test_a_ticket_about_a_table_that_cannot_judge_says_what_helps(choices: Any, does: str) -> None:
    text = wording.description(order(kind="error", step="Analysis", choices=choices), NOWHERE, STATUSES)
    assert f"another try meets the same, as a snapshot stays as it is: {does}" in text
    other = wording.description(order(kind="error", step="Testing", choices=choices), NOWHERE, STATUSES)
    assert "snapshot stays as it is" not in other


def test_results_that_no_table_judged_are_told_as_such() -> None:
    result = Result(id="t", digest="d", metrics={"auc": 0.9})
    text = wording.description(order(test_result=result), NOWHERE, STATUSES)
    assert "h3. Evidence\nNo decision table judged these results.\n" in text
    assert "|auc|0.9|" in text
    assert "No decision table" not in wording.description(order(), NOWHERE, STATUSES)


def test_the_failing_metrics_come_first_and_those_the_table_does_not_name_last() -> None:
    compared = [
        Comparison(metric="good", value=0.9, threshold="< 0.8", passed=True),
        Comparison(metric="bad", value=0.1, threshold="< 0.5", passed=False),
    ]
    verdict = Verdict(passed=False, reasons=["bad is low"], matched_rules=[], comparisons=compared)
    result = Result(id="t", digest="d", metrics={"good": 0.9, "other": 7, "bad": 0.1})
    text = wording.description(order(test_result=result, verdict=verdict), NOWHERE, STATUSES)
    assert text.index("|bad|0.1|") < text.index("|good|0.9|") < text.index("|other|7|")
    assert text.count("|bad|") == 1


def matched(**more: Any) -> VerdictRule:
    rule = {"number": 3, "id": None, "description": None, "failing": True, "outputs": {"passes": False}}
    return VerdictRule.model_validate({**rule, **more})


def lines(*rules: VerdictRule, comparisons: tuple[Comparison, ...] = (), **metrics: Any) -> list[str]:
    """The ticket of a failed table, line by line."""
    verdict = Verdict(passed=False, reasons=[], matched_rules=list(rules), comparisons=list(comparisons))
    result = Result(id="t", digest="d", metrics=metrics)
    return wording.description(order(test_result=result, verdict=verdict), NOWHERE, STATUSES).splitlines()


def test_a_matched_rule_is_told_with_what_it_asked_for_met_and_says() -> None:
    rule = matched(
        description="a leak",
        conditions=[
            VerdictCondition(metric="auc", entry="> 0.99", value=0.995),
            VerdictCondition(metric="kind", entry='"a","b"', value="a"),
        ],
        outputs={"passes": False, "reason": "too good", "score": 1},
    )
    assert (
        '* Matched rule 3: auc > 0.99 (was 0.995); kind "a","b" (was a) → passes false, reason too good, score 1 (a leak)'
        in lines(rule)
    )


def test_a_condition_of_its_own_is_told_with_each_of_its_metrics_which_are_no_others_then() -> None:
    rate: dict[str, JsonValue] = {"rate": 0.1, "limit": 0.2}
    condition = VerdictCondition(metric="rate, limit", entry="rate < limit", value=rate)
    compared = Comparison(metric="rate, limit", value=rate, threshold="rate < limit", passed=False)
    text = lines(matched(conditions=[condition]), comparisons=(compared,), **rate, other=True)
    assert "* Matched rule 3: rate < limit (rate was 0.1, limit was 0.2) → passes false" in text
    assert "|rate, limit|rate 0.1, limit 0.2|rate < limit|{color:red}*fail*{color}|" in text
    others = text[text.index("h4. Other metrics") + 2 :]
    assert [line for line in others if line.startswith("|")] == ["|other|true|"]


def test_a_rule_without_conditions_always_matches() -> None:
    assert "* Matched rule 3: always → passes false" in lines(matched(conditions=[]))


def test_a_rule_of_many_conditions_is_told_whole() -> None:
    conditions = [VerdictCondition(metric=f"metric {n}", entry="< 0.5", value=0.25) for n in range(60)]
    [told] = [line for line in lines(matched(conditions=conditions)) if "Matched rule" in line]
    assert told.count("< 0.5 (was 0.25)") == 60
    assert told.endswith("→ passes false")


def test_of_very_many_matched_rules_those_that_fail_the_model_are_told() -> None:
    passing = [matched(number=number, failing=False, conditions=[]) for number in range(1, 60)]
    told = [line for line in lines(*passing, matched(number=60, conditions=[])) if line.startswith("* ")]
    assert told[0].startswith("* Matched rule 60: ")
    assert len(told) == wording.RULES_SHOWN + 1
    assert told[-1] == "* … and 20 more, which the record of the process holds"


def test_the_attached_file_holds_the_test_result_and_the_verdict() -> None:
    result = Result(id="t", digest="d", metrics={"auc": 0.9})
    content = wording.test_results_file(order(test_result=result).record)
    assert content is not None
    assert json.loads(content) == {
        "testResult": {"id": "t", "digest": "d", "metrics": {"auc": 0.9}},
        "verdict": None,
    }
    assert wording.test_results_file(order().record) is None


def test_links_are_left_out_where_no_address_is_set() -> None:
    assert "Where to look" not in wording.description(order(), NOWHERE, STATUSES)
    links = LinkSettings(temporal_ui="http://ui/", modelop="http://moc/")
    text = wording.description(order(), links, STATUSES)
    assert "[Process in Temporal|http://ui/namespaces/default/workflows/mlc-deploy-1]" in text
    assert "[ModelOp Center|http://moc]" in text


def test_a_snapshot_s_id_stays_one_part_of_the_link_whatever_is_in_it() -> None:
    links = LinkSettings(temporal_ui="http://ui")
    strange = order(workflow_id="mlc-deploy-a/../b?x#y|z]%2f", namespace="our team")
    assert wording.process_url(strange, links) == (
        "http://ui/namespaces/our%20team/workflows/mlc-deploy-a%2F..%2Fb%3Fx%23y%7Cz%5D%252f"
    )
