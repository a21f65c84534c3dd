"""Who decides, and which decision holds."""

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from mlc.errors import Conflict, InvalidInput
from mlc.policy import Policy, ReviewPolicy
from mlc.record import Decision, DecisionRequest
from tests.house import House, HouseWith
from workflows.process import Process


async def in_review(home: House, service: str, **meta: Any) -> str:
    """A process that waits for approval, with a runtime to deploy on."""
    await home.stand_ins.runtime(service, online=False)
    process = await home.deploy(await home.stand_ins.snapshot("jira", service, **meta))
    await home.until(process, "review")
    return process


async def ticket_of(home: House, process: str) -> str:
    record = await home.client.status(process)
    assert record.waiting_for
    return record.waiting_for


async def test_a_decision_by_update_is_recorded_with_who_when_and_which_comment(
    at_home: House, service: str
) -> None:
    process = await in_review(at_home, service)
    ticket = await ticket_of(at_home, process)
    answered = await at_home.decide(process, "approve", by="ann", comment="checked twice")
    record = await at_home.until(process, "deployed")

    assert record.decisions == (answered,)
    assert (answered.decision, answered.by, answered.comment, answered.via, answered.ticket) == (
        "approve",
        "ann",
        "checked twice",
        "api",
        ticket,
    )
    assert record.started_at < answered.at < (record.ended_at or record.started_at)


async def test_a_decision_by_update_is_told_on_the_ticket_which_is_closed(
    at_home: House, service: str
) -> None:
    process = await in_review(at_home, service)
    ticket = await ticket_of(at_home, process)
    await at_home.decide(process, "approve", by="ann", comment="checked twice")
    record = await at_home.until(process, "deployed")

    assert await at_home.stand_ins.status_of(ticket) == "Done"
    [comment] = await at_home.stand_ins.comments(ticket)
    assert comment.startswith("ann decided: approve.\nchecked twice")
    assert [entry.status for entry in record.tickets] == ["Done"]


async def test_the_first_decision_wins_and_a_second_is_refused_with_the_first_ones_name(
    at_home: House, service: str
) -> None:
    process = await at_home.deploy(await at_home.stand_ins.snapshot("jira", service))
    review = (await at_home.until(process, "review")).waiting_for
    await at_home.decide(process, "approve", by="ann")
    await at_home.until(process, "error")

    with pytest.raises(Conflict, match=f"{review} was already approved by ann at 20"):
        await at_home.decide(process, "reject", by="bob", ticket=review)
    record = await at_home.client.status(process)
    assert [(made.decision, made.by) for made in record.decisions] == [("approve", "ann")]


async def test_of_two_decisions_at_the_same_time_exactly_one_holds(at_home: House, service: str) -> None:
    process = await in_review(at_home, service)
    answers = await asyncio.gather(
        at_home.decide(process, "approve", by="ann"),
        at_home.decide(process, "reject", by="bob"),
        return_exceptions=True,
    )

    [held] = [answer for answer in answers if isinstance(answer, Decision)]
    [refused] = [answer for answer in answers if isinstance(answer, Conflict)]
    assert f"by {held.by} at" in str(refused)
    record = await at_home.until(process, "deployed" if held.decision == "approve" else "rejected")
    assert record.decisions == (held,)


async def test_a_decision_after_the_end_is_refused_with_the_outcome_and_the_first_ones_name(
    at_home: House, service: str
) -> None:
    process = await in_review(at_home, service)
    ticket = await ticket_of(at_home, process)
    await at_home.decide(process, "reject", by="ann")
    await at_home.client.wait(process)

    with pytest.raises(Conflict, match=f"has ended: rejected; {ticket} was already rejected by ann at 20"):
        await at_home.decide(process, "approve", by="bob")


async def test_a_decision_before_anything_is_asked_is_refused_and_approves_nothing(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.set_moc(jobDelaySeconds=1)
    await at_home.stand_ins.runtime(service, online=False)
    process = await at_home.deploy(await at_home.stand_ins.snapshot("run_test", "jira", service))
    with pytest.raises(Conflict, match="does not wait for a decision"):
        await at_home.decide(process, "approve", by="ann")
    record = await at_home.until(process, "review")
    assert record.decisions == ()


async def test_the_service_account_cannot_decide_by_update(at_home: House, service: str) -> None:
    process = await in_review(at_home, service)
    for name in ("mlc-service", "MLC-Service"):
        with pytest.raises(Conflict, match="is the service account that opens the tickets"):
            await at_home.decide(process, "approve", by=name)
    assert (await at_home.client.status(process)).decisions == ()


@pytest.mark.parametrize("mode", ["server", "cloud"])
async def test_a_transition_by_the_service_account_is_commented_and_the_process_keeps_waiting(
    at_home: House, service: str, mode: str
) -> None:
    await at_home.stand_ins.set_jira(mode=mode)
    process = await in_review(at_home, service)
    ticket = await ticket_of(at_home, process)
    await at_home.stand_ins.move(ticket, "Done", by=at_home.stand_ins.service)
    await at_home.hint(process)
    await at_home.until_said(ticket, "is the service account")
    assert (await at_home.client.status(process)).decisions == ()

    await at_home.stand_ins.move(ticket, "To Do")
    await at_home.stand_ins.move(ticket, "Done")
    await at_home.hint(process)
    record = await at_home.until(process, "deployed")
    assert [made.via for made in record.decisions] == ["jira"]


async def test_with_four_eyes_the_snapshots_author_cannot_approve_but_somebody_else_can(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(Policy(review=ReviewPolicy(four_eyes=True))) as home:
        process = await in_review(home, service)
        with pytest.raises(Conflict, match="modelop made the snapshot: another person decides"):
            await home.decide(process, "approve", by="modelop")
        await home.decide(process, "approve", by="ann")
        await home.until(process, "deployed")


async def test_without_four_eyes_the_snapshots_author_may_decide(at_home: House, service: str) -> None:
    process = await in_review(at_home, service)
    await at_home.decide(process, "approve", by="modelop")
    await at_home.until(process, "deployed")


async def test_a_status_that_closes_without_deciding_is_commented_and_the_process_keeps_waiting(
    house_with: HouseWith, systems: Any, service: str
) -> None:
    key = f"P{service[-5:].upper().translate(str.maketrans('0123456789', 'GHIJKLMNOP'))}"
    project = {
        "key": key,
        "name": key,
        "statuses": ["To Do", "Approved", "Rejected", {"name": "Archived", "category": "done"}],
    }
    (await systems.reviewer.post("/sandbox/projects", json=project)).raise_for_status()
    async with house_with(project=key) as home:
        process = await in_review(home, service)
        ticket = await ticket_of(home, process)
        await home.stand_ins.move(ticket, "Archived")
        await home.hint(process)
        await home.until_said(ticket, "Archived is neither an approval nor a rejection")
        assert (await home.client.status(process)).waiting_for == ticket

        await home.stand_ins.move(ticket, "Approved")
        await home.hint(process)
        await home.until(process, "deployed")


async def test_status_names_are_the_administrators_and_compared_without_case(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(approve_statuses=("IN PROGRESS",), reject_statuses=("done",)) as home:
        process = await in_review(home, service)
        await home.answer(await home.client.status(process), "Done")
        record = await home.until(process, "rejected")
    assert [made.decision for made in record.decisions] == ["reject"]


async def test_a_status_in_between_decides_nothing(at_home: House, service: str) -> None:
    process = await in_review(at_home, service)
    ticket = await ticket_of(at_home, process)
    await at_home.stand_ins.move(ticket, "In Progress", "I am looking at it")
    await at_home.hint(process)
    await at_home.stand_ins.move(ticket, "Done")
    await at_home.hint(process)
    record = await at_home.until(process, "deployed")
    assert len(record.decisions) == 1


async def test_of_two_moves_that_nobody_has_looked_at_yet_the_first_holds_and_the_second_is_told(
    at_home: House, service: str
) -> None:
    process = await in_review(at_home, service)
    ticket = await ticket_of(at_home, process)
    await at_home.stand_ins.move(ticket, "Rejected", "too risky")
    await at_home.stand_ins.move(ticket, "Done")
    await at_home.hint(process)
    record = await at_home.until(process, "rejected")

    assert [(made.decision, made.comment) for made in record.decisions] == [("reject", "too risky")]
    await at_home.until_said(ticket, f"This comes too late: {ticket} was already rejected by reviewer at 20")


async def test_a_move_that_was_withdrawn_before_anybody_looked_does_not_count(
    at_home: House, service: str
) -> None:
    process = await in_review(at_home, service)
    ticket = await ticket_of(at_home, process)
    for status in ("Rejected", "To Do", "Done"):
        await at_home.stand_ins.move(ticket, status)
    await at_home.hint(process)
    record = await at_home.until(process, "deployed")
    assert [made.decision for made in record.decisions] == ["approve"]


async def test_a_deleted_ticket_decides_nothing_and_is_opened_anew(at_home: House, service: str) -> None:
    process = await in_review(at_home, service)
    deleted = await ticket_of(at_home, process)
    await at_home.stand_ins.move(deleted, "Done")
    (await at_home.stand_ins.service.delete(f"/rest/api/2/issue/{deleted}")).raise_for_status()
    await at_home.hint(process)

    async def asked_anew() -> bool:
        return (await at_home.client.status(process)).waiting_for not in (None, deleted)

    await at_home.until_true(asked_anew)
    waiting = await at_home.client.status(process)
    assert waiting.decisions == ()
    await at_home.answer(waiting, "Rejected")
    record = await at_home.until(process, "rejected")
    reviews = [(entry.cycle, entry.status) for entry in record.tickets if entry.kind == "review"]
    assert reviews == [(1, "deleted"), (2, "Rejected")]
    assert [made.ticket for made in record.decisions] == [waiting.waiting_for]


async def test_a_decision_on_another_ticket_is_refused_naming_it(at_home: House, service: str) -> None:
    process = await in_review(at_home, service)
    with pytest.raises(Conflict, match="knows no ticket MLC-999999"):
        await at_home.decide(process, "approve", by="ann", ticket="MLC-999999")


async def test_a_decision_without_a_name_or_with_an_unknown_word_is_refused(
    at_home: House, service: str
) -> None:
    process = await in_review(at_home, service)
    with pytest.raises(InvalidInput, match="`by` is empty"):
        await at_home.client.decide(process, "approve", by="  ")
    with pytest.raises(InvalidInput, match="decision 'perhaps': one of approve, reject, retry, stop"):
        await at_home.decide(process, "perhaps")  # pyright: ignore[reportArgumentType] - a notebook checks no types
    nameless = DecisionRequest(decision="approve", by=" ")
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await at_home.handle(process).execute_update(Process.decide, nameless)
    assert "`by` is empty" in str(refused.value.cause)


@pytest.mark.parametrize("word", ["retry", "stop"])
async def test_a_review_is_approved_or_rejected_and_nothing_else(
    at_home: House, service: str, word: Any
) -> None:
    process = await in_review(at_home, service)
    with pytest.raises(Conflict, match="is a review: approve or reject it"):
        await at_home.decide(process, word, by="ann")


@pytest.mark.parametrize(("word", "recorded"), [("approve", "retry"), ("reject", "stop")])
async def test_an_answer_to_an_error_ticket_is_recorded_as_retry_or_stop(
    at_home: House, service: str, word: Any, recorded: str
) -> None:
    process = await at_home.deploy(await at_home.stand_ins.snapshot(service))
    await at_home.until(process, "error")
    assert (await at_home.decide(process, word, by="ann")).decision == recorded


async def test_in_a_jira_of_the_cloud_the_reviewer_is_recorded_with_the_account_id(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.set_jira(mode="cloud")
    process = await in_review(at_home, service)
    await at_home.answer(await at_home.client.status(process), "Done")
    record = await at_home.until(process, "deployed")
    myself = (await at_home.stand_ins.reviewer.get("/rest/api/2/myself")).json()
    assert [(made.by, made.by_id) for made in record.decisions] == [
        (myself["displayName"], myself["accountId"])
    ]
