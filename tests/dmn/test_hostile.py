"""Hostile files end in one clear error, soon and in little memory."""

from __future__ import annotations

import time

import pytest

from mlc.dmn import DmnError, load
from tests.dmn.tables import cell_file, decision, definitions, expression_file, literal

DOCTYPES = [
    b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
    b'<!DOCTYPE d SYSTEM "file:///etc/passwd">',
    b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
]
RECURSIVE = (
    '<businessKnowledgeModel id="bk" name="again"><encapsulatedLogic><formalParameter name="n"/>'
    "<literalExpression><text>again(n + 1)</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
)
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
        (b"<a>" + b"<b/>" * 250_000 + b"</a>", "200,000 elements"),
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
    ],
    ids=lambda each: each if isinstance(each, str) else f"{len(each)} bytes",
)
def test_a_file_that_would_exhaust_the_reader_is_refused(xml: bytes, message: str) -> None:
    started = time.process_time()
    with pytest.raises(DmnError, match=message):
        load(xml)
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (expression_file("for i in 1..10000000000 return i"), "1,000,000 steps"),
        (expression_file("some i in 1..10**10 satisfies i < 0"), "1,000,000 steps"),
        (expression_file("for i in 1..9999, j in 1..9999 return 1"), "1,000,000 steps"),
        (expression_file(f"{{a0: [1], {DOUBLING}}}"), "1,000,000 steps"),
        (expression_file(f'{{a0: "aaaaaaaa", {GROWING}}}'), "longer than 1,000,000"),
        (expression_file("{f: function(g) g(g), r: f(f)}"), "nested"),
        (definitions(RECURSIVE, decision(literal("again(1)"))), "nested"),
    ],
    ids=["loop", "search", "product", "shared lists", "text", "self-application", "recursion"],
)
def test_an_evaluation_that_would_not_end_is_stopped(xml: bytes, message: str) -> None:
    definition = load(xml)
    started = time.process_time()
    with pytest.raises(DmnError, match=message) as error:
        definition.evaluate(None, {})
    assert error.value.decision == "Verdict"
    assert time.process_time() - started < 5


@pytest.mark.parametrize("text", ['__import__("os").system("id")', "x.__class__.__mro__", '"a".__len__()'])
def test_python_means_nothing_here(text: str) -> None:
    try:
        value = load(expression_file(text)).evaluate(None, {"x": {"a": 1}})
    except DmnError:
        return
    assert value is None
