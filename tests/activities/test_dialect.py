"""ModelOp Center's JSON in one place, its names configurable."""

import base64
import json
from typing import Any

import pytest

from activities.modelop.results import results_of_job
from activities.modelop.results import test_result as result_of
from activities.modelop.snapshots import changes_between, matching_runtimes
from mlc.dialect import Dialect
from mlc.errors import InvalidInput
from mlc.files import FileAsset
from mlc.modelop import BatchDeploymentQuery, DeploymentOrder, JobOrder, Runtime, RuntimeQuery

CONTROL = frozenset({"train", "run_test", "jira"})
Json = dict[str, Any]


def snapshot(tags: list[str], assets: list[Json] | None = None, **meta: Any) -> Json:
    return {
        "id": "s1",
        "version": 3,
        "createdBy": "ann",
        "storedModel": {"id": "m1", "modelMetaData": {"name": "fraud"}, "modelAssets": assets or []},
        "metaData": {"name": "fraud v1", "tags": tags, **meta},
    }


def order(**more: Any) -> JobOrder:
    settled: Json = {"key": "key", "kind": "testing", "snapshot_id": "s1", "created_after_ms": 0}
    return JobOrder(**settled | more)


def file(**body: Any) -> FileAsset:
    return FileAsset.model_validate(body)


def job_with(output: str) -> Json:
    content = base64.b64encode(output.encode()).decode()
    return {"id": "j1", "outputData": [{"name": "out.json", "fileContent": content}]}


def test_tags_that_neither_steer_the_process_nor_name_a_stage_are_service_tags() -> None:
    read = Dialect().snapshot(snapshot(["run_test", "cc-fraud", "PROD", "jira", "eu"]), CONTROL)
    assert read.service_tags == ("cc-fraud", "eu")


def test_tags_given_as_one_text_are_taken_apart_at_its_commas() -> None:
    body = snapshot([])
    body["metaData"]["tags"] = "run_test, jira,cc-fraud ,"
    read = Dialect().snapshot(body, CONTROL)
    assert read.tags == ("run_test", "jira", "cc-fraud")
    assert read.service_tags == ("cc-fraud",)


@pytest.mark.parametrize(
    ("tags", "meta", "stage"),
    [
        (["cc-fraud"], {}, None),
        (["cc-fraud", "prod"], {}, "PROD"),
        (["cc-fraud", "DEV"], {"modelStage": "uat"}, "UAT"),
        ([], {"modelStage": "SIT"}, "SIT"),
    ],
)
def test_the_stage_is_that_of_the_metadata_else_the_tag_that_names_one(
    tags: list[str], meta: Json, stage: str | None
) -> None:
    assert Dialect().snapshot(snapshot(tags, **meta), CONTROL).stage == stage


def test_the_names_of_stages_are_configurable() -> None:
    read = Dialect(stages=("STAGING", "LIVE")).snapshot(snapshot(["live", "PROD"]), CONTROL)
    assert (read.stage, read.service_tags) == ("LIVE", ("PROD",))


def test_an_asset_without_an_id_is_known_by_its_place() -> None:
    body = snapshot([], [{"assetId": "a", "name": "x"}, {"filename": "test.csv", "assetRole": "TEST_DATA"}])
    dialect = Dialect()
    [asset] = dialect.snapshot(body, CONTROL).assets_of("TEST_DATA")
    assert (asset.asset_id, asset.name) == ("#1", "test.csv")
    assert dialect.asset_body(body, "#1") == {"filename": "test.csv", "assetRole": "TEST_DATA"}
    assert dialect.asset_body(body, "#7") is None


def test_a_snapshot_that_says_next_to_nothing_can_be_read() -> None:
    read = Dialect().snapshot({"id": "s1", "storedModel": None, "metaData": None}, CONTROL)
    assert (read.id, read.name, read.tags, read.stage, read.assets) == ("s1", "s1", (), None, ())


def test_the_digest_of_a_snapshot_is_over_what_would_be_deployed_and_not_over_bookkeeping() -> None:
    dialect = Dialect()
    asset = {"name": "model.py", "sourceCode": "one"}
    before = dialect.snapshot_digest(snapshot(["a"], [asset]))
    touched = {**snapshot(["a"], [asset]), "version": 9, "lastModifiedDate": "2026-01-01T00:00:00Z"}
    assert dialect.snapshot_digest(touched) == before
    assert dialect.snapshot_digest(snapshot(["a", "b"], [asset])) != before
    assert dialect.snapshot_digest(snapshot(["a"], [{**asset, "sourceCode": "two"}])) != before


def test_the_digest_of_runtimes_does_not_change_with_their_state_or_their_order() -> None:
    dialect = Dialect()
    one: Json = {"id": "1", "name": "one", "tags": ["a"], "state": "RUNNING"}
    two: Json = {"id": "2", "name": "two", "tags": ["a"], "state": "INIT"}
    digest = dialect.runtime_digest([one, two])
    assert dialect.runtime_digest([{**two, "state": "ERROR"}, one]) == digest
    assert dialect.runtime_digest([one]) != digest
    assert dialect.runtime_digest([one, {**two, "tags": ["b"]}]) != digest


def test_job_types_and_statuses_are_configurable() -> None:
    dialect = Dialect.model_validate(
        {"job_types": {"testing": "MY_TEST"}, "job_states": {"FINISHED": "complete"}}
    )
    body = dialect.job_body(order(), snapshot([]), [])
    assert body["jobType"] == "MY_TEST"
    assert dialect.job({"id": "j", "jobStatus": "FINISHED"}).state == "complete"


def test_a_status_that_nobody_named_counts_as_still_waiting() -> None:
    assert Dialect().job({"id": "j", "jobStatus": "PAUSED"}).state == "waiting"


def test_a_job_is_found_again_by_the_key_it_carries() -> None:
    dialect = Dialect()
    assert dialect.job_key(dialect.job_body(order(key="k1"), snapshot([]), [])) == "k1"
    assert dialect.job_key({"id": "somebody else's", "jobParameters": None}) is None


def test_a_job_tells_the_process_that_waits_for_it_and_one_of_somebody_else_tells_none() -> None:
    dialect = Dialect()
    body = dialect.job_body(order(workflow_id="mlc-back-test-1"), snapshot([]), [])
    assert dialect.job({"id": "j", **body}).workflow_id == "mlc-back-test-1"
    assert dialect.job({"id": "j", "jobParameters": {"mine": 1}}).workflow_id is None


def test_a_job_reads_the_snapshots_assets_and_then_the_named_files_as_they_were_named() -> None:
    named = {"assetType": "EXTERNAL_FILE", "fileUrl": "s3://b/in.csv", "repositoryInfo": {"host": ""}}
    body = Dialect().job_body(order(inputs=(file(**named),)), snapshot([]), [{"name": "test.csv"}])
    assert body["inputData"] == [{"name": "test.csv"}, named]


def test_the_result_of_a_test_comes_back_embedded_beside_the_file_that_is_asked_for() -> None:
    named = {"assetType": "EXTERNAL_FILE", "fileUrl": "hdfs:///out.json", "filename": "out.json"}
    embedded = {"assetType": "FILE", "filename": "mine.json"}

    def outputs(**more: Any) -> list[str]:
        body = Dialect().job_body(order(**more), snapshot([]), [])
        return [f"{output['assetType']} {output['filename']}" for output in body["outputData"]]

    assert outputs() == ["FILE testing-output.json"]
    assert outputs(outputs=(file(**named),)) == ["EXTERNAL_FILE out.json", "FILE testing-output.json"]
    assert outputs(outputs=(file(**embedded),)) == ["FILE mine.json"]
    assert outputs(kind="scoring", outputs=(file(**named),)) == ["EXTERNAL_FILE out.json"]
    assert outputs(kind="scoring") == ["FILE scoring-output.json"]


def test_a_job_names_its_runtime_only_where_one_was_chosen() -> None:
    runtime = Runtime(id="1", name="r", type="BATCH", engine_type="SPARK_RUNTIME")
    body = Dialect().job_body(order(runtime=runtime), snapshot([]), [])
    assert body["targetEngine"] == {"engineType": "SPARK_RUNTIME", "name": "r"}
    assert "targetEngine" not in Dialect().job_body(order(), snapshot([]), [])


def test_an_ended_job_tells_where_its_outputs_are_and_how_many_records_it_scored() -> None:
    outputs = [{"fileUrl": "s3://b/out.csv", "filename": "out.csv"}, {"filename": "more.json"}]
    body = {"id": "j", "jobMessages": ["Scored 3 records", "Scored 7 records"], "outputData": outputs}
    job = Dialect().job(body)
    assert job.outputs == ("s3://b/out.csv", "modelop:jobs/j/outputData/more.json")
    assert job.record_count == 7
    assert Dialect().job({"id": "j", "jobMessages": ["done"]}).record_count is None
    counting = Dialect(record_count_pattern=r"rows=(\d+)")
    assert counting.job({"id": "j", "jobMessages": ["rows=12"]}).record_count == 12


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"state": "UNDEPLOYED"}, False),
        ({"state": "ERROR"}, False),
        ({"deploymentType": "ONLINE"}, False),
        ({"deployableModel": {"id": "s", "metaData": {"tags": ["other"]}}}, False),
        ({"deployableModel": {"id": "s", "metaData": {"tags": ["cc-fraud"]}}}, False),
        ({"deployableModel": {"id": "s", "metaData": {"tags": "fraud,other"}}}, True),
        ({"engine": {"id": "e", "tags": ["DEV"]}}, False),
        ({"engine": {"id": "e", "tags": [], "environmentName": "uat"}}, True),
        ({"engine": None}, False),
    ],
)
def test_a_batch_deployment_fits_by_state_type_service_tag_and_stage(change: Json, fits: bool) -> None:
    body = {
        "state": "DEPLOYED",
        "deploymentType": "BATCH",
        "deployableModel": {"id": "s", "metaData": {"tags": ["fraud"]}},
        "engine": {"id": "e", "tags": ["fraud", "UAT"]},
        **change,
    }
    assert Dialect().is_batch_deployment(body, BatchDeploymentQuery(tag="fraud", stage="uat")) is fits


def test_the_messages_of_a_job_are_its_last_lines_in_either_form() -> None:
    texts = ["first\nsecond", {"message": "third"}, *(f"line {n}" for n in range(100))]
    messages = Dialect().job({"id": "j", "jobStatus": "ERROR", "jobMessages": texts}).messages
    assert (len(messages), messages[-1]) == (40, "line 99")
    short = Dialect().job({"id": "j", "jobStatus": "ERROR", "jobMessages": texts[:2]}).messages
    assert short == ("first", "second", "third")


def test_a_runtime_with_endpoints_is_online_and_one_without_is_for_batch() -> None:
    dialect = Dialect()
    assert dialect.runtime({"id": "1", "name": "r", "inputEndpoints": ["rest"]}).type == "ONLINE"
    assert dialect.runtime({"id": "1", "name": "r", "inputEndpoints": []}).type == "BATCH"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (RuntimeQuery(service_tags=("a",)), ["dev", "prod", "prod-by-environment"]),
        (RuntimeQuery(service_tags=("a",), stage="PROD"), ["prod", "prod-by-environment"]),
        (RuntimeQuery(service_tags=("A",)), []),
        (RuntimeQuery(service_tags=()), []),
        (RuntimeQuery(service_tags=("b", "zzz")), ["other"]),
    ],
)
def test_runtimes_match_by_service_tag_and_by_stage_where_there_is_one(
    query: RuntimeQuery, names: list[str]
) -> None:
    engines: list[Json] = [
        {"id": "1", "name": "prod", "tags": ["a", "Prod"]},
        {"id": "2", "name": "dev", "tags": ["a", "DEV"]},
        {"id": "3", "name": "prod-by-environment", "tags": ["a"], "environmentName": "prod"},
        {"id": "4", "name": "other", "tags": ["b", "PROD"]},
        {"id": "5", "name": "none", "tags": None},
    ]
    assert [engine["name"] for engine in matching_runtimes(Dialect(), engines, query)] == names


def test_a_deployment_that_failed_or_was_taken_down_does_not_stand() -> None:
    dialect = Dialect()
    order = DeploymentOrder(key="k", snapshot_id="s", runtime=Runtime(id="e", name="e", type="ONLINE"))
    made: Json = {"deployableModel": {"id": "s"}, "engine": {"id": "e"}, "state": "DEPLOYED"}
    assert dialect.is_deployment_of(made, order)
    for other in ({"state": "ERROR"}, {"state": "UNDEPLOYED"}, {"engine": None}, {"engine": {"id": "x"}}):
        assert not dialect.is_deployment_of({**made, **other}, order)


def test_a_deployment_that_was_made_for_this_very_order_is_its_answer_even_when_it_failed() -> None:
    order = DeploymentOrder(key="k", snapshot_id="s", runtime=Runtime(id="e", name="e", type="ONLINE"))
    assert Dialect().is_deployment_of({"mlcKey": "k", "state": "ERROR"}, order)


def test_changes_name_the_files_added_removed_and_changed() -> None:
    def with_assets(**contents: str) -> Json:
        assets = [{"name": name, "sourceCode": text} for name, text in contents.items()]
        return snapshot([], assets)

    found = changes_between(
        with_assets(kept="1", gone="1", other="1"), with_assets(kept="1", new="1", other="2")
    )
    assert (found.since, found.lines) == ("s1", ("added: new", "removed: gone", "changed: other"))


def test_a_changed_file_is_a_change_even_under_a_hash_that_nobody_renewed() -> None:
    hashed = {"hashType": "SHA-256", "hexString": "00"}
    before = snapshot([], [{"name": "model.py", "sourceCode": "one", "contentHash": hashed}])
    now = snapshot([], [{"name": "model.py", "sourceCode": "two", "contentHash": hashed}])
    assert changes_between(before, now).lines == ("changed: model.py",)


@pytest.mark.parametrize("output", ['{"auc": 0.9}', '[{"auc": 0.9}]'], ids=["object", "list of one object"])
def test_a_metrics_output_is_one_json_object(output: str) -> None:
    assert results_of_job(job_with(output)) == {"auc": 0.9}


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ('[{"auc": 1}, {"auc": 2}]', "is not one JSON object"),
        ("[]", "is not one JSON object"),
        ("7", "is not one JSON object"),
        ("not json", "cannot be read as JSON"),
        ('{"auc": NaN}', "NaN is not a number of JSON"),
        ('{"auc": Infinity}', "Infinity is not finite"),
    ],
)
def test_any_other_metrics_output_is_refused_naming_the_job(output: str, said: str) -> None:
    with pytest.raises(InvalidInput, match="the output of job j1") as refused:
        results_of_job(job_with(output))
    assert said in str(refused.value)


def test_a_job_without_an_output_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is empty"):
        results_of_job({"id": "j1", "outputData": [{"name": "out.json"}]})


def test_sections_of_a_test_result_count_for_its_digest_but_are_no_headline() -> None:
    entity: Json = {"id": "r", "testResults": {"auc": 0.9, "ok": True, "data_drift": [{"values": {"a": 1}}]}}
    read = result_of(entity)
    assert read.metrics == {"auc": 0.9, "ok": True}
    drifted = json.loads(json.dumps(entity))
    drifted["testResults"]["data_drift"][0]["values"]["a"] = 2
    assert result_of(drifted).digest != read.digest
