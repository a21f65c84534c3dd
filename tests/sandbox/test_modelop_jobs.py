"""The stand-in's runtimes really execute model code, within limits."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.sandbox.modelop_server import API, DOUBLING_MODEL, ModelOp, file_asset, modelop, output_text

SCORE, METRICS, TRAINING = "MODEL_BATCH_JOB", "MODEL_BATCH_TEST_JOB", "MODEL_BATCH_TRAINING_JOB"
ONE_RECORD = file_asset('{"x": 1}')
SLEEPING_MODEL = (
    "import time\n# modelop.score\ndef score(datum):\n    time.sleep(datum['x'])\n    return datum\n"
)


@pytest.fixture(scope="module")
async def user(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[ModelOp]:
    async with modelop(tmp_path_factory.mktemp("modelop")) as user:
        yield user


@pytest.fixture
async def own(tmp_path: Path) -> AsyncGenerator[ModelOp]:
    """A stand-in of the test's own, for tests that register runtimes."""
    async with modelop(tmp_path) as user:
        yield user


def scoring(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"# modelop.score\ndef score(datum):\n{lines}"


async def test_a_scoring_job_scores_json_lines_one_by_one(user: ModelOp) -> None:
    job = await user.run_job(SCORE, await user.snapshot(), file_asset('{"x": 1}\n{"x": 4}\n'))
    assert (job["jobStatus"], job["jobResult"]) == ("COMPLETE", "SUCCESS")
    assert output_text(job) == '{"y": 2}\n{"y": 8}\n'
    assert job["outputData"][0]["fileSize"] == len(output_text(job))
    assert "Scored 2 records" in job["jobMessages"]
    assert job["jobRunTime"] > 0
    assert job["jobWaitTime"] >= 0
    assert job["jobEndTime"] > 1.7e12


async def test_a_scoring_job_reads_and_writes_csv(user: ModelOp) -> None:
    output = {"assetType": "FILE", "filename": "scores.csv", "fileFormat": "CSV"}
    table = file_asset("x,name\n1,a\n4,b\n", "CSV")
    job = await user.run_job(SCORE, await user.snapshot(), table, outputData=[output])
    assert output_text(job) == "y\n2\n8\n"
    assert job["outputData"][0]["filename"] == "scores.csv"


async def test_a_scoring_job_with_one_output_for_each_input_keeps_them_apart(user: ModelOp) -> None:
    outputs = [
        {"assetType": "FILE", "filename": "first.csv", "fileFormat": "UNKNOWN"},
        {"assetType": "FILE", "filename": "second.json", "fileFormat": "JSON"},
    ]
    inputs = (file_asset('{"x": 1}'), file_asset("x\n4\n5\n", "CSV"))
    job = await user.run_job(SCORE, await user.snapshot(), *inputs, outputData=outputs)
    assert [output_text(job, index) for index in (0, 1)] == ["y\n2\n", '{"y": 8}\n{"y": 10}\n']
    assert "Scored 3 records" in job["jobMessages"]
    together = await user.run_job(SCORE, await user.snapshot(), *inputs, outputData=outputs[:1])
    assert output_text(together) == "y\n2\n8\n10\n"


@pytest.mark.parametrize(("inputs", "said"), [(1, "1 input and 2 outputs"), (3, "3 inputs and 2 outputs")])
async def test_a_scoring_job_whose_outputs_match_nothing_ends_in_error(
    user: ModelOp, inputs: int, said: str
) -> None:
    outputs = [{"assetType": "FILE", "filename": name} for name in ("a", "b")]
    job = await user.run_job(SCORE, await user.snapshot(), *[ONE_RECORD] * inputs, outputData=outputs)
    reason = "a scoring job writes one output with all scores, or one output for each input"
    assert (job["jobStatus"], job["jobMessages"]) == ("ERROR", [f"{said}: {reason}"])


async def test_a_metrics_job_gives_its_result_to_every_output(user: ModelOp) -> None:
    outputs = [{"assetType": "FILE", "filename": name, "fileFormat": "CSV"} for name in ("a.csv", "b.json")]
    table = file_asset("x\n1\n", "CSV")
    job = await user.run_job(METRICS, await user.snapshot(), table, outputData=outputs)
    assert [json.loads(output_text(job, index)) for index in (0, 1)] == [{"rows": 1, "mean": 1.0}] * 2
    content = output_text(job).encode()
    digest = {"hashType": "SHA-256", "hexString": hashlib.sha256(content).hexdigest()}
    assert [asset["contentHash"] for asset in job["outputData"]] == [digest] * 2


async def test_a_metrics_job_gets_its_first_input_as_a_data_frame(user: ModelOp) -> None:
    job = await user.run_job(METRICS, await user.snapshot(), file_asset("x\n1\n2\n", "CSV"))
    assert json.loads(output_text(job)) == {"rows": 2, "mean": 1.5}


async def test_a_metrics_job_with_two_inputs_gets_baseline_and_comparator(user: ModelOp) -> None:
    source = "# modelop.metrics\ndef compare(baseline, comparator):\n    yield {'n': [len(baseline), len(comparator)]}\n"
    inputs = (file_asset("x\n1\n", "CSV"), file_asset('[{"x": 1}, {"x": 2}]'))
    job = await user.run_job(METRICS, await user.snapshot(source), *inputs)
    assert json.loads(output_text(job)) == {"n": [1, 2]}


async def test_a_training_job_returns_what_it_learned_and_the_files_it_wrote(user: ModelOp) -> None:
    source = (
        "# modelop.train\n"
        "def train(data):\n"
        "    open('weights.json', 'w').write('[7]')\n"
        "    return {'rows': len(data)}\n"
    )
    code = {"assetType": "SOURCE_CODE", "name": "m.py", "primaryModelSource": True, "sourceCode": source}
    weights = {**file_asset("[7]", name="weights.json"), "assetRole": "WEIGHTS_FILE"}
    model = await user.create("storedModels", {"modelAssets": [code, weights]})
    snapshot = await user.create("deployableModels", {"storedModel": {"id": model["id"]}})
    job = await user.run_job(TRAINING, snapshot, file_asset("x\n1\n", "CSV"))
    assert json.loads(output_text(job)) == {"rows": 1}
    assert len(job["outputData"]) == 2
    assert job["outputData"][1]["filename"] == "weights.json"
    assert output_text(job, 1) == "[7]"


async def test_functions_are_found_by_the_assets_names_too(user: ModelOp) -> None:
    snapshot = await user.snapshot("def action(datum):\n    return datum['x']\n", scoreFunction="action")
    assert output_text(await user.run_job(SCORE, snapshot, ONE_RECORD)) == "1\n"


async def test_init_is_given_the_job_as_json_text(user: ModelOp) -> None:
    source = (
        "import json\n"
        "# modelop.init\n"
        "def init(job):\n"
        "    global job_type\n"
        "    job_type = json.loads(job['rawJson'])['jobType']\n"
    ) + scoring("yield job_type")
    assert output_text(await user.run_job(SCORE, await user.snapshot(source), ONE_RECORD)) == f'"{SCORE}"\n'


async def test_the_models_other_assets_lie_in_its_folder(user: ModelOp) -> None:
    code = {"assetType": "SOURCE_CODE", "name": "m.py", "primaryModelSource": True}
    code["sourceCode"] = scoring("import part\nyield [part.two, open('weights.json').read()]")
    part = {"assetType": "SOURCE_CODE", "name": "part.py", "sourceCode": "two = 2\n"}
    model = await user.create(
        "storedModels", {"modelAssets": [part, code, file_asset("[1]", name="weights.json")]}
    )
    snapshot = await user.create("deployableModels", {"storedModel": {"id": model["id"]}})
    assert json.loads(output_text(await user.run_job(SCORE, snapshot, ONE_RECORD))) == [2, "[1]"]


async def test_a_broken_model_ends_in_error_with_its_traceback(user: ModelOp) -> None:
    job = await user.run_job(SCORE, await user.snapshot(scoring("print('so far')\nreturn 1 / 0")), ONE_RECORD)
    assert (job["jobStatus"], job["jobResult"]) == ("ERROR", "UNKNOWN")
    assert job["jobMessages"][0] == "so far"
    assert job["jobMessages"][-1] == "ZeroDivisionError: division by zero"
    trace = "\n".join(job["jobMessages"])
    assert 'File "model.py", line 4, in score' in trace
    assert "runner.py" not in trace


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def score(datum): pass", "no function announced by `# modelop.score`"),
        (scoring("return float('nan')"), "score of record 1 is nan, which JSON cannot carry"),
        (scoring("return {'a': [object()]}"), "score of record 1.a[0] is a object"),
        (scoring("import os\nos._exit(0)"), "ended its process before there was a result"),
        (scoring("import sys\nsys.exit('enough')"), "SystemExit: enough"),
        ("# modelop.score\ndef score(", "SyntaxError"),
        (scoring("return bytearray(5 * 1024**3)"), "more memory than its limit"),
        (scoring("return 'x' * (33 * 1024**2)"), "the limit is 33554432"),
    ],
)
async def test_what_is_wrong_with_a_model_is_said(user: ModelOp, source: str, message: str) -> None:
    job = await user.run_job(SCORE, await user.snapshot(source), ONE_RECORD)
    assert job["jobStatus"] == "ERROR"
    assert message in "\n".join(job["jobMessages"])


async def test_a_job_that_takes_too_long_is_stopped(user: ModelOp) -> None:
    busy = await user.snapshot(scoring("print('begun', flush=True)\nwhile True: pass"))
    job = await user.run_job(SCORE, busy, ONE_RECORD, jobParameters={"timeoutSeconds": 0.5})
    assert job["jobStatus"] == "ERROR"
    assert job["jobMessages"] == ["begun", "Stopped: the time limit of 0.5 s is over"]


async def test_only_the_last_hundred_lines_of_output_are_kept(user: ModelOp) -> None:
    job = await user.run_job(SCORE, await user.snapshot(scoring("for i in range(500): print(i)")), ONE_RECORD)
    assert len(job["jobMessages"]) == 100
    assert job["jobMessages"][-2:] == ["499", "Scored 1 records"]


async def test_model_code_sees_nothing_of_the_stand_ins_environment(
    user: ModelOp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "secret")
    source = scoring("import os\nreturn [sorted(os.environ), os.listdir('.')]")
    names, files = json.loads(output_text(await user.run_job(SCORE, await user.snapshot(source), ONE_RECORD)))
    assert "A_SECRET" not in names
    assert {"HOME", "LANG", "PATH"} <= set(names)
    assert files == ["model.py"]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([], "The job has no inputData"),
        ([{"assetType": "EXTERNAL_FILE", "filename": "x.csv"}], "Input x.csv: it has no fileUrl"),
        ([{"assetType": "SQL", "name": "q"}], "Input q is SQL: a job's files are FILE or EXTERNAL_FILE"),
        ([{"assetType": "FILE", "filename": "x.csv"}], "Input x.csv has no fileContent"),
        ([file_asset("no json", name="x.json")], "Input x.json is no JSON"),
        ([{**file_asset("", name="x.json"), "fileContent": "%"}], "Asset x.json has no valid base64"),
    ],
)
async def test_unusable_inputs_are_named(user: ModelOp, inputs: list[dict[str, str]], message: str) -> None:
    job = await user.run_job(SCORE, await user.snapshot(), *inputs)
    assert job["jobStatus"] == "ERROR"
    assert message in job["jobMessages"][-1]


async def test_an_asset_cannot_be_written_outside_the_models_folder(user: ModelOp) -> None:
    job = await user.run_job(SCORE, await user.snapshot(name="../model.py"), ONE_RECORD)
    assert "leads out of the model's folder" in job["jobMessages"][0]


async def test_a_job_for_an_unknown_snapshot_ends_in_error(user: ModelOp) -> None:
    job = await user.run_job(SCORE, {"id": "none"}, ONE_RECORD)
    assert job["jobMessages"] == ["The job's snapshot none is unknown"]


async def test_a_job_of_unknown_type_is_refused(user: ModelOp) -> None:
    answer = await user.http.post(
        f"{API}/jobs", json={"jobType": "X", "model": {"deployableModel": {"id": "s"}}}
    )
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("jobType is 'X'")


async def test_a_runtime_runs_one_job_at_a_time(own: ModelOp) -> None:
    await own.create("engines", {"name": "only"})
    snapshot = await own.snapshot(SLEEPING_MODEL)
    first = await own.start_job(SCORE, snapshot, file_asset('{"x": 0.3}'))
    second = await own.start_job(SCORE, snapshot, ONE_RECORD)
    await own.reached("jobs", first["id"], "jobStatus", "RUNNING")
    assert (await own.read("jobs", second["id"]))["jobStatus"] == "CREATED"
    await own.reached("jobs", first["id"], "jobStatus", "COMPLETE")
    assert (await own.reached("jobs", second["id"], "jobStatus", "RUNNING"))["sandbox"] == {"runtime": "only"}


async def test_a_job_waits_for_the_runtime_it_names(own: ModelOp) -> None:
    await own.create("engines", {"name": "other"})
    named = await own.create("engines", {"name": "named", "state": "ERROR"})
    snapshot = await own.snapshot()
    job = await own.start_job(SCORE, snapshot, ONE_RECORD, targetEngine={"name": "named"})
    await own.run_job(SCORE, snapshot, ONE_RECORD)
    assert (await own.read("jobs", job["id"]))["jobStatus"] == "CREATED"
    await own.patch("engines", named["id"], {"state": "RUNNING"})
    job = await own.reached("jobs", job["id"], "jobStatus", "COMPLETE")
    assert job["sandbox"]["runtime"] == "named"


async def test_a_job_waits_for_the_busy_runtime_it_names(own: ModelOp) -> None:
    await own.create("engines", {"name": "idle"})
    await own.create("engines", {"name": "busy"})
    snapshot = await own.snapshot(SLEEPING_MODEL)
    first, second = [
        await own.start_job(SCORE, snapshot, file_asset('{"x": 0.3}'), targetEngine={"name": "busy"})
        for _ in range(2)
    ]
    await own.reached("jobs", first["id"], "jobStatus", "RUNNING")
    assert (await own.read("jobs", second["id"]))["jobStatus"] == "CREATED"
    second = await own.reached("jobs", second["id"], "jobStatus", "COMPLETE", "ERROR")
    assert (second["jobStatus"], second["sandbox"]["runtime"]) == ("COMPLETE", "busy")


async def test_a_job_for_an_unknown_runtime_ends_in_error(own: ModelOp) -> None:
    engine = await own.create("engines", {"name": "named", "state": "ERROR"})
    snapshot = await own.snapshot()
    unknown = await own.run_job(SCORE, snapshot, ONE_RECORD, targetEngine={"name": "gone"})
    assert (unknown["jobStatus"], unknown["jobMessages"]) == ("ERROR", ["Runtime gone is unknown"])
    assert unknown["jobEndTime"] > 1.7e12
    waiting = await own.start_job(SCORE, snapshot, ONE_RECORD, targetEngine={"name": "named"})
    await own.http.delete(f"{API}/engines/{engine['id']}")
    waiting = await own.reached("jobs", waiting["id"], "jobStatus", "ERROR")
    assert waiting["jobMessages"] == ["Runtime named is unknown"]


async def test_a_job_may_name_the_runtime_that_is_there_without_any(user: ModelOp) -> None:
    target = {"name": "sandbox-runtime"}
    job = await user.run_job(SCORE, await user.snapshot(), ONE_RECORD, targetEngine=target)
    assert job["jobStatus"] == "COMPLETE"


async def test_a_runtime_can_be_made_to_fail_its_jobs(own: ModelOp) -> None:
    await own.create("engines", {"name": "frail", "sandbox": {"fails": "jobs"}})
    job = await own.run_job(SCORE, await own.snapshot(), ONE_RECORD)
    assert (job["jobStatus"], job["jobMessages"]) == ("ERROR", ["Runtime frail failed"])


async def test_cancelling_a_running_job_kills_what_it_started(own: ModelOp) -> None:
    source = scoring("import os, subprocess\nsubprocess.Popen(['sleep', '60.125'])\nos.kill(os.getpid(), 19)")
    job = await own.start_job(SCORE, await own.snapshot(source), ONE_RECORD)
    await own.reached("jobs", job["id"], "jobStatus", "RUNNING")
    async with asyncio.timeout(10):
        while not _processes("sleep 60.125"):  # noqa: ASYNC110 nothing announces the grandchild
            await asyncio.sleep(0.02)
    await own.patch("jobs", job["id"], {"jobStatus": "CANCELLED"})
    again = await own.run_job(SCORE, await own.snapshot(DOUBLING_MODEL), ONE_RECORD)
    assert again["jobStatus"] == "COMPLETE"
    job = await own.read("jobs", job["id"])
    assert job["jobStatus"] == "CANCELLED"
    assert job["jobEndTime"] > 1.7e12
    assert _processes("sleep 60.125") == []


async def test_a_job_that_somebody_else_ends_is_stopped(own: ModelOp) -> None:
    await own.create("engines", {"name": "only"})
    snapshot = await own.snapshot(SLEEPING_MODEL)
    job = await own.start_job(SCORE, snapshot, file_asset('{"x": 60}'))
    await own.reached("jobs", job["id"], "jobStatus", "RUNNING")
    await own.patch("jobs", job["id"], {"jobStatus": "ERROR", "jobMessages": ["enough"]})
    assert (await own.run_job(SCORE, snapshot, file_asset('{"x": 0}')))["jobStatus"] == "COMPLETE"
    assert (await own.read("jobs", job["id"]))["jobMessages"] == ["enough"]


async def test_an_ended_job_keeps_its_status(user: ModelOp) -> None:
    job = await user.run_job(SCORE, await user.snapshot(), ONE_RECORD)
    answer = await user.http.patch(f"{API}/jobs/{job['id']}", json={"jobStatus": "CANCELLED"})
    assert answer.status_code == 409
    assert answer.json()["message"].endswith("has ended with status COMPLETE")


async def test_a_job_that_has_not_started_can_be_cancelled(own: ModelOp) -> None:
    await own.http.patch("/sandbox/settings", json={"jobDelaySeconds": 30})
    job = await own.start_job(SCORE, await own.snapshot(), ONE_RECORD)
    await own.reached("jobs", job["id"], "jobStatus", "WAITING")
    await own.patch("jobs", job["id"], {"jobStatus": "CANCELLED"})
    await own.http.patch("/sandbox/settings", json={"jobDelaySeconds": 0})
    assert (await own.run_job(SCORE, await own.snapshot(), ONE_RECORD))["jobStatus"] == "COMPLETE"


async def test_a_job_interrupted_by_the_end_of_the_process_runs_again(tmp_path: Path) -> None:
    async with modelop(tmp_path) as user:
        snapshot = await user.snapshot(SLEEPING_MODEL)
        job = await user.start_job(SCORE, snapshot, file_asset('{"x": 0.4}'))
        await user.reached("jobs", job["id"], "jobStatus", "RUNNING")
    assert _processes(str(tmp_path)) == []
    async with modelop(tmp_path) as user:
        assert (await user.reached("jobs", job["id"], "jobStatus", "COMPLETE"))["jobResult"] == "SUCCESS"


def _processes(command: str) -> list[str]:
    """The command lines on this machine that contain `command`."""
    lines: list[str] = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # a process may end while it is looked at
            lines.append(entry.read_text().replace("\0", " "))
    return [line for line in lines if command in line]
