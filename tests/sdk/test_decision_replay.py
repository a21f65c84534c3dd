"""A past decision judged again: on what, and what is said of it."""

import io
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from mlc import record as records
from mlc.digests import digest
from mlc.dmn import judge
from mlc.errors import InvalidInput, MlcError
from mlc.record import ProcessRecord
from mlc.settings import ModelOpSettings
from starter.commands.decisions_replay import exit_code, read_since
from starter.commands.replay_views import ReplayView
from starter.decision_replay import Deciding, NewTable, Replay, Replayed, deciding, replay
from starter.past_processes import PastProcesses, Unread, Wanted
from starter.stored_results import StoredResults, stored_results
from tests.dmn.tables import DMN_13
from tests.stand_ins import ACCOUNTS, TABLE, Json, StandIns

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
NOWHERE = ModelOpSettings(base_url="http://127.0.0.1:1")
TIGHTER = TABLE.replace("&lt; 0.8", "&lt; 0.9")
BY_KIND = TABLE.replace('"f1_score"', '"kind"').replace("[0..0.5[", '"regression"')
LONG_TEXT = "x" * 600
BY_TEXT = TABLE.replace('"f1_score"', '"notes"').replace("[0..0.5[", f'"{LONG_TEXT}"')
WITHOUT_NEED = TABLE.replace("[0..0.5[", "${auc &lt; 0.8 &amp;&amp; recall &lt; 0.1}")
RECORDED = {"auc": 0.85, "f1_score": 0.9}


@pytest.fixture
async def modelop(systems: StandIns) -> AsyncGenerator[StoredResults]:
    settings = ModelOpSettings.model_validate({"base_url": systems.moc_url, **ACCOUNTS["moc"]})
    async with stored_results(settings) as stored:
        yield stored


@pytest.fixture
async def nowhere() -> AsyncGenerator[StoredResults]:
    """A ModelOp Center that does not answer."""
    async with stored_results(NOWHERE) as stored:
        yield stored


async def test_where_the_record_is_enough_modelop_center_is_not_asked(nowhere: StoredResults) -> None:
    again = await judged_again(TIGHTER, a_record(RECORDED), nowhere)
    assert (again.judged_on, again.flips, again.problem) == ("record", True, None)
    assert nowhere.refusal is None


async def test_a_table_that_asks_for_what_the_model_says_of_itself_gets_it(
    systems: StandIns, modelop: StoredResults
) -> None:
    stored = await systems.create(
        "storedModels", {"modelMetaData": {"name": "churn", "kind": "regression"}, "modelAssets": []}
    )
    snapshot = await systems.snapshot_of(stored)
    again = await judged_again(BY_KIND, await stored_record(systems, RECORDED, snapshot), modelop)
    assert (again.judged_on, again.flips, again.problem) == ("stored result", True, None)
    assert [each.metric for each in again.deciding] == ["kind"]


async def test_a_text_that_the_record_shortens_is_judged_whole(
    systems: StandIns, modelop: StoredResults
) -> None:
    record = await stored_record(systems, {**RECORDED, "notes": LONG_TEXT}, await systems.snapshot())
    again = await judged_again(BY_TEXT, record, modelop)
    assert (again.judged_on, again.flips) == ("stored result", True)


async def test_a_result_that_was_changed_since_is_not_what_was_judged(
    systems: StandIns, modelop: StoredResults
) -> None:
    record = await stored_record(systems, {**RECORDED, "spread": {"gini": 0.7}}, await systems.snapshot())
    assert record.test_result
    await systems.change("modelTestResults", record.test_result.id, {"testResults": {"recall": 1}})
    again = await judged_again(TABLE.replace('"f1_score"', '"recall"'), record, modelop)
    assert again.after is None
    assert again.problem == (
        'file new.dmn, decision "Thresholds", column "recall": the test result has no metric "recall" in its record;'
        f" test result {record.test_result.id} in ModelOp Center is no longer the one that was judged"
    )


async def test_what_can_be_judged_without_modelop_center_is_and_the_doubt_is_told(
    nowhere: StoredResults,
) -> None:
    past = PastProcesses((a_record(RECORDED),), ())
    told = await replay(past, Wanted("churn"), NewTable("new.dmn", WITHOUT_NEED.encode()), nowhere, unseen)
    [again] = (*told.flips, *told.unchanged)
    assert again.judged_on == "record"
    assert told.modelop_refusal
    assert told.modelop_refusal.startswith("ModelOp Center does not answer at http://127.0.0.1:1")


async def test_a_table_that_could_not_judge_is_one_that_may_now_pass_or_fail(nowhere: StoredResults) -> None:
    now_passes, now_fails = not_judged(RECORDED), not_judged({"auc": 0.5, "f1_score": 0.9})
    still_none = not_judged({"auc": 0.9})
    past = PastProcesses((now_passes, now_fails, still_none), ())
    told = await replay(past, Wanted("churn"), NewTable("new.dmn", TABLE.encode()), nowhere, unseen)
    assert [(each.before, each.after and each.after.passed) for each in told.flips] == [
        (None, True),
        (None, False),
    ]
    [none] = told.not_judged
    assert (none.before, none.after, told.judged_nothing) == (None, None, 0)
    shown = shown_on(400, told).splitlines()
    assert [line.split("  ")[0] for line in shown[1:4]] == [
        "not judged → pass",
        "not judged → FAIL",
        "not judged → not judged",
    ]
    assert "now: AUC is below 0.8" in shown[2]
    assert (
        "2 of 3 decisions flip (0 pass → FAIL, 0 FAIL → pass, 2 not judged before), 0 stay as they are"
        in shown[5]
    )


async def test_a_missing_metric_is_told_with_the_one_that_may_be_meant_and_a_refusal_once(
    nowhere: StoredResults,
) -> None:
    past = PastProcesses((a_record(RECORDED), a_record(RECORDED)), ())
    typed = NewTable("new.dmn", TABLE.replace('"f1_score"', '"f1_scor"').encode())
    told = await replay(past, Wanted("churn"), typed, nowhere, unseen)
    for each in told.not_judged:
        assert each.problem == (
            'file new.dmn, decision "Thresholds", column "f1_scor": the test result has no metric "f1_scor"'
            ' in its record: did you mean "f1_score"?'
        )
    shown = shown_on(80, told)
    assert shown.count("ModelOp Center does not answer") == 1
    assert "MLC_CONFIG" in shown.splitlines()[-1]


async def test_a_name_with_hyphens_may_be_declared_by_the_test_results_alone(nowhere: StoredResults) -> None:
    table = TABLE.replace("&lt; 0.8", "drift-max &gt; 0.1 &amp;&amp; auc &gt; 0.1")
    fails, unknown = [
        await judged_again(table, a_record(results), nowhere)
        for results in ({**RECORDED, "drift-max": 0.5}, RECORDED)
    ]
    assert fails.after
    assert not fails.after.passed
    assert (unknown.after, "rule 1" in str(unknown.problem)) == (None, True)


async def test_what_judged_nothing_was_stopped_or_cannot_be_read_is_counted(nowhere: StoredResults) -> None:
    judged, waiting = a_record(RECORDED), a_record(RECORDED).model_copy(update={"verdict": None})
    unread = Unread(
        workflow_id="mlc-deploy-x", run_id="r", started_at=datetime(2026, 1, 1, tzinfo=UTC), reason="?"
    )
    table = NewTable("new.dmn", TABLE.encode())
    told = await replay(
        PastProcesses((judged, waiting), (unread,), 3), Wanted("churn"), table, nowhere, unseen
    )
    assert (told.looked_at, told.judged_nothing, told.stopped, told.unread) == (3, 1, 3, (unread,))
    assert (len(told.unchanged), told.oldest) == (1, unread.started_at)

    with pytest.raises(
        MlcError, match="no process of a model churn has judged a test result, of 1 looked at"
    ):
        await replay(PastProcesses((waiting,), (), 3), Wanted("churn"), table, nowhere, unseen)


@pytest.mark.parametrize(
    ("xml", "readable", "code"),
    [
        pytest.param(TABLE, True, 0, id="nothing flips"),
        pytest.param(TABLE, False, 1, id="a record cannot be read"),
        pytest.param(TABLE.replace('"f1_score"', '"recall"'), True, 1, id="a result cannot be judged"),
        pytest.param(TIGHTER, False, 3, id="a decision flips"),
    ],
)
async def test_a_command_whose_answer_is_not_whole_does_not_end_as_one_that_found_nothing(
    nowhere: StoredResults, xml: str, readable: bool, code: int
) -> None:
    unread = Unread(workflow_id="w", run_id="r", started_at=NOW, reason="its worker does not answer")
    past = PastProcesses((a_record(RECORDED),), () if readable else (unread,))
    told = await replay(past, Wanted("churn"), NewTable("new.dmn", xml.encode()), nowhere, unseen)
    assert exit_code(told) == code


def test_a_flip_tells_the_metrics_that_decide_it_and_when_each_table_fails_them() -> None:
    before = judge(TABLE.encode(), {"auc": 0.5, "f1_score": 0.9})
    after = judge(TABLE.replace('"auc"', '"recall"').encode(), {"recall": 0.9, "f1_score": 0.9})
    assert deciding(before, after) == (
        Deciding(metric="auc", value=0.5, failed_when="< 0.8", fails_when=None),
    )
    assert deciding(before, before) == ()


@pytest.mark.parametrize(
    ("failed_when", "fails_when", "said"),
    [
        ("< 0.8", "< 0.9", "auc is 0.5: rules look for < 0.9, before: < 0.8"),
        ("< 0.8", None, "auc is 0.5: the new table does not ask for it, before: < 0.8"),
        (None, "< 0.9", "auc is 0.5: rules look for < 0.9, the table before did not ask for it"),
    ],
)
async def test_a_flip_is_told_in_words(
    nowhere: StoredResults, failed_when: str | None, fails_when: str | None, said: str
) -> None:
    past = PastProcesses((a_record(RECORDED),), ())
    told = await replay(past, Wanted("churn"), NewTable("new.dmn", TIGHTER.encode()), nowhere, unseen)
    decides = Deciding(metric="auc", value=0.5, failed_when=failed_when, fails_when=fails_when)
    (flip,) = told.flips
    told = told.model_copy(update={"flips": (flip.model_copy(update={"deciding": (decides,)}),)})
    wide = Console(width=500, file=io.StringIO(), soft_wrap=True)
    with wide.capture() as shown:
        wide.print(ReplayView(told, show_all=False))
    assert said in shown.get()
    assert "1 of 1 decision flips" in shown.get()
    assert "1 process of churn looked at" in shown.get()


async def test_on_a_narrow_terminal_ids_stay_whole(nowhere: StoredResults) -> None:
    past = PastProcesses((a_record(RECORDED),), ())
    told = await replay(past, Wanted("churn"), NewTable("new.dmn", TIGHTER.encode()), nowhere, unseen)
    assert shown_on(60, told).splitlines()[:5] == [
        "pass → FAIL  back-test  2026-03-01 12:30 UTC",
        "  auc is 0.85: rules look for < 0.9, before: < 0.8",
        "  now: AUC is below 0.8",
        "  snapshot snapshot",
        "  mlc-back-test-1",
    ]


@pytest.mark.parametrize(
    ("xml", "told"),
    [
        pytest.param("<definitions", "file new.dmn: ", id="no XML"),
        pytest.param(TABLE.replace("&lt; 0.8", "&lt; ("), 'rule 1, column "auc"', id="a broken cell"),
        pytest.param(
            TABLE.replace(
                "<decision ", f'<import name="b" namespace="b" importType="{DMN_13}"/><decision ', 1
            ),
            "a process judges by one file",
            id="an import",
        ),
        pytest.param(
            TABLE.replace('name="passes"', 'name="fine"'), 'a verdict needs "passes"', id="no verdict"
        ),
    ],
)
def test_a_table_that_gives_no_verdict_is_refused(xml: str, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        NewTable("new.dmn", xml.encode())
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
        ("2026-01-31T06:00:00+01:00", "2026-01-31T06:00:00+01:00"),
        ("2026-01-31T06:00Z", "2026-01-31T06:00:00+00:00"),
        ("30d", "2026-01-30T12:30:00+00:00"),
        ("12h", "2026-03-01T00:30:00+00:00"),
        ("2w", "2026-02-15T12:30:00+00:00"),
    ],
)
def test_since_is_a_date_a_moment_or_an_age(text: str, moment: str) -> None:
    assert read_since(text, NOW) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-01-31T06:00:00", "", "-3d", "9999999999d"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"write 2026-01-31, 2026-01-31T06:00:00\+01:00, or an age"):
        read_since(text, NOW)


async def judged_again(xml: str, record: ProcessRecord, stored: StoredResults) -> Replayed:
    past = PastProcesses((record,), ())
    told = await replay(past, Wanted("churn"), NewTable("new.dmn", xml.encode()), stored, unseen)
    [again] = (*told.flips, *told.not_judged, *told.unchanged)
    return again


async def stored_record(systems: StandIns, results: Json, snapshot: Json) -> ProcessRecord:
    """The record of a process whose test result is in ModelOp Center."""
    body = {"testResults": results, "deployableModel": {"id": snapshot["id"]}}
    stored = await systems.create("modelTestResults", body)
    return a_record(results, stored["id"], snapshot["id"])


def a_record(results: Json, result_id: str = "result", snapshot_id: str = "snapshot") -> ProcessRecord:
    """A record as a process leaves it: flat metrics, texts of at most 500 characters, the digest of all."""
    flat: dict[str, Any] = {name: value for name, value in results.items() if not isinstance(value, dict)}
    kept = {name: value[:500] if isinstance(value, str) else value for name, value in flat.items()}
    return ProcessRecord(
        process="back-test",
        workflow_id="mlc-back-test-1",
        run_id="run",
        snapshot_id=snapshot_id,
        started_at=NOW,
        test_result=records.TestResult(id=result_id, digest=digest(results), metrics=kept),
        verdict=judge(TABLE.encode(), results),
    )


def not_judged(results: Json) -> ProcessRecord:
    """The record of a process whose table could not judge the test result."""
    ticket = records.TicketEntry(
        id="1", key="MLC-1", kind="error", status="To Do", url="", step="Analysis", cycle=1
    )
    result = records.TestResult(id="result", digest=digest(results), metrics=results)
    return a_record(RECORDED).model_copy(
        update={"verdict": None, "test_result": result, "tickets": (ticket,)}
    )


def shown_on(width: int, told: Replay) -> str:
    """A replay on a terminal of this width."""
    terminal = Console(width=width, file=io.StringIO(), soft_wrap=True)
    with terminal.capture() as shown:
        terminal.print(ReplayView(told, show_all=False))
    return shown.get()


def unseen(what: str, done: int, of: int) -> None:
    """Progress that nobody looks at."""
