"""The curl commands of ModelOp Center's documentation at the embedded stack: nothing is replaced but address and ids."""

import json
import re
import shutil
import subprocess
from collections.abc import Generator
from typing import Any

import httpx
import pytest

from tests.stack.programs import RunningStack, running_stack, until
from tests.stand_ins import ROOT

# The README shows them, and these are they.
BLOCK = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[0]
TOKEN, BACK_TEST, BATCH_JOB = BLOCK.split("\n\n")
PROCESSES = "curl --header 'Authorization: Bearer <token>' '<moc-base-url>/mlc-service/api/processes?snapshot=<snapshot guid>'"
STATUS = " --silent --show-error --write-out '\\n%{http_code}'"

API = "/model-manage/api"
MODEL = """
# modelop.metrics
def metrics(data):
    yield {"auc": 0.9}

# modelop.score
def score(datum):
    yield datum
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("curl") / "state") as running:
        yield running


@pytest.fixture(scope="module")
def told(stack: RunningStack) -> dict[str, str]:
    """What a reader puts in the place of what stands in angle brackets."""
    known = {"<moc-base-url>": stack.info["moc"], "<snapshot guid>": "none"}
    known |= {f"<{name}>": value for name, value in stack.info["accounts"]["moc"].items()}
    status, answer = curl(TOKEN, known)
    assert status == 200
    return known | {"<token>": json.loads(answer)["access_token"]}


@pytest.fixture(scope="module")
def snapshot(stack: RunningStack, told: dict[str, str]) -> str:
    """A snapshot that is deployed for batch under the tag cc-fraud."""
    with httpx.Client(base_url=f"{stack.info['moc']}{API}", trust_env=False) as http:
        http.headers["Authorization"] = f"Bearer {told['<token>']}"

        def create(collection: str, **body: Any) -> Any:
            return http.post(f"/{collection}", json=body).raise_for_status().json()

        source = {"name": "model.py", "assetType": "SOURCE_CODE", "assetRole": "MODEL_SOURCE"}
        data = {"name": "test.csv", "assetType": "FILE", "assetRole": "TEST_DATA", "filename": "test.csv"}
        assets = [
            {**source, "primaryModelSource": True, "sourceCode": MODEL},
            {**data, "fileFormat": "CSV", "fileContent": "eAoxCg=="},
        ]
        create("engines", name="batch", tags=["cc-fraud"])
        model = create("storedModels", modelMetaData={"name": "fraud"}, modelAssets=assets)
        made = create("deployableModels", storedModel={"id": model["id"]}, metaData={"tags": ["cc-fraud"]})

        def is_deployed() -> bool:
            found = http.get("/deployedModels").raise_for_status().json()["_embedded"]["deployedModels"]
            return any(deployed["deployableModel"]["id"] == made["id"] for deployed in found)

        until(is_deployed, "the deployment")
        return str(made["id"])


def curl(command: str, told: dict[str, str]) -> tuple[int, str]:
    """The status and the body that a shell gets for the command."""
    for placeholder, value in told.items():
        command = command.replace(placeholder, value)
    assert "<" not in command
    done = subprocess.run(
        ["bash", "-c", command.rstrip() + STATUS],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
        env={"PATH": "/usr/bin:/bin", "NO_PROXY": "*"},
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def test_the_token_is_one_that_opens_modelop_center_and_the_life_cycle(told: dict[str, str]) -> None:
    status, body = curl(PROCESSES, told)
    assert (status, json.loads(body)) == (200, [])


def test_a_back_test_is_started_by_signal_and_keeps_its_untyped_output_file(
    stack: RunningStack, told: dict[str, str], snapshot: str
) -> None:
    known = told | {"<snapshot guid>": snapshot}
    assert curl(BACK_TEST, known) == (204, "")

    def job_of_the_back_test() -> Any:
        answer = httpx.get(
            f"{stack.info['moc']}{API}/jobs",
            headers={"Authorization": f"Bearer {told['<token>']}"},
            trust_env=False,
        )
        jobs = answer.raise_for_status().json()["_embedded"]["jobs"]
        return next((job for job in jobs if job["jobType"] == "MODEL_BATCH_TEST_JOB"), None)

    job = until(job_of_the_back_test, "the job of the back-test")
    assert job["model"]["deployableModel"]["id"] == snapshot
    [output] = [file for file in job["outputData"] if file["assetType"] == "EXTERNAL_FILE"]
    assert output["fileUrl"] == "hdfs:///hadoop/demo/output.csv"
    assert output["repositoryInfo"]["repositoryType"] == "HDFS_REPOSITORY"

    def processes() -> list[str]:
        return sorted(row["process"] for row in json.loads(curl(PROCESSES, known)[1]))

    until(lambda: processes() == ["back-test", "deploy"], "both processes in the list")


def test_a_batch_job_is_started_by_signal_responsive_which_tells_its_process_and_job(
    told: dict[str, str], snapshot: str
) -> None:
    status, body = curl(BATCH_JOB, told)
    assert status == 200
    [process] = json.loads(body)["processInstances"]
    assert process["process"] == "batch-job"
    assert process["id"].startswith("mlc-batch-cc-fraud-")
    assert process["jobId"]

    waited = BATCH_JOB.replace("signalResponsive'", "signalResponsive?wait=60'")
    [process] = json.loads(curl(waited, told)[1])["processInstances"]
    assert process["state"] == "completed"
    assert (process["result"]["outcome"], process["result"]["snapshotId"]) == ("scored", snapshot)
    assert process["result"]["jobs"][-1]["id"] == process["jobId"]


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
@pytest.mark.parametrize(("tag", "exit_code"), [("cc-fraud", 0), ("nobody-has-this-tag", 1)])
def test_a_caller_that_goes_by_exit_codes_learns_the_outcome_as_the_manual_says(
    told: dict[str, str], snapshot: str, tag: str, exit_code: int
) -> None:
    manual = (ROOT / "docs" / "operating.md").read_text()
    asked = next(line for line in manual.splitlines() if "| jq --exit-status" in line)
    waited = BATCH_JOB.replace("signalResponsive'", "signalResponsive?wait=60'").replace("cc-fraud", tag)
    status, body = curl(waited, told)
    assert status == 200
    done = subprocess.run(
        ["bash", "-c", asked.partition(" | ")[2]], input=body, text=True, capture_output=True, check=False
    )
    assert done.returncode == exit_code, done.stderr


def test_without_a_token_and_with_a_wrong_one_they_are_refused(told: dict[str, str]) -> None:
    anonymous = BATCH_JOB.replace("  --header 'Authorization: Bearer <token>' \\\n", "")
    for command, known in ((anonymous, told), (BATCH_JOB, told | {"<token>": "wrong"})):
        status, body = curl(command, known)
        assert (status, json.loads(body)["type"]) == (401, "Unauthorized")
