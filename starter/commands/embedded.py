"""Commands that run the whole product on one machine."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from mlc.errors import InvalidInput
from starter.commands.options import AsJson
from workflows.temporal import run_main

app = typer.Typer()

State = Annotated[Path, typer.Option(help="folder that holds everything")]


@app.command()
def up(
    state: State = Path(".mlc"),
    ports: Annotated[
        Literal["default", "auto"], typer.Option(help="default, or auto: free ones")
    ] = "default",
    as_json: AsJson = False,
) -> None:
    """Starts Temporal, stand-ins for ModelOp Center and Jira, gateway and worker, until Ctrl-C."""
    from starter.stack.up import up as stack_up

    raise typer.Exit(run_main(stack_up(_own_folder(state), ports, as_json)))


@app.command()
def demo(
    state: State = Path(".mlc"),
    by_hand: Annotated[bool, typer.Option("--by-hand", help="wait for your click in Jira")] = False,
    once: Annotated[bool, typer.Option("--once", help="end when all is shown")] = False,
    as_json: AsJson = False,
) -> None:
    """Shows a model tested, judged, approved and deployed, and a worse one refused."""
    from starter.demo import demo as show

    raise typer.Exit(run_main(show(state=_own_folder(state), by_hand=by_hand, once=once, as_json=as_json)))


def _own_folder(state: Path) -> Path:
    """An empty value, as of an unset variable, is the current folder: full of other things."""
    if state == Path():
        raise InvalidInput("--state names the current folder: give the stack a folder of its own")
    return state
