"""`mlc decisions check`: a decision table as a person reads it, and what is wrong with it, without a server."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from activities.jira import wording
from mlc.errors import InvalidInput
from mlc.record import ProcessRecord
from mlc.record import TestResult as Result
from starter.commands.decision_files import read_metrics
from tests.cli.shell import PROGRAMS, Said, Shell, ended

DATA = Path(__file__).parents[1] / "data"
THRESHOLDS = str(DATA / "thresholds.dmn")
FLAWED = str(DATA / "decisions" / "flawed.dmn")
FEES = str(DATA / "decisions" / "fees.dmn")
MONITORS = str(DATA / "decisions" / "monitors.dmn")


async def test_a_table_is_shown_as_a_person_reads_it(lonely: Shell) -> None:
    shown = await lonely.mlc("decisions", "check", THRESHOLDS)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.splitlines() == [
        "Thresholds  COLLECT",
        "rule  AUC: auc  F1: f1_score  → passes  → reason",
        '1     < 0.8     -             false     "AUC is below 0.8"',
        '2     -         [0..0.5[      false     "F1 is below 0.5"',
        "",
        "thresholds.dmn: no problem found",
    ]


async def test_decisions_that_require_each_other_are_told_with_what_they_require(lonely: Shell) -> None:
    shown = await lonely.mlc("decisions", "check", FEES)
    assert shown.code == 0
    risk, fee, total, warning, count = shown.out.split("\n\n")
    assert risk.startswith("Risk  UNIQUE\nrequires region, applicant\n")
    assert fee.startswith("Fee  FIRST\nrequires Risk\n")
    assert total == "Total  expression\nrequires Fee\n  Fee * 1.2"
    assert warning == (
        "warning: file fees.dmn: no verdict: a process judges by a file's only decision, this one has 3: Risk, Fee, Total"
    )
    assert count == "fees.dmn: 1 warning\n"


async def test_with_strict_a_warning_is_as_bad_as_an_error(lonely: Shell) -> None:
    sound, warned = await asyncio.gather(
        lonely.mlc("decisions", "check", THRESHOLDS, "--strict"),
        lonely.mlc("decisions", "check", FEES, "--strict"),
    )
    assert (sound.code, warned.code) == (0, 1)


async def test_every_problem_is_one_line_that_says_where_it_is(lonely: Shell) -> None:
    shown = await lonely.mlc("decisions", "check", FLAWED, "--json")
    assert shown.code == 1
    report = shown.document
    assert report["ok"] is False
    assert [each["name"] for each in report["decisions"]] == ["Grade", "Stars"]
    stars, grade = 'file flawed.dmn, decision "Stars"', 'file flawed.dmn, decision "Grade"'
    lines = [f"{each['severity']}: {each['line']}" for each in report["problems"]]
    for line in (
        f'error: {stars}, rule 1, column "score", character 7: found the end where a value should stand',
        f'error: {stars}, rule 3, column "stars", character 4: found the end where a value should stand',
        f"error: {grade}: rules 1 and 2 both match score = 50, which hit policy UNIQUE forbids",
        f"warning: {grade}: no rule matches score = 90",
        f"warning: {stars}, rule 3: never fires: whatever it matches is matched before by rule 2",
    ):
        assert line in lines
    overlap = next(each for each in report["problems"] if each["kind"] == "overlap")
    assert (overlap["severity"], overlap["decision"], overlap["rules"]) == ("error", "Grade", [1, 2])
    assert overlap["example"] == {"score": 50}


async def test_a_test_result_gets_its_verdict(lonely: Shell, tmp_path: Path) -> None:
    good, bad = {"auc": 0.9, "f1_score": 0.7}, {"auc": 0.79, "f1_score": 0.7, "by_group": []}

    async def against(name: str, document: object, table: str = THRESHOLDS) -> Said:
        (tmp_path / name).write_text(json.dumps(document))
        return await lonely.mlc("decisions", "check", table, "--against", name)

    passing, failing, red = await asyncio.gather(
        against("good.json", good),
        against("bad.json", {"id": "a-test-result", "testResults": bad}),
        against("red.json", [{"psi": 0.3}], MONITORS),
    )
    assert (passing.code, failing.code, red.code) == (0, 3, 3)
    told = await lonely.mlc("decisions", "check", THRESHOLDS, "--against", "bad.json", "--json")
    assert (told.document["ok"], told.document["passed"]) == (True, False)
    assert "good.json: PASS\n" in passing.out
    assert "bad.json: FAIL\n  AUC is below 0.8\n" in failing.out
    assert "1     auc     0.79   < 0.8    passes false, reason AUC is below 0.8\n" in failing.out
    assert "red.json: FAIL\n  stability is Red\n" in red.out


async def test_all_that_a_test_result_lacks_is_told(lonely: Shell, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text('{"AUC": 0.9, "f1": 0.7}')
    shown = await lonely.mlc("decisions", "check", THRESHOLDS, "--against", "result.json", "--json")
    assert shown.code == 1
    assert shown.document["verdict"] is None
    assert [each["message"] for each in shown.document["problems"]] == [
        'the test result has no metric "auc": did you mean "AUC"?',
        'the test result has no metric "f1_score"',
    ]


async def test_files_that_a_file_imports_are_given_with_it(lonely: Shell, tmp_path: Path) -> None:
    xml = (DATA / "decisions" / "fees.dmn").read_text("utf-8")
    start = xml.index('<decision id="total"')
    importing = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="t" name="t" namespace="t">'
        '<import name="fees" namespace="https://example.com/fees" locationURI="fees.dmn"'
        ' importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
        + xml[start:].replace('"#fee"', '"https://example.com/fees#fee"').replace("Fee *", "fees.Fee *")
    )
    (tmp_path / "total.dmn").write_text(importing)
    shown = await lonely.mlc("decisions", "check", "total.dmn", "--import", FEES)
    assert (shown.code, shown.out.splitlines()[-1]) == (0, "total.dmn: 2 warnings")


async def test_a_file_that_is_imported_and_not_given_is_told_with_its_option(
    lonely: Shell, tmp_path: Path
) -> None:
    (tmp_path / "total.dmn").write_text(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="t" name="t" namespace="t">'
        '<import name="fees" namespace="n" locationURI="fees.dmn" importType="n"/></definitions>'.replace(
            'importType="n"', 'importType="https://www.omg.org/spec/DMN/20191111/MODEL/"'
        )
    )
    shown = await lonely.mlc("decisions", "check", "total.dmn")
    assert shown.code == 1
    assert "needs the file fees.dmn of namespace n: give it with --import FILE (none is given)" in shown.out


@pytest.mark.parametrize(
    ("output", "complaint"),
    [
        (">/dev/full", "the output cannot be written: No space left on device"),
        (">&-", "standard output is closed"),
    ],
)
async def test_an_output_that_cannot_be_written_is_one_line(
    lonely: Shell, output: str, complaint: str
) -> None:
    command = f"{PROGRAMS / 'mlc'} decisions check {THRESHOLDS} {output}"
    async with lonely.started("/bin/sh", "-c", command) as process:
        said = await ended(process)
    assert (said.code, said.complaint) == (2, complaint)


async def test_a_name_with_hyphens_that_may_be_mistyped_is_told_once(lonely: Shell, tmp_path: Path) -> None:
    table = (DATA / "thresholds.dmn").read_text("utf-8")
    (tmp_path / "table.dmn").write_text(
        table.replace("&lt; 0.8", "max-drift &gt; 0.1 &amp;&amp; auc &gt; 0.1")
    )
    (tmp_path / "result.json").write_text('{"auc": 0.9, "f1_score": 0.9, "max-drif": 0.2}')
    shown = await lonely.mlc("decisions", "check", "table.dmn", "--against", "result.json", "--json")
    assert shown.code == 1
    assert [each["message"] for each in shown.document["problems"]] == [
        'can be read only if the test result has "max-drift": did you mean "max-drif"?'
    ]


async def test_what_is_no_dmn_is_one_error(lonely: Shell, tmp_path: Path) -> None:
    (tmp_path / "page.dmn").write_text("<html/>")
    shown = await lonely.mlc("decisions", "check", "page.dmn")
    assert (shown.code, shown.err) == (1, "")
    error, blank, count = shown.out.splitlines()
    assert error.startswith('error: file page.dmn: the root is "html"')
    assert (blank, count) == ("", "page.dmn: 1 error")


async def test_an_unknown_decision_is_one_line(lonely: Shell) -> None:
    shown = await lonely.mlc("decisions", "check", THRESHOLDS, "--decision", "Grades")
    assert shown.code == 2
    assert shown.complaint == 'file thresholds.dmn: there is no decision "Grades"; the file has Thresholds'


def test_what_a_process_tells_of_its_test_result_is_a_test_result(tmp_path: Path) -> None:
    metrics: dict[str, float | int | bool | str | None] = {"auc": 0.5, "kind": "regression"}
    record = ProcessRecord(
        process="deploy",
        workflow_id="mlc-deploy-1",
        run_id="r",
        started_at=datetime(2026, 3, 1, tzinfo=UTC),
        test_result=Result(id="t", digest="d", metrics=metrics),
    )
    at_the_ticket = wording.test_results_file(record)
    assert at_the_ticket is not None
    (tmp_path / "test_results.json").write_bytes(at_the_ticket)
    (tmp_path / "status.json").write_text(record.model_dump_json(by_alias=True))
    for name in ("test_results.json", "status.json"):
        assert read_metrics(tmp_path / name) == metrics


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nowhere.json", "nowhere.json cannot be read: No such file or directory"),
        ("folder", "folder is a folder: name a file"),
        ("empty.json", "empty.json is empty"),
        ("blank.json", "blank.json is empty"),
        ("large.json", "large.json has 50,000,001 bytes, more than 50,000,000"),
        ("/dev/zero", "/dev/zero is no regular file"),
        ("broken.json", "broken.json, line 2, column 1: not JSON"),
        ("list.json", "list.json holds no test result: an object of metrics"),
        ("latin.json", "latin.json is not UTF-8"),
    ],
)
def test_a_test_result_that_cannot_be_read_is_one_line(tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.json").touch()
    (tmp_path / "blank.json").write_text(" \n")
    with (tmp_path / "large.json").open("wb") as large:
        large.truncate(50_000_001)
    (tmp_path / "broken.json").write_text('{"auc": 1,\n')
    (tmp_path / "list.json").write_text("[1, 2]")
    (tmp_path / "latin.json").write_bytes(b'{"caf\xe9": 1}')
    with pytest.raises(InvalidInput) as refused:
        read_metrics(tmp_path / name)
    assert complaint in str(refused.value)
