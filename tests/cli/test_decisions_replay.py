"""`mlc decisions replay`: the decisions of the past under a changed table."""

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from mlc.record import ProcessRecord
from starter.client import MlcClient
from starter.files import embedded_file
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
    """The decided processes of one model: one rejected, a later run of it deployed, one passed, one in review."""

    rejected: ProcessRecord
    deployed: ProcessRecord
    passed: ProcessRecord
    in_review: ProcessRecord

    @property
    def model(self) -> str:
        return str(self.passed.model_name)


@pytest.fixture(scope="session")
async def past(
    stack: RunningStack, world: StandIns, temporal: Temporal, tmp_path_factory: pytest.TempPathFactory
) -> Past:
    client = MlcClient(await Client.connect(stack.info["temporal"], plugins=[mlc_plugin()]))
    first = await world.snapshot("run_test", SERVICE_TAG, auc=0.5, code=MODEL)
    better = tmp_path_factory.mktemp("data") / "better.csv"
    better.write_text("auc,f1_score\n0.95,0.9\n")
    back_test = await client.start_back_test(first["id"], input_files=[embedded_file(better)])
    rejected = await temporal.until(first["id"], "rejected")

    content = base64.b64encode(b"auc,f1_score\n0.85,0.9\n").decode()
    world.rewrite_asset(first, "test.csv", fileContent=content)
    again = await client.start_deploy(first["id"])
    stored = first["storedModel"]
    assets = [
        asset | {"fileContent": content} if asset["name"] == "test.csv" else asset
        for asset in stored["modelAssets"]
    ]
    stored = await world.change("storedModels", stored["id"], {"modelAssets": assets})
    reviewed = await world.snapshot_of(stored, "run_test", "jira", SERVICE_TAG)
    deployed, passed, in_review = await asyncio.gather(
        client.wait(again), client.wait(back_test), temporal.until(reviewed["id"], "review")
    )
    assert deployed.workflow_id == rejected.workflow_id
    async with asyncio.timeout(WITHIN_SECONDS):  # what is listed lags a little behind
        while True:
            if len(await client.list(model=passed.model_name)) == 4:
                break
    return Past(rejected, deployed, passed, in_review)


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
    assert (replayed["notJudged"], replayed["unread"], replayed["lookedAt"]) == ([], [], 4)
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
    assert "auc is 0.5: fails when < 0.4, before: < 0.8  before: AUC is below 0.8" in flip
    assert flip.split()[-2:] == [past.rejected.snapshot_id, past.rejected.workflow_id]
    assert empty == ""
    assert count == "1 of 4 decisions flip (0 pass → FAIL, 1 FAIL → pass), 3 stay as they are"
    assert scope.startswith(f"4 processes of {past.model} looked at, the oldest of 20")
    assert not has_control_codes(said.out)


async def test_the_same_table_flips_nothing_and_all_shows_what_stays(
    shell: Shell, past: Past, table: Table
) -> None:
    few, everything = await asyncio.gather(
        replay(shell, table(TABLE), "--model", past.model),
        replay(shell, table(TABLE), "--model", past.model, "--all"),
    )
    assert (few.code, everything.code) == (0, 0)
    assert few.out.splitlines()[0] == "0 of 4 decisions flip, 4 stay as they are"
    words = [line.split()[0] for line in everything.out.splitlines()[1:5]]
    assert sorted(words) == ["FAIL", "pass", "pass", "pass"]


async def test_on_a_narrow_terminal_ids_stay_whole(shell: Shell, past: Past, table: Table) -> None:
    said = await replay(shell.with_(COLUMNS="80"), table(LAXER), "--model", past.model)
    assert said.out.splitlines()[0].startswith("FAIL → pass  deploy  20")
    assert f"  {past.rejected.workflow_id}" in said.out.splitlines()


async def test_processes_are_chosen_by_model_id_kind_time_and_number(
    shell: Shell, past: Past, table: Table
) -> None:
    model_id, started = str(past.passed.model_id), past.in_review.started_at
    by_id, back_tests, an_hour, latest, newest = await asyncio.gather(
        *(
            replay(shell, table(TABLE), "--json", *chosen)
            for chosen in (
                ("--model", model_id),
                ("--model", past.model, "--process", "back-test"),
                ("--model", past.model, "--since", "1h"),
                ("--model", past.model, "--since", started.isoformat()),
                ("--model", past.model, "--limit", "1"),
            )
        )
    )
    everything = {past.rejected.run_id, past.deployed.run_id, past.passed.run_id, past.in_review.run_id}
    assert set(runs(by_id.document["unchanged"])) == everything
    assert set(runs(an_hour.document["unchanged"])) == everything
    assert runs(back_tests.document["unchanged"]) == [past.passed.run_id]
    assert runs(latest.document["unchanged"]) == [past.in_review.run_id]
    assert runs(newest.document["unchanged"]) == [past.in_review.run_id]


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
    assert 'the test result has no metric "spread"' in line
    assert refusal in line
    assert refusal in unknown.out.splitlines()[-1]


@pytest.mark.parametrize(
    ("xml", "told"),
    [
        pytest.param("<definitions", "new.dmn: ", id="no XML"),
        pytest.param(TABLE.replace("&lt; 0.8", "&lt; ("), 'rule 1, column "auc"', id="a broken cell"),
        pytest.param(
            TABLE.replace('name="passes"', 'name="fine"'), 'a verdict needs "passes"', id="no verdict"
        ),
    ],
)
async def test_a_broken_table_is_refused_before_anything_is_asked(
    lonely: Shell, table: Table, xml: str, told: str
) -> None:
    said = await replay(lonely.with_(TEMPORAL_ADDRESS=NOWHERE), table(xml), "--model", "any")
    assert said.code == 2
    assert told in said.complaint


@pytest.mark.parametrize(
    "since", ["yesterday", "2026-13-01", "2026-01-31T06:00:00", pytest.param("", id="empty")]
)
async def test_a_time_that_is_none_is_refused(lonely: Shell, table: Table, since: str) -> None:
    said = await replay(lonely, table(TABLE), "--model", "any", "--since", since)
    assert (said.code, said.complaint) == (
        2,
        f"--since {since}: write 2026-01-31, 2026-01-31T06:00:00+01:00, or an age such as 30d",
    )


async def test_where_there_is_nothing_to_replay_it_says_so(shell: Shell, past: Past, table: Table) -> None:
    xml, later = table(TABLE), datetime.now(UTC) + timedelta(days=2)
    nobody, too_late, unjudged = await asyncio.gather(
        replay(shell, xml, "--model", "nobody's"),
        replay(shell, xml, "--model", past.model, "--since", f"{later:%Y-%m-%d}"),
        replay(shell, xml, "--model", past.model, "--process", "batch-job"),
    )
    for said in (nobody, too_late, unjudged):
        assert said.code == 1
    assert nobody.complaint == (
        "Temporal knows no process of a model nobody's: `mlc list` shows the processes it knows"
    )
    assert f"since {later:%Y-%m-%d}T00:00:00+00:00" in too_late.complaint
    assert unjudged.complaint.startswith(f"Temporal knows no batch-job of a model {past.model}: ")


def runs(replayed: Sequence[Mapping[str, str]]) -> list[str]:
    return [each["runId"] for each in replayed]


async def replay(shell: Shell, table: str, *options: str) -> Said:
    return await shell.mlc("decisions", "replay", table, *options)
