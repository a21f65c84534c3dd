"""Cases of a decision: inputs with what is expected to come of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from mlc.dmn.checking.problems import did_you_mean
from mlc.dmn.definitions import Decided, Definitions
from mlc.dmn.elements import Decision, Element, InputData
from mlc.dmn.errors import DmnError
from mlc.dmn.table import DecisionTable
from mlc.dmn.values import Value, equal, shown, to_value
from mlc.dmn.verdict import reading_of, verdict_of

# What may be expected beside the outputs; an output of the same name goes first.
VALUE, RULES, VERDICT, ERROR = "value", "rules", "verdict", "error"
ASPECTS = (VALUE, RULES, VERDICT, ERROR)

_SEPARATORS = re.compile(r"[\s;,]+")


@dataclass(frozen=True)
class Case:
    """One try of a decision.

    decision: its name; None takes the only one. inputs: by name. expected: by output or aspect:

    - an output: one value for all rules that match, or the list of theirs; null where none matches;
    - `value`: the decision's whole value;
    - `rules`: the numbers of the rules that match, as a list or a text such as "2;3", none of them as "none" or [];
    - `verdict`: PASS or FAIL, where the decision judges test results;
    - `error`: text that the error's message holds, or true for any error.
    """

    name: str
    decision: str | None
    inputs: Mapping[str, object]
    expected: Mapping[str, object]


@dataclass(frozen=True)
class Difference:
    """What was expected of an output or aspect, and what came, as FEEL writes it."""

    of: str
    expected: str
    found: str


@dataclass(frozen=True)
class Tried:
    """What came of a case. rules: the numbers of those that the value comes from. error: why there is no value."""

    case: Case
    value: Value
    rules: tuple[int, ...]
    differences: tuple[Difference, ...]
    error: str | None

    @property
    def passed(self) -> bool:
        return not self.differences


def refuse_unknown(definitions: Definitions, cases: Iterable[Case]) -> None:
    """Raises DmnError naming the case that names a decision, an input or an output that the file does not know."""
    for case in cases:
        try:
            decision = definitions.find(case.decision)
        except DmnError as error:
            raise error.located(place=f'case "{case.name}"') from None
        for kind, names, known in (
            ("input", case.inputs, _inputs(decision)),
            ("output", case.expected, _expectable(decision)),
        ):
            unknown = next((name for name in names if known and name not in known), None)
            if unknown is not None:
                raise DmnError(
                    f'there is no {kind} "{unknown}"{did_you_mean(unknown, known)}',
                    decision=decision.name,
                    places=(f'case "{case.name}"',),
                )


def tried(definitions: Definitions, case: Case) -> Tried:
    """Evaluates the case. Raises DmnError for an expectation that cannot be read, and as `refuse_unknown` does."""
    came = _Came(definitions, case)
    try:
        found = [came.difference(of, expected) for of, expected in case.expected.items()]
    except DmnError as error:
        raise error.located(place=f'case "{case.name}"') from None
    differences = [each for each in found if each is not None]
    if came.failure is not None and ERROR not in case.expected and not differences:
        differences.append(Difference(ERROR, "none", came.failure.message))
    return Tried(
        case,
        came.decided.value,
        tuple(rule.number for rule in came.decided.matched),
        tuple(differences),
        str(came.failure) if came.failure else None,
    )


class _Came:
    """What comes of a case: what was decided, nothing where it failed."""

    def __init__(self, definitions: Definitions, case: Case) -> None:
        self._definitions = definitions
        self._case = case
        self._names = _outputs(definitions.find(case.decision))
        self.decided = Decided(None, ())
        self.failure: DmnError | None = None
        try:
            self.decided = definitions.decide(case.decision, case.inputs)
        except DmnError as error:
            self.failure = error

    def difference(self, of: str, expected: object) -> Difference | None:
        """None where what came is as expected."""
        if of in ASPECTS and of not in self._names:
            return _ASPECTS[of](self, expected)
        return self._compared(of, self._output(of), to_value(expected, of))

    def _compared(self, of: str, found: list[Value], expected: Value) -> Difference | None:
        """The values of an output in all matched rules, against one for all of them or the list of them."""
        as_one = bool(found) and all(equal(each, expected) is True for each in found)
        as_list = equal(found, expected) is True or (not found and expected is None)
        if self.failure is None and (as_one or as_list):
            return None
        whole: Value = found[0] if len(found) == 1 else found or None
        return Difference(of, shown(expected), self.failure.message if self.failure else shown(whole))

    def _output(self, name: str) -> list[Value]:
        """The output's value in each row of the result."""
        value = self.decided.value
        rows = value if isinstance(value, list) else [] if value is None else [value]
        return [row.get(name) if isinstance(row, dict) else row for row in rows]

    def value(self, expected: object) -> Difference | None:
        return self._compared(VALUE, [self.decided.value], to_value(expected, VALUE))

    def rules(self, expected: object) -> Difference | None:
        wanted = _rule_numbers(expected)
        found = [rule.number for rule in self.decided.matched]
        if self.failure is None and sorted(found) == sorted(wanted):
            return None
        return Difference(RULES, _listed(wanted), self.failure.message if self.failure else _listed(found))

    def verdict(self, expected: object) -> Difference | None:
        wanted = str(expected).strip().upper()
        if wanted not in ("PASS", "FAIL"):
            raise DmnError(f"a verdict is PASS or FAIL, not {expected}")
        try:
            verdict = verdict_of(self._definitions, self._case.inputs, self._case.decision)
        except DmnError as error:
            self.failure = self.failure or error
            return Difference(VERDICT, wanted, error.message)
        found = "PASS" if verdict.passed else "FAIL"
        because = f": {'; '.join(verdict.reasons)}" if verdict.reasons else ""
        return None if found == wanted else Difference(VERDICT, wanted, found + because)

    def error(self, expected: object) -> Difference | None:
        """An error of the evaluation or, of a decision that judges test results, of its verdict."""
        if self.failure is None and _judges(self._definitions.find(self._case.decision)):
            try:
                verdict_of(self._definitions, self._case.inputs, self._case.decision)
            except DmnError as error:
                self.failure = error
        wanted = "" if expected is True else str(expected)
        said = str(self.failure) if self.failure else None
        if said is not None and wanted.casefold() in said.casefold():
            return None
        return Difference(ERROR, wanted or "an error", said or "none")


_ASPECTS: dict[str, Callable[[_Came, object], Difference | None]] = {
    VALUE: _Came.value,
    RULES: _Came.rules,
    VERDICT: _Came.verdict,
    ERROR: _Came.error,
}


def _judges(decision: Decision) -> bool:
    try:
        return isinstance(decision.logic, DecisionTable) and bool(reading_of(decision.logic))
    except DmnError:
        return False


def _rule_numbers(expected: object) -> list[int]:
    """Raises DmnError for what is no list of rules' numbers."""
    listed = (
        cast("Sequence[object]", expected)
        if isinstance(expected, list)
        else _SEPARATORS.split(str(expected).strip())
    )
    try:
        return [] if expected == "none" else [int(str(number)) for number in listed]
    except ValueError:
        raise DmnError(f'rules are numbers such as "2;3", or "none", not {expected}') from None


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"


def _outputs(decision: Decision) -> frozenset[str]:
    """The names of a table's outputs; none where it is another expression, whose result may have any member."""
    if not isinstance(decision.logic, DecisionTable):
        return frozenset()
    return frozenset(output.name for output in decision.logic.outputs)


def _expectable(decision: Decision) -> frozenset[str]:
    """What may be expected of the decision; empty where that is not known."""
    outputs = _outputs(decision)
    return outputs.union(ASPECTS) if outputs else outputs


def _inputs(decision: Decision) -> frozenset[str]:
    """The names of the inputs that the decision and what it requires may look up."""
    known: set[str] = set()
    waiting: list[tuple[tuple[str, ...], Element]] = [((), decision)]
    seen: set[Element] = set()
    while waiting:
        path, element = waiting.pop()
        if element in seen:
            continue
        seen.add(element)
        names = element.names if isinstance(element, InputData) else getattr(element, "free", ())
        known.update(names, path[:1], (".".join((*path, name)) for name in names))
        waiting += [((*path, *each.path), each.element) for each in element.requirements]
    return frozenset(known)
