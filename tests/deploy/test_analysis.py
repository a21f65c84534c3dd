"""The step Analysis: a failing table stops a deployment always."""

import pytest

from tests.house import House
from tests.stand_ins import TABLE

ANOTHER_METRIC = TABLE.replace('camunda:inputVariable="f1_score"', 'camunda:inputVariable="recall"')
BROKEN_TABLE = TABLE[: len(TABLE) // 2]


async def test_a_failing_decision_table_opens_a_rejection_ticket_and_nothing_is_deployed(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("run_test", service, auc=0.7)
    record = await at_home.until(await at_home.deploy(snapshot), "rejected")

    assert [(ticket.kind, ticket.step) for ticket in record.tickets] == [("rejection", "Analysis")]
    assert record.reason == "AUC is below 0.8"
    assert record.verdict is not None
    assert [rule.number for rule in record.verdict.matched_rules if rule.failing] == [1]
    assert await at_home.stand_ins.deployments_of(snapshot["id"]) == []


async def test_a_failing_decision_table_stops_before_anybody_is_asked_for_approval(
    at_home: House, service: str
) -> None:
    snapshot = await at_home.stand_ins.snapshot("run_test", "jira", service, auc=0.7, f1=0.3)
    record = await at_home.until(await at_home.deploy(snapshot), "rejected")

    assert [ticket.kind for ticket in record.tickets] == ["rejection"]
    assert record.reason == "AUC is below 0.8; F1 is below 0.5"


async def test_the_rejection_ticket_names_the_reasons_and_shows_the_failing_metrics_first(
    at_home: House, service: str
) -> None:
    snapshot = await at_home.stand_ins.snapshot("run_test", service, auc=0.95, f1=0.3)
    record = await at_home.until(await at_home.deploy(snapshot), "rejected")

    text = await at_home.stand_ins.description(record.tickets[0].key)
    assert "F1 is below 0.5" in text
    assert text.index("|f1_score|0.3|") < text.index("|auc|0.95|")
    assert "Matched rule 2" in text
    issue = await at_home.stand_ins.issue(record.tickets[0].key)
    assert [file["filename"] for file in issue["fields"]["attachment"]] == ["test_results.json"]


async def test_a_passing_decision_table_lets_the_process_go_on_and_stands_in_the_record(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("run_test", service)
    record = await at_home.until(await at_home.deploy(snapshot), "deployed")

    assert record.verdict is not None
    assert record.verdict.passed
    assert [step.name for step in record.steps] == ["Model submitted", "Testing", "Analysis", "Deployment"]


async def test_without_a_decision_table_a_test_result_is_compared_with_nothing(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("run_test", service, auc=0.1, table=None)
    record = await at_home.until(await at_home.deploy(snapshot), "deployed")

    assert (record.verdict, [step.name for step in record.steps]) == (
        None,
        ["Model submitted", "Testing", "Deployment"],
    )


async def test_without_a_test_result_the_decision_table_is_not_asked(at_home: House, service: str) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service, table=BROKEN_TABLE)
    record = await at_home.until(await at_home.deploy(snapshot), "deployed")
    assert record.verdict is None


@pytest.mark.parametrize(
    ("table", "said"),
    [(ANOTHER_METRIC, 'no metric "recall"'), (BROKEN_TABLE, "thresholds.dmn: this is no well-formed XML")],
    ids=["missing metric", "malformed DMN"],
)
async def test_a_table_that_cannot_be_evaluated_opens_an_error_ticket_and_rejected_ends_it_as_failed(
    at_home: House, service: str, table: str, said: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("run_test", service, table=table)
    process = await at_home.deploy(snapshot)
    waiting = await at_home.until(process, "error")
    assert said in await at_home.stand_ins.description(waiting.waiting_for or "")
    assert [(ticket.kind, ticket.step) for ticket in waiting.tickets] == [("error", "Analysis")]

    await at_home.answer(waiting, "Rejected")
    await at_home.until(process, "failed")
    assert await at_home.stand_ins.deployments_of(snapshot["id"]) == []


async def test_done_after_the_table_was_repaired_evaluates_it_again_without_another_job(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("run_test", service, table=BROKEN_TABLE)
    process = await at_home.deploy(snapshot)
    waiting = await at_home.until(process, "error")

    at_home.stand_ins.rewrite_asset(snapshot, "thresholds.dmn", sourceCode=TABLE)
    await at_home.answer(waiting, "Done")
    record = await at_home.until(process, "deployed")
    assert record.verdict is not None
    assert record.verdict.passed
    assert len(await at_home.stand_ins.jobs_of(snapshot["id"])) == 1


async def test_two_decision_tables_open_an_error_ticket_that_names_both(at_home: House, service: str) -> None:
    snapshot = await at_home.stand_ins.snapshot("run_test", service, second_table=ANOTHER_METRIC)
    process = await at_home.deploy(snapshot)
    waiting = await at_home.until(process, "error")
    text = await at_home.stand_ins.description(waiting.waiting_for or "")
    assert "2 decision tables (thresholds.dmn, second.dmn)" in text
