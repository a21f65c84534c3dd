"""`mlc decisions replay`: what a changed decision table would have decided on the test results of the past."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mlc.errors import InvalidInput
from mlc.schedules.durations import read_duration
from mlc.settings import load_settings
from starter import past_processes as past
from starter.client import MlcClient
from starter.commands.decision_files import read_bytes
from starter.commands.replay_views import ReplayView
from starter.commands.session import with_client
from starter.decision_replay import NewTable, Replay
from starter.decision_replay import replay as judge_again
from starter.show import err, tell, tell_json
from starter.stored_results import stored_results

FLIPS = 3
INCOMPLETE = 1


def run_replay(
    table: Path,
    model: str,
    since: str | None,
    process: str | None,
    limit: int | None,
    *,
    show_all: bool,
    as_json: bool,
) -> None:
    """Raises Exit with the command's code, MlcError."""
    new = NewTable(table.name, read_bytes(table))
    earliest = read_since(since, datetime.now(UTC)) if since is not None else None
    wanted = past.Wanted(model, process, earliest, limit)
    settings = load_settings()

    async def run(client: MlcClient) -> Replay:
        with _progress() as progress:
            found = await past.past_processes(client.temporal, wanted, progress)
            async with stored_results(settings.modelop) as stored:
                return await judge_again(found, wanted, new, stored, progress)

    replayed = with_client(run)
    if as_json:
        tell_json(replayed)
    else:
        tell(ReplayView(replayed, show_all=show_all))
    raise typer.Exit(exit_code(replayed))


def read_since(text: str, now: datetime) -> datetime:
    """A moment: a date (its start in UTC), a date-time with offset, or an age. Raises InvalidInput."""
    try:
        return now - read_duration(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and len(text) <= len("2026-01-31"):
        return moment.replace(tzinfo=UTC)
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(
            f"--since {text}: write 2026-01-31, 2026-01-31T06:00:00+01:00, or an age such as 30d"
        )
    return moment


@contextmanager
def _progress() -> Generator[past.Progress]:
    """Tells a person how far it is; a program is told nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as shown:
        task = shown.add_task("Looking", total=None)
        yield lambda what, done, of: shown.update(task, description=what, completed=done, total=of)


def exit_code(replayed: Replay) -> int:
    """3 where a decision flips, 1 where what was told is not all that there is to tell, else 0."""
    if replayed.flips:
        return FLIPS
    return INCOMPLETE if replayed.not_judged or replayed.unread else 0
