"""What `mlc decisions check` and `mlc decisions test` do."""

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mlc.dmn import Definitions, DmnError, checking, load
from mlc.errors import InvalidInput
from starter.commands.decision_files import (
    on_the_command_line,
    read_bytes,
    read_cases,
    read_imports,
    read_metrics,
)
from starter.commands.decision_reports import cases_report, check_report
from starter.commands.decision_views import cases_view, check_view
from starter.show import err, tell, tell_json

WRONG = 1
FAILS = 3


def run_check(
    file: Path,
    against: Path | None,
    decision: str | None,
    imports: Sequence[Path],
    *,
    strict: bool,
    as_json: bool,
) -> None:
    """strict: warnings count as errors. Raises Exit with the command's code, InvalidInput."""
    xml = read_bytes(file)
    resources = read_imports(imports)
    metrics = read_metrics(against) if against is not None else None
    try:
        checked = checking.check(
            xml, file=file.name, resources=resources, variables=metrics or (), decision=decision
        )
    except DmnError as error:
        raise InvalidInput(str(error)) from None
    judged = None
    if metrics is not None:
        judged = checking.judged(xml, metrics, file=file.name, resources=resources, decision=decision)
    report = check_report(file.name, checked, against.name if against else None, judged)
    if as_json:
        tell_json(report)
    else:
        tell(check_view(report))
    if not report.ok or (strict and report.counted("warning")):
        raise typer.Exit(WRONG)
    if report.verdict is not None and not report.verdict.passed:
        raise typer.Exit(FAILS)


def run_cases(
    file: Path, cases_file: Path, decision: str | None, imports: Sequence[Path], *, as_json: bool
) -> None:
    """Raises Exit with the command's code, InvalidInput."""
    xml = read_bytes(file)
    resources = read_imports(imports)
    cases = read_cases(cases_file, decision)
    names = dict.fromkeys(name for case in cases for name in case.inputs)
    try:
        definitions = load(xml, resources=resources, file=file.name, variables=names)
    except DmnError as error:
        raise InvalidInput(on_the_command_line(str(error))) from None
    try:
        checking.refuse_unknown(definitions, cases)
        report = cases_report(file.name, cases_file.name, _tried(definitions, cases))
    except DmnError as error:
        raise InvalidInput(f"{cases_file}: {error}") from None
    if as_json:
        tell_json(report)
    else:
        tell(cases_view(report))
    if report.failed:
        raise typer.Exit(WRONG)


def _tried(definitions: Definitions, cases: list[checking.Case]) -> list[checking.Tried]:
    """Every case; on a terminal a bar tells how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        return [checking.tried(definitions, case) for case in progress.track(cases, description="Running")]
