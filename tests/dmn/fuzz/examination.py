"""One case loaded, checked, evaluated and judged."""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from mlc.dmn import Decided, Definitions, DmnError, Verdict, judge, load
from mlc.dmn.checking import Checked, check, judged
from mlc.dmn.demand import lacking
from tests.dmn.fuzz.cases import Case
from tests.dmn.fuzz.oracle import Complaint, check_kinds, check_message, containers, same
from tests.dmn.fuzz.signatures import CHANGING

MAX_SECONDS = 2.0

_MAX_DECISIONS = 4
_SLOW = 0.3

_Result = TypeVar("_Result")


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
    """Loads, checks, evaluates and judges. A step that exceeds MAX_SECONDS of CPU kills the process with SIGPROF."""
    examination = _Examination(case)
    try:
        examination.run()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return examination.outcome(_finding(error))
    return examination.outcome(None)


class _Examination:
    def __init__(self, case: Case) -> None:
        self._case = case
        self._xml = case.xml
        self._constant = not any(name in self._xml for name in CHANGING)
        self._loaded = False
        self._evaluated = 0
        self._refused = 0
        self._slowest = 0.0

    def outcome(self, finding: Finding | None) -> Outcome:
        return Outcome(self._loaded, self._evaluated, self._refused, self._slowest, finding)

    def run(self) -> None:
        case = self._case
        before = containers(case.inputs)
        definitions = self._attempt(
            lambda: load(self._xml, resources=case.resources, file="fuzz.dmn", variables=case.inputs)
        )
        checked = self._check(definitions)
        if isinstance(definitions, Definitions):
            self._loaded = True
            for decision in definitions.decisions[:_MAX_DECISIONS]:
                decided = self._decide(definitions, decision)
                if len({each.name for each in checked.decisions}) == len(checked.decisions):
                    _compare(decision, decided, checked)
            for service in definitions.services[:_MAX_DECISIONS]:
                self._serve(definitions, service)
            for problem in definitions.problems:
                check_message(str(problem))
        if b"passes" in self._xml or b"color" in self._xml:
            self._judge()
        if containers(case.inputs) != before:
            raise Complaint("the inputs were changed")

    def _attempt(self, step: Callable[[], _Result]) -> _Result | DmnError:
        started = time.process_time()
        try:
            with _limited():
                return step()
        except DmnError as error:
            self._refused += 1
            check_message(str(error))
            return error
        finally:
            self._slowest = max(self._slowest, time.process_time() - started)

    def _check(self, definitions: Definitions | DmnError) -> Checked:
        case = self._case
        checked = self._attempt(
            lambda: check(self._xml, resources=case.resources, file="fuzz.dmn", variables=case.inputs)
        )
        if isinstance(checked, DmnError):
            raise Complaint("a check ends in an error", str(checked))
        for problem in checked.problems:
            check_message(str(problem))
        sound = all(problem.severity != "error" for problem in checked.problems)
        if isinstance(definitions, DmnError) and sound:
            raise Complaint("a file that cannot be loaded is sound", str(definitions))
        if isinstance(definitions, Definitions):
            self._try_examples(definitions, checked)
        return checked

    def _try_examples(self, definitions: Definitions, checked: Checked) -> None:
        for problem in checked.problems:
            if problem.kind not in ("gap", "overlap") or not self._constant:
                continue
            decided = self._attempt(
                lambda problem=problem: definitions.decide(problem.decision, problem.example)
            )
            if problem.kind == "gap" and isinstance(decided, Decided) and decided.matched:
                raise Complaint("a rule matches in a gap", str(problem))
            if problem.kind == "overlap" and isinstance(decided, Decided):
                raise Complaint("rules that overlap give a value", str(problem))

    def _decide(self, definitions: Definitions, decision: str) -> Decided | DmnError:
        inputs = self._case.inputs
        started = time.monotonic()
        decided = self._attempt(lambda: definitions.decide(decision, inputs))
        slow = time.monotonic() - started > _SLOW
        if not isinstance(decided, DmnError):
            self._evaluated += 1
            for value in (decided.value, *(rule.outputs for rule in decided.matched)):
                check_kinds(value)
        if slow or not self._constant:
            return decided
        again = self._attempt(lambda: definitions.evaluate(decision, inputs))
        if isinstance(decided, DmnError) or isinstance(again, DmnError):
            if str(decided) != str(again) or type(decided) is not type(again):
                raise Complaint("one evaluation ends in an error, the next otherwise", f"{decided}\n{again}")
        elif not same(decided.value, again):
            raise Complaint(
                "two evaluations give different values", f"{decided.value!r:.300}\n{again!r:.300}"
            )
        return decided

    def _serve(self, definitions: Definitions, service: str) -> None:
        value = self._attempt(lambda: definitions.evaluate(service, self._case.inputs))
        if not isinstance(value, DmnError):
            self._evaluated += 1
            check_kinds(value)

    def _judge(self) -> None:
        metrics, resources = self._case.inputs, self._case.resources
        verdict = self._attempt(lambda: judge(self._xml, metrics, resources=resources))
        told = self._attempt(lambda: judged(self._xml, metrics, resources=resources))
        if isinstance(told, DmnError):
            raise Complaint("what a check says of a result ends in an error", str(told))
        if isinstance(verdict, DmnError):
            if told.verdict is not None and self._constant:
                raise Complaint("a check has a verdict where there is none", str(verdict))
            self._demand(verdict)
            return
        self._evaluated += 1
        failing = any(rule.failing for rule in verdict.matched_rules)
        if verdict.passed is not (not verdict.reasons) or (failing and verdict.passed):
            raise Complaint("a failing rule matched and the verdict passes")
        if Verdict.model_validate_json(verdict.model_dump_json(by_alias=True)) != verdict:
            raise Complaint("a verdict is another after its travel as JSON", f"{verdict!r:.1000}")
        if told.verdict != verdict and self._constant:
            raise Complaint("a check has no verdict, or another, where there is one", f"{told!r:.1000}")

    def _demand(self, error: DmnError) -> None:
        """What a verdict lacks must be told beforehand."""
        names = self._attempt(lambda: lacking(self._xml, self._case.inputs.keys()))
        if not isinstance(names, DmnError) and not names and "has no metric" in error.message:
            raise Complaint("a metric that is lacking was not told beforehand", str(error))


def _compare(decision: str, decided: Decided | DmnError, checked: Checked) -> None:
    """What a check says of a decision's rules is true of those that matched."""
    problems = [each for each in checked.problems if each.decision == decision]
    kinds = {each.kind for each in problems}
    if isinstance(decided, DmnError):
        violated = "which hit policy UNIQUE forbids" in decided.message and decided.decision == decision
        if violated and kinds.isdisjoint({"overlap", "undecided"}):
            raise Complaint("rules overlap and a check did not tell", str(decided))
        return
    never = {rule for each in problems if each.kind in ("masked", "unmatchable") for rule in each.rules}
    if never & {rule.number for rule in decided.matched}:
        raise Complaint("a rule that never fires has fired", "\n".join(map(str, problems)))


@contextmanager
def _limited() -> Iterator[None]:
    # SIGPROF's default action ends the process even in the middle of C code; whoever started it reports the case.
    signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _finding(error: BaseException) -> Finding:
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if "/mlc/dmn/" in frame.filename]
    place = inside[-1] if inside else frames[-1]
    where = f"{place.filename.rpartition('/mlc/')[2]}:{place.lineno} {place.name}"
    if isinstance(error, Complaint):
        return Finding(error.what, "", error.detail)
    detail = "".join(traceback.format_exception(error, limit=-12))
    return Finding(type(error).__name__, where, detail)
