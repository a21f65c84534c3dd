"""`mlc decisions`: decision tables read, checked and tried, and replayed on the past.

What the commands do is imported when they are called: the other commands start sooner without the evaluator.
"""

from pathlib import Path
from typing import Annotated

import typer

from starter.commands import completing
from starter.commands.options import AsJson

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
    "Exit code 0: no error, warnings are allowed; 1: an error, a warning with --strict, or no verdict on RESULT.json; "
    "3: the verdict is FAIL."
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
    strict: Annotated[bool, typer.Option("--strict", help="exit code 1 for a warning as well")] = False,
    as_json: AsJson = False,
) -> None:
    from starter.commands.decision_runs import run_check

    run_check(file, against, decision, imports or (), strict=strict, as_json=as_json)


@decisions.command("test", help=_TEST)
def cases(
    file: DmnFile,
    cases_file: Annotated[Path, typer.Argument(metavar="CASES", help="a CSV or JSON file of cases")],
    decision: DecisionName = None,
    imports: Imports = None,
    as_json: AsJson = False,
) -> None:
    from starter.commands.decision_runs import run_cases

    run_cases(file, cases_file, decision, imports or (), as_json=as_json)


@decisions.command()
def replay(
    table: Annotated[Path, typer.Argument(metavar="NEW.dmn", help="the changed decision table")],
    model: Annotated[str, typer.Option(help="model name, or its id")],
    since: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="only what started since: 2026-01-31 (UTC), 2026-01-31T06:00:00+01:00, or an age such as 30d, 12h",
        ),
    ] = None,
    process: Annotated[
        str | None,
        typer.Option(
            help="deploy, back-test, … [default: all that judged]", autocompletion=completing.processes
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="look at so many at most, the newest")] = None,
    show_all: Annotated[bool, typer.Option("--all", help="show the decisions that stay as well")] = False,
    as_json: AsJson = False,
) -> None:
    """Judges the past test results of a model by a changed table, and shows the decisions that would flip.

    Nothing is started and nothing is written. Exit code 0: each decision stays as it was; 3: some flip; 1: none flips, but
    not all could be judged.
    """
    from starter.commands.decisions_replay import run_replay

    run_replay(table, model, since, process, limit, show_all=show_all, as_json=as_json)
