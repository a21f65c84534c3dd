"""Hostile files end in one clear error, soon and in little memory."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from mlc.dmn import DmnError, judge, load
from tests.dmn.graphs import item, knowledge, model, node
from tests.dmn.tables import (
    PASSES,
    by_variable,
    cell_file,
    decision,
    definitions,
    expression_file,
    literal,
    rule,
    table,
)

DOCTYPES = [
    b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
    b'<!DOCTYPE d SYSTEM "file:///etc/passwd">',
    b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
]
BAD = node("D", "1 +")
AGAIN = knowledge("again", ["n"], "again(n + 1)")
FIBONACCI = knowledge("fib", ["n"], "if n < 2 then n else fib(n - 1) + fib(n - 2)")
MILLIONTH = item("t", "number", allowed="? in (for i in 1..1000 return i)", collection=True)
DOUBLING = ", ".join(f"a{i}: [a{i - 1}, a{i - 1}]" for i in range(1, 60))
GROWING = ", ".join(f"a{i}: a{i - 1} + a{i - 1}" for i in range(1, 60))


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_a_doctype_is_refused(doctype: bytes) -> None:
    with pytest.raises(DmnError, match="DOCTYPE"):
        load(expression_file("1").replace(b"?>", b"?>" + doctype, 1))


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b" " * 5_000_001, "5,000,001 bytes"),
        (b"<a>" * 5_000, "levels deep"),
        (b"<a>" + b"<b/>" * 100_000 + b"</a>", "100,000 elements"),
        (b"<a>" + b"x<!---->" * 500_000 + b"</a>", "not the definitions"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "well-formed"),
        (expression_file("(" * 10_000 + "1" + ")" * 10_000), "nested more than"),
        (expression_file("(" * 20_000 + "1" + ")" * 20_000), "characters"),
        (expression_file("-" * 10_000 + "1"), "nested more than"),
        (expression_file("1" + "+1" * 9_000), "nested too deeply"),
        (expression_file("1 in (" * 30 + "1" + ")" * 29), "found the end"),
        (cell_file("${" + "(" * 5_000 + "ready" + ")" * 5_000 + "}"), "nested more than"),
        (expression_file("/*" * 16_000), "found"),
        (definitions(decision(literal("1 + 1" * 6_000)) * 20), "600,000 characters together"),
        (model(*(item(f"t{n}", f"t{n + 1}") for n in range(5_000)), BAD), "value should stand"),
        (model(*(knowledge(f"f{n}", ["x"], "x") for n in range(1_000)), BAD), "too many names"),
    ],
    ids=lambda each: each if isinstance(each, str) else f"{len(each)} bytes",
)
def test_a_file_that_would_exhaust_the_reader_is_refused(xml: bytes, message: str) -> None:
    started = time.process_time()
    with pytest.raises(DmnError, match=message):
        load(xml)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (expression_file("for i in 1..10000000000 return i"), "stopped after"),
        (expression_file("some i in 1..10**10 satisfies i < 0"), "stopped after"),
        (expression_file("for i in 1..9999999 return 1.234 ** (i * 1.0001)"), "stopped after"),
        (expression_file(f"{{a0: [1], {DOUBLING}}}"), "500,000 steps"),
        (expression_file(f'{{a0: "aaaaaaaa", {GROWING}}}'), "longer than 200,000"),
        (expression_file("{f: function(g) g(g), r: f(f)}"), "nested"),
        (model(AGAIN, node("Verdict", "again(1)", knows=["again"])), "nested"),
        (model(FIBONACCI, node("Verdict", "fib(30)", knows=["fib"])), "stopped after"),
        (model(MILLIONTH, node("Verdict", "for i in 1..9999 return i", type_ref="t")), "stopped after"),
    ],
    ids=[
        "loop",
        "search",
        "arithmetic",
        "shared lists",
        "text",
        "self-application",
        "recursion",
        "branching recursion",
        "constraint",
    ],
)
def test_an_evaluation_that_would_not_end_is_stopped(xml: bytes, message: str) -> None:
    definition = load(xml)
    started = time.process_time()
    with pytest.raises(DmnError, match=message) as error:
        definition.evaluate("Verdict", {})
    assert error.value.decision == "Verdict"
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "look", ['contains(text, "b")', "text", "[text]", "{held: text}", "text instance of string"]
)
def test_a_text_costs_by_its_length_wherever_it_is_looked_at(look: str) -> None:
    definition = load(expression_file(f"count(for i in 1..1000 return {look})"))
    assert definition.evaluate(None, {"text": "a" * 500}) == 1_000
    with pytest.raises(DmnError, match="stopped after 500,000 steps"):
        definition.evaluate(None, {"text": "a" * 100_000})


def test_a_limit_that_is_reached_in_a_cell_names_rule_and_column() -> None:
    rules = [rule(["1"], ["1"]), rule([f'x = {{a0: "aaaaaaaa", {GROWING}}}'], ["1"])]
    xml = definitions(decision(table([by_variable("x")], ['name="o"'], rules)))
    with pytest.raises(DmnError, match=r'^decision "Verdict", rule 2, column "x": a text grew longer'):
        load(xml).evaluate(None, {"x": 5})


def test_an_error_is_short_however_large_what_it_tells_of_is() -> None:
    xml = definitions(decision(table([by_variable("x" * 5_000)], PASSES[:1], [rule(["> 1"], ["true"])])))
    with pytest.raises(DmnError, match="cannot be compared with > 1") as error:
        judge(xml, {"x" * 5_000: list(range(10_000))})
    assert len(str(error.value)) < 1_500


MEMORY_OF_A_PROCESS = """
import sys
from pathlib import Path
from mlc.dmn import DmnError, judge, load
try:
    load(sys.stdin.buffer.read()).evaluate(None, {})
except DmnError:
    pass
# Not getrusage: it counts what the parent had when it forked.
print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the peak of a process's memory")
@pytest.mark.parametrize(
    "xml",
    [
        b"<definitions>" + b"<b c='1'/>" * 99_000 + b"</definitions>",
        expression_file("for i in 1..400000 return function(x) {a: i, b: x}"),
    ],
    ids=["elements", "functions"],
)
def test_a_hostile_file_takes_less_than_200_megabytes(xml: bytes) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY_OF_A_PROCESS], input=xml, capture_output=True, check=True, timeout=20
    )
    assert int(done.stdout) < 200_000


@pytest.mark.parametrize("text", ['__import__("os").system("id")', "x.__class__.__mro__", '"a".__len__()'])
def test_python_means_nothing_here(text: str) -> None:
    try:
        value = load(expression_file(text)).evaluate(None, {"x": {"a": 1}})
    except DmnError:
        return
    assert value is None
