"""Every command that README.md shows is run here, as it stands there."""

import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stack.programs import RunningStack, running_stack, until
from tests.stand_ins import ROOT, free_port

README = (ROOT / "README.md").read_text()
BIN = Path(sys.executable).parent
MAKE = ("make demo", "make test", "make up", "make check")
BATCH_TAG = "readme-batch"
SOURCE = """
# modelop.metrics
def metrics(data):
    yield {"rows": len(data)}

# modelop.score
def score(datum):
    yield datum
"""
ASSETS: list[dict[str, Any]] = [
    {"name": "model.py", "assetType": "SOURCE_CODE", "primaryModelSource": True, "sourceCode": SOURCE},
    {"name": "x.csv", "assetType": "FILE", "assetRole": "TEST_DATA", "filename": "x.csv", "fileFormat": "CSV"}
    | {"fileContent": "eAoxCg=="},
]
SERVED = (".venv/bin/mlc worker", ".venv/bin/mlc gateway")


def commands() -> list[str]:
    """The lines of the shell blocks and the commands in running text, without comments and exports."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    lines = [
        line.split("  #")[0].split("      #")[0].strip() for block in blocks for line in block.splitlines()
    ]
    inline = re.findall(r"`((?:make|\.venv/bin/mlc) [^`]+)`", README)
    return [line for line in [*lines, *inline] if line and not line.startswith("export ")]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("readme") / "state") as running:
        yield running


def environment(stack: RunningStack) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLC_", "TEMPORAL_"))}
    return {**kept, "TEMPORAL_ADDRESS": stack.info["temporal"], "MLC_CONFIG": stack.info["config"]}


def start(
    stack: RunningStack, command: str, snapshot: str = "", folder: Path = ROOT
) -> subprocess.Popen[str]:
    words = shlex.split(command.replace("SNAPSHOT", snapshot).replace("TAG", BATCH_TAG))
    words[0] = str(BIN / Path(words[0]).name)
    pipe = subprocess.PIPE
    return subprocess.Popen(words, env=environment(stack), stdout=pipe, stderr=pipe, text=True, cwd=folder)


def run(stack: RunningStack, command: str, snapshot: str = "", folder: Path = ROOT) -> str:
    process = start(stack, command, snapshot, folder)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 0, f"{command}: {errors}"
    return said


def command(beginning: str) -> str:
    """The README's one command that begins so."""
    found = {line for line in commands() if line.startswith(f".venv/bin/mlc {beginning}")}
    assert len(found) == 1, found
    return found.pop()


def snapshot(stack: RunningStack, *tags: str) -> str:
    """A snapshot of a model with a runtime of its own; its signal starts a deploy process, which the commands join."""
    info = stack.info
    with httpx.Client(base_url=info["moc"], trust_env=False, timeout=20) as http:
        token = (
            http.post("/gocli/token", data=info["accounts"]["moc"]).raise_for_status().json()["access_token"]
        )
        http.headers["Authorization"] = f"Bearer {token}"
        api = "/model-manage/api"
        body: dict[str, Any] = {"modelMetaData": {"name": "readme"}, "modelAssets": ASSETS}
        model = http.post(f"{api}/storedModels", json=body).raise_for_status().json()
        http.post(f"{api}/engines", json={"name": f"readme-{model['id'][:8]}", "tags": list(tags)})
        body = {"storedModel": {"id": model["id"]}, "metaData": {"tags": list(tags)}}
        return str(http.post(f"{api}/deployableModels", json=body).raise_for_status().json()["id"])


def model_in_review(stack: RunningStack) -> str:
    return snapshot(stack, "jira", "readme")


def until_in_review(stack: RunningStack, model: str) -> None:
    """Until the process, which may not be there yet, waits for its reviewer."""
    until(
        lambda: "Waiting for" in start(stack, command("status"), model).communicate(timeout=60)[0],
        "a review ticket",
    )


def test_every_command_of_the_readme_is_known_to_this_test() -> None:
    tested = {*MAKE, *SERVED, ".venv/bin/mlc demo --by-hand"}
    tested |= {
        command(name)
        for name in (
            *("list", "deploy", "status", "watch", "approve", "cancel", "check", "config"),
            *("back-test", "batch-job", "fleet-back-test", "schedule create", "schedule list"),
            *("signals", "signal MODEL_BACK_TEST"),
        )
    }
    assert set(commands()) == tested


def test_the_make_targets_exist() -> None:
    for line in MAKE:
        dry = subprocess.run(
            [*line.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert dry.returncode == 0, dry.stderr


def test_a_process_is_started_watched_approved_and_listed(stack: RunningStack) -> None:
    model = model_in_review(stack)
    deploying = start(stack, command("deploy"), model)
    until_in_review(stack, model)
    watching = start(stack, command("watch"), model)
    assert "approve by ann" in run(stack, command("approve"), model)
    for process in (deploying, watching):
        said, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        assert "deployed" in said
    until(lambda: model in run(stack, command("list")), "the process in the list")


def test_a_process_is_cancelled(stack: RunningStack) -> None:
    model = model_in_review(stack)
    until_in_review(stack, model)
    assert "wind up" in run(stack, command("cancel"), model)
    until(lambda: "cancelled" in run(stack, command("status"), model), "the outcome")


def test_a_deployed_model_is_tested_again_by_command_by_schedule_and_by_signal_and_scores_a_file(
    stack: RunningStack, tmp_path: Path
) -> None:
    model = snapshot(stack, BATCH_TAG)
    until(
        lambda: "deployed" in start(stack, command("status"), model).communicate(timeout=60)[0],
        "the deployment",
    )
    assert "passed" in run(stack, command("back-test"), model)
    assert "passed" in run(stack, command("fleet-back-test"), model)
    (tmp_path / "customers.csv").write_text("x\n1\n2\n")
    assert "scored" in run(stack, command("batch-job"), model, tmp_path)
    created = run(stack, command("schedule create"), model)
    assert "06:00" in created
    assert "nightly" in run(stack, command("schedule list"))
    assert "mlc-back-test-" in run(stack, command("signal MODEL_BACK_TEST"), model)
    assert "MODEL_BACK_TEST" in run(stack, command("signals"))


def test_check_and_config_answer(stack: RunningStack) -> None:
    assert "NOT OK" not in run(stack, command("check"))
    assert "MLC_MODELOP__BASE_URL" in run(stack, command("config"))


@pytest.mark.parametrize("served", SERVED)
def test_worker_and_gateway_run_until_they_are_asked_to_stop(stack: RunningStack, served: str) -> None:
    words = shlex.split(served)
    own_ports = {"MLC_WORKER__HEALTH_PORT": "0", "MLC_GATEWAY__PORT": str(free_port())}
    process = subprocess.Popen(
        [str(BIN / "mlc"), *words[1:]],
        env={**environment(stack), **own_ports},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr
        first = process.stderr.readline()
        assert first
        process.terminate()
        assert process.wait(15) == 0, first


def test_the_python_of_the_readme_runs(stack: RunningStack) -> None:
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    model = model_in_review(stack)
    until_in_review(stack, model)
    body = textwrap.indent(code, "    ")
    program = f"import asyncio\nasync def main():\n    snapshot_id = {model!r}\n{body}\nasyncio.run(main())\n"
    running = subprocess.Popen(
        [sys.executable, "-c", program], env=environment(stack), stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    run(stack, command("approve"), model)

    def ended() -> bool:
        # On a busy machine the program comes after the approval and starts a process of its own, to be approved as well.
        start(stack, command("approve"), model).communicate(timeout=60)
        return running.poll() is not None

    until(ended, "the end of the program", within=60)
    said, _ = running.communicate(timeout=60)
    assert said.startswith("deployed")
