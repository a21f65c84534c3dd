"""Commands about signals: sending one, and the catalogue of those that are known."""

from difflib import get_close_matches
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from mlc.catalogue import installed
from mlc.errors import NotFound
from mlc.signals import JOB_STATUS_CHANGED, PREFIX, SIGNALS, full_name
from starter.commands import completing
from starter.commands.known_signals import KnownSignal, known_signals
from starter.commands.options import AsJson, RequestId, Var
from starter.commands.session import with_client
from starter.commands.variables import read_variables
from starter.show import out, tell, tell_json, tell_started

app = typer.Typer()


@app.command("signal")
def send_signal(
    signal: Annotated[
        str,
        typer.Argument(metavar="NAME", help="with or without its prefix", autocompletion=completing.signals),
    ],
    var: Var = None,
    request_id: RequestId = None,
    as_json: AsJson = False,
) -> None:
    """Sends a signal, and tells the processes that it starts."""
    variables = read_variables(var or ())
    started = with_client(lambda client: client.signal(signal, variables, request_id=request_id))
    if not started and full_name(signal) not in SIGNALS:
        raise NotFound(_unheard(signal))
    if as_json:
        tell_json(started)
        return
    for process in started:
        tell_started(process)
    if not started:
        out.print(_nothing_started(signal), markup=False)


@app.command("signals")
def list_signals(as_json: AsJson = False) -> None:
    """Lists the signals that are known, their variables, and what each does."""
    known = known_signals(installed())
    if as_json:
        tell_json(known)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("signal", "variables", "starts", "what it does"):
        table.add_column(title)
    for signal in known:
        name = signal.name.removeprefix(PREFIX)
        table.add_row(Text(name), _variables(signal), ", ".join(signal.starts), Text(signal.effect))
    tell(table)
    out.print(f"On the wire a name without dots begins with {PREFIX}", style="dim")


def _variables(signal: KnownSignal) -> Text:
    """A question mark stands behind what may be left out."""
    return Text(", ".join(f"{name}?" if name in signal.optional else name for name in signal.variables))


def _unheard(signal: str) -> str:
    """A misspelt name must not pass for one that was heard."""
    known = [one.name.removeprefix(PREFIX) for one in known_signals(installed())]
    folded = {name.casefold(): name for name in known}
    close = get_close_matches(signal.removeprefix(PREFIX).casefold(), folded, n=1)
    hint = f"did you mean {folded[close[0]]}?" if close else "`mlc signals` lists those that are known"
    return f"no process listens to {signal}, and nothing was started: {hint}"


def _nothing_started(signal: str) -> str:
    if full_name(signal) == JOB_STATUS_CHANGED:
        return "The process that waits for the job, if there is one, looks at it now."
    return f"No process listens to {signal}: nothing was started. `mlc signals` lists those that are known."
