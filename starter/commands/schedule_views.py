"""How schedules look on a terminal, and piped."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from mlc.schedules import (
    Calendar,
    ScheduleChange,
    ScheduleDeclaration,
    ScheduleDetails,
    ScheduleRow,
    ScheduleRun,
)
from mlc.schedules.durations import duration_text
from starter.schedules.differences import told
from starter.show import PIPED_WIDTH, STYLE

SIGNS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "delete": ("-", "red"),
    "unchanged": ("=", "dim"),
}
DONE = {"create": "created", "update": "changed", "delete": "deleted", "unchanged": "unchanged"}


def time_text(moment: datetime | None) -> str:
    """`Fri 2026-11-27 06:00 +01:00`; the seconds where there are some."""
    if moment is None:
        return ""
    seconds = f":{moment:%S}" if moment.second else ""
    return f"{moment:%a %Y-%m-%d %H:%M}{seconds} {moment.isoformat()[-6:]}"


def announcement(declaration: ScheduleDeclaration, next_times: Sequence[datetime]) -> RenderableType:
    """What a schedule will do, before it is created."""
    jitter = f", each by chance up to {duration_text(declaration.jitter)} later" if declaration.jitter else ""
    paused = ", once it is resumed" if declaration.paused else ""
    title = f"{declaration.name}: {declaration.process} at {declaration.times}, {declaration.time_zone}"
    return Group(Text(title), Text(f"Fires next{jitter}{paused}:"), *_times(next_times))


class ScheduleList:
    """`mlc schedule list`: a table where it fits, else three lines a schedule, so that ids stay whole and can be copied."""

    def __init__(self, rows: Sequence[ScheduleRow]) -> None:
        self._rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = _table("schedule", "process", "when", "time zone", "next", "last", "last process")
        for row in self._rows:
            last = (time_text(row.last_at), Text(row.last_workflow_id or ""))
            table.add_row(row.name, row.process, Text(row.times), row.time_zone, _next(row), *last)
        natural = Measurement.get(console, options.update(width=PIPED_WIDTH), table).maximum
        if natural <= options.max_width:
            yield table
            return
        for row in self._rows:
            yield Text(f"{row.name}: {row.process} at {row.times}, {row.time_zone}")
            yield Text.assemble("  next: ", _next(row))
            if row.last_at is not None:
                yield Text(f"  last: {time_text(row.last_at)}, {row.last_workflow_id}", "dim")


def _next(row: ScheduleRow) -> Text:
    return Text("paused", "yellow") if row.paused else Text(time_text(row.next_at) or "never again")


def details_view(details: ScheduleDetails) -> RenderableType:
    """`mlc schedule show`."""
    declaration = details.declaration
    state = Text("paused", "yellow") if declaration.paused else Text("active", "green")
    title = Text.assemble((f"{declaration.name}: {declaration.process}", "bold"), ", ", state)
    parts: list[RenderableType] = [title, *([Text(declaration.note)] if declaration.note else [])]
    parts += [_said(declaration), Text(_fires_next(details)), *_times(details.next_times)]
    if details.runs:
        parts += [Text("Last runs:"), _runs(details.runs)]
    counts = f"{details.started} started, {details.overlapped} skipped while one ran, {details.missed} missed"
    return Group(*parts, Text(counts, "dim"))


def _fires_next(details: ScheduleDetails) -> str:
    if not details.next_times:
        return "Never fires again."
    jitter = ", jitter included" if details.declaration.jitter else ""
    return f"Fires next{jitter}{', once it is resumed' if details.declaration.paused else ''}:"


def changes_view(changes: Sequence[ScheduleChange], *, dry_run: bool) -> RenderableType:
    """`mlc schedule apply`: what becomes of each schedule, and how many of each kind."""
    parts: list[RenderableType] = [part for change in changes for part in _change(change)]
    counts = {word: sum(change.action == action for change in changes) for action, word in DONE.items()}
    summary = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "no schedule"
    return Group(*parts, Text(f"{summary}; --dry-run: nothing is done" if dry_run else summary))


def _change(change: ScheduleChange) -> list[RenderableType]:
    sign, style = SIGNS[change.action]
    lines: list[RenderableType] = [Text(f"{sign} {change.name}", style)]
    lines += [Text(f"    {c.field}: {c.old} -> {c.new}") for c in change.changes]
    return lines + _times(change.next_times)


def _times(times: Iterable[datetime]) -> list[RenderableType]:
    return [Text(f"    {time_text(moment)}", "dim") for moment in times]


def _said(declaration: ScheduleDeclaration) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    said = declaration.model_dump(mode="json", by_alias=False, exclude={"name", "process", "note", "paused"})
    said["calendars"] = [_calendar_text(calendar) for calendar in declaration.calendars]
    said["skip"] = [times.text for times in declaration.skip]
    for name, value in said.items():
        if value not in (None, [], {}, "0s"):
            table.add_row(f"  {name}", Text(told(value)))
    return table


def _calendar_text(calendar: Calendar) -> str:
    fields = calendar.model_copy(update={"comment": ""}).text
    return f"{fields} ({calendar.comment})" if calendar.comment else fields


def _runs(runs: Iterable[ScheduleRun]) -> Table:
    table = _table("  for", "state", "process")
    for run in runs:
        state = run.outcome or run.state
        table.add_row(
            f"  {time_text(run.fire_time)}", Text(state, STYLE.get(state, "cyan")), Text(run.workflow_id)
        )
    return table


def _table(*titles: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in titles:
        table.add_column(title)
    return table
