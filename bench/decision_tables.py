"""`python -m bench.decision_tables [--json]`: our evaluator beside other libraries, on one table of ten rules and four numbers.

The libraries are installed into an environment in a temporary folder and run there as programs of their own. Each gives the
same answers to the same records before anything is timed.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, cast
from xml.sax.saxutils import escape

import typer

from bench.embedded import console, figures
from bench.rivals import Exercise, Figures, Json, Rows, measured
from mlc.dmn import judge, load

ZEN, PYDMNRULES = "zen-engine==2.1.3", "pyDMNrules==1.4.5"
RIVALS = {
    "zen": ZEN,
    "zen-compiled": f"{ZEN}, compiled",
    "pydmnrules": PYDMNRULES,
}
INPUTS = ("auc", "drift", "volume", "csi")
RULES = [
    ((f"< {(number + 1) / 10}", f"> {number}", f"[{number}..{number + 2})", "-99, >= 5"), f"rule {number}")
    for number in range(10)
]
RECORDS = 200


def main(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    exercise = Exercise(_dmn(), json.dumps(_jdm()), _records())
    with tempfile.TemporaryDirectory() as folder, console.status("Installing the other libraries"):
        python = _environment(Path(folder))
        theirs = {name: _run(python, name, exercise) for name in RIVALS}
    ours = measured(lambda: _evaluate(exercise.dmn), exercise.records)
    for name, each in theirs.items():
        if each.answers != ours.answers:
            raise SystemExit(f"{RIVALS[name]} answers differently; there is nothing to compare")
    judged = measured(lambda: _judge(exercise.dmn), exercise.records)
    if as_json:
        print(json.dumps(_plain(ours, judged, theirs)))
    else:
        _show(ours, judged, theirs)


def _evaluate(xml: str) -> Callable[[Json], Rows]:
    definitions = load(xml.encode())

    def evaluate(record: Json) -> Rows:
        rows = cast("list[Json]", definitions.evaluate(None, record))
        return [(row["passes"], row["reason"]) for row in rows]

    return evaluate


def _judge(xml: str) -> Callable[[Json], Rows]:
    """What a process does: from the file to the verdict with its evidence, once."""
    content = xml.encode()
    return lambda record: [(False, reason) for reason in judge(content, record).reasons]


def _environment(folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", ZEN, PYDMNRULES], check=True, stderr=subprocess.DEVNULL
    )
    return python


def _run(python: Path, name: str, exercise: Exercise) -> Figures:
    done = subprocess.run(
        [python, "-m", "bench.rivals", name],
        input=json.dumps(asdict(exercise)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    body: dict[str, Any] = json.loads(done.stdout)
    answers = [[(passes, reason) for passes, reason in rows] for rows in body["answers"]]
    return Figures(body["per_second"], body["load_ms"], answers)


def _records() -> list[Json]:
    """Always the same ones; they match no rule, one or two."""
    return [
        {
            "auc": number * 37 % 1000 / 1000,
            "drift": number * 7 % 200 / 10,
            "volume": number * 13 % 100 / 10,
            "csi": (-99, 1, 5, 7.5)[number % 4],
        }
        for number in range(RECORDS)
    ]


def _dmn() -> str:
    inputs = "".join(
        f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in INPUTS
    )
    rules = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells)
        + f'<outputEntry><text>false</text></outputEntry><outputEntry><text>"{reason}"</text></outputEntry></rule>'
        for cells, reason in RULES
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        f'<decision id="t" name="t"><decisionTable hitPolicy="COLLECT">{inputs}'
        f'<output name="passes"/><output name="reason"/>{rules}</decisionTable></decision></definitions>'
    )


def _jdm() -> Json:
    """The same table in zen-engine's own form."""
    columns = [{"id": name, "name": name, "field": name} for name in (*INPUTS, "passes", "reason")]
    rules = [
        {"_id": reason, **dict(zip(INPUTS, cells, strict=True)), "passes": "false", "reason": f'"{reason}"'}
        for cells, reason in RULES
    ]
    table = {"hitPolicy": "collect", "inputs": columns[:4], "outputs": columns[4:], "rules": rules}
    nodes: list[Json] = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "table"},
        {"id": "2", "sourceId": "table", "targetId": "out"},
    ]
    return {"nodes": nodes, "edges": edges}


def _show(ours: Figures, judged: Figures, theirs: dict[str, Figures]) -> None:
    title = f"{len(RULES)} rules, {len(INPUTS)} numbers; CPU time"
    table = figures(title, "", "evaluations a second", "ours is", "parse, ms")
    table.add_row("mlc.dmn", f"{ours.per_second:,.0f}", "", f"{ours.load_ms:.2f}")
    for name, each in theirs.items():
        times = f"{ours.per_second / each.per_second:.2f} ×"
        table.add_row(RIVALS[name], f"{each.per_second:,.0f}", times, f"{each.load_ms:.2f}")
    table.add_row("mlc.dmn.judge, from the file", f"{judged.per_second:,.0f}", "", "")
    console.print(table)


def _plain(ours: Figures, judged: Figures, theirs: dict[str, Figures]) -> Json:
    return {
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "mlc.dmn": {"perSecond": ours.per_second, "parseMs": ours.load_ms},
        "mlc.dmn.judge": {"perSecond": judged.per_second},
        **{
            RIVALS[name]: {
                "perSecond": each.per_second,
                "parseMs": each.load_ms,
                "ratio": ours.per_second / each.per_second,
            }
            for name, each in theirs.items()
        },
    }


if __name__ == "__main__":
    typer.run(main)
