"""What people see of a demonstration. At a terminal a spinner tells what goes on; elsewhere it is plain lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mlc.record import ProcessRecord, Step, TicketEntry
from starter.stack.supervisor import StackInfo

GOOD = frozenset({"deployed", "passed", "scored"})


@dataclass(frozen=True)
class Chapter:
    """One process of the story, under the name by which the summary calls it."""

    title: str
    record: ProcessRecord


class Screen:
    """Writes to one stream. Use as a context; the spinner runs while it is open."""

    def __init__(self, file: TextIO) -> None:
        self._console = Console(file=file, highlight=False, soft_wrap=True)
        self._spinner = self._console.status("")
        self._told: set[str] = set()

    def __enter__(self) -> "Screen":
        self._spinner.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spinner.stop()

    def busy(self, with_what: str) -> None:
        """Tells beside the spinner what goes on."""
        self._spinner.update(escape(with_what))

    def say(self, line: str) -> None:
        """One line that stays."""
        self._console.print(escape(line))

    def headline(self, line: str) -> None:
        """A line under which others follow."""
        self._console.print(f"\n[bold]{escape(line)}[/bold]")

    def progress(self, record: ProcessRecord) -> None:
        """The steps that ended since the last time, and what goes on now."""
        refused = record.outcome is not None and record.outcome not in GOOD
        for place, step in enumerate(record.steps):
            name = f"{record.run_id} {place}"
            if step.ended_at is not None and name not in self._told:
                self._told.add(name)
                last = place == len(record.steps) - 1
                self._step(step, "[red]✗[/red]" if refused and last else "[green]✓[/green]")
        waiting = f", waiting for {record.waiting_for}" if record.waiting_for else ""
        self.busy((record.step or "Ending") + waiting)

    def results(self, record: ProcessRecord) -> None:
        """The test results against the thresholds of the model's decision table, failures first."""
        if record.verdict is None:
            return
        table = Table(
            "Metric", "Value", "Refused when", "Verdict", title="Test results", title_justify="left"
        )
        for comparison in record.verdict.comparisons:
            word = "[green]passed[/green]" if comparison.passed else "[red]failed[/red]"
            table.add_row(
                escape(comparison.metric), escape(str(comparison.value)), escape(comparison.threshold), word
            )
        self._console.print(table)

    def ticket(self, ticket: TicketEntry) -> None:
        """A ticket's address."""
        self._console.print(f"  {ticket.kind} ticket [bold]{escape(ticket.key)}[/bold]: {escape(ticket.url)}")

    def summary(self, info: StackInfo, chapters: Sequence[Chapter]) -> None:
        """How each process ended, and where to look at it."""
        namespace = f"{info.temporal_ui}/namespaces/{info.namespace}"
        rows: list[tuple[str, str]] = []
        for chapter in chapters:
            record = chapter.record
            process = f"{namespace}/workflows/{record.workflow_id}"
            rows.append((f"{chapter.title}: {_ending(record)}", process))
            rows += [
                (f"  {ticket.kind} ticket {ticket.key}: {ticket.status}", ticket.url)
                for ticket in record.tickets
            ]
        rows.append(("Models, test results, deployments", info.moc))
        rows.append(("All tickets", info.jira))
        rows.append(("All processes", info.temporal_ui))
        rows.append(("All schedules", f"{namespace}/schedules"))
        self.headline("What happened, and where to look")
        widest = max(len(what) for what, _ in rows)
        for what, where in rows:
            # An address that is folded cannot be clicked: where it is too long the terminal itself goes on below.
            self._console.print(f"{escape(what):<{widest}}   {where}", soft_wrap=True)

    def _step(self, step: Step, mark: str) -> None:
        took = f"{(step.ended_at - step.started_at).total_seconds():.1f} s" if step.ended_at else ""
        self._console.print(f"  {mark} {step.name:<16} {escape(step.result or '')} [dim]({took})[/dim]")


def _ending(record: ProcessRecord) -> str:
    where = ", ".join(f"{made.runtime} ({made.type.lower()})" for made in record.deployments)
    if where:
        return f"{record.outcome} on {where}"
    counted = f", {record.record_count} records" if record.record_count is not None else ""
    return f"{record.outcome}{counted}"
