"""`mlc decisions test`: a decision is run on cases, and what comes out otherwise than expected is shown."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from mlc.errors import InvalidInput
from starter.commands.decision_files import read_cases
from starter.commands.decision_reports import CasesReport
from starter.commands.decision_views import cases_view
from tests.cli.shell import Shell

DATA = Path(__file__).parents[1] / "data"
THRESHOLDS = str(DATA / "thresholds.dmn")
FEES = str(DATA / "decisions" / "fees.dmn")


async def test_cases_that_come_as_expected_pass(lonely: Shell) -> None:
    table, decisions = await asyncio.gather(
        lonely.mlc("decisions", "test", THRESHOLDS, str(DATA / "decisions" / "thresholds-cases.csv")),
        lonely.mlc("decisions", "test", FEES, str(DATA / "decisions" / "fees-cases.json"), "--json"),
    )
    assert (table.code, table.err, table.out.splitlines()[-1]) == (0, "", "4 of 4 cases pass")
    assert "both          as expected  1, 2\n" in table.out
    assert decisions.code == 0
    report = decisions.document
    assert (report["passed"], report["failed"]) == (3, 0)
    assert report["cases"][0] == {
        "name": "a minor",
        "decision": "Fee",
        "passed": True,
        "inputs": {"region": "EU", "applicant": {"age": 17}},
        "value": 10,
        "rules": [1],
        "differences": [],
        "error": None,
    }


async def test_each_difference_is_told_with_the_rules_that_matched(lonely: Shell, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text(
        "case,auc,f1_score,expect verdict,expect passes\nfine,0.9,0.9,PASS,\nlow,0.7,0.9,PASS,true\nlacking,0.9,,PASS,\n"
    )
    shown = await lonely.mlc("decisions", "test", THRESHOLDS, "cases.csv")
    assert shown.code == 1
    assert shown.out.splitlines() == [
        "case     result       rules  of       expected  found",
        "fine     as expected  none",
        "low      DIFFERS      1      verdict  PASS      FAIL: AUC is below 0.8",
        "                             passes   true      false",
        'lacking  DIFFERS      none   verdict  PASS      the test result has no metric "f1_score"',
        "",
        "1 of 3 cases pass, 2 FAIL",
    ]


def test_of_many_cases_the_first_that_fail_are_shown() -> None:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(
            cases_view(
                CasesReport.model_validate({**EMPTY, "cases": [case(number) for number in range(400)]})
            )
        )
    lines = captured.get().splitlines()
    assert lines[1].startswith("1     DIFFERS  none   a   1         2")
    assert len(lines) == 1 + 100 + 4
    assert lines[-3:] == ["100 more FAIL: --json tells all", "", "200 of 400 cases pass, 200 FAIL"]


EMPTY = {"file": "a.dmn", "casesFile": "a.csv", "passed": 200, "failed": 200}


def case(number: int) -> dict[str, object]:
    passed = number % 2 == 0
    differences = [] if passed else [{"of": "a", "expected": "1", "found": "2"}]
    found = {"passed": passed, "differences": differences, "value": 1, "rules": [], "inputs": {}}
    return {"name": str(number), "decision": None, "error": None, **found}


async def test_what_a_table_does_not_know_is_one_line(lonely: Shell, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("auc,f1score,expect passes\n0.9,0.9,true\n")
    shown = await lonely.mlc("decisions", "test", THRESHOLDS, "cases.csv")
    assert shown.code == 2
    assert shown.complaint == (
        'cases.csv: decision "Thresholds", case "1": there is no input "f1score": did you mean "f1_score"?'
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", Decimal("0.5")),
        ("-3", -3),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("EU", "EU"),
        ('"""5"""', "5"),
        ('"[1, ""a""]"', [1, "a"]),
        ("NaN", "NaN"),
        ("2026-01-31", "2026-01-31"),
    ],
)
def test_a_cell_is_a_number_a_boolean_null_json_or_else_text(
    tmp_path: Path, text: str, value: object
) -> None:
    (case,) = read_cases(written(tmp_path, f"x,expect value\n{text},1\n"), None)
    assert case.inputs == {"x": value}
    assert type(case.inputs["x"]) is type(value)


def test_a_date_is_written_as_feel_writes_it(tmp_path: Path) -> None:
    (case,) = read_cases(written(tmp_path, 'x,expect value\n"@""2026-01-31""",1\n'), None)
    assert str(case.inputs["x"]) == "2026-01-31"
    assert not isinstance(case.inputs["x"], str)


def test_an_empty_cell_is_absent_and_nothing_is_expected_of_it(tmp_path: Path) -> None:
    (case,) = read_cases(written(tmp_path, "case,x,y,expect a,expect b\n,1,,,2\n"), "D")
    assert (case.name, case.decision, case.inputs, case.expected) == ("1", "D", {"x": 1}, {"b": 2})


@pytest.mark.parametrize(
    "text",
    [
        "x;case;expect a b\n1;one;2\n",
        "\ufeffx,case,expect a b\r\n1,one,2\r\n",
        "\nx\tcase\texpect a b\n\n1\tone\t2\n\n",
    ],
    ids=["semicolons", "from a spreadsheet", "tabs and blank lines"],
)
def test_csv_is_read_as_programs_write_it(tmp_path: Path, text: str) -> None:
    (case,) = read_cases(written(tmp_path, text), None)
    assert (case.name, case.inputs, case.expected) == ("one", {"x": 1}, {"a b": 2})


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("a.csv", "x,expect a\n", "a.csv holds no case"),
        ("a.csv", "x,expect a\n1,2\n1,2,3\n", "a.csv, line 3: 3 cells, but 2 columns"),
        ("a.csv", "x,,expect a\n", "a.csv, line 1: column 2 has no name"),
        ("a.csv", "x,x,expect a\n", 'a.csv, line 1: there are two columns "x"'),
        ("a.csv", "x,y\n1,2\n", "a.csv, line 1: no column says what is expected"),
        ("a.csv", "x,expect a\n1,\n", "a.csv, line 2: nothing is expected"),
        ("a.csv", 'x,expect a\n"1,2\n', "a.csv, line 2: not CSV"),
        ("a.csv", 'x,expect a\n"@""2026-13-31""",2\n', "a.csv, line 2: "),
        ("a.json", "[", "a.json, line 1, column 2: not JSON"),
        ("a.json", "[]", "a.json holds no case"),
        ("a.json", "{}", "a.json holds no list of cases"),
        ("a.json", "[1]", 'a.json, case 1: a case is an object with "inputs" and "expect"'),
        (
            "a.json",
            '[{"input": {}}]',
            'a.json, case 1: there is no "input" in a case: did you mean "inputs"?',
        ),
        ("a.json", '[{"inputs": []}]', 'a.json, case 1: "inputs" is an object'),
        ("a.json", '[{"inputs": {}}]', "a.json, case 1: nothing is expected"),
        ("a.json", '[{"inputs": {"x": NaN}, "expect": 1}]', "a.json is not JSON: NaN is no number of JSON"),
    ],
)
def test_a_file_of_cases_that_cannot_be_read_says_where(
    tmp_path: Path, name: str, text: str, complaint: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_cases(written(tmp_path, text, name), None)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def written(folder: Path, text: str, name: str = "cases.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8", newline="")
    return path
