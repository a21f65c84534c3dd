"""One process at a time for a snapshot, and a fresh one for every submission after it has ended."""

import asyncio

from tests.house import House


async def test_a_second_start_for_a_snapshot_joins_the_process_that_runs(
    at_home: House, service: str
) -> None:
    snapshot = await at_home.stand_ins.snapshot("jira", service)
    process = await at_home.deploy(snapshot)
    first = await at_home.until(process, "review")
    again = await at_home.deploy(snapshot)

    assert again == process == f"mlc-deploy-{snapshot['id']}"
    assert (await at_home.client.status(again)).run_id == first.run_id
    assert len(await at_home.stand_ins.tickets_of(process)) == 1


async def test_starts_at_the_same_time_are_one_process(at_home: House, service: str) -> None:
    snapshot = await at_home.stand_ins.snapshot("jira", service)
    processes = await asyncio.gather(*(at_home.deploy(snapshot) for _ in range(5)))
    await at_home.until(processes[0], "review")

    assert len(set(processes)) == 1
    assert len(await at_home.stand_ins.tickets_of(processes[0])) == 1


async def test_a_submission_after_a_rejection_gets_a_fresh_ticket_that_the_old_one_cannot_answer(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("jira", service)
    process = await at_home.deploy(snapshot)
    old = await at_home.until(process, "review")
    await at_home.answer(old, "Rejected")
    await at_home.until(process, "rejected")

    await at_home.deploy(snapshot)
    new = await at_home.until(process, "review")
    assert new.run_id != old.run_id
    assert new.waiting_for != old.waiting_for

    await at_home.stand_ins.move(old.waiting_for or "", "Done")
    await at_home.hint(process)
    await asyncio.sleep(0.3)
    assert (await at_home.client.status(process)).decisions == ()
    await at_home.answer(new, "Done")
    await at_home.until(process, "deployed")
