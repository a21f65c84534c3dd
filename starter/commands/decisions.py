"""`mlc decisions`: decision tables read, checked and tried, without a server."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mlc.dmn import Definitions, DmnError, checking, load
from mlc.errors import InvalidInput
from starter.commands.decision_files import read_bytes, read_cases, read_imports, read_metrics
from starter.commands.decision_reports import cases_report, check_report
from starter.commands.decision_views import cases_view, check_view
from starter.commands.decisions_replay import replay
from starter.commands.options import AsJson
from starter.show import err, tell, tell_json

WRONG = 1
FAILS = 3

decisions = typer.Typer(
    no_args_is_help=True,
    help="Decision tables (DMN files): checked, tested, replayed on the past.",
)

# A paragraph is one line: a terminal breaks it where it is narrow.
_CHECK = (
    "Shows a file's decision tables as a person reads them, and what is wrong with them.\n\n"
    "Told are texts that cannot be parsed; rules that overlap where UNIQUE or ANY forbids it; rules that never fire, as "
    "earlier ones match all that they match; rules that say the same; inputs for which no rule matches; cells that do not "
    "go with their column; tables that can judge no test result. An example is one that the table itself has evaluated. "
    "What constants do not tell (expressions, other variables) is said to be not decided.\n\n"
    "Exit code 0: no error, warnings are allowed; 1: an error, or no verdict on RESULT.json; 3: the verdict is FAIL."
)
_TEST = (
    "Runs a decision on cases, and shows what comes out otherwise than expected.\n\n"
    'CASES.csv has a column for each input and for each expectation: "expect passes" for the output passes, '
    '"expect value" for the whole result, "expect rules" for the numbers of the rules that match ("2;3", or none), '
    '"expect verdict" for PASS or FAIL on a test result, "expect error" for words of an error, or true. A column '
    '"case" may name the case. Comma, semicolon or tab separates.\n\n'
    "An empty cell is an input that is absent, an expectation that is not checked. A cell is a number (0.5), true, false, "
    'null, JSON, a date such as @"2026-01-31", or else text; what looks like one of these is text in double quotes of its '
    "own.\n\n"
    'CASES.json is a list of {"name": …, "decision": …, "inputs": {…}, "expect": {"passes": false, "rules": [2]}}; name '
    "and decision may be left out, and an expectation that is no object is the whole result.\n\n"
    "Of an output of several matching rules one value is expected of all, a list of each in turn. Numbers are decimal and "
    "compared exactly.\n\n"
    "Exit code 0: all cases come as expected; 1: some do not."
)

DmnFile = Annotated[Path, typer.Argument(metavar="FILE", help="a DMN file")]
Imports = Annotated[
    list[Path] | None,
    typer.Option("--import", metavar="FILE", help="a file that FILE imports, once for each"),
]
DecisionName = Annotated[
    str | None, typer.Option("--decision", metavar="NAME", help="the decision, where FILE has several")
]


@decisions.command(help=_CHECK)
def check(
    file: DmnFile,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="RESULT.json",
            help="judge this test result too: an object of metrics, or a whole modelTestResult",
        ),
    ] = None,
    decision: DecisionName = None,
    imports: Imports = None,
    as_json: AsJson = False,
) -> None:
    xml = read_bytes(file)
    resources = read_imports(imports or ())
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
    if not report.ok:
        raise typer.Exit(WRONG)
    if report.verdict is not None and not report.verdict.passed:
        raise typer.Exit(FAILS)


@decisions.command("test", help=_TEST)
def run_cases(
    file: DmnFile,
    cases_file: Annotated[Path, typer.Argument(metavar="CASES", help="a CSV or JSON file of cases")],
    decision: DecisionName = None,
    imports: Imports = None,
    as_json: AsJson = False,
) -> None:
    xml = read_bytes(file)
    resources = read_imports(imports or ())
    cases = read_cases(cases_file, decision)
    names = dict.fromkeys(name for case in cases for name in case.inputs)
    try:
        definitions = load(xml, resources=resources, file=file.name, variables=names)
    except DmnError as error:
        raise InvalidInput(str(error)) from None
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


decisions.command()(replay)
