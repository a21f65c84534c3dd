"""How processes look on a terminal; piped, the same without colours, and one line for what is one thing."""

import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from mlc.contract import Contract
from mlc.record import PAST, ProcessRecord, ProcessRow, StartedProcess
from starter.client import Trouble
from starter.starting import Started

# Nothing is folded for a program that reads: `mlc list | grep` wants the whole line.
PIPED_WIDTH = 10_000


def _width() -> int | None:
    """Columns of standard output; None where the terminal, or COLUMNS, says it."""
    if sys.__stdout__ is None:  # closed by whoever called: `main` says so
        return PIPED_WIDTH
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH


out = Console(highlight=False, soft_wrap=True, width=_width())
err = Console(stderr=True, highlight=False, soft_wrap=True)

STYLE = {
    "deployed": "green",
    "passed": "green",
    "scored": "green",
    "rejected": "red",
    "failed": "red",
    "expired": "yellow",
    "cancelled": "yellow",
}


def tell(what: RenderableType) -> None:
    """Prints on standard output; piped, without the blanks that fill up a table's cells."""
    if out.is_terminal:
        out.print(what)
        return
    with out.capture() as captured:
        out.print(what)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def tell_json(what: Contract | Sequence[Contract]) -> None:
    """One JSON document on standard output, under the names of the wire."""
    document = (
        what.model_dump(mode="json", by_alias=True)
        if isinstance(what, Contract)
        else [one.model_dump(mode="json", by_alias=True) for one in what]
    )
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def tell_started(process: Started) -> None:
    """A process that a command asked for, and how to follow it."""
    how = "was there already" if process.joined else "is running"
    out.print(f"{process.workflow_id} {how}; see it with: mlc watch {process.workflow_id}", markup=False)


class ProcessList:
    """`mlc list`: a table where it fits, else two lines a process, so that ids stay whole and can be copied."""

    def __init__(self, rows: Sequence[ProcessRow]) -> None:
        self._rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = _rows_table(self._rows)
        natural = Measurement.get(console, options.update(width=PIPED_WIDTH), table).maximum
        if natural <= options.max_width:
            yield table
        else:
            for row in self._rows:
                yield _row_line(row)
                yield Text(f"  {row.workflow_id}", "dim")


def _rows_table(rows: Sequence[ProcessRow]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("process", "model", "state", "step", "waiting for", "started", "id"):
        table.add_column(title)
    for row in rows:
        table.add_row(
            row.process,
            Text(row.model_name or ""),
            _state(row),
            row.step or "",
            row.waiting_for or "",
            ago(row.started_at),
            Text(row.workflow_id),
        )
    return table


def _row_line(row: ProcessRow) -> Text:
    where = ", ".join(filter(None, (row.step, row.waiting_for and f"waiting for {row.waiting_for}")))
    return Text.assemble(
        _state(row),
        f"  {row.process} of {row.model_name}" if row.model_name else f"  {row.process}",
        f": {where}" if where else "",
        (f"  {ago(row.started_at)}", "dim"),
    )


def _state(of: ProcessRow | ProcessRecord) -> Text:
    return _outcome(of.outcome or of.state)


def _outcome(state: str) -> Text:
    return Text(state, STYLE.get(state, "cyan"))


def record_view(record: ProcessRecord, troubles: Sequence[Trouble] = ()) -> RenderableType:
    """`mlc status ID` and `mlc watch ID`."""
    title = Text.assemble((_title(record), "bold"), ": ", _state(record))
    parts: list[RenderableType] = [title, Text(record.workflow_id, "dim")]
    if record.reason:
        parts.append(Text(record.reason, STYLE.get(record.outcome or "", "")))
    parts += [_steps(record), *_evidence(record), *_started(record), *_tickets(record), *_people(record)]
    parts += [*_deployments(record), *_outputs(record)]
    if record.waiting_for:
        parts.append(Text(_waiting(record), "yellow"))
    parts += [Text(trouble_line(trouble), "red") for trouble in troubles]
    return Group(*parts)


def _title(record: ProcessRecord) -> str:
    if record.model_name:
        return f"{record.process} of {record.model_name}"
    return f"{record.process} of snapshot {record.snapshot_id}" if record.snapshot_id else record.process


def trouble_line(trouble: Trouble) -> str:
    """A call that is being tried again, in one line."""
    return f"{trouble.what} is being tried again ({trouble.attempt} times so far): {trouble.why}"


def ago(at: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    seconds = max((datetime.now(UTC) - at).total_seconds(), 0)
    return f"{_in_large_units(seconds) or f'{int(seconds)} s'} ago"


def _took(seconds: float) -> str:
    return _in_large_units(seconds) or f"{seconds:.1f} s"


def _in_large_units(seconds: float) -> str | None:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds) // size} {unit}"
    return None


def evidence_table(record: ProcessRecord) -> Table | None:
    """The test results against the thresholds, failures first; None when nothing was compared."""
    if record.verdict is None:
        return None
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("metric", "value", "rules look for", "result"):
        table.add_column(title)
    for row in sorted(record.verdict.comparisons, key=lambda row: row.passed):
        mark = Text("pass", "green") if row.passed else Text("fail", "bold red")
        table.add_row(Text(row.metric), str(row.value), Text(row.threshold), mark)
    return table


def _steps(record: ProcessRecord) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for step in record.steps:
        took = _took((step.ended_at - step.started_at).total_seconds()) if step.ended_at else "…"
        mark = Text("●", "green") if step.ended_at else Text("○", "cyan")
        table.add_row(mark, step.name, Text(took, "dim"), Text(step.result or ""))
    return table


def _evidence(record: ProcessRecord) -> list[RenderableType]:
    table = evidence_table(record)
    return [table] if table is not None else []


def started_process_line(process: StartedProcess) -> str:
    """A process that another one started, in one line."""
    told = f"{process.model_name or process.snapshot_id}: {process.outcome or 'running'}"
    return f"{told}, see {', '.join(process.tickets)}" if process.tickets else told


def _started(record: ProcessRecord) -> list[RenderableType]:
    """The processes that this one started, those that went well last."""
    if not record.processes:
        return []
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("model", "outcome", "ticket", "id"):
        table.add_column(title, overflow="fold")  # ids stay whole, however narrow it is
    for process in sorted(record.processes, key=lambda process: process.outcome == "passed"):
        table.add_row(
            Text(process.model_name or process.snapshot_id),
            _outcome(process.outcome or "running"),
            ", ".join(process.tickets),
            Text(process.workflow_id, "dim"),
        )
    return [table]


def _tickets(record: ProcessRecord) -> list[RenderableType]:
    return [Text(f"Ticket {t.key} ({t.kind}, {t.status}): {t.url}") for t in record.tickets]


def _people(record: ProcessRecord) -> list[RenderableType]:
    return [
        Text(
            f"{d.ticket} was {PAST[d.decision]} by {d.by} at {d.at:%Y-%m-%d %H:%M %Z}"
            + (f": “{d.comment}”" if d.comment else "")
        )
        for d in record.decisions
    ]


def _waiting(record: ProcessRecord) -> str:
    kinds = {ticket.key: ticket.kind for ticket in record.tickets}
    waiting = f"Waiting for {record.waiting_for}"
    if record.waiting_for not in kinds:
        return waiting
    return f"{waiting}: answer it in Jira, or with: mlc approve|reject {record.workflow_id} --by NAME"


def _deployments(record: ProcessRecord) -> list[RenderableType]:
    return [Text(f"Deployed on {d.runtime} ({d.type.lower()})", "green") for d in record.deployments]


def _outputs(record: ProcessRecord) -> list[RenderableType]:
    """Where the results are; how many records they hold, where the job told it."""
    outputs: list[RenderableType] = [Text(f"Output: {output}") for output in record.outputs]
    if record.record_count is not None:
        outputs.append(Text(f"{record.record_count} records scored", "green"))
    return outputs
