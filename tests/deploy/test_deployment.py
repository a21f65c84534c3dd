"""The step Deployment: on every matching runtime, once."""

from typing import Any

import pytest

from mlc.policy import Policy
from mlc.record import ProcessRecord
from tests.house import House, HouseWith


def made(record: ProcessRecord) -> list[tuple[str, str]]:
    return [(deployment.runtime, deployment.type) for deployment in record.deployments]


async def test_a_runtime_with_endpoints_takes_an_online_deployment_that_is_waited_for_until_it_runs(
    at_home: House, service: str
) -> None:
    runtime = await at_home.stand_ins.runtime(
        service, name=f"online-{service}", sandbox={"startSeconds": 0.6}
    )
    snapshot = await at_home.stand_ins.snapshot(service)
    record = await at_home.until(await at_home.deploy(snapshot), "deployed")

    assert made(record) == [(f"online-{service}", "ONLINE")]
    [deployed] = await at_home.stand_ins.deployments_of(snapshot["id"])
    assert (deployed["deploymentType"], deployed["state"]) == ("ONLINE", "DEPLOYED")
    engines = {engine["id"]: engine["state"] for engine in await at_home.stand_ins.all("engines")}
    assert engines[runtime["id"]] == "RUNNING"


async def test_a_runtime_without_endpoints_takes_a_batch_deployment(at_home: House, service: str) -> None:
    await at_home.stand_ins.runtime(service, online=False, name=f"batch-{service}")
    snapshot = await at_home.stand_ins.snapshot(service)
    record = await at_home.until(await at_home.deploy(snapshot), "deployed")

    assert made(record) == [(f"batch-{service}", "BATCH")]
    [deployed] = await at_home.stand_ins.deployments_of(snapshot["id"])
    assert (deployed["deploymentType"], deployed["state"]) == ("BATCH", "DEPLOYED")


async def test_several_matching_runtimes_are_deployed_on_each_in_turn(at_home: House, service: str) -> None:
    for name, online in (("c", False), ("a", False), ("b", True)):
        await at_home.stand_ins.runtime(service, online=online, name=f"{name}-{service}")
    snapshot = await at_home.stand_ins.snapshot(service)
    record = await at_home.until(await at_home.deploy(snapshot), "deployed")

    expected = [(f"a-{service}", "BATCH"), (f"b-{service}", "ONLINE"), (f"c-{service}", "BATCH")]
    assert made(record) == expected
    assert len(await at_home.stand_ins.deployments_of(snapshot["id"])) == 3


@pytest.mark.parametrize(
    ("tags", "meta"),
    [(["PROD"], {}), (["prod"], {}), ([], {"modelStage": "PROD"})],
    ids=["stage as a tag", "stage as a tag in lower case", "stage in the metadata"],
)
async def test_a_snapshot_with_a_stage_goes_to_the_runtimes_of_that_stage_alone(
    at_home: House, service: str, tags: list[str], meta: dict[str, Any]
) -> None:
    await at_home.stand_ins.runtime(service, online=False, tags=[service, "DEV"])
    await at_home.stand_ins.runtime(service, online=False, name=f"prod-{service}", tags=[service, "PROD"])
    await at_home.stand_ins.runtime("elsewhere", online=False, tags=[f"not-{service}", "PROD"])
    snapshot = await at_home.stand_ins.snapshot(service, *tags, **meta)
    record = await at_home.until(await at_home.deploy(snapshot), "deployed")
    assert made(record) == [(f"prod-{service}", "BATCH")]


async def test_no_matching_runtime_opens_an_error_ticket_and_done_after_one_was_added_deploys(
    at_home: House, service: str
) -> None:
    process = await at_home.deploy(await at_home.stand_ins.snapshot(service, "PROD"))
    waiting = await at_home.until(process, "error")
    text = await at_home.stand_ins.description(waiting.waiting_for or "")
    assert f"no runtime carries the tag {service} and the stage PROD" in text

    await at_home.stand_ins.runtime(service, online=False, name=f"new-{service}", tags=[service, "PROD"])
    await at_home.answer(waiting, "Done")
    assert made(await at_home.until(process, "deployed")) == [(f"new-{service}", "BATCH")]


async def test_rejected_on_the_ticket_of_a_missing_runtime_ends_the_process_as_failed(
    at_home: House, service: str
) -> None:
    process = await at_home.deploy(await at_home.stand_ins.snapshot(service))
    await at_home.answer(await at_home.until(process, "error"), "Rejected")
    record = await at_home.until(process, "failed")
    assert record.reason is not None
    assert service in record.reason


async def test_a_snapshot_without_a_service_tag_matches_no_runtime_and_the_ticket_says_so(
    at_home: House,
) -> None:
    waiting = await at_home.until(await at_home.deploy(await at_home.stand_ins.snapshot()), "error")
    text = await at_home.stand_ins.description(waiting.waiting_for or "")
    assert "the snapshot carries no service tag" in text


async def test_a_runtime_added_after_the_approval_voids_it_and_only_a_new_approval_deploys(
    at_home: House, service: str
) -> None:
    process = await at_home.deploy(await at_home.stand_ins.snapshot("jira", service))
    await at_home.answer(await at_home.until(process, "review"), "Done")
    stuck = await at_home.until(process, "error")
    await at_home.stand_ins.runtime(service, online=False, name=f"new-{service}")
    await at_home.answer(stuck, "Done")

    again = await at_home.until(process, "review")
    assert again.deployments == ()
    assert [(ticket.kind, ticket.cycle) for ticket in again.tickets] == [
        ("review", 1),
        ("error", 1),
        ("review", 2),
    ]
    assert f"new-{service}" in await at_home.stand_ins.description(again.waiting_for or "")
    await at_home.answer(again, "Done")
    assert made(await at_home.until(process, "deployed")) == [(f"new-{service}", "BATCH")]


async def test_when_one_of_several_runtimes_fails_the_ticket_names_done_and_missing_and_done_retries_the_missing(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False, name=f"a-{service}")
    broken = await at_home.stand_ins.runtime(service, name=f"b-{service}", sandbox={"fails": "deploy"})
    await at_home.stand_ins.runtime(service, online=False, name=f"c-{service}")
    snapshot = await at_home.stand_ins.snapshot(service)
    process = await at_home.deploy(snapshot)
    waiting = await at_home.until(process, "error")

    text = await at_home.stand_ins.description(waiting.waiting_for or "")
    assert f"deployed on a-{service}, c-{service}; not on b-{service}:" in text
    assert "could not start" in text

    await at_home.stand_ins.change("engines", broken["id"], {"state": "RUNNING", "sandbox": {}})
    await at_home.answer(waiting, "Done")
    record = await at_home.until(process, "deployed")
    assert made(record) == [(f"a-{service}", "BATCH"), (f"c-{service}", "BATCH"), (f"b-{service}", "ONLINE")]
    books = [
        (entry["engine"]["name"], entry["state"])
        for entry in await at_home.stand_ins.deployments_of(snapshot["id"])
    ]
    assert sorted(books) == [
        (f"a-{service}", "DEPLOYED"),
        (f"b-{service}", "DEPLOYED"),
        (f"b-{service}", "ERROR"),
        (f"c-{service}", "DEPLOYED"),
    ]


async def test_a_runtime_that_does_not_run_in_time_opens_an_error_ticket_and_is_not_deployed_on_twice(
    house_with: HouseWith, service: str
) -> None:
    policy = Policy.model_validate({"poll": 0.2, "step_deadline": 20, "deployment_deadline": 0.8})
    async with house_with(policy) as home:
        await home.stand_ins.runtime(service, name=f"slow-{service}", sandbox={"startSeconds": 2})
        snapshot = await home.stand_ins.snapshot(service)
        process = await home.deploy(snapshot)
        waiting = await home.until(process, "error")
        assert f"slow-{service}" in await home.stand_ins.description(waiting.waiting_for or "")

        async def runs() -> bool:
            engines = await home.stand_ins.all("engines")
            return any(e["name"] == f"slow-{service}" and e["state"] == "RUNNING" for e in engines)

        await home.until_true(runs)
        await home.answer(waiting, "Done")
        await home.until(process, "deployed")
        assert len(await home.stand_ins.deployments_of(snapshot["id"])) == 1
