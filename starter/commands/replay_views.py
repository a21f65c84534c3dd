"""How a replay of decisions looks on a terminal, and piped: a line for each decision."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from mlc.text import plain
from mlc.verdict import Verdict
from starter.decision_replay import Deciding, Replay, Replayed
from starter.show import PIPED_WIDTH

LONGEST_TEXT = 1_000


class ReplayView:
    """The flips, what could not be judged and, where asked for, what stays; then the count of all."""

    def __init__(self, replay: Replay, *, show_all: bool) -> None:
        self._replay = replay
        self._rows = [*replay.flips, *replay.not_judged, *(replay.unchanged if show_all else ())]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._rows:
            table = _table(self._rows)
            natural = Measurement.get(console, options.update(width=PIPED_WIDTH), table).maximum
            if natural <= options.max_width:
                yield table
            else:
                for row in self._rows:
                    yield from _block(row)
            yield ""
        for unread in self._replay.unread:
            yield Text(f"{unread.workflow_id} cannot be read: {unread.reason}", "yellow")
        yield _count(self._replay)
        yield Text(_scope(self._replay), "dim")
        if self._replay.modelop_refusal:
            yield Text(
                "Judged on what the records keep alone, as more cannot be had: "
                + self._replay.modelop_refusal,
                "yellow",
            )


def _table(rows: list[Replayed]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("decision", "started", "process", "evidence", "reasons", "snapshot", "id"):
        table.add_column(title)
    for row in rows:
        table.add_row(
            _change(row),
            _time(row.started_at),
            row.process,
            Text(_evidence(row)),
            Text(_reasons(row)),
            Text(row.snapshot_id or ""),
            Text(row.workflow_id),
        )
    return table


def _block(row: Replayed) -> Iterator[Text]:
    yield Text.assemble(_change(row), f"  {row.process}", (f"  {_time(row.started_at)}", "dim"))
    for line in filter(None, (_evidence(row), _reasons(row))):
        yield Text(f"  {line}")
    if row.snapshot_id:
        yield Text(f"  snapshot {row.snapshot_id}", "dim")
    yield Text(f"  {row.workflow_id}", "dim")


def _change(row: Replayed) -> Text:
    if row.after is not None and not row.flips:
        return _word(row.after)
    return Text.assemble(_word(row.before), " → ", _word(row.after))


def _word(verdict: Verdict | None) -> Text:
    if verdict is None:
        return Text("not judged", "yellow")
    return Text("pass", "green") if verdict.passed else Text("FAIL", "bold red")


def _evidence(row: Replayed) -> str:
    return plain("; ".join(_decided(each) for each in row.deciding), LONGEST_TEXT)


def _decided(each: Deciding) -> str:
    now = f"rules look for {each.fails_when}" if each.fails_when else "the new table does not ask for it"
    before = f"before: {each.failed_when}" if each.failed_when else "the table before did not ask for it"
    return f"{each.metric} is {each.value}: {now}, {before}"


def _reasons(row: Replayed) -> str:
    if row.after is None:
        return plain(row.problem, LONGEST_TEXT)
    when = "" if not row.flips else "before: " if row.after.passed else "now: "
    failing = row.before if row.flips and row.after.passed else row.after
    reasons = failing.reasons if failing else []
    return plain(when + "; ".join(reasons), LONGEST_TEXT) if reasons else ""


def _count(replay: Replay) -> Text:
    known = [row.before.passed for row in replay.flips if row.before is not None]
    to_fail, to_pass, unknown = sum(known), known.count(False), len(replay.flips) - len(known)
    judged = len(replay.flips) + len(replay.not_judged) + len(replay.unchanged)
    decisions = "decision flips" if judged == 1 else "decisions flip"
    text = Text(f"{len(replay.flips)} of {judged} {decisions}", "bold" if replay.flips else "green")
    if replay.flips:
        others = f", {unknown} not judged before" if unknown else ""
        text.append(f" ({to_fail} pass → FAIL, {to_pass} FAIL → pass{others})")
    text.append(f", {len(replay.unchanged)} stay as they are")
    if replay.not_judged:
        text.append(f", {len(replay.not_judged)} cannot be judged", "yellow")
    if replay.unread:
        text.append(f", {len(replay.unread)} cannot be read", "yellow")
    return text


def _scope(replay: Replay) -> str:
    """What was looked at, and what was not."""
    oldest = f", the oldest of {_time(replay.oldest)}" if replay.oldest else ""
    processes = "process" if replay.looked_at == 1 else "processes"
    parts = [f"{replay.looked_at} {processes} of {replay.model} looked at{oldest}"]
    if replay.judged_nothing:
        parts.append(f"{replay.judged_nothing} of them judged nothing")
    if replay.stopped:
        parts.append(f"{replay.stopped} more left no record, stopped from outside")
    parts.append("those past Temporal's retention are gone")
    return "; ".join(parts) + "."


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
