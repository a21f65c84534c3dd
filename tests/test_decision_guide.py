"""docs/decision-tables.md: every cell that it shows does what it says there, and every command runs as it stands there."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from mlc.dmn import DmnError, judge
from tests.cli.shell import Shell
from tests.dmn.tables import PASSES, by_expression, by_variable, decision, definitions, rule, table
from tests.house import House
from tests.stand_ins import ACCOUNTS, ROOT

GUIDE = (ROOT / "docs" / "decision-tables.md").read_text()
TABLES = ROOT / "sandbox" / "tables"
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines() if line
]
IN_CODE = re.compile(r"`([^`]+)`")
EXPRESSIONS = {"data_drift[1].values.p_value", "auc - auc_before"}


def cells() -> Iterator[Any]:
    """Cell, test result, whether it matches: a bare value is that of `auc`, an object is the whole result."""
    for row in re.findall(r"^\| (`.*) \| (`.*) \| (`.*) \|$", GUIDE, re.MULTILINE):
        cell = IN_CODE.findall(row[0])[0]
        for column, matches in ((row[1], True), (row[2], False)):
            for shown in IN_CODE.findall(column):
                value = json.loads(shown)
                result = value if isinstance(value, dict) else {"auc": value}
                yield pytest.param(
                    cell, result, matches, id=f"{cell} {'on' if matches else 'not on'} {shown}"
                )


def judged_by(cell: str, result: dict[str, Any], column: str = by_variable("auc")) -> bool:
    """Whether the cell matches."""
    xml = definitions(decision(table([column], PASSES[:1], [rule([cell], ["false"])])))
    return not judge(xml, result).passed


@pytest.mark.parametrize(("cell", "result", "matches"), list(cells()))
def test_a_cell_matches_what_the_guide_says(cell: str, result: dict[str, Any], matches: bool) -> None:  # noqa: FBT001
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
