"""Waiting from Python."""

from datetime import timedelta

from tests.house import House


async def test_wait_answers_the_final_record(at_home: House, service: str) -> None:
    await at_home.stand_ins.runtime(service)
    snapshot = await at_home.stand_ins.snapshot(service)
    process = await at_home.client.start_back_test(snapshot["id"])
    record = await at_home.client.wait(process, within=timedelta(seconds=30))
    assert (record.state, record.outcome) == ("completed", "passed")


async def test_wait_answers_the_record_so_far_when_the_time_is_over(at_home: House, service: str) -> None:
    await at_home.stand_ins.runtime(service)
    snapshot = await at_home.stand_ins.snapshot("jira", service)
    process = await at_home.deploy(snapshot)
    ticket = (await at_home.until(process, "review")).waiting_for
    record = await at_home.client.wait(process, within=timedelta(0))
    assert (record.state, record.outcome, record.waiting_for) == ("running", None, ticket)
