"""How a ticket reads: what comes from users is shown, never interpreted."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from activities.jira import wording
from mlc.dmn.verdict import Comparison, Verdict
from mlc.record import ProcessRecord
from mlc.record import TestResult as Result
from mlc.settings import LinkSettings
from mlc.tickets import TicketOrder

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
