"""docs/decision-tables.md: every cell that it shows does what it says there, and every command runs as it stands there."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from mlc.dmn import DmnError, judge
from mlc.dmn.limits import MAX_BYTES, MAX_ELEMENTS, MAX_TEXTS
from mlc.dmn.scope import MAX_CALLS, MAX_STEPS, MAX_TEXT
from tests.cli.shell import Shell
from tests.dmn.tables import PASSES, by_expression, by_variable, decision, definitions, rule, table
from tests.house import House
from tests.judged_models import TABLES, judged_model
from tests.stand_ins import ACCOUNTS, ROOT

GUIDE = (ROOT / "docs" / "decision-tables.md").read_text()
BOUNDS = (ROOT / "docs" / "decisions" / "0015-bounds-of-decision-tables.md").read_text()
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines() if line
]
IN_CODE = re.compile(r"`([^`]+)`")
EXPRESSIONS = {"data_drift[1].values.p_value", "auc - auc_before"}


def test_the_lines_of_python_do_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TABLES)
    [lines] = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    said: dict[str, Any] = {}
    exec(lines, said)  # noqa: S102 - the guide's own lines
    assert said["verdict"].reasons == ["The data have drifted from the training data"]
    assert [row["passes"] for row in said["outputs"]] == [False]
    assert [rule.number for rule in said["rules"]] == [1]


def cells() -> Iterator[Any]:
    """Cell, test result, whether it matches: a bare value is that of `auc`, an object is the whole result."""
    for row in re.findall(r"^\| (`.*) \| (`.*) \| (`.*) \|$", GUIDE, re.MULTILINE):
        cell = IN_CODE.findall(row[0])[0]
        for column, matches in ((row[1], True), (row[2], False)):
            for shown in IN_CODE.findall(column):
                whole = shown if shown.startswith("{") else f'{{"auc": {shown}}}'
                result: dict[str, Any] = json.loads(whole)
                yield pytest.param(
                    cell, result, matches, id=f"{cell} {'on' if matches else 'not on'} {shown}"
                )


def judged_by(cell: str, result: dict[str, Any], column: str = by_variable("auc")) -> bool:
    """Whether the cell matches."""
    xml = definitions(decision(table([column], PASSES[:1], [rule([cell], ["false"])])))
    return not judge(xml, result).passed


@pytest.mark.parametrize(("cell", "result", "matches"), list(cells()))
def test_a_cell_matches_what_the_guide_says(cell: str, result: dict[str, Any], matches: bool) -> None:
    assert judged_by(cell, result) is matches


@pytest.mark.parametrize(
    "cell", IN_CODE.findall(re.findall(r"Refused, with the place, (.*?\.)\n\n", GUIDE, re.DOTALL)[0])
)
def test_what_the_guide_says_is_refused_is_refused_with_the_place(cell: str) -> None:
    with pytest.raises(DmnError, match='decision "Verdict", rule 1, column "auc"'):
        judged_by(cell, {"auc": 0.9, "name": "x"})


@pytest.mark.parametrize("expression", ["auc", *sorted(EXPRESSIONS)])
def test_an_input_may_be_what_the_guide_says(expression: str) -> None:
    assert f"| `{expression}`" in GUIDE
    result = {"auc": 0.5, "auc_before": 0.4, "data_drift": [{"values": {"p_value": 0.1}}]}
    assert judged_by("[0.1..0.5]", result, by_expression(expression))


def test_a_decimal_comma_means_two_numbers() -> None:
    assert [judged_by("0,7", {"auc": value}) for value in (0, 7, 0.7)] == [True, True, False]


def command(beginning: str) -> list[str]:
    """The arguments of the guide's one command that begins so."""
    [line] = [line for line in COMMANDS if line.startswith(f"mlc decisions {beginning}")]
    return shlex.split(line, comments=True)[1:]


@pytest.fixture
def shell() -> Shell:
    """The shell of somebody in the folder of the sample tables, without any server."""
    return Shell(TABLES, {})


def test_every_command_of_the_guide_is_known_to_this_test() -> None:
    assert len(COMMANDS) == 4
    for beginning in ("check drift.dmn  ", "check drift.dmn --against", "test", "replay"):
        command(beginning)


async def test_check_shows_the_table_and_finds_nothing_wrong(shell: Shell) -> None:
    said = await shell.mlc(*command("check drift.dmn  "))
    assert (said.code, said.err) == (0, "")
    assert "]-99..0.1[" in said.out
    assert "no problem found" in said.out


async def test_check_tells_the_verdict_on_a_test_result(shell: Shell) -> None:
    said = await shell.mlc(*command("check drift.dmn --against"))
    assert (said.code, said.err) == (3, "")
    assert "drift-fails.json: FAIL" in said.out
    assert "The data have drifted from the training data" in said.out


async def test_test_runs_the_cases_which_all_come_as_they_say(shell: Shell) -> None:
    said = await shell.mlc(*command("test"))
    assert (said.code, said.err) == (0, "")
    assert "7 of 7 cases pass" in said.out


async def test_replay_judges_past_test_results_of_a_model(at_home: House, service: str) -> None:
    xml = (TABLES / "drift.dmn").read_bytes()
    results = json.loads((TABLES / "drift-fails.json").read_text())
    snapshot = await judged_model(at_home.stand_ins, xml, results, "run_test", service)
    await at_home.until(await at_home.deploy(snapshot), "rejected")
    model = snapshot["storedModel"]["modelMetaData"]["name"]
    moc = ACCOUNTS["moc"]
    shell = Shell(
        TABLES,
        {
            "TEMPORAL_ADDRESS": at_home.temporal.service_client.config.target_host,
            "MLC_MODELOP__BASE_URL": at_home.stand_ins.moc_url,
            "MLC_MODELOP__USERNAME": moc["username"],
            "MLC_MODELOP__PASSWORD": moc["password"],
        },
    )

    async def listed() -> bool:
        return bool(await at_home.client.list(model=model))

    await at_home.until_true(listed)
    said = await shell.mlc(*(model if argument == "MODEL" else argument for argument in command("replay")))
    assert (said.code, said.err) == (0, "")
    assert "0 of 1 decision flips" in said.out


@pytest.mark.parametrize(
    "bound",
    [
        f"{MAX_BYTES:,} bytes",
        f"{MAX_ELEMENTS:,} elements",
        f"{MAX_TEXTS:,} characters together",
        f"{MAX_STEPS:,} steps",
        f"{MAX_TEXT:,} characters",
        f"calls {MAX_CALLS} deep",
    ],
)
def test_the_record_of_the_bounds_holds_the_numbers_of_the_code(bound: str) -> None:
    assert bound in BOUNDS
