"""The back-test of a fleet: one back-test for every deployed model that carries the tag, a few at a time, in one record."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from tests.house import House, house, temporal_server
from tests.stand_ins import BROKEN_MODEL, Json, StandIns

SLOW = """
# modelop.metrics
def metrics(data):
    import time
    time.sleep(60)
"""
PATIENT = 90


async def a_fleet(both: StandIns, service: str, *models: Json) -> list[Json]:
    """A deployed snapshot for each of the models, all with the tag and a runtime."""
    engine = await both.runtime(service, online=False)
    snapshots = [await both.snapshot(service, **model) for model in models]
    for snapshot in snapshots:
        await both.batch_deployment(snapshot, engine)
    return snapshots


async def test_every_deployed_model_with_the_tag_is_tested_and_the_record_lists_how(
    at_home: House, service: str
) -> None:
    both = at_home.stand_ins
    good, drifted, broken = await a_fleet(both, service, {}, {"auc": 0.1}, {"code": BROKEN_MODEL})
    engine = await both.runtime("elsewhere", online=False)
    gone = await both.snapshot(service)
    await both.batch_deployment(gone, engine, state="UNDEPLOYED")
    await both.batch_deployment(await both.snapshot("another-tag"), engine)
    await both.batch_deployment(good, engine)  # deployed twice, tested once

    process = await at_home.fleet(service)
    record = await at_home.until(process, "failed", within=PATIENT)

    assert process.startswith(f"mlc-fleet-back-test-{service}-")
    ended = {one.snapshot_id: one for one in record.processes}
    assert {name: one.outcome for name, one in ended.items()} == {
        good["id"]: "passed",
        drifted["id"]: "rejected",
        broken["id"]: "failed",
    }
    assert record.reason == "3 tested: 1 passed, 1 broke a threshold, 1 failed"
    assert [len(ended[one["id"]].tickets) for one in (good, drifted, broken)] == [0, 1, 1]
    assert record.tickets == ()
    one = await at_home.client.status(ended[drifted["id"]].workflow_id)
    assert (one.process, one.outcome, one.snapshot_id) == ("back-test", "rejected", drifted["id"])
    assert ended[drifted["id"]].reason == one.reason


async def test_all_within_their_thresholds_pass_and_never_more_at_once_than_asked_for(
    at_home: House, service: str
) -> None:
    await a_fleet(at_home.stand_ins, service, *({} for _ in range(5)))
    record = await at_home.until(await at_home.fleet(service, at_once=2), "passed", within=PATIENT)
    spans: list[tuple[datetime, datetime]] = []
    for one in record.processes:
        described = await at_home.handle(one.workflow_id).describe()
        assert described.close_time is not None
        spans.append((described.start_time, described.close_time))
    moments = sorted(start for start, _ in spans)
    assert max(sum(start <= moment < end for start, end in spans) for moment in moments) == 2


async def test_one_broken_threshold_makes_the_fleet_rejected(at_home: House, service: str) -> None:
    await a_fleet(at_home.stand_ins, service, {}, {"auc": 0.1})
    record = await at_home.until(await at_home.fleet(service), "rejected", within=PATIENT)
    assert record.reason == "2 tested: 1 passed, 1 broke a threshold, 0 failed"


async def test_a_tag_that_no_deployed_model_carries_is_an_error_with_a_ticket(
    at_home: House, service: str
) -> None:
    record = await at_home.until(await at_home.fleet(service), "failed")
    assert f"no deployed model carries the tag {service}" in (record.reason or "")
    assert [ticket.kind for ticket in record.tickets] == ["error"]


async def test_two_fleets_of_one_tag_test_their_models_in_processes_of_their_own(
    at_home: House, service: str
) -> None:
    await a_fleet(at_home.stand_ins, service, {})
    fleets = [await at_home.fleet(service) for _ in range(2)]
    records = [await at_home.until(fleet, "passed", within=PATIENT) for fleet in fleets]
    assert len({record.processes[0].workflow_id for record in records}) == 2


async def test_cancelling_a_fleet_cancels_the_tests_under_way_with_their_jobs_and_starts_no_more(
    at_home: House, service: str
) -> None:
    both = at_home.stand_ins
    snapshots = await a_fleet(both, service, *({"code": SLOW} for _ in range(3)))
    process = await at_home.fleet(service, at_once=2)

    async def two_jobs() -> bool:
        return len([job for one in snapshots for job in await both.jobs_of(one["id"])]) == 2

    await at_home.until_true(two_jobs)
    await at_home.client.cancel(process)
    record = await at_home.until(process, "cancelled")
    assert [one.outcome for one in record.processes] == ["cancelled", "cancelled"]
    jobs = [job for one in snapshots for job in await both.jobs_of(one["id"])]
    assert [job["jobStatus"] for job in jobs] == ["CANCELLED", "CANCELLED"]


@pytest.mark.parametrize("after", [0.0, 0.1, 0.3])
async def test_whenever_a_fleet_is_cancelled_it_ends_with_a_record_and_no_job_runs_on(
    at_home: House, service: str, after: float
) -> None:
    both = at_home.stand_ins
    snapshots = await a_fleet(both, service, *({"code": SLOW} for _ in range(3)))
    process = await at_home.fleet(service)
    await asyncio.sleep(after)
    await at_home.client.cancel(process)
    record = await at_home.until(process, "cancelled")
    assert {one.outcome for one in record.processes} <= {"cancelled"}

    async def nothing_runs() -> bool:
        jobs = [job for one in snapshots for job in await both.jobs_of(one["id"])]
        return all(job["jobStatus"] == "CANCELLED" for job in jobs)

    await at_home.until_true(nothing_runs)


async def test_the_tests_of_a_fleet_that_is_terminated_wind_up(at_home: House, service: str) -> None:
    both = at_home.stand_ins
    [slow] = await a_fleet(both, service, {"code": SLOW})
    process = await at_home.fleet(service)
    await at_home.until_true(lambda: _has_a_job(both, slow))
    await at_home.handle(process).terminate("by an administrator")
    await at_home.until(
        f"mlc-back-test-{slow['id']}-{process.removeprefix('mlc-fleet-back-test-')}", "cancelled"
    )
    assert [job["jobStatus"] for job in await both.jobs_of(slow["id"])] == ["CANCELLED"]


async def test_a_back_test_that_a_person_cancels_is_counted_and_the_others_go_on(
    at_home: House, service: str
) -> None:
    both = at_home.stand_ins
    slow, _ = await a_fleet(both, service, {"code": SLOW}, {})
    process = await at_home.fleet(service, at_once=1)
    await at_home.until_true(lambda: _has_a_job(both, slow, "RUNNING"), within=PATIENT)
    child = f"mlc-back-test-{slow['id']}-{process.removeprefix('mlc-fleet-back-test-')}"
    await at_home.client.cancel(child)
    record = await at_home.until(process, "failed", within=PATIENT)
    assert record.reason == "2 tested: 1 passed, 0 broke a threshold, 0 failed, 1 cancelled"


async def test_two_fleets_of_one_request_id_that_share_a_model_test_it_once_each(
    at_home: House, service: str
) -> None:
    both = at_home.stand_ins
    engine = await both.runtime(service, online=False)
    shared = await both.snapshot(service, f"more-{service}")
    await both.batch_deployment(shared, engine)
    fleets = [await at_home.fleet(tag, request_id="tonight") for tag in (service, f"more-{service}")]
    for fleet in fleets:
        await at_home.until(fleet, "passed", within=PATIENT)
    assert len(await both.results_of(shared["id"])) == 2


async def test_a_back_test_that_runs_already_under_the_very_id_counts_as_failed(
    at_home: House, service: str
) -> None:
    both = at_home.stand_ins
    [slow] = await a_fleet(both, service, {"code": SLOW})
    own = await at_home.back_test(slow, request_id=f"{service}-tonight")
    record = await at_home.until(await at_home.fleet(service, request_id="tonight"), "failed")
    assert "already started" in (record.processes[0].reason or "")
    await at_home.client.cancel(own)
    await at_home.until(own, "cancelled")


async def _has_a_job(both: StandIns, snapshot: Json, status: str | None = None) -> bool:
    jobs = await both.jobs_of(snapshot["id"])
    return any(status in (None, job["jobStatus"]) for job in jobs)


async def test_a_back_test_that_is_stopped_from_outside_counts_as_failed(
    at_home: House, service: str
) -> None:
    both = at_home.stand_ins
    [slow] = await a_fleet(both, service, {"code": SLOW})
    process = await at_home.fleet(service)

    async def started() -> bool:
        return bool(await both.jobs_of(slow["id"]))

    await at_home.until_true(started)
    occasion = process.removeprefix("mlc-fleet-back-test-")
    await at_home.handle(f"mlc-back-test-{slow['id']}-{occasion}").terminate("by an administrator")
    record = await at_home.until(process, "failed")
    assert [one.outcome for one in record.processes] == ["failed"]
    assert "terminated" in (record.processes[0].reason or "").lower()
    [job] = await both.jobs_of(slow["id"])
    await both.change("jobs", job["id"], {"jobStatus": "CANCELLED"})


@asynccontextmanager
async def where_histories_are_short(systems: StandIns) -> AsyncGenerator[House]:
    """A house whose server suggests a new history after a few events, instead of after 4,096."""
    suggest = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=25"]
    async with temporal_server(more_arguments=suggest) as environment, house(environment, systems) as home:
        yield home


async def test_a_long_fleet_goes_on_in_a_new_history_and_its_record_stays_whole(
    systems: StandIns, service: str
) -> None:
    snapshots = await a_fleet(systems, service, *({} for _ in range(6)))
    async with where_histories_are_short(systems) as home:
        process = await home.fleet(service, at_once=2)
        first_run = (await home.handle(process).describe()).run_id
        record = await home.until(process, "passed", within=PATIENT)
        assert record.run_id != first_run
        assert sorted(one.snapshot_id for one in record.processes) == sorted(one["id"] for one in snapshots)
        assert [step.name for step in record.steps] == ["Find models", "Back-tests"]
    for one in snapshots:
        assert len(await systems.jobs_of(one["id"])) == 1


async def test_a_fleet_of_which_nothing_waits_any_more_ends_in_the_history_it_is_in(
    systems: StandIns, service: str
) -> None:
    await a_fleet(systems, service, *({} for _ in range(3)))
    async with where_histories_are_short(systems) as home:
        process = await home.fleet(service, at_once=3)
        first_run = (await home.handle(process).describe()).run_id
        record = await home.until(process, "passed", within=PATIENT)
        assert (record.run_id, len(record.processes)) == (first_run, 3)
        assert await home.events(process) > 25


async def test_the_history_grows_by_few_events_for_each_model(at_home: House, service: str) -> None:
    """300 models have to fit into 10,000 events: 33 for each."""
    await a_fleet(at_home.stand_ins, service, *({} for _ in range(4)))
    process = await at_home.fleet(service, at_once=4)
    await at_home.until(process, "passed", within=PATIENT)
    assert await at_home.events(process) < 25 + 4 * 15
