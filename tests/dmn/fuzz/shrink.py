"""Makes a case smaller while it shows the same finding."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.dmn.fuzz.cases import Case
from tests.dmn.fuzz.examination import Finding
from tests.dmn.fuzz.runner import examine_apart

MAX_SECONDS = 15.0


def shrunk(case: Case, finding: Finding, *, seconds: float = MAX_SECONDS) -> Case:
    """The smallest case found in the time whose finding is of the same kind."""
    deadline = time.monotonic() + seconds

    def shows(candidate: Case) -> bool:
        found = examine_apart(candidate).finding
        return found is not None and found.kind == finding.kind

    return _fixpoint(case, shows, lambda: time.monotonic() > deadline)


def _fixpoint(case: Case, shows: Callable[[Case], bool], late: Callable[[], bool]) -> Case:
    progress = True
    while progress:
        progress = False
        for candidate in _smaller(case):
            if late():
                return case
            if shows(candidate):
                case, progress = candidate, True
                break
    return case


def _smaller(case: Case) -> Iterator[Case]:
    for name in case.inputs:
        yield replace(case, inputs={other: value for other, value in case.inputs.items() if other != name})
    for name, value in case.inputs.items():
        for simpler in _simpler(value):
            yield replace(case, inputs={**case.inputs, name: simpler})
    size = len(case.source) // 2
    while size:
        for start in range(0, len(case.source), size):
            yield replace(case, source=case.source[:start] + case.source[start + size :])
        size //= 2


def _simpler(value: object) -> Iterator[object]:
    if isinstance(value, list):
        yield from value[:5]
    elif isinstance(value, dict):
        yield from list(value.values())[:5]
    elif type(value) is str and len(value) > 1:
        yield value[: len(value) // 2]
        yield value[len(value) // 2 :]
