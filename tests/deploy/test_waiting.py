"""Waiting for people: what it costs, who is reminded, and that nothing is ever approved by time."""

import asyncio
from datetime import timedelta
from typing import Any, Literal

import pytest
from temporalio.api.enums.v1 import EventType

from mlc.policy import Policy, ReviewPolicy
from mlc.record import DecisionRequest
from tests.house import House, HouseWith
from workflows.process import Process

EVENTS_OF_A_REMINDER = 12
EVENTS_OF_A_WHOLE_PROCESS = 80

MONTH = Policy(
    poll=timedelta(milliseconds=200),
    step_deadline=timedelta(seconds=20),
    review=ReviewPolicy(
        deadline=timedelta(days=20), grace=timedelta(days=10), escalate_to=("reviewer", "nobody-of-this-name")
    ),
)


async def in_review(home: House, service: str) -> tuple[str, str]:
    """A process that waits for approval, and its ticket."""
    await home.stand_ins.runtime(service, online=False)
    process = await home.deploy(await home.stand_ins.snapshot("jira", service))
    record = await home.until(process, "review")
    return process, record.waiting_for or ""


async def watchers(home: House, ticket: str) -> list[str]:
    answer = await home.stand_ins.service.get(f"/rest/api/2/issue/{ticket}/watchers")
    return [who["name"] for who in answer.raise_for_status().json()["watchers"]]


async def test_reminders_come_at_half_and_at_the_whole_of_the_deadline_then_the_process_expires(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(MONTH) as home:
        process, ticket = await in_review(home, service)
        await home.pass_time(process, timedelta(days=10, hours=1))
        await home.until_said(ticket, "Half of the time")
        assert "reviewer" not in await watchers(home, ticket)

        await home.pass_time(process, timedelta(days=10))
        await home.until_said(ticket, "nothing is ever approved by time")

        async def escalated() -> bool:
            return "reviewer" in await watchers(home, ticket)

        await home.until_true(escalated)

        await home.pass_time(process, timedelta(days=10))
        record = await home.until(process, "expired")
        assert (record.deployments, record.decisions) == ((), ())
        assert [entry.status for entry in record.tickets] == ["Rejected"]
        assert any("ended as expired" in text for text in await home.stand_ins.comments(ticket))


async def test_a_person_who_cannot_be_added_as_a_watcher_is_named_on_the_ticket(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(MONTH) as home:
        process, ticket = await in_review(home, service)
        await home.pass_time(process, timedelta(days=20, hours=1))
        await home.until_said(ticket, "nobody-of-this-name could not be added as a watcher")
        comments = await home.stand_ins.comments(ticket)
        assert any("nothing is ever approved by time" in text for text in comments)


async def test_thirty_days_of_waiting_add_reminders_to_the_history_and_nothing_else(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(MONTH) as home:
        process, ticket = await in_review(home, service)
        waiting = await _own_events(home, process)
        await home.pass_time(process, timedelta(days=9))
        assert await _own_events(home, process) == waiting

        await home.pass_time(process, timedelta(days=2))
        await home.until_said(ticket, "Half of the time")
        reminded = await _settled_events(home, process)
        assert reminded - waiting <= EVENTS_OF_A_REMINDER
        await home.pass_time(process, timedelta(days=10))
        await home.until_said(ticket, "nothing is ever approved by time")
        escalated = await _settled_events(home, process)
        assert escalated - reminded <= EVENTS_OF_A_REMINDER
        await home.pass_time(process, timedelta(days=8))
        assert await _own_events(home, process) == escalated


async def _own_events(home: House, process: str) -> int:
    """The events of the process, without those that passing time in a test leaves."""
    of_the_test = {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
    }
    history = await home.handle(process).fetch_history()
    return sum(1 for event in history.events if event.event_type not in of_the_test)


async def _settled_events(home: House, process: str) -> int:
    """Their number once the process has gone back to waiting after a reminder: its next timer is the last event."""

    async def waits_again() -> bool:
        events = (await home.handle(process).fetch_history()).events
        own = [event for event in events if "TIME_SKIPPING" not in EventType.Name(event.event_type)]
        return own[-1].event_type == EventType.EVENT_TYPE_TIMER_STARTED

    await home.until_true(waits_again)
    return await _own_events(home, process)


async def test_a_decision_after_both_reminders_still_holds(house_with: HouseWith, service: str) -> None:
    async with house_with(MONTH) as home:
        process, ticket = await in_review(home, service)
        await home.pass_time(process, timedelta(days=21))
        await home.until_said(ticket, "nothing is ever approved by time")
        await home.answer(await home.client.status(process), "Done")
        await home.until(process, "deployed")


async def test_a_ticket_that_was_deleted_is_missed_at_the_reminder_and_opened_anew(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(MONTH) as home:
        process, deleted = await in_review(home, service)
        (await home.stand_ins.service.delete(f"/rest/api/2/issue/{deleted}")).raise_for_status()
        await home.pass_time(process, timedelta(days=10, hours=1))

        async def asked_anew() -> bool:
            return (await home.client.status(process)).waiting_for not in (None, deleted)

        await home.until_true(asked_anew)
        await home.answer(await home.client.status(process), "Done")
        record = await home.until(process, "deployed")
    assert [(entry.cycle, entry.status) for entry in record.tickets] == [(1, "deleted"), (2, "Done")]


async def test_an_error_ticket_waits_without_end_and_without_cost(at_home: House, service: str) -> None:
    process = await at_home.deploy(await at_home.stand_ins.snapshot(service))
    await at_home.until(process, "error")
    before = await at_home.events(process)
    await at_home.pass_time(process, timedelta(days=30))
    assert await at_home.events(process) - before <= 2  # what the fast-forward itself leaves
    await at_home.decide(process, "stop")
    await at_home.until(process, "failed")


@pytest.mark.parametrize(
    ("tags", "via"),
    [(("train", "run_test", "jira"), "jira"), (("train", "run_test", "jira"), "api")],
    ids=["approved in Jira", "approved by update"],
)
async def test_the_whole_path_fits_the_budget_of_events(
    at_home: House, service: str, tags: tuple[str, ...], via: Literal["jira", "api"]
) -> None:
    await at_home.stand_ins.runtime(service)
    snapshot = await at_home.stand_ins.snapshot(*tags, service, training_data=True)
    process = await at_home.deploy(snapshot)

    async def asked() -> bool:  # of Jira, because a question to the process can cost it a task
        return len(await at_home.stand_ins.tickets_of(process)) == 1

    await at_home.until_true(asked)
    await asyncio.sleep(0.3)
    request = DecisionRequest(decision="approve", by="ann", via=via)
    await at_home.handle(process).execute_update(Process.decide, request)
    assert (await at_home.client.wait(process)).outcome == "deployed"
    assert await at_home.events(process) <= EVENTS_OF_A_WHOLE_PROCESS


async def test_waiting_for_a_long_job_costs_no_more_events_than_for_a_short_one(
    house_with: HouseWith, systems: Any, service: str
) -> None:
    async with house_with(Policy(poll=timedelta(milliseconds=50))) as home:
        await home.stand_ins.runtime(service, online=False)
        counts: list[int] = []
        for delay in (0, 1):
            await systems.set_moc(jobDelaySeconds=delay)
            process = await home.deploy(await home.stand_ins.snapshot("run_test", service))
            await home.until(process, "deployed")
            counts.append(await home.events(process))
    assert abs(counts[0] - counts[1]) <= 3
