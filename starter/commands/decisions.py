"""`mlc decisions`: decision tables looked at, checked and tried, without a server."""

from pathlib import Path
from typing import Annotated

import typer

from starter.commands.decisions_replay import replay
from starter.commands.options import AsJson

decisions = typer.Typer(no_args_is_help=True, help="Checks and tests decision tables (DMN files).")

decisions.command()(replay)

DmnFile = Annotated[Path, typer.Argument(metavar="FILE", help="a DMN file")]


@decisions.command()
def check(file: DmnFile, as_json: AsJson = False) -> None:
    """Shows a decision table as a person reads it, and what is wrong with it."""
    raise NotImplementedError


@decisions.command()
def test(file: DmnFile, as_json: AsJson = False) -> None:
    """Runs a table's cases and shows those that come out otherwise."""
    raise NotImplementedError
