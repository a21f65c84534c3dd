"""How a process is followed to its end, and what the command then ends with."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress

import typer
from rich.live import Live

from mlc.errors import Unavailable
from mlc.record import Outcome, ProcessRecord
from starter.client import MlcClient, Trouble
from starter.show import err, out, record_view, started_process_line, tell, tell_json, trouble_line

LOOK_SECONDS = 0.5
# Each of these takes as long as a query waits for a worker, 15 s.
LOOKS_IN_VAIN = 4
OUTCOME_CODES: dict[Outcome, int] = {
    "deployed": 0,
    "passed": 0,
    "scored": 0,
    "rejected": 10,
    "failed": 11,
    "expired": 12,
    "cancelled": 13,
}


async def follow(client: MlcClient, workflow_id: str, *, quiet: bool) -> ProcessRecord:
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


def finish(record: ProcessRecord, as_json: bool) -> None:
    """Tells the final record, where that has not been done yet, and ends with the code of its outcome."""
    if as_json:
        tell_json(record)
    elif not out.is_terminal:
        tell(record_view(record))
    raise typer.Exit(OUTCOME_CODES[record.outcome] if record.outcome else 0)


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
        troubles = await client.troubles(record.workflow_id) if record.state == "running" else ()
        for what, line in _news(record, troubles):
            if what not in told:
                told.add(what)
                err.print(line, markup=False)
        if record.state == "completed":
            return record
        record = await _next_look(client, record.workflow_id)


def _news(record: ProcessRecord, troubles: Sequence[Trouble]) -> Iterator[tuple[str, str]]:
    """What can be told of a process so far: (what it is about, the line). Each is worth telling once."""
    for process in record.processes:
        yield process.workflow_id, started_process_line(process)
    for step in record.steps:
        if step.ended_at:
            yield f"{step.name} {step.started_at}", f"{step.name}: {step.result}"
    for ticket in record.tickets:
        asked = "waiting for " if ticket.key == record.waiting_for else ""
        yield ticket.id, f"{asked}{ticket.kind} ticket {ticket.key}: {ticket.url}"
    for trouble in troubles:
        yield f"{trouble.what} {trouble.why}", trouble_line(trouble)
