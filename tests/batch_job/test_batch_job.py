"""The batch job: which model scores, on which runtime, what it reads and writes, and how it ends."""

import base64
import json

import pytest

from tests.files import embedded, external
from tests.house import House
from tests.stand_ins import Json

DOUBLES = """
# modelop.score
def score(datum):
    yield {"id": datum["id"], "score": datum["x"] * 2}
"""
BROKEN = """
# modelop.score
def score(datum):
    raise RuntimeError("no score on purpose")
"""
SLOW = """
# modelop.score
def score(datum):
    import time
    time.sleep(60)
"""


def csv(*rows: tuple[int, float]) -> str:
    return "id,x\n" + "".join(f"{number},{x}\n" for number, x in rows)


async def deployed_for_batch(
    home: House, service: str, *tags: str, code: str = DOUBLES, engine: Json | None = None, **model: object
) -> tuple[Json, Json]:
    """A snapshot that is deployed for batch, and its runtime."""
    engine = engine or await home.stand_ins.runtime(service, online=False)
    snapshot = await home.stand_ins.snapshot(service, *tags, code=code, **model)  # pyright: ignore[reportArgumentType]
    await home.stand_ins.batch_deployment(snapshot, engine)
    return snapshot, engine


async def why_failed(home: House, process: str) -> str:
    """The reason of a batch job that failed; its error ticket says the same, and nobody waits for an answer to it."""
    record = await home.until(process, "failed")
    [ticket] = record.tickets
    assert ticket.kind == "error"
    assert record.reason
    text = await home.stand_ins.description(ticket.key)
    assert record.reason.partition(": ")[2][:60] in text
    assert "Nobody waits for an answer" in text
    return record.reason


async def test_a_file_is_scored_by_the_model_that_is_deployed_for_batch_under_the_tag(
    at_home: House, service: str
) -> None:
    snapshot, engine = await deployed_for_batch(at_home, service)
    process = await at_home.batch_job(service, input_files=(embedded("in.csv", csv((1, 2.0), (2, 4.5))),))
    record = await at_home.until(process, "scored")

    assert process.startswith(f"mlc-batch-{service}-")
    assert (record.process, record.snapshot_id, record.record_count) == ("batch-job", snapshot["id"], 2)
    assert [step.name for step in record.steps] == ["Find model", "Get data", "Find runtime", "Scoring"]
    assert record.tickets == ()
    [job] = await at_home.stand_ins.jobs_of(snapshot["id"])
    assert (job["jobType"], job["targetEngine"]["name"]) == ("MODEL_BATCH_JOB", engine["name"])
    [output] = job["outputData"]
    assert record.outputs == (f"modelop:jobs/{job['id']}/outputData/{output['filename']}",)
    scores = [json.loads(line) for line in base64.b64decode(output["fileContent"]).decode().splitlines()]
    assert scores == [{"id": 1, "score": 4.0}, {"id": 2, "score": 9.0}]


async def test_inputs_and_outputs_are_paired_in_the_order_of_the_variables(
    at_home: House, service: str
) -> None:
    await deployed_for_batch(at_home, service)
    both = at_home.stand_ins
    inputs = [external(both.outside_file(f"{service}/in{n}.csv", csv((n, n)))) for n in (1, 2)]
    outputs = [external(both.outside_file(f"{service}/out{n}.csv")) for n in (1, 2)]
    record = await at_home.until(
        await at_home.batch_job(service, input_files=inputs, output_files=outputs), "scored"
    )
    assert record.outputs == tuple(output.file_url for output in outputs)
    assert record.record_count == 2
    written = [(both.files / service / f"out{n}.csv").read_text() for n in (1, 2)]
    assert written == ["id,score\n1,2\n", "id,score\n2,4\n"]


async def test_without_an_input_file_the_models_own_test_data_are_scored(
    at_home: House, service: str
) -> None:
    code = DOUBLES.replace('datum["id"]', "1").replace('datum["x"]', 'datum["auc"]')
    await deployed_for_batch(at_home, service, code=code, auc=0.5)
    record = await at_home.until(await at_home.batch_job(service), "scored")
    assert record.record_count == 1
    assert next(step.result for step in record.steps if step.name == "Get data") == "test.csv"


async def test_the_most_recent_deployment_in_active_state_scores(at_home: House, service: str) -> None:
    both = at_home.stand_ins
    _, engine = await deployed_for_batch(at_home, service)
    wanted, _ = await deployed_for_batch(at_home, service, engine=engine)
    withdrawn = await both.snapshot(service, code=DOUBLES)
    await both.batch_deployment(withdrawn, engine, state="UNDEPLOYED")
    online = await both.snapshot(service, code=DOUBLES)
    elsewhere = await both.runtime(service)
    await both.batch_deployment(online, elsewhere, deploymentType="ONLINE")
    process = await at_home.batch_job(service, input_files=(embedded("in.csv", csv((1, 1))),))
    record = await at_home.until(process, "scored")
    assert record.snapshot_id == wanted["id"]


async def test_the_deploy_time_decides_which_is_the_most_recent(at_home: House, service: str) -> None:
    both = at_home.stand_ins
    engine = await both.runtime(service, online=False)
    wanted, earlier = [await both.snapshot(service, code=DOUBLES) for _ in range(2)]
    await both.batch_deployment(wanted, engine, deployTime="2026-11-02T00:00:00.000Z")
    await both.batch_deployment(earlier, engine, deployTime="2026-11-01T00:00:00.000Z")
    process = await at_home.batch_job(service, input_files=(embedded("in.csv", csv((1, 1))),))
    assert (await at_home.until(process, "scored")).snapshot_id == wanted["id"]


async def test_the_stage_chooses_the_deployment_and_the_runtime(at_home: House, service: str) -> None:
    both = at_home.stand_ins
    uat = await both.runtime(service, online=False, environmentName="UAT")
    prod = await both.runtime(service, online=False, environmentName="PROD")
    wanted, _ = await deployed_for_batch(at_home, service, engine=uat)
    await deployed_for_batch(at_home, service, engine=prod)
    process = await at_home.batch_job(
        service, model_stage="uat", input_files=(embedded("in.csv", csv((1, 1))),)
    )
    record = await at_home.until(process, "scored")
    assert record.snapshot_id == wanted["id"]
    [job] = await both.jobs_of(wanted["id"])
    assert job["targetEngine"]["name"] == uat["name"]


async def test_without_a_stage_that_of_the_snapshot_chooses_the_runtime(at_home: House, service: str) -> None:
    both = at_home.stand_ins
    await both.runtime(service, online=False, environmentName="DEV")
    uat = await both.runtime(service, online=False, environmentName="UAT")
    snapshot, _ = await deployed_for_batch(at_home, service, engine=uat, modelStage="UAT")
    await both.change("engines", uat["id"], {"state": "ERROR"})
    reason = await why_failed(at_home, await at_home.batch_job(service))
    assert f"with the tag {service} and the stage UAT" in reason
    assert await both.jobs_of(snapshot["id"]) == []


async def test_a_batch_job_under_way_shows_in_the_models_lineage(at_home: House, service: str) -> None:
    snapshot, _ = await deployed_for_batch(at_home, service)
    await at_home.stand_ins.set_moc(jobDelaySeconds=60)
    process = await at_home.batch_job(service)

    async def shows() -> bool:
        return [
            one["processInstance"]["state"]
            for one in await at_home.stand_ins.all("modelMLCs")
            if one["deployableModel"]["id"] == snapshot["id"]
        ] == ["ACTIVE"]

    await at_home.until_true(shows)
    await at_home.client.cancel(process)
    await at_home.until(process, "cancelled")


@pytest.mark.parametrize(
    ("stage", "why"), [(None, "under the tag {}:"), ("SIT", "under the tag {} in the stage SIT:")]
)
async def test_no_such_deployment_is_an_error_that_says_what_to_do(
    at_home: House, service: str, stage: str | None, why: str
) -> None:
    if stage is not None:
        await deployed_for_batch(at_home, service)
    reason = await why_failed(at_home, await at_home.batch_job(service, model_stage=stage))
    assert "no model is deployed for batch " + why.format(service) in reason
    assert "deploy one on a runtime without endpoints" in reason


@pytest.mark.parametrize("state", [{"state": "ERROR"}, {"inputEndpoints": ["rest"]}, {"tags": ["another"]}])
async def test_a_runtime_that_does_not_run_has_endpoints_or_other_tags_is_not_compatible(
    at_home: House, service: str, state: Json
) -> None:
    snapshot, engine = await deployed_for_batch(at_home, service)
    await at_home.stand_ins.change("engines", engine["id"], state)
    reason = await why_failed(at_home, await at_home.batch_job(service))
    assert f"no runtime without endpoints with the tag {service}" in reason
    assert await at_home.stand_ins.jobs_of(snapshot["id"]) == []


async def test_nothing_to_score_is_an_error(at_home: House, service: str) -> None:
    await deployed_for_batch(at_home, service, test_data=False)
    reason = await why_failed(at_home, await at_home.batch_job(service))
    assert "no INPUT_FILE is named" in reason


async def test_a_failed_job_is_told_with_its_messages_and_not_tried_again(
    at_home: House, service: str
) -> None:
    snapshot, _ = await deployed_for_batch(at_home, service, code=BROKEN)
    process = await at_home.batch_job(service, input_files=(embedded("in.csv", csv((1, 1))),))
    reason = await why_failed(at_home, process)
    assert "ended with ERROR" in reason
    record = await at_home.client.status(process)
    assert "no score on purpose" in await at_home.stand_ins.description(record.tickets[0].key)
    assert len(await at_home.stand_ins.jobs_of(snapshot["id"])) == 1


async def test_an_output_that_cannot_be_written_is_an_error_and_leaves_no_half_of_it(
    at_home: House, service: str
) -> None:
    await deployed_for_batch(at_home, service)
    both = at_home.stand_ins
    inputs = (embedded("a.csv", csv((1, 1))), embedded("b.csv", csv((2, 2))))
    outputs = (external(both.outside_file(f"{service}/first.csv")), external("file:///../outside.csv"))
    await why_failed(at_home, await at_home.batch_job(service, input_files=inputs, output_files=outputs))
    assert list((both.files / service).iterdir()) == []


async def test_cancelling_cancels_the_job(at_home: House, service: str) -> None:
    snapshot, _ = await deployed_for_batch(at_home, service, code=SLOW)
    process = await at_home.batch_job(service, input_files=(embedded("in.csv", csv((1, 1))),))

    async def runs() -> bool:
        return [job["jobStatus"] for job in await at_home.stand_ins.jobs_of(snapshot["id"])] == ["RUNNING"]

    await at_home.until_true(runs)
    await at_home.client.cancel(process)
    record = await at_home.until(process, "cancelled")
    assert [job.status for job in record.jobs] == ["CANCELLED"]
    assert record.tickets == ()


async def test_a_model_that_the_deploy_process_deployed_for_batch_scores(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    snapshot = await at_home.stand_ins.snapshot(service, code=DOUBLES)
    await at_home.until(await at_home.deploy(snapshot), "deployed")
    process = await at_home.batch_job(service, input_files=(embedded("in.csv", csv((1, 1))),))
    assert (await at_home.until(process, "scored")).snapshot_id == snapshot["id"]
