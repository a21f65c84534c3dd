"""The fuzzer: a quick run of it, and what it would notice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from decimal import Decimal
from random import random
from typing import cast

import pytest

from mlc.dmn import Decided, Definitions, DmnError, Value
from tests.dmn.fuzz import examination
from tests.dmn.fuzz.cases import Case, case_of
from tests.dmn.fuzz.runner import examine_apart, run
from tests.dmn.fuzz.shrink import shrunk


def test_only_dmn_errors_come_out_of_mutated_files_and_random_expressions() -> None:
    reports = list(run(1, range(600), processes=1))
    found = [
        f"--case 1:{index} {finding.kind} {finding.where}"
        for report in reports
        for index, finding in report.findings
    ]
    assert found == []
    assert sum(report.counts["cases"] for report in reports) == 600
    assert sum(report.counts["evaluated"] for report in reports) > 100


def test_a_case_is_known_by_seed_and_index() -> None:
    assert [str(case_of(7, index)) for index in range(50)] == [str(case_of(7, index)) for index in range(50)]
    assert str(case_of(7, 1)) != str(case_of(8, 1))


def foreign(*_: object) -> None:
    raise KeyError("x")


def two_lines(*_: object) -> None:
    raise DmnError("wrong", file="a\nb")


def endless(*_: object) -> None:
    while True:
        pass


def too_large(*_: object) -> None:
    bytearray(400 * 2**20)


def crash(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def undocumented(*_: object) -> Decided:
    return Decided(cast("Value", [{"a": 1.5}]), ())


def not_finite(*_: object) -> Decided:
    return Decided(Decimal("NaN"), ())


def ever_another(*_: object) -> Decided:
    return Decided(Decimal(random()), ())


def changing(_: Definitions, decision: str, inputs: dict[str, object]) -> Decided:
    inputs["x"] = 2
    return Decided(None, ())


@pytest.mark.parametrize(
    ("decide", "kind"),
    [
        (foreign, "KeyError"),
        (two_lines, "an error is not told in one line"),
        (endless, "too much time"),
        (too_large, "MemoryError"),
        (crash, "the process died (-11)"),
        (undocumented, "a value is of type float"),
        (not_finite, "a number is not finite"),
        (ever_another, "two evaluations give different values"),
        (changing, "the inputs were changed"),
    ],
)
def test_it_notices(monkeypatch: pytest.MonkeyPatch, decide: Callable[..., object], kind: str) -> None:
    monkeypatch.setattr(Definitions, "decide", decide)
    monkeypatch.setattr(examination, "MAX_SECONDS", 0.1)
    finding = examine_apart(Case("expression", b"null", {"x": None})).finding
    assert finding is not None
    assert finding.kind == kind


def test_a_finding_is_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Definitions, "decide", foreign)
    case = Case("expression", b"[1, 2, 3]", {"x": 1, "y": [2]})
    finding = examine_apart(case).finding
    assert finding is not None
    assert str(shrunk(case, finding)) == "expression '[]' with no inputs"
