"""Commands that look at processes."""

from typing import Annotated, Literal

import typer
from rich.console import RenderableType

from starter.client import MlcClient
from starter.commands import completing
from starter.commands.following import finish, follow
from starter.commands.options import AsJson, ProcessId
from starter.commands.session import with_client, workflow_id_of
from starter.show import ProcessList, err, out, record_view, tell, tell_json

app = typer.Typer()

NEWEST = 200


@app.command()
def status(
    process_id: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="without it: all running processes",
            autocompletion=completing.running_processes,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Shows one process, or all that run."""
    if process_id is None:
        list_processes(state="running", as_json=as_json)
        return
    workflow_id = workflow_id_of(process_id)
    if as_json:
        tell_json(with_client(lambda client: client.status(workflow_id)))
        return

    async def look(client: MlcClient) -> RenderableType:
        return record_view(await client.status(workflow_id), await client.troubles(workflow_id))

    tell(with_client(look))


@app.command("list")
def list_processes(
    process: Annotated[
        str | None, typer.Option(help="deploy, back-test, …", autocompletion=completing.processes)
    ] = None,
    model: Annotated[str | None, typer.Option(help="model name")] = None,
    snapshot: Annotated[str | None, typer.Option(help="snapshot id")] = None,
    state: Annotated[Literal["running", "completed"] | None, typer.Option(help="which of them")] = None,
    limit: Annotated[int, typer.Option(min=1, help="at most so many, the newest")] = NEWEST,
    as_json: AsJson = False,
) -> None:
    """Lists processes, newest first."""
    rows = with_client(
        lambda c: c.list(process=process, model=model, snapshot=snapshot, state=state, limit=limit)
    )
    if as_json:
        tell_json(rows)
    elif rows:
        tell(ProcessList(rows))
    if len(rows) == limit:
        err.print(
            f"These are the newest {limit}; --limit {limit * 5} shows more, where there are more.",
            style="dim",
        )
    if not rows and not as_json:
        filtered = any((process, model, snapshot, state))
        out.print("No process matches." if filtered else "No process yet: mlc deploy SNAPSHOT")


@app.command()
def watch(process_id: ProcessId, as_json: AsJson = False) -> None:
    """Follows a process to its end."""
    workflow_id = workflow_id_of(process_id)
    finish(with_client(lambda client: follow(client, workflow_id, quiet=as_json)), as_json)
