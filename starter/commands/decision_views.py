"""How decision tables, their problems, verdicts and cases look on a terminal; piped, the same without colours."""

import json
from collections.abc import Iterator, Sequence

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mlc.dmn.checking import DecisionOutline, InputOutline, TableOutline
from mlc.text import plain
from mlc.verdict import Verdict, VerdictRule
from starter.commands.decision_reports import CaseLine, CasesReport, CheckReport, ProblemLine

# Of so many cases each has its line; of more only those that fail.
FEW_CASES = 50
MOST_CASES = 100
LONGEST = 2_000

_SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


def check_view(report: CheckReport) -> RenderableType:
    """The decisions, the problems, the verdict, and the count of the problems."""
    parts: list[RenderableType] = []
    for decision in report.decisions:
        parts += [*_decision(decision), ""]
    parts += [_problem(problem) for problem in report.problems]
    if report.problems:
        parts.append("")
    if report.verdict is not None:
        parts += [*_verdict(report.verdict, report.result or ""), ""]
    elif report.result is not None:
        parts += [Text(f"{report.result}: no verdict", "bold red"), ""]
    parts.append(_count(report))
    return Group(*parts)


def cases_view(report: CasesReport) -> RenderableType:
    """The cases with what came otherwise, and the count."""
    chosen = [case for case in report.cases if len(report.cases) <= FEW_CASES or not case.passed]
    parts: list[RenderableType] = [_cases(chosen[:MOST_CASES]), ""] if chosen else []
    if len(chosen) > MOST_CASES:
        parts += [Text(f"{len(chosen) - MOST_CASES} more FAIL: --json tells all", "dim"), ""]
    total = f"{report.passed} of {len(report.cases)} cases pass"
    count = Text(total, "green") if not report.failed else Text(f"{total}, {report.failed} FAIL", "bold red")
    return Group(*parts, count)


def _decision(decision: DecisionOutline) -> Iterator[RenderableType]:
    table = decision.table
    what = table.hit_policy if table else "expression" if decision.text is not None else "no logic"
    yield Text.assemble(_said(decision.name, "bold"), f"  {what}")
    if decision.requires:
        yield _said(f"requires {', '.join(decision.requires)}", "dim")
    if table is not None:
        yield _table(table)
    for line in (decision.text or "").splitlines():
        yield Text(" " * (2 + len(line) - len(line.lstrip()))).append(_said(line))


def _table(outline: TableOutline) -> Table:
    table = _columns("rule", *map(_header, outline.inputs), *(f"→ {output}" for output in outline.outputs))
    if outline.has_notes:
        table.add_column("note", overflow="fold")
    for rule in outline.rules:
        cells = [_said(cell) for cell in (*rule.inputs, *rule.outputs)]
        notes = [_said(rule.note or "", "dim")] if outline.has_notes else []
        table.add_row(_said(rule.number, "dim"), *cells, *notes)
    return table


def _header(column: InputOutline) -> str:
    return column.tests if column.label in (None, "", column.tests) else f"{column.label}: {column.tests}"


def _problem(problem: ProblemLine) -> Text:
    return Text.assemble((problem.severity, _SEVERITY_STYLES[problem.severity]), ": ", _said(problem.line))


def _count(report: CheckReport) -> Text:
    errors, warnings = report.counted("error"), report.counted("warning")
    counts = [
        f"{number} {word}{'s' * (number > 1)}"
        for number, word in ((errors, "error"), (warnings, "warning"))
        if number
    ]
    style = "bold red" if errors else "yellow" if warnings else "green"
    return _said(f"{report.file}: {', '.join(counts) or 'no problem found'}", style)


def _verdict(verdict: Verdict, result: str) -> Iterator[RenderableType]:
    word = Text("PASS", "bold green") if verdict.passed else Text("FAIL", "bold red")
    yield Text.assemble(_said(result, "bold"), ": ", word)
    yield from (Text("  ").append(_said(reason)) for reason in verdict.reasons)
    if verdict.matched_rules:
        yield _matched(verdict.matched_rules)
    if verdict.comparisons:
        yield _compared(verdict)


def _matched(rules: Sequence[VerdictRule]) -> Table:
    """The rules that fired: a line for each metric that they asked for."""
    table = _columns("rule", "metric", "value", "matches", "gives")
    for rule in rules:
        given = {name: value for name, value in rule.outputs.items() if value is not None}
        gives = _said(
            ", ".join(f"{name} {_plain(value)}" for name, value in given.items()),
            "red" if rule.failing else "green",
        )
        asked = [(each.metric, _plain(each.value), each.entry) for each in rule.conditions] or [("", "", "-")]
        for position, cells in enumerate(asked):
            number, outcome = (rule.number, gives) if position == 0 else ("", "")
            table.add_row(_said(number), *map(_said, cells), outcome)
    return table


def _compared(verdict: Verdict) -> Table:
    table = _columns("metric", "value", "rules look for", "result")
    for row in verdict.comparisons:
        table.add_row(
            _said(row.metric), _said(_plain(row.value)), _said(row.threshold), _mark(passed=row.passed)
        )
    return table


def _cases(cases: Sequence[CaseLine]) -> Table:
    """A line for each difference; a case that came as expected has one line."""
    table = _columns("case", "result", "rules", "of", "expected", "found")
    for case in cases:
        rules = ", ".join(map(str, case.rules)) or "none"
        different = [(each.of, each.expected, each.found) for each in case.differences]
        first, *more = different or [("", "", "")]
        table.add_row(_said(case.name), _came(case), rules, *map(_said, first))
        for cells in more:
            table.add_row("", "", "", *map(_said, cells))
    return table


def _columns(*titles: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in titles:
        table.add_column(_said(title), overflow="fold")  # names and cells stay whole, however narrow it is
    return table


def _came(case: CaseLine) -> Text:
    return Text("as expected", "green") if case.passed else Text("DIFFERS", "bold red")


def _mark(*, passed: bool) -> Text:
    return Text("pass", "green") if passed else Text("FAIL", "bold red")


def _plain(value: JsonValue) -> str:
    """A text as it is, anything else as JSON has it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _said(what: object, style: str = "") -> Text:
    """What stands in a file, without what a terminal would obey."""
    return Text(plain(what, LONGEST), style)
