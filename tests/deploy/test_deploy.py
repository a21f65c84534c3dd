"""The deploy process from end to end, and its first step."""

import pytest

from mlc.errors import Conflict
from tests.house import House


async def test_a_model_that_passes_its_test_and_is_approved_in_jira_is_deployed(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, name=f"online-{service}")
    process = await at_home.deploy(await at_home.stand_ins.snapshot("run_test", "jira", service))

    waiting = await at_home.until(process, "review")
    await at_home.answer(waiting, "Done", "looks right")
    record = await at_home.until(process, "deployed")

    assert [step.name for step in record.steps] == [
        "Model submitted",
        "Testing",
        "Analysis",
        "Approval",
        "Deployment",
    ]
    assert [(made.by, made.decision, made.comment, made.via) for made in record.decisions] == [
        ("reviewer", "approve", "looks right", "jira")
    ]
    assert [(made.runtime, made.type) for made in record.deployments] == [(f"online-{service}", "ONLINE")]


async def test_without_the_tags_for_test_and_review_a_snapshot_goes_straight_to_deployment(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service)
    record = await at_home.until(await at_home.deploy(snapshot), "deployed")

    assert [step.name for step in record.steps] == ["Model submitted", "Deployment"]
    assert (record.tickets, record.jobs, record.test_result, record.verdict) == ((), (), None, None)
    assert await at_home.stand_ins.jobs_of(snapshot["id"]) == []


async def test_an_unknown_snapshot_opens_an_error_ticket_that_names_it(at_home: House, service: str) -> None:
    process = await at_home.deploy(f"no-such-{service}")
    waiting = await at_home.until(process, "error")

    text = await at_home.stand_ins.description(waiting.waiting_for or "")
    assert f"snapshot no-such-{service} does not exist in ModelOp Center" in text

    await at_home.answer(waiting, "Rejected")
    record = await at_home.until(process, "failed")
    assert f"no-such-{service}" in (record.reason or "")
    assert [(made.decision, made.by) for made in record.decisions] == [("stop", "reviewer")]


async def test_done_on_the_error_ticket_of_an_unknown_snapshot_looks_for_it_again(
    at_home: House, service: str
) -> None:
    process = await at_home.deploy(f"late-{service}")
    first = await at_home.until(process, "error")
    await at_home.answer(first, "Done")

    async def asked_again() -> bool:
        record = await at_home.client.status(process)
        return record.waiting_for not in (None, first.waiting_for)

    await at_home.until_true(asked_again)
    again = await at_home.client.status(process)
    assert [(ticket.kind, ticket.step, ticket.cycle) for ticket in again.tickets] == [
        ("error", "Model submitted", 1),
        ("error", "Model submitted", 2),
    ]
    assert [made.decision for made in again.decisions] == ["retry"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("m" * 3000, "m" * 199 + "…"),
        ("é" * 3000, "é" * 199 + "…"),
        ("red\x1b[31m\nmodel", "red [31m model"),
    ],
    ids=["3,000 characters", "3,000 characters of two bytes", "control characters"],
)
async def test_whatever_a_model_is_called_its_process_comes_to_its_end_and_is_listed(
    at_home: House, service: str, name: str, shown: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    stored = await at_home.stand_ins.create(
        "storedModels", {"modelMetaData": {"name": name, "tags": []}, "modelAssets": []}
    )
    process = await at_home.deploy(await at_home.stand_ins.snapshot_of(stored, "jira", service))
    await at_home.answer(await at_home.until(process, "review"), "Done")
    record = await at_home.until(process, "deployed")
    assert record.model_name == shown

    async def listed() -> bool:
        rows = await at_home.client.list(snapshot=record.snapshot_id, state="completed")
        return [row.workflow_id for row in rows] == [process]

    await at_home.until_true(listed)
    [row] = await at_home.client.list(snapshot=record.snapshot_id)
    assert row.model_name is not None
    assert len(row.model_name.encode()) <= 255
    assert shown.startswith(row.model_name)


async def test_a_process_that_was_terminated_has_no_record_and_says_how_it_ended(
    at_home: House, service: str
) -> None:
    process = await at_home.deploy(await at_home.stand_ins.snapshot("jira", service))
    await at_home.until(process, "review")
    await at_home.handle(process).terminate("by an operator")
    for asked in (at_home.client.status, at_home.client.wait):
        with pytest.raises(Conflict, match=f"{process} was stopped from outside"):
            await asked(process)
