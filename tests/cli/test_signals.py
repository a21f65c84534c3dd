"""`mlc signal` and `mlc signals`."""

import asyncio
import json
from pathlib import Path

import pytest

from mlc.signals import DEPLOYED_BATCH_JOB, MODEL_BACK_TEST, PREFIX, SIGNALS
from tests.cli.conftest import Processes
from tests.cli.shell import Shell


async def test_a_signal_tells_what_it_started(shell: Shell, processes: Processes) -> None:
    snapshot = str(processes.deployed.snapshot_id)
    signal = ("signal", "MODEL_BACK_TEST", "--var", f"MODEL_ID={snapshot}", "--request-id", "june")
    process = f"mlc-back-test-{snapshot}-june"
    told = await shell.mlc(*signal)
    assert (told.code, told.out) == (0, f"{process} is running; see it with: mlc watch {process}\n")
    again = await shell.mlc("signal", MODEL_BACK_TEST, *signal[2:], "--json")
    assert again.document == [{"process": "back-test", "workflowId": process, "joined": True}]
    assert (await shell.mlc("watch", process, "--json")).record.outcome == "passed"


async def test_a_variable_is_text_or_json_or_a_file_of_json(
    shell: Shell, processes: Processes, tmp_path: Path
) -> None:
    snapshot = str(processes.deployed.snapshot_id)
    file = tmp_path / "model.json"
    file.write_text(json.dumps({"id": snapshot, "name": "told by the file"}))
    told = await asyncio.gather(
        *(
            shell.mlc("signal", "deployable_model_changed", "--var", f"DEPLOYABLE_MODEL={value}", "--json")
            for value in (snapshot, json.dumps({"id": snapshot}), f"@{file}")
        )
    )
    assert {one.document[0]["workflowId"] for one in told} == {f"mlc-deploy-{snapshot}"}
    await shell.mlc("watch", snapshot)


async def test_a_signal_of_modelop_that_nobody_listens_to_starts_nothing_and_is_no_error(
    shell: Shell,
) -> None:
    model = ("--var", 'STORED_MODEL={"id": "a"}')
    told, as_json = await asyncio.gather(
        shell.mlc("signal", "model_created", *model), shell.mlc("signal", "model_created", *model, "--json")
    )
    assert (told.code, as_json.code) == (0, 0)
    assert told.out.startswith("No process listens to model_created: nothing was started.")
    assert as_json.document == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("model_back_test", "did you mean MODEL_BACK_TEST?"),
        ("nothing like it", "`mlc signals` lists those that are known"),
    ],
)
async def test_a_name_that_nobody_knows_is_an_error_because_it_is_most_likely_misspelt(
    shell: Shell, name: str, hint: str
) -> None:
    told = await shell.mlc("signal", name)
    assert (told.code, told.out) == (3, "")
    assert told.err == f"mlc: no process listens to {name}, and nothing was started: {hint}\n"


async def test_news_of_a_job_starts_nothing_either(shell: Shell) -> None:
    job = json.dumps({"id": "a-job", "jobParameters": {"mlcProcess": "mlc-deploy-of-nobody"}})
    told = await shell.mlc("signal", "job_status_changed", "--var", f"JOB={job}")
    assert (told.code, told.err) == (0, "")
    assert told.out == "The process that waits for the job, if there is one, looks at it now.\n"


async def test_wrong_variables_are_named(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "text.json").write_text("no JSON")
    complaints = {
        ("--var", "MODEL=x"): f"{MODEL_BACK_TEST}: variable MODEL is not known; there are MODEL_ID, ",
        ("--var", "=x"): "--var =x: ",
        ("--var", "A=1", "--var", "A=2"): "--var A is given twice",
        ("--var", f"A=@{tmp_path}/none.json"): f"--var A: {tmp_path}/none.json cannot be read: No such file",
        ("--var", f"A=@{tmp_path}/text.json"): f"--var A: {tmp_path}/text.json is not JSON: ",
        ("--var", "MODEL_ID=x", "--request-id", "a b"): "request id 'a b': ",
    }
    said = await asyncio.gather(*(shell.mlc("signal", "MODEL_BACK_TEST", *options) for options in complaints))
    for refused, complaint in zip(said, complaints.values(), strict=True):
        assert refused.complaint.startswith(complaint)
        assert refused.code == 2


async def test_the_signals_that_are_known_are_listed_without_temporal(lonely: Shell) -> None:
    told, as_json = await asyncio.gather(lonely.mlc("signals"), lonely.mlc("signals", "--json"))
    assert [entry["name"] for entry in as_json.document] == list(SIGNALS)
    batch = next(entry for entry in as_json.document if entry["name"] == DEPLOYED_BATCH_JOB)
    assert batch == {
        "name": DEPLOYED_BATCH_JOB,
        "effect": "starts a batch job",
        "variables": ["TAG", "MODEL_STAGE", "INPUT_FILE", "OUTPUT_FILE"],
        "optional": ["MODEL_STAGE", "INPUT_FILE", "OUTPUT_FILE"],
        "starts": ["batch-job"],
    }
    lines = told.out.splitlines()
    for name in SIGNALS:
        assert any(line.split()[0] == name.removeprefix(PREFIX) for line in lines)
    assert any("TAG, MODEL_STAGE?, INPUT_FILE?, OUTPUT_FILE?" in line for line in lines)
