"""`mlc schedule`: what starts processes by the clock."""

import json
import sys
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from mlc.catalogue import installed
from mlc.contract import Contract
from mlc.errors import InvalidInput
from mlc.schedules import Overlap, ScheduleChange, read_declaration
from starter.commands import completing
from starter.commands.options import AsJson, Var
from starter.commands.schedule_views import ScheduleList, announcement, changes_view, details_view, time_text
from starter.commands.session import with_client
from starter.commands.variables import read_variables
from starter.schedules.apply import told_times
from starter.schedules.files import read_schedules
from starter.show import out, tell, tell_json

app = typer.Typer(no_args_is_help=True, help="Starts processes by the clock.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="name of the schedule")]
Note = Annotated[str, typer.Option(help="why, for whoever looks at it")]
Several = list[str] | None


class Triggered(Contract):
    """The process that a trigger started; None where it waits for an earlier one to end."""

    name: str
    workflow_id: str | None


class Backfilled(Contract):
    """The times for which a backfill starts the process."""

    name: str
    times: tuple[datetime, ...]


@app.command()
def create(
    name: Name,
    process: Annotated[
        str,
        typer.Option(help="back-test, batch-job, fleet-back-test, …", autocompletion=completing.processes),
    ],
    var: Var = None,
    cron: Annotated[
        Several, typer.Option(help="Unix cron, or Quartz cron of six or seven fields; once for each")
    ] = None,
    calendar: Annotated[
        Several, typer.Option(metavar="JSON", help='{"hour": "8-18", "dayOfWeek": "mon-fri"}')
    ] = None,
    every: Annotated[Several, typer.Option(help="an interval: 1h, or 1h/15m for a quarter past")] = None,
    time_zone: Annotated[str, typer.Option(help="Europe/Berlin, …")] = "UTC",
    jitter: Annotated[
        str | None, typer.Option(help="each start is delayed by chance up to so long: 5m")
    ] = None,
    overlap: Annotated[Overlap, typer.Option(help="what happens while the last start still runs")] = "skip",
    catch_up: Annotated[
        str | None, typer.Option(help="how old what was missed may be to be made up for [default: 1h]")
    ] = None,
    start_at: Annotated[
        str | None, typer.Option(help="nothing fires before: 2027-01-01T06:00:00+01:00")
    ] = None,
    end_at: Annotated[str | None, typer.Option(help="nothing fires after")] = None,
    skip: Annotated[
        Several, typer.Option(help="a day left out: 2026-12-24, or every year 12-24; once for each")
    ] = None,
    paused: Annotated[bool, typer.Option("--paused", help="fires only once it is resumed")] = False,
    note: Note = "",
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show when it would fire, create nothing")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Creates a schedule, after it has shown when it fires next."""
    given: dict[str, Any] = {
        "name": name,
        "process": process,
        "variables": read_variables(var or ()),
        "cron": cron,
        "calendars": [_calendar(text) for text in calendar or ()],
        "every": every[0] if every and len(every) == 1 else every,
        "time_zone": time_zone,
        "jitter": jitter,
        "overlap": overlap,
        "catch_up": catch_up,
        "start_at": start_at,
        "end_at": end_at,
        "skip": skip,
        "paused": paused,
        "note": note,
    }
    said = {key: value for key, value in given.items() if value is not None}
    declaration = read_declaration(said, installed(), f"schedule {name}")
    times = told_times(declaration)
    if not times:
        raise InvalidInput(f"schedule {name} never fires again: {declaration.times}")
    if not as_json:
        tell(announcement(declaration, times))
    if dry_run:
        if as_json:
            tell_json(ScheduleChange(name=name, action="create", next_times=times))
        return
    if not (yes or as_json) and out.is_terminal and sys.stdin.isatty():
        typer.confirm("Create it?", abort=True)
    made = with_client(lambda client: client.schedules.create(declaration))
    if as_json:
        tell_json(made)
    else:
        out.print(f"{name} is created; see it with: mlc schedule show {name}", markup=False)


@app.command("list")
def list_schedules(as_json: AsJson = False) -> None:
    """Lists the schedules: when each fires, and what it started last."""
    rows = with_client(lambda client: client.schedules.list())
    if as_json:
        tell_json(rows)
    elif rows:
        tell(ScheduleList(rows))
    else:
        out.print("No schedule yet: mlc schedule create, or mlc schedule apply FILE")


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Shows a schedule: its declaration, its next ten times, its last runs."""
    details = with_client(lambda client: client.schedules.describe(name))
    if as_json:
        tell_json(details)
    else:
        tell(details_view(details))


@app.command()
def pause(name: Name, note: Note = "") -> None:
    """Pauses a schedule: nothing fires until it is resumed."""
    with_client(lambda client: client.schedules.pause(name, note))
    out.print(f"{name} is paused", markup=False)


@app.command()
def resume(name: Name, note: Note = "") -> None:
    """Resumes a schedule; what it missed meanwhile is not made up for: see backfill."""
    with_client(lambda client: client.schedules.resume(name, note))
    out.print(f"{name} fires again", markup=False)


@app.command()
def trigger(name: Name, as_json: AsJson = False) -> None:
    """Starts the process of a schedule now."""
    workflow_id = with_client(lambda client: client.schedules.trigger(name))
    if as_json:
        tell_json(Triggered(name=name, workflow_id=workflow_id))
    elif workflow_id is None:
        out.print(f"{name} starts its process as soon as the earlier one has ended", markup=False)
    else:
        out.print(f"{workflow_id} is running; see it with: mlc watch {workflow_id}", markup=False)


@app.command()
def backfill(
    name: Name,
    start: Annotated[
        str, typer.Option("--from", help="2026-03-01, or a moment; without offset in the schedule's zone")
    ],
    end: Annotated[str, typer.Option("--to", help="the same; of a day the end")],
    overlap: Annotated[
        Overlap, typer.Option(help="what happens while an earlier start still runs")
    ] = "buffer_all",
    as_json: AsJson = False,
) -> None:
    """Starts the process of a schedule for each of its times in a period that is over."""
    period = _moment("--from", start, time.min), _moment("--to", end, time(23, 59, 59))
    times = with_client(lambda client: client.schedules.backfill(name, *period, overlap))
    if as_json:
        tell_json(Backfilled(name=name, times=tuple(times)))
    else:
        first, last = time_text(times[0]), time_text(times[-1])
        out.print(f"{name} starts its process for {len(times)} times, {first} to {last}", markup=False)


@app.command()
def delete(name: Name) -> None:
    """Deletes a schedule; what it has started runs on."""
    with_client(lambda client: client.schedules.delete(name))
    out.print(f"{name} is deleted", markup=False)


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML: a list under `schedules`")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show what would change, change nothing")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="delete the schedules that FILE does not name")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Makes the schedules what a file declares, and shows what that changes. A second time it changes nothing."""
    declarations = read_schedules(file, installed())
    changes = with_client(lambda client: client.schedules.apply(declarations, prune=prune, dry_run=dry_run))
    if as_json:
        tell_json(changes)
    else:
        tell(changes_view(changes, dry_run=dry_run))


def _calendar(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"--calendar {text}: not JSON: {error}") from None


def _moment(option: str, text: str, time_of_day: time) -> datetime:
    """A moment; of a day the one at this time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{option} {text}: write 2026-03-01, or 2026-03-01T06:00:00+01:00") from None
    return moment if len(text) > len("2026-03-01") else datetime.combine(moment.date(), time_of_day)
