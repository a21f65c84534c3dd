"""The step Testing."""

from datetime import timedelta

from mlc.policy import Policy
from tests.house import House, HouseWith
from tests.stand_ins import API, BROKEN_MODEL, MODEL, Json


async def a_failed_test(home: House, service: str) -> tuple[str, Json]:
    """A process that waits on the ticket of its failed test job, and its snapshot."""
    await home.stand_ins.runtime(service, online=False)
    snapshot = await home.stand_ins.snapshot("run_test", service, code=BROKEN_MODEL)
    process = await home.deploy(snapshot)
    await home.until(process, "rejection")
    return process, snapshot


async def test_a_test_runs_as_a_metrics_job_and_its_output_is_kept_as_a_test_result(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("run_test", service, auc=0.87, f1=0.75)
    record = await at_home.until(await at_home.deploy(snapshot), "deployed")

    [job] = await at_home.stand_ins.jobs_of(snapshot["id"])
    assert job["jobType"] == "MODEL_BATCH_TEST_JOB"
    assert [asset["assetRole"] for asset in job["inputData"]] == ["TEST_DATA"]
    stored = [
        result
        for result in await at_home.stand_ins.all("modelTestResults")
        if result["deployableModel"]["id"] == snapshot["id"]
    ]
    assert [result["testResults"] for result in stored] == [{"auc": 0.87, "f1_score": 0.75}]
    assert record.test_result is not None
    assert (record.test_result.id, record.test_result.metrics) == (
        stored[0]["id"],
        {"auc": 0.87, "f1_score": 0.75},
    )


async def test_a_test_without_test_data_opens_a_rejection_ticket_and_ends(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("run_test", "jira", service, test_data=False)
    record = await at_home.until(await at_home.deploy(snapshot), "rejected")

    assert [(ticket.kind, ticket.step) for ticket in record.tickets] == [("rejection", "Testing")]
    assert "TEST_DATA" in await at_home.stand_ins.description(record.tickets[0].key)
    assert await at_home.stand_ins.jobs_of(snapshot["id"]) == []
    assert await at_home.stand_ins.deployments_of(snapshot["id"]) == []


async def test_a_failed_test_job_opens_a_ticket_with_its_messages_and_the_two_ways_to_go_on(
    at_home: House, service: str
) -> None:
    process, _ = await a_failed_test(at_home, service)
    record = await at_home.client.status(process)

    text = await at_home.stand_ins.description(record.waiting_for or "")
    assert "the model is broken on purpose" in text
    assert "Move to *Done*: The test runs again, as a new job." in text
    assert "Move to *Rejected*: The process ends as rejected." in text
    assert record.outcome is None


async def test_done_on_a_failed_test_runs_it_again_as_a_new_job_and_the_process_goes_on(
    at_home: House, service: str
) -> None:
    process, snapshot = await a_failed_test(at_home, service)
    at_home.stand_ins.rewrite_asset(snapshot, "model.py", sourceCode=MODEL)
    await at_home.answer(await at_home.client.status(process), "Done")
    record = await at_home.until(process, "deployed")

    assert [(job.status, job.step, job.attempt) for job in record.jobs] == [
        ("ERROR", "Testing", 1),
        ("COMPLETE", "Testing", 2),
    ]
    assert len(await at_home.stand_ins.jobs_of(snapshot["id"])) == 2
    assert [made.decision for made in record.decisions] == ["retry"]


async def test_a_test_that_fails_again_asks_again_on_a_ticket_of_its_own(
    at_home: House, service: str
) -> None:
    process, snapshot = await a_failed_test(at_home, service)
    await at_home.answer(await at_home.client.status(process), "Done")

    async def asked_again() -> bool:
        record = await at_home.client.status(process)
        return len(record.tickets) == 2 and record.waiting_for == record.tickets[1].key

    await at_home.until_true(asked_again)
    record = await at_home.client.status(process)
    assert [(ticket.kind, ticket.cycle) for ticket in record.tickets] == [("rejection", 1), ("rejection", 2)]
    assert len(await at_home.stand_ins.jobs_of(snapshot["id"])) == 2


async def test_rejected_on_a_failed_test_ends_the_process_as_rejected(at_home: House, service: str) -> None:
    process, snapshot = await a_failed_test(at_home, service)
    await at_home.answer(await at_home.client.status(process), "Rejected")
    record = await at_home.until(process, "rejected")

    assert [(made.decision, made.by) for made in record.decisions] == [("stop", "reviewer")]
    assert len(await at_home.stand_ins.jobs_of(snapshot["id"])) == 1
    assert await at_home.stand_ins.deployments_of(snapshot["id"]) == []


async def test_a_test_job_that_somebody_cancels_in_modelop_center_counts_as_failed(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.set_moc(jobDelaySeconds=30)
    snapshot = await at_home.stand_ins.snapshot("run_test", service)
    process = await at_home.deploy(snapshot)

    async def created() -> bool:
        return len(await at_home.stand_ins.jobs_of(snapshot["id"])) == 1

    await at_home.until_true(created)
    [job] = await at_home.stand_ins.jobs_of(snapshot["id"])
    await at_home.stand_ins.change("jobs", job["id"], {"jobStatus": "CANCELLED"})

    record = await at_home.until(process, "rejection")
    assert [job.status for job in record.jobs] == ["CANCELLED"]


async def test_a_test_job_that_modelop_center_no_longer_knows_is_asked_about_and_run_again_as_a_new_job(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.set_moc(jobDelaySeconds=30)
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("run_test", service)
    process = await at_home.deploy(snapshot)

    async def waits_for_job() -> bool:
        record = await at_home.client.status(process)
        return bool(record.jobs) and record.waiting_for == record.jobs[0].id

    await at_home.until_true(waits_for_job)
    [lost] = await at_home.stand_ins.jobs_of(snapshot["id"])
    (await at_home.stand_ins.moc.delete(f"{API}/jobs/{lost['id']}")).raise_for_status()
    waiting = await at_home.until(process, "error")
    assert lost["id"] in (waiting.reason or "")

    await at_home.stand_ins.set_moc(jobDelaySeconds=0)
    await at_home.answer(waiting, "Done")
    record = await at_home.until(process, "deployed")
    assert [(job.status, job.attempt) for job in record.jobs] == [("GONE", 1), ("COMPLETE", 2)]
    [again] = await at_home.stand_ins.jobs_of(snapshot["id"])
    assert [job.id for job in record.jobs] == [lost["id"], again["id"]]


async def test_a_hint_that_the_job_changed_makes_the_process_look_at_once(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(Policy(poll=timedelta(minutes=5))) as home:
        await home.stand_ins.set_moc(jobDelaySeconds=0.5)
        await home.stand_ins.runtime(service, online=False)
        snapshot = await home.stand_ins.snapshot("run_test", service)
        process = await home.deploy(snapshot)

        async def finished() -> bool:
            jobs = await home.stand_ins.jobs_of(snapshot["id"])
            return [job["jobStatus"] for job in jobs] == ["COMPLETE"]

        await home.until_true(finished)
        assert (await home.client.status(process)).step == "Testing"
        await home.handle(process).signal("job_status_changed")
        await home.until(process, "deployed", within=5)
