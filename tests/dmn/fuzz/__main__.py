"""The fuzzer's command line."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tests.dmn.fuzz.cases import case_of
from tests.dmn.fuzz.examination import Finding
from tests.dmn.fuzz.runner import Report, examine_apart, run
from tests.dmn.fuzz.shrink import shrunk

_COLUMNS = ("cases", "loaded", "evaluated", "refused", "findings")


def main() -> int:
    """Returns 1 where anything was found."""
    arguments = _arguments()
    console = Console(soft_wrap=True)
    if arguments.case:
        seed, index = map(int, arguments.case.split(":"))
        return _replay(console, seed, index)
    started = time.monotonic()
    report = _fuzz(console, arguments.seed, arguments.count, arguments.processes)
    console.print(_summary(report, time.monotonic() - started))
    most, index = report.slowest
    console.print(f"slowest step: {most:.2f} s of CPU in --case {arguments.seed}:{index}", highlight=False)
    _tell(console, arguments.seed, report.findings, shrinking=not arguments.no_shrink)
    return 1 if report.findings else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.dmn.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many cases")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other cases")
    parser.add_argument("--processes", type=int, default=2, help="how many run at once")
    parser.add_argument("--case", metavar="SEED:INDEX", help="replay one case and tell all of it")
    parser.add_argument("--no-shrink", action="store_true", help="tell findings as they were met")
    return parser.parse_args()


def _replay(console: Console, seed: int, index: int) -> int:
    case = case_of(seed, index)
    console.print(escape(str(case)))
    outcome = examine_apart(case)
    console.print(
        f"loaded: {outcome.loaded}, evaluated: {outcome.evaluated}, refused: {outcome.refused}",
        highlight=False,
    )
    if outcome.finding is None:
        return 0
    console.print(escape(f"{outcome.finding.kind} {outcome.finding.where}\n{outcome.finding.detail}"))
    return 1


def _fuzz(console: Console, seed: int, count: int, processes: int) -> Report:
    """All reports in one; those until then where it is interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    counts, slowest, findings = Counter[str](), (0.0, 0), list[tuple[int, Finding]]()
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[found]} findings"),
    )
    progress = Progress(*columns, console=console, disable=not console.is_terminal)
    with suppress(KeyboardInterrupt), progress:
        task = progress.add_task("", total=count, found=0)
        for report in run(seed, range(count), processes):
            counts.update(report.counts)
            slowest = max(slowest, report.slowest)
            findings += report.findings
            progress.update(task, completed=counts["cases"], found=counts["findings"])
    return Report(counts, slowest, tuple(findings))


def _summary(report: Report, seconds: float) -> Table:
    table = Table()
    for column in (*_COLUMNS, "seconds", "cases/s"):
        table.add_column(column, justify="right")
    table.add_row(
        *(f"{report.counts[column]:,}" for column in _COLUMNS),
        f"{seconds:,.1f}",
        f"{report.counts['cases'] / max(seconds, 0.001):,.0f}",
    )
    return table


def _tell(console: Console, seed: int, findings: Iterable[tuple[int, Finding]], *, shrinking: bool) -> None:
    alike: dict[tuple[str, str], list[tuple[int, Finding]]] = {}
    for index, finding in findings:
        alike.setdefault(finding.signature, []).append((index, finding))
    for same in sorted(alike.values(), key=len, reverse=True):
        index, finding = same[0]
        case = shrunk(case_of(seed, index), finding) if shrinking else case_of(seed, index)
        console.print(f"\n[bold]{escape(finding.kind)}[/bold] {escape(finding.where)} ({len(same)} cases)")
        console.print(escape(f"  --case {seed}:{index}\n  {case}"), highlight=False)
        console.print(escape("  " + finding.detail.strip().replace("\n", "\n  ")), highlight=False)


if __name__ == "__main__":
    sys.exit(main())
