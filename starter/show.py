"""How processes look on a terminal; piped, the same without colours and lines."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from mlc.record import ProcessRecord, ProcessRow
from starter.client import Trouble

out = Console(highlight=False, soft_wrap=True)
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


def rows_table(rows: Sequence[ProcessRow]) -> Table:
    """`mlc list`."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("process", "model", "state", "step", "waiting for", "started", "id"):
        table.add_column(title, overflow="fold")
    for row in rows:
        state = row.outcome or row.state
        table.add_row(
            row.process,
            row.model_name or "",
            Text(state, STYLE.get(state, "cyan")),
            row.step or "",
            row.waiting_for or "",
            ago(row.started_at),
            row.workflow_id,
        )
    return table


def record_view(record: ProcessRecord, troubles: Sequence[Trouble] = ()) -> RenderableType:
    """`mlc status ID` and `mlc watch ID`."""
    state = record.outcome or record.state
    title = Text.assemble(
        (record.process, "bold"),
        " of ",
        (record.model_name or "unknown model", "bold"),
        "  ",
        (state, STYLE.get(state, "cyan")),
    )
    parts: list[RenderableType] = [title, Text(record.workflow_id, "dim")]
    if record.reason:
        parts.append(Text(record.reason, STYLE.get(state, "")))
    parts += [_steps(record), *_evidence(record), *_tickets(record), *_people(record), *_deployments(record)]
    if record.waiting_for:
        parts.append(Text(f"Waiting for {record.waiting_for}", "yellow"))
    parts += [
        Text(f"{t.what} is being tried again ({t.attempt} times so far): {t.why}", "red") for t in troubles
    ]
    return Group(*parts)


def ago(at: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    seconds = int((datetime.now(UTC) - at).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{max(seconds, 0)} s ago"


def evidence_table(record: ProcessRecord) -> Table | None:
    """The test results against the thresholds, failures first; None when nothing was compared."""
    if record.verdict is None:
        return None
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("metric", "value", "fails when", "result"):
        table.add_column(title)
    for row in sorted(record.verdict.comparisons, key=lambda row: row.passed):
        mark = Text("pass", "green") if row.passed else Text("fail", "bold red")
        table.add_row(row.metric, str(row.value), row.threshold, mark)
    return table


def _steps(record: ProcessRecord) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for step in record.steps:
        took = f"{(step.ended_at - step.started_at).total_seconds():.1f} s" if step.ended_at else "…"
        mark = Text("●", "green") if step.ended_at else Text("○", "cyan")
        table.add_row(mark, step.name, Text(took, "dim"), step.result or "")
    return table


def _evidence(record: ProcessRecord) -> list[RenderableType]:
    table = evidence_table(record)
    return [table] if table is not None else []


def _tickets(record: ProcessRecord) -> list[RenderableType]:
    return [Text(f"Ticket {t.key} ({t.kind}, {t.status}): {t.url}") for t in record.tickets]


def _people(record: ProcessRecord) -> list[RenderableType]:
    return [
        Text(
            f"{d.by}: {d.decision} on {d.ticket} at {d.at:%Y-%m-%d %H:%M %Z}"
            + (f" “{d.comment}”" if d.comment else "")
        )
        for d in record.decisions
    ]


def _deployments(record: ProcessRecord) -> list[RenderableType]:
    return [Text(f"Deployed on {d.runtime} ({d.type.lower()})", "green") for d in record.deployments]
