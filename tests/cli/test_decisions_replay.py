"""`mlc decisions replay`: the decisions of the past under a changed table."""

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from mlc.record import ProcessRecord
from starter.client import MlcClient
from starter.files import embedded_file
from starter.past_processes import Wanted, past_processes
from tests.cli.conftest import SERVICE_TAG, Temporal
from tests.cli.shell import WITHIN_SECONDS, Said, Shell
from tests.stack.programs import RunningStack, has_control_codes
from tests.stand_ins import TABLE, StandIns
from workflows.temporal import mlc_plugin

NOWHERE = "127.0.0.1:1"
MODEL = """
# modelop.metrics
def metrics(data):
    auc = float(data["auc"].iloc[0])
    yield {"auc": auc, "f1_score": float(data["f1_score"].iloc[0]), "spread": {"gini": round(2 * auc - 1, 2)}}

# modelop.score
def score(datum):
    yield datum
"""
TIGHTER = TABLE.replace("&lt; 0.8", "&lt; 0.9").replace("below 0.8", "below 0.9")
WITH_GINI = TABLE.replace(' camunda:inputVariable="auc"', "").replace(
    "<text></text>", "<text>spread.gini</text>", 1
)
LAXER = TABLE.replace("&lt; 0.8", "&lt; 0.4")

REPLAY = {
    *("table", "model", "process", "since", "lookedAt", "oldest", "flips", "notJudged", "unchanged"),
    *("judgedNothing", "stopped", "unread", "modelopRefusal"),
}
REPLAYED = {
    *("workflowId", "runId", "process", "modelId", "modelName", "snapshotId", "startedAt", "outcome"),
    *("judgedOn", "before", "after", "problem", "deciding"),
}
Table = Callable[[str], str]


@dataclass(frozen=True)
class Past:
    """The processes of one model. `deployed` is a later run of `rejected`; one more was stopped from outside."""

    rejected: ProcessRecord
    deployed: ProcessRecord
    passed: ProcessRecord
    in_review: ProcessRecord
    unjudged: ProcessRecord

    @property
    def model(self) -> str:
        return str(self.passed.model_name)


@pytest.fixture(scope="session")
async def client(stack: RunningStack) -> MlcClient:
    return MlcClient(await Client.connect(stack.info["temporal"], plugins=[mlc_plugin()]))


@pytest.fixture(scope="session")
async def past(
    client: MlcClient, world: StandIns, temporal: Temporal, tmp_path_factory: pytest.TempPathFactory
) -> Past:
    first = await world.snapshot("run_test", SERVICE_TAG, auc=0.5, code=MODEL)
    better = tmp_path_factory.mktemp("data") / "better.csv"
    better.write_text("auc,f1_score\n0.95,0.9\n")
    back_test = await client.start_back_test(first["id"], input_files=[embedded_file(better)])
    rejected = await temporal.until(first["id"], "rejected")

    stored = first["storedModel"]
    untested, stopped = [await world.snapshot_of(stored, "jira", SERVICE_TAG) for _ in range(2)]
    content = base64.b64encode(b"auc,f1_score\n0.85,0.9\n").decode()
    world.rewrite_asset(first, "test.csv", fileContent=content)
    again = await client.start_deploy(first["id"])
    assets = [
        asset | {"fileContent": content} if asset["name"] == "test.csv" else asset
        for asset in stored["modelAssets"]
    ]
    stored = await world.change("storedModels", stored["id"], {"modelAssets": assets})
    unjudged, ends, deployed, passed = await asyncio.gather(
        temporal.until(untested["id"], "review"),
        temporal.until(stopped["id"], "review"),
        client.wait(again),
        client.wait(back_test),
    )
    await client.temporal.get_workflow_handle(ends.workflow_id).terminate()
    reviewed = await world.snapshot_of(stored, "run_test", "jira", SERVICE_TAG)
    in_review = await temporal.until(reviewed["id"], "review")
    await until_listed(client, str(passed.model_name))
    return Past(rejected, deployed, passed, in_review, unjudged)


async def until_listed(client: MlcClient, model: str) -> None:
    """What is listed lags a little behind."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while True:
            states = [row.state for row in await client.list(model=model)]
            if (states.count("running"), states.count("completed")) == (2, 4):
                return


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """A decision table in a file."""

    def written(xml: str) -> str:
        (tmp_path / "new.dmn").write_text(xml)
        return str(tmp_path / "new.dmn")

    return written


async def test_a_tighter_threshold_flips_what_it_would_now_refuse(
    shell: Shell, past: Past, table: Table
) -> None:
    said = await replay(shell, table(TIGHTER), "--model", past.model, "--json")
    assert (said.code, said.err) == (3, "")
    replayed = said.document
    assert set(replayed) == REPLAY
    # The newest first; the process that still runs is judged as those that have ended.
    assert runs(replayed["flips"]) == [past.in_review.run_id, past.deployed.run_id]
    assert set(runs(replayed["unchanged"])) == {past.passed.run_id, past.rejected.run_id}
    assert (replayed["notJudged"], replayed["unread"]) == ([], [])
    assert (replayed["lookedAt"], replayed["judgedNothing"], replayed["stopped"]) == (5, 1, 1)
    assert datetime.fromisoformat(replayed["oldest"]) == min(past.rejected.started_at, past.passed.started_at)

    flip = replayed["flips"][1]
    assert set(flip) == REPLAYED
    assert (flip["before"]["passed"], flip["after"]["passed"]) == (True, False)
    assert flip["after"]["reasons"] == ["AUC is below 0.9"]
    assert flip["deciding"] == [{"metric": "auc", "value": 0.85, "failedWhen": "< 0.8", "failsWhen": "< 0.9"}]
    assert (flip["outcome"], flip["judgedOn"]) == ("deployed", "record")


async def test_a_laxer_threshold_flips_what_it_would_have_let_through(
    shell: Shell, past: Past, table: Table
) -> None:
    said = await replay(shell, table(LAXER), "--model", past.model)
    assert said.code == 3
    title, flip, empty, count, scope = said.out.splitlines()
    assert title.split() == ["decision", "started", "process", "evidence", "reasons", "snapshot", "id"]
    assert flip.startswith("FAIL → pass ")
    assert "  deploy  " in flip
    assert "auc is 0.5: rules look for < 0.4, before: < 0.8  before: AUC is below 0.8" in flip
    assert flip.split()[-2:] == [past.rejected.snapshot_id, past.rejected.workflow_id]
    assert empty == ""
    assert count == "1 of 4 decisions flip (0 pass → FAIL, 1 FAIL → pass), 3 stay as they are"
    assert scope.startswith(f"5 processes of {past.model} looked at, the oldest of 20")
    assert "; 1 of them judged nothing; 1 more left no record, stopped from outside" in scope
    assert not has_control_codes(said.out)


async def test_the_same_table_flips_nothing_and_all_shows_what_stays(
    shell: Shell, past: Past, table: Table
) -> None:
    said = await replay(shell, table(TABLE), "--model", past.model, "--all")
    assert said.code == 0
    _, *stay, empty, count, _ = said.out.splitlines()
    assert sorted(line.split()[0] for line in stay) == ["FAIL", "pass", "pass", "pass"]
    assert (empty, count) == ("", "0 of 4 decisions flip, 4 stay as they are")


async def test_processes_are_chosen_by_model_kind_time_and_number(client: MlcClient, past: Past) -> None:
    started = past.in_review.started_at

    async def chosen(model: str, **more: Any) -> list[str]:
        found = await past_processes(client.temporal, Wanted(model, **more), lambda what, done, of: None)
        return [record.run_id for record in found.records]

    everything = await chosen(past.model)
    assert everything[0] == past.in_review.run_id
    assert set(everything) == {
        *(past.rejected.run_id, past.deployed.run_id, past.passed.run_id, past.in_review.run_id),
        past.unjudged.run_id,
    }
    assert await chosen(str(past.passed.model_id)) == everything
    assert await chosen(past.model, process="back-test") == [past.passed.run_id]
    assert await chosen(past.model, since=started) == [past.in_review.run_id]
    assert await chosen(past.model, since=started + timedelta(microseconds=1)) == []
    assert await chosen(past.model, limit=2) == everything[:2]
    assert await chosen(str(past.passed.model_id), limit=2) == everything[:2]


async def test_a_metric_that_no_test_yielded_is_told_and_nothing_is_said_to_pass(
    shell: Shell, past: Past, table: Table
) -> None:
    said = await replay(shell, table(TABLE.replace('"f1_score"', '"recall"')), "--model", past.model)
    assert said.code == 1
    lines = [line for line in said.out.splitlines() if " → not judged " in line]
    assert len(lines) == 4
    for line in lines:
        assert 'the test result has no metric "recall"' in line
    assert "0 of 4 decisions flip, 0 stay as they are, 4 cannot be judged" in said.out


async def test_what_the_record_does_not_keep_is_read_from_modelop_center(
    shell: Shell, past: Past, table: Table
) -> None:
    xml = table(WITH_GINI)
    known, unknown = await asyncio.gather(
        replay(shell, xml, "--model", past.model, "--json"),
        replay(shell.with_(MLC_MODELOP__BASE_URL=f"http://{NOWHERE}"), xml, "--model", past.model),
    )
    assert known.code == 3
    assert runs(known.document["flips"]) == [past.in_review.run_id, past.deployed.run_id]
    assert {each["judgedOn"] for each in known.document["flips"]} == {"stored result"}

    assert unknown.code == 1
    assert "0 of 4 decisions flip, 0 stay as they are, 4 cannot be judged" in unknown.out
    refusal = f"ModelOp Center does not answer at http://{NOWHERE}"
    (line, *_) = [line for line in unknown.out.splitlines() if " → not judged " in line]
    assert 'the test result has no metric "spread" in its record' in line
    assert unknown.out.count(refusal) == 1
    assert refusal in unknown.out.splitlines()[-1]


async def test_a_broken_table_is_refused_before_anything_is_asked(lonely: Shell, table: Table) -> None:
    broken = table(TABLE.replace("&lt; 0.8", "&lt; ("))
    said = await replay(lonely.with_(TEMPORAL_ADDRESS=NOWHERE), broken, "--model", "any")
    assert said.code == 2
    assert said.complaint.startswith('file new.dmn, decision "Thresholds", rule 1, column "auc"')


async def test_a_model_that_nobody_knows_is_told_in_one_line(shell: Shell, table: Table) -> None:
    said = await replay(shell, table(TABLE), "--model", "nobody's", "--since", "2026-01-31")
    assert said.code == 1
    assert said.complaint == (
        "Temporal knows no process of a model nobody's since 2026-01-31T00:00:00+00:00:"
        " `mlc list` shows the processes it knows"
    )


def runs(replayed: Sequence[Mapping[str, str]]) -> list[str]:
    return [each["runId"] for each in replayed]


async def replay(shell: Shell, table: str, *options: str) -> Said:
    return await shell.mlc("decisions", "replay", table, *options)
