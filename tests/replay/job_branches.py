"""The branches of back-test, batch job and fleet, and of the news of a job."""

from datetime import timedelta
from uuid import uuid4

from mlc.processes import (
    BackTestRequest,
    BatchJobRequest,
    DeployRequest,
    FleetBackTestRequest,
    ProcessRequest,
)
from tests.house import House
from tests.replay.story import HURRIED, IMPATIENT, SLOW_MODEL, Branch
from tests.stand_ins import BROKEN_MODEL, Json

MOC = "/model-manage"


async def _testable(home: House, service: str, **model: object) -> Json:
    await home.stand_ins.runtime(service, online=False, name=f"batch-{service}")
    return await home.stand_ins.snapshot(service, **model)  # pyright: ignore[reportArgumentType]


async def _deployed(home: House, service: str, *models: Json) -> list[Json]:
    engine = await home.stand_ins.runtime(service, online=False, name=f"batch-{service}")
    snapshots = [await home.stand_ins.snapshot(service, **model) for model in models]
    for snapshot in snapshots:
        await home.stand_ins.batch_deployment(snapshot, engine)
    return snapshots


async def _tested(home: House, snapshot: Json | str, outcome: str) -> str:
    process = await home.back_test(snapshot)
    await home.until(process, outcome)
    return process


async def _until_a_job_runs(home: House, *snapshots: Json) -> None:
    async def running() -> bool:
        jobs = [job for one in snapshots for job in await home.stand_ins.jobs_of(one["id"])]
        return any(job["jobStatus"] == "RUNNING" for job in jobs)

    await home.until_true(running)


async def passed(home: House, service: str) -> str:
    return await _tested(home, await _testable(home, service), "passed")


async def threshold_broken(home: House, service: str) -> str:
    return await _tested(home, await _testable(home, service, auc=0.1), "rejected")


async def nothing_compared(home: House, service: str) -> str:
    return await _tested(home, await _testable(home, service, table=None), "passed")


async def not_evaluable(home: House, service: str) -> str:
    return await _tested(home, await _testable(home, service, table="<definitions"), "failed")


async def job_failed(home: House, service: str) -> str:
    return await _tested(home, await _testable(home, service, code=BROKEN_MODEL), "failed")


async def output_unusable(home: House, service: str) -> str:
    code = "# modelop.metrics\ndef metrics(data):\n    yield {'auc': float('nan')}\n"
    return await _tested(home, await _testable(home, service, code=code), "failed")


async def no_data(home: House, service: str) -> str:
    return await _tested(home, await _testable(home, service, test_data=False), "failed")


async def no_compatible_runtime(home: House, service: str) -> str:
    return await _tested(home, await home.stand_ins.snapshot(service), "failed")


async def unknown_snapshot(home: House, service: str) -> str:
    return await _tested(home, f"no-such-{service}", "failed")


async def modelop_down_past_the_deadline(home: House, service: str) -> str:
    snapshot = await _testable(home, service)
    await home.stand_ins.break_moc("*", MOC)
    return await _tested(home, snapshot, "failed")


async def told_of_its_job(home: House, service: str) -> str:
    await home.stand_ins.set_moc(jobDelaySeconds=1)
    process = await home.back_test(await _testable(home, service))

    async def waits() -> bool:
        return (await home.client.status(process)).waiting_for is not None

    await home.until_true(waits)
    await home.handle(process).signal("job_status_changed")
    await home.until(process, "passed")
    return process


async def cancelled_in_its_job(home: House, service: str) -> str:
    snapshot = await _testable(home, service, code=SLOW_MODEL)
    process = await home.back_test(snapshot)
    await _until_a_job_runs(home, snapshot)
    await home.client.cancel(process)
    await home.until(process, "cancelled")
    return process


async def past_its_deadline(home: House, service: str) -> str:
    return await _tested(home, await _testable(home, service, code=SLOW_MODEL), "failed")


async def cancelled_while_it_alerts(home: House, service: str) -> str:
    process = await home.back_test(await _testable(home, service, auc=0.1))
    return await _cancelled_while_jira_is_down(home, process)


async def cancelled_while_it_tells_a_failure(home: House, service: str) -> str:
    process = await home.back_test(await _testable(home, service, test_data=False))
    return await _cancelled_while_jira_is_down(home, process)


async def _cancelled_while_jira_is_down(home: House, process: str) -> str:
    await home.stand_ins.break_jira("POST", "/rest/api/2/issue")

    async def opens_a_ticket() -> bool:
        return any(trouble.what == "open_ticket" for trouble in await home.client.troubles(process))

    await home.until_true(opens_a_ticket)
    await home.client.cancel(process)
    await home.stand_ins.mend()
    await home.until(process, "cancelled")
    return process


async def _cancelled_before_its_first_task(home: House, process: str, request: ProcessRequest) -> str:
    workflow_id = f"mlc-{process}-{uuid4().hex[:8]}"
    queue, later = home.settings.worker.task_queue, timedelta(minutes=1)
    handle = await home.temporal.start_workflow(
        process, request, id=workflow_id, task_queue=queue, start_delay=later
    )
    await handle.cancel()
    await home.until(workflow_id, "cancelled")
    return workflow_id


async def deploy_cancelled_at_once(home: House, service: str) -> str:
    return await _cancelled_before_its_first_task(home, "deploy", DeployRequest(snapshot_id=service))


async def back_test_cancelled_at_once(home: House, service: str) -> str:
    return await _cancelled_before_its_first_task(home, "back-test", BackTestRequest(snapshot_id=service))


async def batch_job_cancelled_at_once(home: House, service: str) -> str:
    return await _cancelled_before_its_first_task(home, "batch-job", BatchJobRequest(tag=service))


async def fleet_cancelled_at_once(home: House, service: str) -> str:
    return await _cancelled_before_its_first_task(home, "fleet-back-test", FleetBackTestRequest(tag=service))


async def scored(home: House, service: str) -> str:
    await _deployed(home, service, {})
    process = await home.batch_job(service)
    await home.until(process, "scored")
    return process


async def scoring_failed(home: House, service: str) -> str:
    await _deployed(home, service, {"code": BROKEN_MODEL.replace("metrics", "score")})
    process = await home.batch_job(service)
    await home.until(process, "failed")
    return process


async def nothing_deployed(home: House, service: str) -> str:
    process = await home.batch_job(service)
    await home.until(process, "failed")
    return process


async def nothing_to_score(home: House, service: str) -> str:
    await _deployed(home, service, {"test_data": False})
    process = await home.batch_job(service)
    await home.until(process, "failed")
    return process


async def no_runtime_to_score_on(home: House, service: str) -> str:
    await _deployed(home, service, {})
    [engine] = [one for one in await home.stand_ins.all("engines") if service in one["tags"]]
    await home.stand_ins.change("engines", engine["id"], {"state": "ERROR"})
    process = await home.batch_job(service)
    await home.until(process, "failed")
    return process


async def modelop_down_when_scoring(home: House, service: str) -> str:
    await home.stand_ins.break_moc("*", MOC)
    process = await home.batch_job(service)
    await home.until(process, "failed")
    return process


async def scoring_cancelled(home: House, service: str) -> str:
    [snapshot] = await _deployed(home, service, {"code": SLOW_MODEL.replace("metrics", "score")})
    process = await home.batch_job(service)
    await _until_a_job_runs(home, snapshot)
    await home.client.cancel(process)
    await home.until(process, "cancelled")
    return process


async def fleet_of_three(home: House, service: str) -> str:
    await _deployed(home, service, {}, {"auc": 0.1}, {"code": BROKEN_MODEL})
    process = await home.fleet(service, at_once=2)
    await home.until(process, "failed", within=60)
    return process


async def fleet_of_nobody(home: House, service: str) -> str:
    process = await home.fleet(service)
    await home.until(process, "failed")
    return process


async def fleet_cancelled(home: House, service: str) -> str:
    snapshots = await _deployed(home, service, {"code": SLOW_MODEL}, {"code": SLOW_MODEL})
    process = await home.fleet(service)
    await _until_a_job_runs(home, *snapshots)
    await home.client.cancel(process)
    await home.until(process, "cancelled")
    return process


async def fleet_stopped_in_part(home: House, service: str) -> str:
    """An administrator terminates one of its back-tests."""
    [slow] = await _deployed(home, service, {"code": SLOW_MODEL})
    process = await home.fleet(service)
    await _until_a_job_runs(home, slow)
    occasion = process.removeprefix("mlc-fleet-back-test-")
    await home.handle(f"mlc-back-test-{slow['id']}-{occasion}").terminate("by an administrator")
    await home.until(process, "failed")
    [job] = await home.stand_ins.jobs_of(slow["id"])
    await home.stand_ins.change("jobs", job["id"], {"jobStatus": "CANCELLED"})
    return process


async def fleet_while_modelop_is_down(home: House, service: str) -> str:
    await home.stand_ins.break_moc("*", MOC)
    process = await home.fleet(service)
    await home.until(process, "failed")
    return process


async def fleet_whose_test_runs_already(home: House, service: str) -> str:
    """Somebody started a back-test under the very id that the fleet would give it."""
    [slow] = await _deployed(home, service, {"code": SLOW_MODEL})
    own = await home.back_test(slow, request_id=f"{service}-tonight")
    process = await home.fleet(service, request_id="tonight")
    await home.until(process, "failed")
    await home.client.cancel(own)
    await home.until(own, "cancelled")
    return process


async def fleet_cancelled_while_its_tests_start(home: House, service: str) -> str:
    await _deployed(home, service, {"code": SLOW_MODEL}, {"code": SLOW_MODEL})
    process = await home.fleet(service)
    await home.client.cancel(process)
    await home.until(process, "cancelled")
    return process


async def _long_fleet(home: House, service: str) -> tuple[str, str]:
    """A fleet whose first run hands over to further ones; its id, and the first run's."""
    await _deployed(home, service, *({} for _ in range(6)))
    process = await home.fleet(service, at_once=2)
    first = (await home.handle(process).describe()).run_id
    record = await home.until(process, "passed", within=60)
    assert record.run_id != first
    return process, first


async def fleet_handed_over(home: House, service: str) -> str:
    return "/".join(await _long_fleet(home, service))


async def fleet_taken_over(home: House, service: str) -> str:
    return (await _long_fleet(home, service))[0]


async def job_news(home: House, service: str) -> str:
    snapshot = await _testable(home, service)
    await home.stand_ins.set_moc(jobDelaySeconds=2)
    process = await home.back_test(snapshot)

    async def created() -> bool:
        return bool((await home.client.status(process)).jobs)

    await home.until_true(created)
    job_id = (await home.client.status(process)).jobs[0].id
    await home.client.job_changed(job_id, None)
    news = f"mlc-job-news-{job_id}"
    await home.temporal.get_workflow_handle(news).result()
    await home.until(process, "passed")
    return news


async def job_news_of_nobody(home: House, service: str) -> str:
    await home.client.job_changed(f"no-such-{service}", None)
    news = f"mlc-job-news-no-such-{service}"
    await home.temporal.get_workflow_handle(news).result()
    return news


A_SHORT_HISTORY = 25

JOB_BRANCHES = {
    "back-test-passed": Branch(passed),
    "back-test-threshold-broken": Branch(threshold_broken),
    "back-test-nothing-compared": Branch(nothing_compared),
    "back-test-not-evaluable": Branch(not_evaluable),
    "back-test-job-failed": Branch(job_failed),
    "back-test-output-unusable": Branch(output_unusable),
    "back-test-no-data": Branch(no_data),
    "back-test-no-runtime": Branch(no_compatible_runtime),
    "back-test-unknown-snapshot": Branch(unknown_snapshot),
    "back-test-modelop-down": Branch(modelop_down_past_the_deadline, HURRIED),
    "back-test-told-of-its-job": Branch(told_of_its_job),
    "back-test-cancelled": Branch(cancelled_in_its_job),
    "back-test-past-its-deadline": Branch(past_its_deadline, IMPATIENT),
    "back-test-cancelled-in-alert": Branch(cancelled_while_it_alerts),
    "back-test-cancelled-in-failure": Branch(cancelled_while_it_tells_a_failure),
    "back-test-cancelled-at-once": Branch(back_test_cancelled_at_once),
    "deploy-cancelled-at-once": Branch(deploy_cancelled_at_once),
    "batch-job-scored": Branch(scored),
    "batch-job-cancelled-at-once": Branch(batch_job_cancelled_at_once),
    "batch-job-no-runtime": Branch(no_runtime_to_score_on),
    "batch-job-modelop-down": Branch(modelop_down_when_scoring, HURRIED),
    "batch-job-failed": Branch(scoring_failed),
    "batch-job-nothing-deployed": Branch(nothing_deployed),
    "batch-job-nothing-to-score": Branch(nothing_to_score),
    "batch-job-cancelled": Branch(scoring_cancelled),
    "fleet": Branch(fleet_of_three),
    "fleet-of-nobody": Branch(fleet_of_nobody),
    "fleet-cancelled": Branch(fleet_cancelled),
    "fleet-cancelled-at-once": Branch(fleet_cancelled_at_once),
    "fleet-cancelled-in-start": Branch(fleet_cancelled_while_its_tests_start),
    "fleet-modelop-down": Branch(fleet_while_modelop_is_down, HURRIED),
    "fleet-test-runs-already": Branch(fleet_whose_test_runs_already),
    "fleet-stopped-in-part": Branch(fleet_stopped_in_part),
    "fleet-handed-over": Branch(fleet_handed_over, new_history_after=A_SHORT_HISTORY),
    "fleet-taken-over": Branch(fleet_taken_over, new_history_after=A_SHORT_HISTORY),
    "job-news": Branch(job_news),
    "job-news-of-nobody": Branch(job_news_of_nobody),
}
