"""Cancelling a process: it winds up, and says so."""

from datetime import timedelta

import pytest

from mlc.errors import Conflict
from mlc.policy import Policy
from tests.house import House, HouseWith

SELDOM = Policy(poll=timedelta(minutes=10))
IMPATIENT = Policy(
    poll=timedelta(milliseconds=200), step_deadline=timedelta(seconds=20), job_deadline=timedelta(seconds=2)
)
HURRIED = Policy(poll=timedelta(milliseconds=200), step_deadline=timedelta(seconds=2))


async def test_cancelling_a_review_comments_on_its_ticket_closes_it_and_ends_as_cancelled(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("jira", service)
    process = await at_home.deploy(snapshot)
    ticket = (await at_home.until(process, "review")).waiting_for or ""

    await at_home.client.cancel(process)
    record = await at_home.until(process, "cancelled")
    assert [(entry.key, entry.status) for entry in record.tickets] == [(ticket, "Rejected")]
    assert await at_home.stand_ins.status_of(ticket) == "Rejected"
    [comment] = await at_home.stand_ins.comments(ticket)
    assert "The process was cancelled" in comment
    assert record.decisions == ()
    assert await at_home.stand_ins.deployments_of(snapshot["id"]) == []


async def test_cancelling_while_an_error_ticket_is_open_closes_it(at_home: House, service: str) -> None:
    process = await at_home.deploy(await at_home.stand_ins.snapshot(service))
    ticket = (await at_home.until(process, "error")).waiting_for or ""
    await at_home.client.cancel(process)
    await at_home.until(process, "cancelled")
    assert await at_home.stand_ins.status_of(ticket) == "Rejected"


async def test_a_ticket_that_the_project_cannot_close_is_commented_and_stays(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(cancel_statuses=("Cancelled",)) as home:
        process = await home.deploy(await home.stand_ins.snapshot("jira", service))
        ticket = (await home.until(process, "review")).waiting_for or ""
        await home.client.cancel(process)
        await home.until(process, "cancelled")
        assert await home.stand_ins.status_of(ticket) == "To Do"
        assert "The process was cancelled" in (await home.stand_ins.comments(ticket))[0]


async def test_cancelling_during_a_job_cancels_the_job(at_home: House, service: str) -> None:
    await at_home.stand_ins.set_moc(jobDelaySeconds=30)
    snapshot = await at_home.stand_ins.snapshot("run_test", service)
    process = await at_home.deploy(snapshot)

    async def waits_for_job() -> bool:
        record = await at_home.client.status(process)
        return bool(record.jobs) and record.waiting_for == record.jobs[0].id

    await at_home.until_true(waits_for_job)
    await at_home.client.cancel(process)
    record = await at_home.until(process, "cancelled")
    assert [job.status for job in record.jobs] == ["CANCELLED"]
    assert [job["jobStatus"] for job in await at_home.stand_ins.jobs_of(snapshot["id"])] == ["CANCELLED"]
    assert record.tickets == ()


async def test_cancelling_while_a_runtime_starts_leaves_the_deployment_that_exists_in_the_record(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(SELDOM) as home:
        name = f"slow-{service}"
        await home.stand_ins.runtime(service, name=name, sandbox={"startSeconds": 90})
        snapshot = await home.stand_ins.snapshot(service)
        process = await home.deploy(snapshot)

        async def deploying() -> bool:
            return len(await home.stand_ins.deployments_of(snapshot["id"])) == 1

        await home.until_true(deploying)
        await home.client.cancel(process)
        await home.pass_time(process, timedelta(minutes=2))
        record = await home.until(process, "cancelled")
        [existing] = await home.stand_ins.deployments_of(snapshot["id"])
        assert [(made.id, made.runtime) for made in record.deployments] == [(existing["id"], name)]


async def test_a_ticket_whose_opening_was_under_way_at_the_cancellation_is_closed_when_jira_is_back(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(HURRIED) as home:
        await home.stand_ins.break_jira("*", "/rest/api/2")
        process = await home.deploy(await home.stand_ins.snapshot("jira", service))
        await home.until_true(lambda: in_trouble(home, process))
        await home.client.cancel(process)
        await home.stand_ins.mend()

        record = await home.until(process, "cancelled")
        [ticket] = await home.stand_ins.tickets_of(process)
        assert await home.stand_ins.status_of(ticket["key"]) == "Rejected"
        assert [entry.key for entry in record.tickets] == [ticket["key"]]


async def test_cancelling_does_not_wait_for_a_jira_that_stays_away(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(HURRIED, index_lag_seconds=0) as home:
        await home.stand_ins.break_jira("*", "/rest/api/2")
        process = await home.deploy(await home.stand_ins.snapshot("jira", service))
        await home.until_true(lambda: in_trouble(home, process))
        await home.client.cancel(process)
        await home.pass_time(process, timedelta(minutes=2))
        record = await home.until(process, "cancelled")
        assert record.tickets == ()


async def test_a_cancellation_while_an_ending_process_lets_go_of_its_job_is_too_late_and_loses_no_record(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(IMPATIENT) as home:
        both = home.stand_ins
        await both.set_moc(jobDelaySeconds=60)
        snapshot = await both.snapshot("run_test", service)
        process = await home.deploy(snapshot)
        waiting = await home.until(process, "error")
        await both.break_moc("PATCH", "/model-manage/api/jobs")
        await home.answer(waiting, "Rejected")
        await home.until_true(lambda: in_trouble(home, process))
        await home.client.cancel(process)
        await both.mend()
        record = await home.until(process, "failed")
        assert [job.status for job in record.jobs] == ["CANCELLED"]
        assert [job["jobStatus"] for job in await both.jobs_of(snapshot["id"])] == ["CANCELLED"]


async def test_cancelling_a_process_that_has_ended_is_refused_with_its_outcome(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    process = await at_home.deploy(await at_home.stand_ins.snapshot(service))
    await at_home.client.wait(process)
    with pytest.raises(Conflict, match="has ended already: deployed"):
        await at_home.client.cancel(process)


async def in_trouble(home: House, process: str) -> bool:
    return bool(await home.client.troubles(process))
