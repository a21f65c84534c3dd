"""A table of ten rules and four numeric inputs is cheap to load and to evaluate."""

from __future__ import annotations

import time
from collections.abc import Callable

from mlc.dmn import load
from tests.dmn.tables import PASSES, by_variable, decision, definitions, rule, table

RULES = [
    rule(
        [f"< {number / 10}", f"> {number}", f"[{number}..{number + 1}[", "-99, >= 5"],
        ["false", f'"rule {number}"', ""],
    )
    for number in range(10)
]
INPUTS = {"a": 0.05, "b": 20.5, "c": 3.5, "d": 7}
XML = definitions(decision(table([by_variable(name) for name in "abcd"], PASSES, RULES)))


def test_it_is_evaluated_10000_times_a_second() -> None:
    definition = load(XML)
    assert processor_seconds(lambda: definition.evaluate(None, INPUTS), 1_000) < 1 / 10_000


def test_it_is_loaded_in_5_milliseconds() -> None:
    assert processor_seconds(lambda: load(XML), 10) < 0.005


def processor_seconds(step: Callable[[], object], times: int) -> float:
    """What the step takes on average, in the best of five runs: other processes only make it slower."""

    def once() -> float:
        started = time.process_time()
        for _ in range(times):
            step()
        return (time.process_time() - started) / times

    return min(once() for _ in range(5))
