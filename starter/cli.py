"""The command line. Exit codes: 0 done, 1 not reachable or an internal error, 2 wrong input, 3 not found, 4 refused;
`--wait` and `watch` end with 0 for deployed, 10 rejected, 11 failed, 12 expired, 13 cancelled."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer
from rich.live import Live

from mlc.errors import Conflict, InvalidInput, MlcError, NotFound, Unavailable
from mlc.ids import deploy_workflow_id
from mlc.record import DecisionWord, ProcessRecord
from mlc.settings import load_settings
from starter import operate
from starter.client import MlcClient, Trouble
from starter.show import ProcessList, err, out, record_view, tell, trouble_line
from workflows.temporal import run_main

T = TypeVar("T")

LOOK_SECONDS = 0.5
# Each of these takes as long as a query waits for a worker, 15 s.
LOOKS_IN_VAIN = 4
EXIT_CODES: dict[type[MlcError], int] = {InvalidInput: 2, NotFound: 3, Conflict: 4}
OUTCOME_CODES = {"rejected": 10, "failed": 11, "expired": 12, "cancelled": 13}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The model life cycle of ModelOp Center as durable processes on Temporal.",
)
app.add_typer(operate.app)

Id = Annotated[str, typer.Argument(metavar="ID", help="workflow id, or snapshot id of a deploy process")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on standard output")]
By = Annotated[str, typer.Option("--by", help="who decides")]
Ticket = Annotated[str, typer.Option("--ticket", help="the ticket that is meant; by default the open one")]
Comment = Annotated[str, typer.Option("--comment", help="why")]


def main() -> None:
    """The entry point: a user's mistake is one line, never a traceback."""
    try:
        app()
    except MlcError as error:
        err.print(f"mlc: {error}", style="red", markup=False)
        code = next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1)
        sys.exit(code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read the output has seen enough; without this the interpreter would complain while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


@app.command()
def deploy(
    snapshot: Annotated[str, typer.Argument(help="id of the snapshot (deployable model)")],
    wait: Annotated[
        bool, typer.Option("--wait", help="until the process has ended, showing its steps")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Starts the deploy process of a snapshot, or joins the one that runs."""

    async def start(client: MlcClient) -> ProcessRecord | str:
        workflow_id = await client.start_deploy(snapshot)
        return await _follow(client, workflow_id, quiet=as_json) if wait else workflow_id

    answer = _with_client(start)
    if isinstance(answer, ProcessRecord):
        _finish(answer, as_json)
    elif as_json:
        _print_json({"workflowId": answer})
    else:
        out.print(f"{answer} is running; see it with: mlc watch {answer}", markup=False)


@app.command()
def status(
    process_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="without it: all running processes")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Shows one process, or all that run."""
    if process_id is None:
        list_processes(state="running", as_json=as_json)
        return
    workflow_id = _workflow_id(process_id)
    if as_json:
        _print_json(
            _with_client(lambda client: client.status(workflow_id)).model_dump(mode="json", by_alias=True)
        )
        return

    async def look(client: MlcClient) -> Any:
        return record_view(await client.status(workflow_id), await client.troubles(workflow_id))

    tell(_with_client(look))


@app.command("list")
def list_processes(
    process: Annotated[str | None, typer.Option(help="deploy, …")] = None,
    model: Annotated[str | None, typer.Option(help="model name")] = None,
    snapshot: Annotated[str | None, typer.Option(help="snapshot id")] = None,
    state: Annotated[Literal["running", "completed"] | None, typer.Option(help="which of them")] = None,
    as_json: AsJson = False,
) -> None:
    """Lists processes, newest first."""
    rows = _with_client(lambda c: c.list(process=process, model=model, snapshot=snapshot, state=state))
    if as_json:
        _print_json([row.model_dump(mode="json", by_alias=True) for row in rows])
    elif rows:
        tell(ProcessList(rows))
    else:
        out.print(
            "No process matches."
            if any((process, model, snapshot, state))
            else "No process yet: mlc deploy SNAPSHOT"
        )


@app.command()
def watch(process_id: Id, as_json: AsJson = False) -> None:
    """Follows a process to its end."""
    workflow_id = _workflow_id(process_id)
    _finish(_with_client(lambda client: _follow(client, workflow_id, quiet=as_json)), as_json)


@app.command()
def approve(
    process_id: Id, by: By, comment: Comment = "", ticket: Ticket = "", as_json: AsJson = False
) -> None:
    """Approves what a process asks for; on an error ticket: tries the step again."""
    _decide(process_id, "approve", by, comment, ticket, as_json)


@app.command()
def reject(
    process_id: Id, by: By, comment: Comment = "", ticket: Ticket = "", as_json: AsJson = False
) -> None:
    """Rejects what a process asks for; on an error ticket: ends the process."""
    _decide(process_id, "reject", by, comment, ticket, as_json)


@app.command()
def cancel(process_id: Id) -> None:
    """Cancels a process: its tickets are commented and closed, a running job is cancelled."""
    workflow_id = _workflow_id(process_id)
    _with_client(lambda client: client.cancel(workflow_id))
    out.print(f"{workflow_id} is asked to wind up", markup=False)


@app.command()
def up(
    state: Annotated[Path, typer.Option(help="folder that holds everything")] = Path(".mlc"),
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
    state: Annotated[Path, typer.Option(help="folder that holds everything")] = Path(".mlc"),
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


def _with_client(do: Callable[[MlcClient], Coroutine[Any, Any, T]]) -> T:
    async def run() -> T:
        settings = load_settings()
        return await do(await MlcClient.connect(task_queue=settings.worker.task_queue))

    return run_main(run())


def _workflow_id(process_id: str) -> str:
    """The id of a process, also by the id of its snapshot."""
    return process_id if process_id.startswith("mlc-") else deploy_workflow_id(process_id)


def _decide(
    process_id: str, decision: DecisionWord, by: str, comment: str, ticket: str, as_json: bool
) -> None:
    workflow_id = _workflow_id(process_id)
    made = _with_client(
        lambda client: client.decide(workflow_id, decision, by=by, comment=comment, ticket=ticket or None)
    )
    if as_json:
        _print_json(made.model_dump(mode="json", by_alias=True))
    else:
        out.print(f"{made.ticket}: {made.decision} by {made.by}", markup=False)


async def _follow(client: MlcClient, workflow_id: str, *, quiet: bool) -> ProcessRecord:
    """Shows the record as it grows: live at a terminal, a line for each change elsewhere."""
    if quiet:
        return await client.wait(workflow_id)
    record = await client.status(workflow_id)
    if not out.is_terminal:
        return await _follow_in_lines(client, record)
    with Live(record_view(record), console=out, refresh_per_second=4) as live:
        while record.state == "running":
            record = await _next_look(client, workflow_id)
            live.update(record_view(record, await client.troubles(workflow_id)))
    return record


async def _next_look(client: MlcClient, workflow_id: str) -> ProcessRecord:
    """The record a little later; a worker that starts again is waited for."""
    for _ in range(LOOKS_IN_VAIN):
        await asyncio.sleep(LOOK_SECONDS)
        with suppress(Unavailable):
            return await client.status(workflow_id)
    return await client.status(workflow_id)


async def _follow_in_lines(client: MlcClient, record: ProcessRecord) -> ProcessRecord:
    told: set[str] = set()
    while True:
        troubles = await client.troubles(record.workflow_id) if record.state == "running" else []
        for what, line in _news(record, troubles):
            if what not in told:
                told.add(what)
                err.print(line, markup=False)
        if record.state == "completed":
            return record
        record = await _next_look(client, record.workflow_id)


def _news(record: ProcessRecord, troubles: list[Trouble]) -> Iterator[tuple[str, str]]:
    """What can be told of a process so far: (what it is about, the line). Each is worth telling once."""
    for step in record.steps:
        if step.ended_at:
            yield f"{step.name} {step.started_at}", f"{step.name}: {step.result}"
    for ticket in record.tickets:
        asked = "waiting for " if ticket.key == record.waiting_for else ""
        yield ticket.id, f"{asked}{ticket.kind} ticket {ticket.key}: {ticket.url}"
    for trouble in troubles:
        yield f"{trouble.what} {trouble.why}", trouble_line(trouble)


def _finish(record: ProcessRecord, as_json: bool) -> None:
    if as_json:
        _print_json(record.model_dump(mode="json", by_alias=True))
    elif not out.is_terminal:
        tell(record_view(record))
    raise typer.Exit(OUTCOME_CODES.get(record.outcome or "", 0))


def _print_json(document: object) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
