"""A table of ten rules and four numeric inputs is cheap to load and to evaluate."""

from __future__ import annotations

import time

from mlc.dmn import load
from tests.dmn.tables import PASSES, by_variable, decision, definitions, rule, table

RULES = [
    rule(
        [f"< {number / 10}", f"> {number}", f"[{number}..{number + 1}[", "-99, >= 5"],
        ["false", f'"rule {number}"', ""],
    )
    for number in range(10)
]
XML = definitions(decision(table([by_variable(name) for name in "abcd"], PASSES, RULES)))


def test_it_is_evaluated_8000_times_a_second() -> None:
    definition = load(XML)
    started = time.process_time()
    for _ in range(1_000):
        definition.evaluate(None, {"a": 0.05, "b": 20.5, "c": 3.5, "d": 7})
    assert time.process_time() - started < 1_000 / 8_000


def test_it_is_loaded_in_5_milliseconds() -> None:
    load(XML)
    started = time.process_time()
    for _ in range(10):
        load(XML)
    assert (time.process_time() - started) / 10 < 0.005
