"""The step Training."""

import pytest

from mlc.policy import Policy
from tests.house import House, HouseWith

BROKEN_TRAINING = """
# modelop.train
def train(data):
    raise RuntimeError("there is nothing to learn from this")
"""


async def test_the_tag_train_trains_the_model_before_it_is_deployed(at_home: House, service: str) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("train", service, training_data=True)
    record = await at_home.until(await at_home.deploy(snapshot), "deployed")

    assert [step.name for step in record.steps] == ["Model submitted", "Training", "Deployment"]
    [job] = await at_home.stand_ins.jobs_of(snapshot["id"])
    assert (job["jobType"], job["jobStatus"]) == ("MODEL_BATCH_TRAINING_JOB", "COMPLETE")
    assert [asset["assetRole"] for asset in job["inputData"]] == ["TRAINING_DATA"]
    assert [(made.id, made.step, made.attempt, made.status) for made in record.jobs] == [
        (job["id"], "Training", 1, "COMPLETE")
    ]


async def test_training_without_training_data_opens_a_rejection_ticket_and_ends(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("train", "run_test", service)
    record = await at_home.until(await at_home.deploy(snapshot), "rejected")

    assert [(ticket.kind, ticket.step) for ticket in record.tickets] == [("rejection", "Training")]
    assert "TRAINING_DATA" in await at_home.stand_ins.description(record.tickets[0].key)
    assert await at_home.stand_ins.jobs_of(snapshot["id"]) == []
    assert await at_home.stand_ins.deployments_of(snapshot["id"]) == []


async def test_a_failed_training_job_opens_a_rejection_ticket_with_its_messages_and_ends(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot("train", service, training_data=True, code=BROKEN_TRAINING)
    record = await at_home.until(await at_home.deploy(snapshot), "rejected")

    assert [(ticket.kind, ticket.step) for ticket in record.tickets] == [("rejection", "Training")]
    text = await at_home.stand_ins.description(record.tickets[0].key)
    assert "there is nothing to learn from this" in text
    assert len(await at_home.stand_ins.jobs_of(snapshot["id"])) == 1
    assert await at_home.stand_ins.deployments_of(snapshot["id"]) == []


@pytest.mark.parametrize(("tag", "steps"), [("retrain", ["Training"]), ("train", [])])
async def test_the_name_of_the_training_tag_is_configurable(
    house_with: HouseWith, service: str, tag: str, steps: list[str]
) -> None:
    async with house_with(Policy(training_tag="retrain")) as home:
        await home.stand_ins.runtime(service, online=False)
        record = await home.until(
            await home.deploy(await home.stand_ins.snapshot(tag, service)),
            "rejected" if steps else "deployed",
        )
    assert [step.name for step in record.steps if step.name == "Training"] == steps
