"""`mlc back-test`, `batch-job`, `fleet-back-test` and `start`: what they start, tell and end with."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest

from mlc.files import LARGEST_EMBEDDED
from mlc.record import ProcessRecord
from tests.cli.conftest import Processes, Temporal
from tests.cli.shell import Shell
from tests.stack.programs import has_control_codes
from tests.stand_ins import StandIns


@pytest.fixture(scope="session")
async def in_batch(temporal: Temporal, world: StandIns) -> ProcessRecord:
    """A model that is deployed for batch, under a tag of its own; its name is the tag."""
    tag = f"batch-{uuid4().hex[:8]}"
    await world.runtime(tag, online=False, name=tag)
    snapshot = await world.snapshot(tag)
    return await temporal.until(snapshot["id"], "deployed")


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    file = tmp_path / "customers.csv"
    file.write_text("id,x\n1,2.0\n2,4.5\n")
    return file


@pytest.fixture
def drifted(tmp_path: Path) -> Path:
    file = tmp_path / "drifted.csv"
    file.write_text("auc,f1_score\n0.51,0.48\n")
    return file


async def test_a_back_test_is_named_and_followed(shell: Shell, processes: Processes) -> None:
    snapshot = str(processes.deployed.snapshot_id)
    started = await shell.mlc("back-test", snapshot, "--request-id", "may")
    process = f"mlc-back-test-{snapshot}-may"
    assert (started.code, started.out) == (0, f"{process} is running; see it with: mlc watch {process}\n")
    watched = await shell.mlc("watch", process, "--json")
    assert (watched.code, watched.record.outcome) == (0, "passed")
    again = await shell.mlc("back-test", snapshot, "--request-id", "may", "--json")
    assert again.document == {"process": "back-test", "workflowId": process, "joined": True}


async def test_a_back_test_on_a_file_of_ones_own_that_breaks_a_threshold_ends_with_10(
    shell: Shell, processes: Processes, drifted: Path
) -> None:
    snapshot = str(processes.deployed.snapshot_id)
    shown = await shell.mlc("back-test", snapshot, "--input", str(drifted), "--wait")
    assert shown.code == 10
    steps = [line.partition(":")[0] for line in shown.err.splitlines()]
    assert steps[:3] == ["Get model", "Get data", "Testing"]
    assert steps[-1].startswith("alert ticket MLC-")
    assert f"back-test of {processes.deployed.model_name}: rejected" in shown.out
    assert not has_control_codes(shown.out + shown.err)


async def test_a_batch_job_tells_where_its_results_are_and_how_many(
    shell: Shell, in_batch: ProcessRecord, customers: Path
) -> None:
    tag = in_batch.deployments[0].runtime
    files = ("--input", str(customers), "--output", "scores.json")
    shown = await shell.mlc("batch-job", tag, *files, "--wait")
    assert shown.code == 0, shown.err
    lines = shown.out.splitlines()
    assert lines[0] == f"batch-job of {in_batch.model_name}: scored"
    assert any(line.startswith("Output: modelop:jobs/") and line.endswith("scores.json") for line in lines)
    assert "2 records scored" in lines


async def test_a_batch_job_without_a_model_ends_with_11(shell: Shell) -> None:
    shown = await shell.mlc("batch-job", "nobodys-tag", "--stage", "PROD", "--wait", "--json")
    assert shown.code == 11
    assert shown.record.snapshot_id is None
    assert "nobodys-tag" in str(shown.record.reason)
    listed = await shell.mlc("status", shown.record.workflow_id)
    assert listed.out.splitlines()[0] == "batch-job: failed"


async def test_a_fleet_is_a_table_of_models_and_tells_each_end_once(
    shell: Shell, in_batch: ProcessRecord
) -> None:
    tag = in_batch.deployments[0].runtime
    shown = await shell.mlc("fleet-back-test", tag, "--at-once", "3", "--wait")
    assert shown.code == 0, shown.err
    assert shown.err.splitlines().count(f"{in_batch.model_name}: passed") == 1
    lines = [line.split() for line in shown.out.splitlines()]
    heading = lines.index(["model", "outcome", "ticket", "id"])
    assert lines[heading + 1][:2] == [in_batch.model_name, "passed"]
    assert lines[0] == ["fleet-back-test:", "passed"]


async def test_any_process_is_started_by_its_name_and_variables(
    shell: Shell, temporal: Temporal, processes: Processes, drifted: Path, tmp_path: Path
) -> None:
    asset = {"assetType": "FILE", "filename": "drifted.csv", "fileFormat": "CSV"}
    content = "YXVjLGYxX3Njb3JlCjAuNTEsMC40OAo="
    (tmp_path / "asset.json").write_text(json.dumps({**asset, "fileContent": content}))
    shown = await shell.mlc(
        "start",
        "back-test",
        *("--var", f"MODEL_ID={processes.deployed.snapshot_id}"),
        *("--var", f"INPUT_FILE=@{tmp_path / 'asset.json'}"),
        *("--wait", "--json"),
    )
    assert (shown.code, shown.record.outcome) == (10, "rejected"), shown.err


async def test_what_cannot_be_started_is_told_in_one_line(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "text.json").write_text("no JSON")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "large.csv").write_bytes(b"x" * LARGEST_EMBEDDED)
    missing, empty, large = (str(tmp_path / name) for name in ("none.csv", "empty.csv", "large.csv"))
    complaints = {
        ("start", "undeploy"): "there is no process 'undeploy'; there are deploy, back-test, ",
        (
            "start",
            "back-test",
            "--var",
            "MODEL=x",
        ): "back-test: variable MODEL is not known; there are MODEL_ID",
        ("back-test", "a b"): "snapshot_id 'a b': 1 to 200 characters without blanks",
        ("back-test", "s", "--input", missing): f"--input {missing}: {missing} cannot be read: No such file",
        ("back-test", "s", "--input", empty): f"--input {empty}: {empty} is empty",
        (
            "back-test",
            "s",
            "--input",
            "/dev/zero",
        ): "--input /dev/zero: /dev/zero is no file that can be sent along",
        (
            "back-test",
            "s",
            "--input",
            large,
        ): f"--input {large}: {large} has 524288 bytes, at most 393216 can ",
        (
            "back-test",
            "s",
            "--input",
            "ftp://x/y.csv",
        ): "--input ftp://x/y.csv: fileUrl: is not an address of ",
        (
            "back-test",
            "s",
            "--input",
            f"@{tmp_path}/text.json",
        ): f"--input @{tmp_path}/text.json: it is not JSON",
        (
            "back-test",
            "s",
            "--input",
            f"@{tmp_path}/list.json",
        ): f"--input @{tmp_path}/list.json: it holds no ",
        ("batch-job", "t", "--output", "@none.json"): "--output @none.json: it cannot be read: ",
        ("fleet-back-test", "t", "--at-once", "0"): "at_once: Input should be greater than or equal to 1",
    }
    said = await asyncio.gather(*(shell.mlc(*command) for command in complaints))
    for refused, complaint in zip(said, complaints.values(), strict=True):
        assert refused.complaint.startswith(complaint)
        assert refused.code == 2
