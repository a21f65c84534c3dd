"""`python -m bench.rivals NAME`: other libraries at the work of bench.decision_tables, which starts this in an environment of
their own. The exercise comes as JSON on standard input, the figures go as JSON to standard output.

Nothing of the product is imported here, and no library outside of its own function: pyDMNrules is GPL, and stays a program apart.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any, cast

Json = dict[str, Any]
Rows = list[tuple[bool, str]]

ROUNDS, SECONDS, LOADS = 5, 0.4, 20


@dataclass(frozen=True)
class Exercise:
    """dmn and jdm: the same table, as DMN and in zen-engine's own form. records: the inputs of each evaluation."""

    dmn: str
    jdm: str
    records: list[Json]


@dataclass(frozen=True)
class Figures:
    """Best of several rounds, in CPU seconds of the process. answers: the matched rules' outputs for each record."""

    per_second: float
    load_ms: float
    answers: list[Rows]


def measured(load: Callable[[], Callable[[Json], Rows]], records: list[Json]) -> Figures:
    """Loads the table anew several times, then evaluates all records over and over."""
    evaluate = load()
    answers = [evaluate(record) for record in records]
    load_seconds = min(_seconds(load) for _ in range(LOADS))
    per_second = max(_rate(evaluate, records) for _ in range(ROUNDS))
    return Figures(per_second, load_seconds * 1000, answers)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _rate(evaluate: Callable[[Json], Rows], records: list[Json]) -> float:
    done, began = 0, time.process_time()
    while (taken := time.process_time() - began) < SECONDS:
        for record in records:
            evaluate(record)
        done += len(records)
    return done / taken


def _zen(exercise: Exercise) -> Figures:
    """As zen's documentation begins: `create_decision`, then `evaluate`."""
    zen: Any = import_module("zen")

    def load() -> Callable[[Json], Rows]:
        decision = zen.ZenEngine().create_decision(exercise.jdm)
        return lambda record: _rows(decision.evaluate(record)["result"])

    return measured(load, exercise.records)


def _zen_compiled(exercise: Exercise) -> Figures:
    """The quickest way that zen offers: content compiled beforehand, handed out by a loader."""
    zen: Any = import_module("zen")

    def load() -> Callable[[Json], Rows]:
        content = zen.ZenDecisionContent(exercise.jdm)
        engine = zen.ZenEngine({"loader": _always(content)})
        engine.evaluate("table", exercise.records[0])
        return lambda record: _rows(engine.evaluate("table", record)["result"])

    return measured(load, exercise.records)


def _always(content: Any) -> Callable[[str], Any]:
    return lambda key: content


def _pydmnrules(exercise: Exercise) -> Figures:
    library: Any = import_module("pyDMNrules")

    def load() -> Callable[[Json], Rows]:
        table = library.DMN()
        said: Json = table.useXML(exercise.dmn)
        if said:
            raise SystemExit(f"pyDMNrules cannot read the table: {said}")
        return lambda record: _columns(*table.decide(record))

    return measured(load, exercise.records)


def _rows(result: list[Json]) -> Rows:
    return [(row["passes"], row["reason"]) for row in result]


def _columns(status: Json, decided: Json) -> Rows:
    """It answers a list for each output, and an error where no rule matches."""
    if status:
        return []
    result = cast(Json, decided["Result"])
    return list(zip(result["passes"], result["reason"], strict=True))


RIVALS: dict[str, Callable[[Exercise], Figures]] = {
    "zen": _zen,
    "zen-compiled": _zen_compiled,
    "pydmnrules": _pydmnrules,
}


if __name__ == "__main__":
    exercise = Exercise(**json.load(sys.stdin))
    print(json.dumps(asdict(RIVALS[sys.argv[1]](exercise))))
