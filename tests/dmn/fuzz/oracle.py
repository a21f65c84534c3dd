"""What must hold whatever is loaded and evaluated."""

from __future__ import annotations

import signal
import time as clock
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from mlc.dmn import Definitions, DmnError, Verdict, judge, load
from mlc.dmn.values import Function, Range
from tests.dmn.fuzz.cases import Case
from tests.dmn.fuzz.signatures import CHANGING

MAX_SECONDS = 2.0
MAX_MESSAGE = 2_000

_PLAIN = (type(None), bool, Decimal, str, date, time, datetime, timedelta)
_MAX_DECISIONS = 4
_SLOW = 0.3

_Result = TypeVar("_Result")


class Complaint(Exception):  # noqa: N818 — not an error of the fuzzer
    """Something came out that must not, though it is no foreign exception: `what`, in `detail` if there is more."""

    def __init__(self, what: str, detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.detail = detail


@dataclass(frozen=True)
class Finding:
    """kind: the exception's name or the complaint. where: the innermost place in the product. detail: all of it."""

    kind: str
    where: str
    detail: str

    @property
    def signature(self) -> tuple[str, str]:
        return self.kind, self.where


@dataclass(frozen=True)
class Outcome:
    """loaded: the file was accepted. evaluated: how many evaluations gave a value. refused: how many steps an error.

    slowest: the most CPU seconds that a step took.
    """

    loaded: bool
    evaluated: int
    refused: int
    slowest: float
    finding: Finding | None


def examine(case: Case) -> Outcome:
    """Loads, evaluates and judges. A step that exceeds MAX_SECONDS of CPU kills the process with SIGPROF."""
    tally = _Tally()
    try:
        tally.run(case)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return tally.outcome(_finding(error))
    return tally.outcome(None)


class _Tally:
    def __init__(self) -> None:
        self.loaded = False
        self.evaluated = 0
        self.refused = 0
        self.slowest = 0.0

    def outcome(self, finding: Finding | None) -> Outcome:
        return Outcome(self.loaded, self.evaluated, self.refused, self.slowest, finding)

    def run(self, case: Case) -> None:
        xml = case.xml
        before = _containers(case.inputs)
        definitions = self._attempt(
            lambda: load(xml, resources=case.resources, file="fuzz.dmn", variables=case.inputs)
        )
        if isinstance(definitions, Definitions):
            self.loaded = True
            constant = not any(name in xml for name in CHANGING)
            for decision in definitions.decisions[:_MAX_DECISIONS]:
                self._decide(definitions, decision, case.inputs, constant=constant)
            for service in definitions.services[:_MAX_DECISIONS]:
                self._serve(definitions, service, case.inputs)
            for problem in definitions.problems:
                _check_message(str(problem))
        if b"passes" in xml or b"color" in xml:
            self._judge(xml, case.inputs)
        if _containers(case.inputs) != before:
            raise Complaint("the inputs were changed")

    def _attempt(self, step: Callable[[], _Result]) -> _Result | DmnError:
        started = clock.process_time()
        try:
            with _limited():
                return step()
        except DmnError as error:
            self.refused += 1
            _check_message(str(error))
            return error
        finally:
            self.slowest = max(self.slowest, clock.process_time() - started)

    def _decide(
        self, definitions: Definitions, decision: str, inputs: Mapping[str, object], *, constant: bool
    ) -> None:
        started = clock.monotonic()
        decided = self._attempt(lambda: definitions.decide(decision, inputs))
        slow = clock.monotonic() - started > _SLOW
        if not isinstance(decided, DmnError):
            self.evaluated += 1
            for value in (decided.value, *(rule.outputs for rule in decided.matched)):
                _check_kinds(value)
        if slow or not constant:
            return
        again = self._attempt(lambda: definitions.evaluate(decision, inputs))
        if isinstance(decided, DmnError) or isinstance(again, DmnError):
            if str(decided) != str(again) or type(decided) is not type(again):
                raise Complaint("one evaluation ends in an error, the next otherwise", f"{decided}\n{again}")
        elif not _same(decided.value, again):
            raise Complaint(
                "two evaluations give different values", f"{decided.value!r:.300}\n{again!r:.300}"
            )

    def _serve(self, definitions: Definitions, service: str, inputs: Mapping[str, object]) -> None:
        value = self._attempt(lambda: definitions.evaluate(service, inputs))
        if not isinstance(value, DmnError):
            self.evaluated += 1
            _check_kinds(value)

    def _judge(self, xml: bytes, metrics: Mapping[str, object]) -> None:
        verdict = self._attempt(lambda: judge(xml, metrics))
        if isinstance(verdict, DmnError):
            return
        self.evaluated += 1
        failing = any(rule.failing for rule in verdict.matched_rules)
        if verdict.passed is not (not verdict.reasons) or (failing and verdict.passed):
            raise Complaint("a failing rule matched and the verdict passes")
        if Verdict.model_validate_json(verdict.model_dump_json(by_alias=True)) != verdict:
            raise Complaint("a verdict is another after its travel as JSON")


@contextmanager
def _limited() -> Iterator[None]:
    # SIGPROF's default action ends the process even in the middle of C code; whoever started it reports the case.
    signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _check_message(message: str) -> None:
    if len(message.splitlines()) != 1:
        raise Complaint("an error is not told in one line", f"{message[:300]!r}")
    if any("\ud800" <= character <= "\udfff" for character in message):
        raise Complaint("an error cannot be written as UTF-8", ascii(message[:300]))
    if len(message) > MAX_MESSAGE:
        raise Complaint(f"an error is longer than {MAX_MESSAGE:,} characters", f"{message[:300]}…")


def _check_kinds(value: object) -> None:
    """Only documented kinds, however deeply nested; numbers are finite."""
    waiting, seen = [value], set[int]()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if type(part) is list:
            waiting.extend(part)
        elif type(part) is dict:
            if not all(type(key) is str for key in part):
                raise Complaint("a context has a key that is no string")
            waiting.extend(part.values())
        elif isinstance(part, Range):
            waiting += [part.start, part.end]
        elif type(part) is Decimal and not part.is_finite():
            raise Complaint("a number is not finite")
        elif type(part) not in _PLAIN and not type(part).__module__.startswith("mlc.dmn."):
            raise Complaint(f"a value is of type {type(part).__name__}")


def _same(left: object, right: object) -> bool:
    """Whether two results are alike down to a number's digits; functions are alike by their parameters."""
    waiting = [(left, right)]
    while waiting:
        a, b = waiting.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            waiting += zip(a, b, strict=True)
        elif isinstance(a, dict) and isinstance(b, dict):
            if list(a) != list(b):
                return False
            waiting += [(a[key], b[key]) for key in a]
        elif isinstance(a, Range) and isinstance(b, Range):
            if (a.start_closed, a.end_closed) != (b.start_closed, b.end_closed):
                return False
            waiting += [(a.start, b.start), (a.end, b.end)]
        elif isinstance(a, Function) and isinstance(b, Function):
            if a.parameters != b.parameters:
                return False
        elif str(a) != str(b):
            return False
    return True


def _containers(inputs: object) -> dict[int, tuple[int, ...]]:
    """The identities of what each list and dict in the inputs holds."""
    waiting, found = [inputs], dict[int, tuple[int, ...]]()
    while waiting:
        part = waiting.pop()
        if id(part) in found or not isinstance(part, (list, dict)):
            continue
        held = [*part, *part.values()] if isinstance(part, dict) else part
        found[id(part)] = tuple(map(id, held))
        waiting += held
    return found


def _finding(error: BaseException) -> Finding:
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if "/mlc/dmn/" in frame.filename]
    place = inside[-1] if inside else frames[-1]
    where = f"{place.filename.rpartition('/mlc/')[2]}:{place.lineno} {place.name}"
    if isinstance(error, Complaint):
        return Finding(error.what, "", error.detail)
    detail = "".join(traceback.format_exception(error, limit=-12))
    return Finding(type(error).__name__, where, detail)
