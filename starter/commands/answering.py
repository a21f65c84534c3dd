"""Commands that answer processes, and end them."""

import typer

from mlc.record import DecisionWord
from starter.commands.options import AsJson, By, Comment, ProcessId, Ticket
from starter.commands.session import with_client, workflow_id_of
from starter.show import out, tell_json

app = typer.Typer()


@app.command()
def approve(
    process_id: ProcessId, by: By, comment: Comment = "", ticket: Ticket = "", as_json: AsJson = False
) -> None:
    """Approves what a process asks for; on an error ticket: tries the step again."""
    _decide(process_id, "approve", by, comment, ticket, as_json)


@app.command()
def reject(
    process_id: ProcessId, by: By, comment: Comment = "", ticket: Ticket = "", as_json: AsJson = False
) -> None:
    """Rejects what a process asks for; on an error ticket: ends the process."""
    _decide(process_id, "reject", by, comment, ticket, as_json)


@app.command()
def cancel(process_id: ProcessId) -> None:
    """Cancels a process: its tickets are commented and closed, a running job is cancelled."""
    workflow_id = workflow_id_of(process_id)
    with_client(lambda client: client.cancel(workflow_id))
    out.print(f"{workflow_id} is asked to wind up", markup=False)


def _decide(
    process_id: str, decision: DecisionWord, by: str, comment: str, ticket: str, as_json: bool
) -> None:
    workflow_id = workflow_id_of(process_id)
    made = with_client(
        lambda client: client.decide(workflow_id, decision, by=by, comment=comment, ticket=ticket or None)
    )
    if as_json:
        tell_json(made)
    else:
        out.print(f"{made.ticket}: {made.decision} by {made.by}", markup=False)
