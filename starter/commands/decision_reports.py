"""What `mlc decisions check` and `mlc decisions test` tell, as their JSON has it."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from mlc.contract import Contract
from mlc.dmn.checking import Checked, DecisionOutline, Judged, Problem, Tried
from mlc.dmn.values import Value, to_value
from mlc.dmn.verdict import json_value
from mlc.verdict import Verdict
from starter.commands.decision_files import on_the_command_line


class ProblemLine(Contract):
    """One finding. line: all of it in one line. rules: 1-based numbers. character: 1-based, in the cell's text.

    example: inputs that show it.
    """

    severity: str
    kind: str
    decision: str | None
    rules: tuple[int, ...]
    column: str | None
    character: int | None
    message: str
    line: str
    example: dict[str, JsonValue]


class CheckReport(Contract):
    """The decisions of a file, its problems, and the verdict on a test result where one was given.

    ok: there is no error in the file, nor in judging the test result. passed: whether the verdict is PASS, None where
    there is none. result: the test result's file.
    """

    file: str
    ok: bool
    decisions: tuple[DecisionOutline, ...]
    problems: tuple[ProblemLine, ...]
    result: str | None
    passed: bool | None
    verdict: Verdict | None

    def counted(self, severity: str) -> int:
        return sum(problem.severity == severity for problem in self.problems)


class DifferenceLine(Contract):
    """of: an output, or value, rules, verdict, error. expected, found: as FEEL writes them."""

    of: str
    expected: str
    found: str


class CaseLine(Contract):
    """A case as it came out. rules: the numbers of those that matched."""

    name: str
    decision: str | None
    passed: bool
    inputs: dict[str, JsonValue]
    value: JsonValue
    rules: tuple[int, ...]
    differences: tuple[DifferenceLine, ...]
    error: str | None


class CasesReport(Contract):
    file: str
    cases_file: str
    passed: int
    failed: int
    cases: tuple[CaseLine, ...]


def check_report(file: str, checked: Checked, result: str | None, judged: Judged | None) -> CheckReport:
    """judged: what came of the test result in the file `result`."""
    problems = (*checked.problems, *_further(judged, checked))
    verdict = judged.verdict if judged else None
    return CheckReport(
        file=file,
        ok=not any(problem.severity == "error" for problem in problems),
        decisions=checked.decisions,
        problems=tuple(_problem(problem) for problem in problems),
        result=result,
        passed=verdict.passed if verdict else None,
        verdict=verdict,
    )


def cases_report(file: str, cases_file: str, all_tried: Sequence[Tried]) -> CasesReport:
    cases = tuple(_case(each) for each in all_tried)
    passed = sum(case.passed for case in cases)
    return CasesReport(
        file=file, cases_file=cases_file, passed=passed, failed=len(cases) - passed, cases=cases
    )


def _further(judged: Judged | None, checked: Checked) -> list[Problem]:
    """What keeps the file from being judged is told once, though both have found it."""
    lines = {str(problem) for problem in checked.problems}
    cells = {_cell(problem) for problem in checked.problems if problem.severity == "error"} - {None}
    further = judged.problems if judged else ()
    return [each for each in further if str(each) not in lines and _cell(each) not in cells]


def _cell(problem: Problem) -> tuple[object, ...] | None:
    """Which cell a problem is about; None where it is about none."""
    if problem.column is None or len(problem.rules) != 1:
        return None
    return problem.file, problem.decision, problem.rules, problem.column


def _problem(problem: Problem) -> ProblemLine:
    return ProblemLine(
        severity=problem.severity,
        kind=problem.kind,
        decision=problem.decision,
        rules=problem.rules,
        column=problem.column,
        character=None if problem.position is None else problem.position + 1,
        message=on_the_command_line(problem.message),
        line=on_the_command_line(str(problem)),
        example=_json(problem.example),
    )


def _case(each: Tried) -> CaseLine:
    return CaseLine(
        name=each.case.name,
        decision=each.case.decision,
        passed=each.passed,
        inputs=_json({name: to_value(value, name) for name, value in each.case.inputs.items()}),
        value=json_value(each.value),
        rules=each.rules,
        differences=tuple(
            DifferenceLine(of=one.of, expected=one.expected, found=one.found) for one in each.differences
        ),
        error=each.error,
    )


def _json(values: Mapping[str, Value]) -> dict[str, JsonValue]:
    return {name: json_value(value) for name, value in values.items()}
