"""The command line. Exit codes: 0 done, 1 not reachable or an internal error, 2 wrong input, 3 not found, 4 refused;
`--wait` and `watch` end with 0 for deployed, passed and scored, 10 rejected, 11 failed, 12 expired, 13 cancelled."""

import errno
import io
import os
import sys

import typer

from mlc.errors import Conflict, InvalidInput, MlcError, NotFound
from starter.commands import (
    answering,
    decisions,
    embedded,
    looking,
    operate,
    processes,
    schedules,
    signals,
    starting,
)
from starter.show import err

EXIT_CODES: dict[type[MlcError], int] = {InvalidInput: 2, NotFound: 3, Conflict: 4}

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The model life cycle of ModelOp Center as durable processes on Temporal.",
)


def _panel(title: str, *groups: typer.Typer) -> None:
    """Adds commands that stand together under a title in the help."""
    for group in groups:
        for command in group.registered_commands:
            command.rich_help_panel = title
        app.add_typer(group)


_panel("Processes", starting.app, looking.app, answering.app, processes.app)
app.add_typer(schedules.app, name="schedule", rich_help_panel="Schedules")
_panel("Signals", signals.app)
app.add_typer(decisions.decisions, name="decisions", rich_help_panel="Decision tables")
_panel("Running it", embedded.app, operate.app)


def main() -> None:
    """The entry point: a user's mistake is one line, never a traceback."""
    if sys.__stdout__ is None:
        err.print("mlc: standard output is closed", style="red")
        sys.exit(2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal cannot show is no reason to tell nothing
            stream.reconfigure(errors="replace")
    try:
        try:
            app()
        finally:  # what cannot be written is told here, and not while the interpreter ends
            sys.stdout.flush()
    except MlcError as error:
        err.print(f"mlc: {error}", style="red", markup=False)
        code = next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1)
        sys.exit(code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # whoever read the output has seen enough
        _write_nowhere()
        sys.exit(141)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO):
            raise
        _write_nowhere()
        err.print(f"mlc: the output cannot be written: {error.strerror}", style="red", markup=False)
        sys.exit(2)


def _write_nowhere() -> None:
    """What is left of the output: else the interpreter would complain while it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
