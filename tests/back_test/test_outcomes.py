"""How a back-test ends: passed, rejected with an alert, failed with an error ticket. It never waits for a person."""

from datetime import timedelta

import pytest

from mlc.errors import Conflict
from mlc.policy import Policy
from mlc.record import ProcessRecord
from tests.house import House, HouseWith
from tests.stand_ins import BROKEN_MODEL, TABLE, Json

HURRIED = Policy(poll=timedelta(milliseconds=200), step_deadline=timedelta(seconds=1))


async def a_snapshot(home: House, service: str, **model: object) -> Json:
    """A snapshot with a runtime that its jobs can run on."""
    await home.stand_ins.runtime(service, online=False)
    return await home.stand_ins.snapshot(service, **model)  # pyright: ignore[reportArgumentType]


async def error_of(home: House, process: str) -> tuple[ProcessRecord, str]:
    """The record of a process that failed, and the text of its one ticket, which is left open."""
    record = await home.until(process, "failed")
    [ticket] = record.tickets
    assert ticket.kind == "error"
    assert await home.stand_ins.status_of(ticket.key) == "To Do"
    return record, await home.stand_ins.description(ticket.key)


async def test_results_within_the_thresholds_pass_and_are_kept(at_home: House, service: str) -> None:
    snapshot = await a_snapshot(at_home, service, auc=0.93, f1=0.9)
    record = await at_home.until(await at_home.back_test(snapshot), "passed")

    assert [step.name for step in record.steps] == ["Get model", "Get data", "Testing", "Analysis"]
    assert (record.process, record.snapshot_id, record.reason) == ("back-test", snapshot["id"], None)
    assert record.verdict is not None
    assert record.verdict.passed
    assert record.tickets == ()
    assert await at_home.stand_ins.results_of(snapshot["id"]) == [{"auc": 0.93, "f1_score": 0.9}]
    [job] = await at_home.stand_ins.jobs_of(snapshot["id"])
    assert (job["jobType"], job["jobStatus"]) == ("MODEL_BATCH_TEST_JOB", "COMPLETE")


async def test_a_pass_is_told_by_a_notification_and_the_lineage(at_home: House, service: str) -> None:
    snapshot = await a_snapshot(at_home, service)
    record = await at_home.until(await at_home.back_test(snapshot), "passed")

    [note] = await at_home.stand_ins.told_of(snapshot["id"])
    assert (note["severity"], note["open"]) == ("INFO", False)
    assert note["message"] == f"back-test of {record.model_name}: passed"
    lineage = [
        body["processInstance"]
        for body in await at_home.stand_ins.all("modelMLCs")
        if body["deployableModel"]["id"] == snapshot["id"]
    ]
    assert [(one["processDefinitionName"], one["state"]) for one in lineage] == [
        ("Cron Triggered Back Test", "COMPLETED")
    ]


async def test_a_broken_threshold_raises_an_alert_ticket_with_the_failing_results_first_and_ends(
    at_home: House, service: str
) -> None:
    snapshot = await a_snapshot(at_home, service, auc=0.1)
    record = await at_home.until(await at_home.back_test(snapshot), "rejected")

    assert record.verdict is not None
    assert record.reason == "; ".join(record.verdict.reasons)
    [ticket] = record.tickets
    assert (ticket.kind, ticket.step) == ("alert", "Analysis")
    text = await at_home.stand_ins.description(ticket.key)
    assert record.verdict.reasons[0] in text
    assert text.index("*fail*") < text.index("{color}pass" if "{color}pass" in text else "pass")
    assert "Nobody waits for an answer" in text
    issue = (await at_home.stand_ins.issue(ticket.key))["fields"]
    assert "alert" in issue["labels"]
    assert [file["filename"] for file in issue["attachment"]] == ["test_results.json"]
    assert issue["status"]["name"] == "To Do"


async def test_without_a_decision_table_the_result_is_stored_and_the_record_says_that_nothing_was_compared(
    at_home: House, service: str
) -> None:
    snapshot = await a_snapshot(at_home, service, table=None, auc=0.1)
    record = await at_home.until(await at_home.back_test(snapshot), "passed")

    assert record.verdict is None
    assert "nothing was compared" in (record.reason or "")
    assert await at_home.stand_ins.results_of(snapshot["id"]) == [{"auc": 0.1, "f1_score": 0.9}]


async def test_an_unknown_snapshot_opens_an_error_ticket_and_the_process_ends(at_home: House) -> None:
    record, text = await error_of(at_home, await at_home.back_test("no-such-snapshot"))
    assert record.reason is not None
    assert record.reason.startswith("Get model: snapshot no-such-snapshot does not exist")
    assert "check the id" in text


async def test_no_data_opens_an_error_ticket(at_home: House, service: str) -> None:
    snapshot = await a_snapshot(at_home, service, test_data=False)
    record, text = await error_of(at_home, await at_home.back_test(snapshot))
    assert "TEST_DATA" in text
    assert record.jobs == ()


async def test_a_failed_job_opens_an_error_ticket_with_its_messages_and_is_not_tried_again(
    at_home: House, service: str
) -> None:
    snapshot = await a_snapshot(at_home, service, code=BROKEN_MODEL)
    record, text = await error_of(at_home, await at_home.back_test(snapshot))
    assert "the model is broken on purpose" in text
    assert [(job.status, job.attempt) for job in record.jobs] == [("ERROR", 1)]
    [note] = [
        n for n in await at_home.stand_ins.told_of(snapshot["id"]) if n["notificationType"] == "PROCESS"
    ]
    assert note["severity"] == "ERROR"


async def test_an_output_that_is_no_object_opens_an_error_ticket(at_home: House, service: str) -> None:
    code = "# modelop.metrics\ndef metrics(data):\n    yield {'auc': float('nan')}\n"
    snapshot = await a_snapshot(at_home, service, code=code)
    _, text = await error_of(at_home, await at_home.back_test(snapshot))
    assert "auc" in text


@pytest.mark.parametrize(
    ("tables", "what"),
    [({"table": "<definitions"}, "decision table"), ({"second_table": TABLE}, "keep one")],
)
async def test_a_table_that_cannot_be_evaluated_opens_an_error_ticket_and_never_passes(
    at_home: House, service: str, tables: dict[str, str], what: str
) -> None:
    snapshot = await a_snapshot(at_home, service, **tables)
    record, text = await error_of(at_home, await at_home.back_test(snapshot))
    assert what in text
    assert record.test_result is not None


async def test_no_compatible_runtime_opens_an_error_ticket(at_home: House, service: str) -> None:
    await at_home.stand_ins.runtime(service, online=False, state="INIT")
    snapshot = await at_home.stand_ins.snapshot(service)
    _, text = await error_of(at_home, await at_home.back_test(snapshot))
    assert f"no runtime with the tag {service} is running" in text


async def test_it_waits_for_nobody_so_a_decision_on_its_ticket_comes_too_late(
    at_home: House, service: str
) -> None:
    process = await at_home.back_test(await a_snapshot(at_home, service, auc=0.1))
    await at_home.until(process, "rejected")
    with pytest.raises(Conflict, match="has ended: rejected"):
        await at_home.decide(process, "approve")


async def test_a_modelop_center_that_is_down_past_the_deadline_fails_the_back_test_with_a_ticket(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(HURRIED) as home:
        snapshot = await a_snapshot(home, service)
        await home.stand_ins.break_moc("*", "/model-manage")
        process = await home.back_test(snapshot)
        record, text = await error_of(home, process)
    assert "ModelOp Center" in text
    assert record.reason is not None


async def test_a_jira_that_is_down_is_tried_without_end_and_the_process_says_so(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.break_jira("POST", "/rest/api/2/issue")
    process = await at_home.back_test(await a_snapshot(at_home, service, auc=0.1))

    async def troubled() -> bool:
        return any(trouble.what == "open_ticket" for trouble in await at_home.client.troubles(process))

    await at_home.until_true(troubled)
    await at_home.stand_ins.mend()
    record = await at_home.until(process, "rejected")
    assert len(await at_home.stand_ins.tickets_of(process)) == len(record.tickets) == 1


async def test_two_back_tests_of_one_snapshot_are_two_processes(at_home: House, service: str) -> None:
    snapshot = await a_snapshot(at_home, service)
    first, second = await at_home.back_test(snapshot), await at_home.back_test(snapshot)
    assert first != second
    assert first.startswith(f"mlc-back-test-{snapshot['id']}-")
    for process in (first, second):
        await at_home.until(process, "passed")
    assert len(await at_home.stand_ins.results_of(snapshot["id"])) == 2
