"""What a back-test reads and writes, where its job runs, and how it hears of the job's end."""

import json
from datetime import timedelta

from mlc.files import FileAsset
from mlc.policy import Policy
from tests.files import embedded, external
from tests.house import House, HouseWith
from tests.stand_ins import BROKEN_MODEL
from workflows.process import Process

BASELINE_AND_NOW = """
# modelop.metrics
def metrics(baseline, comparator):
    yield {"auc": float(baseline["auc"].iloc[0]), "f1_score": float(comparator["f1_score"].iloc[0])}
"""
SLOW = """
# modelop.metrics
def metrics(data):
    import time
    time.sleep(60)
"""
# Polls that come later than any test lasts: who ends sooner was told.
SELDOM = Policy(poll=timedelta(hours=1), step_deadline=timedelta(seconds=20))


def csv(auc: float, f1: float) -> str:
    return f"auc,f1_score\n{auc},{f1}\n"


async def test_an_embedded_input_file_is_tested_instead_of_the_snapshots_test_data(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service, auc=0.95)
    files = (embedded("drifted.csv", csv(0.2, 0.9)),)
    record = await at_home.until(await at_home.back_test(snapshot, input_files=files), "rejected")
    assert record.test_result is not None
    assert record.test_result.metrics == {"auc": 0.2, "f1_score": 0.9}
    assert next(step.result for step in record.steps if step.name == "Get data") == "drifted.csv"


async def test_an_external_input_file_is_read_by_the_runtime(at_home: House, service: str) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service, test_data=False)
    url = at_home.stand_ins.outside_file(f"{service}/new.csv", csv(0.91, 0.88))
    record = await at_home.until(await at_home.back_test(snapshot, input_files=(external(url),)), "passed")
    assert record.test_result is not None
    assert record.test_result.metrics == {"auc": 0.91, "f1_score": 0.88}


async def test_several_input_files_reach_the_metrics_function_in_their_order(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service, code=BASELINE_AND_NOW)
    url = at_home.stand_ins.outside_file(f"{service}/now.csv", csv(0.1, 0.81))
    files = (embedded("baseline.csv", csv(0.97, 0.1)), external(url))
    record = await at_home.until(await at_home.back_test(snapshot, input_files=files), "passed")
    assert record.test_result is not None
    assert record.test_result.metrics == {"auc": 0.97, "f1_score": 0.81}


async def test_an_input_file_that_does_not_exist_fails_the_job_and_opens_an_error_ticket(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service)
    files = (external(f"file:///{service}/nowhere.csv"),)
    record = await at_home.until(await at_home.back_test(snapshot, input_files=files), "failed")
    assert "nowhere.csv" in await at_home.stand_ins.description(record.tickets[0].key)


async def test_an_external_output_file_is_written_and_the_result_is_parsed_all_the_same(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service)
    url = at_home.stand_ins.outside_file(f"{service}/metrics.json")
    files = (external(url, "JSON"),)
    record = await at_home.until(await at_home.back_test(snapshot, output_files=files), "passed")
    assert record.outputs == (url,)
    written = json.loads((at_home.stand_ins.files / service / "metrics.json").read_text())
    assert written == {"auc": 0.95, "f1_score": 0.9}
    assert await at_home.stand_ins.results_of(snapshot["id"]) == [written]


async def test_an_embedded_output_file_carries_the_name_that_was_asked_for(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service)
    files = (FileAsset(asset_type="FILE", filename="tonight.json", file_format="JSON"),)
    await at_home.until(await at_home.back_test(snapshot, output_files=files), "passed")
    [job] = await at_home.stand_ins.jobs_of(snapshot["id"])
    assert [output["filename"] for output in job["outputData"]] == ["tonight.json"]


async def test_the_job_runs_on_a_running_runtime_with_the_service_tag_and_stage_rather_one_for_batch(
    at_home: House, service: str
) -> None:
    both = at_home.stand_ins
    await both.runtime(service, name=f"online-{service}", environmentName="UAT")
    await both.runtime(service, name=f"elsewhere-{service}", online=False, environmentName="DEV")
    await both.runtime(service, name=f"ill-{service}", online=False, environmentName="UAT", state="ERROR")
    await both.runtime(service, name=f"batch-{service}", online=False, environmentName="UAT")
    snapshot = await both.snapshot(service, "UAT")
    await at_home.until(await at_home.back_test(snapshot), "passed")
    [job] = await both.jobs_of(snapshot["id"])
    assert job["targetEngine"] == {"engineType": "MODEL_OP_ENGINE", "name": f"batch-{service}"}


async def test_a_model_whose_only_runtime_is_online_is_tested_there(at_home: House, service: str) -> None:
    runtime = await at_home.stand_ins.runtime(service)
    snapshot = await at_home.stand_ins.snapshot(service)
    await at_home.until(await at_home.back_test(snapshot), "passed")
    [job] = await at_home.stand_ins.jobs_of(snapshot["id"])
    assert job["targetEngine"]["name"] == runtime["name"]


async def test_news_of_the_job_wake_the_process_so_that_it_does_not_wait_for_the_next_poll(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(SELDOM) as home:
        await home.stand_ins.runtime(service, online=False)
        snapshot = await home.stand_ins.snapshot(service)
        await home.stand_ins.set_moc(jobDelaySeconds=1)
        process = await home.back_test(snapshot)
        await _job_ended(home, snapshot["id"])
        await home.handle(process).signal(Process.job_status_changed)
        await home.until(process, "passed", within=10)


async def test_news_of_a_job_that_failed_wake_the_process_too(house_with: HouseWith, service: str) -> None:
    async with house_with(SELDOM) as home:
        await home.stand_ins.runtime(service, online=False)
        snapshot = await home.stand_ins.snapshot(service, code=BROKEN_MODEL)
        await home.stand_ins.set_moc(jobDelaySeconds=1)
        process = await home.back_test(snapshot)
        await _job_ended(home, snapshot["id"], "ERROR")
        await home.handle(process).signal(Process.job_status_changed)
        await home.until(process, "failed", within=10)


async def test_the_jobs_of_many_processes_spread_over_the_runtimes_that_fit(
    at_home: House, service: str
) -> None:
    both = at_home.stand_ins
    names = {(await both.runtime(service, online=False))["name"] for _ in range(2)}
    await both.set_moc(jobDelaySeconds=60)
    snapshot = await both.snapshot(service)
    processes = [await at_home.back_test(snapshot) for _ in range(14)]

    async def all_have_jobs() -> bool:
        return len(await both.jobs_of(snapshot["id"])) == len(processes)

    await at_home.until_true(all_have_jobs)
    # All on one of them by chance: 1 in 8,192.
    assert {job["targetEngine"]["name"] for job in await both.jobs_of(snapshot["id"])} == names
    for process in processes:
        await at_home.client.cancel(process)
        await at_home.until(process, "cancelled")


async def test_a_job_tells_which_process_waits_for_it(at_home: House, service: str) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service)
    process = await at_home.back_test(snapshot)
    await at_home.until(process, "passed")
    [job] = await at_home.stand_ins.jobs_of(snapshot["id"])
    assert job["jobParameters"]["mlcProcess"] == process


async def test_news_that_name_the_job_alone_find_the_process_that_waits_for_it(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(SELDOM) as home:
        await home.stand_ins.runtime(service, online=False)
        snapshot = await home.stand_ins.snapshot(service)
        await home.stand_ins.set_moc(jobDelaySeconds=1)
        process = await home.back_test(snapshot)
        job_id = await _job_ended(home, snapshot["id"])
        await home.client.job_changed(job_id, None)
        await home.until(process, "passed", within=10)


async def test_cancelling_cancels_the_job_and_opens_no_ticket(at_home: House, service: str) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service, code=SLOW)
    process = await at_home.back_test(snapshot)

    async def runs() -> bool:
        return [job["jobStatus"] for job in await at_home.stand_ins.jobs_of(snapshot["id"])] == ["RUNNING"]

    await at_home.until_true(runs)
    await at_home.client.cancel(process)
    record = await at_home.until(process, "cancelled")
    assert [job.status for job in record.jobs] == ["CANCELLED"]
    assert record.tickets == ()


async def _job_ended(home: House, snapshot_id: str, how: str = "COMPLETE") -> str:
    """The id of the snapshot's one job, once it has ended."""
    ended: list[str] = []

    async def complete() -> bool:
        jobs = await home.stand_ins.jobs_of(snapshot_id)
        ended[:] = [job["id"] for job in jobs if job["jobStatus"] == how]
        return bool(ended)

    await home.until_true(complete)
    return ended[0]
