"""Following one process of the demonstration to its end."""

import asyncio
from collections.abc import Awaitable, Callable

from mlc.errors import NotFound, Unavailable
from mlc.record import Outcome, ProcessRecord, TicketEntry
from starter.client import MlcClient
from starter.demo.errors import DemoFailed
from starter.demo.screen import Screen

LOOK_SECONDS = 0.2
# When nobody tells of a process for this long, its signal went astray or there is no worker.
PATIENCE_SECONDS = 60.0

Decide = Callable[[TicketEntry], Awaitable[None]]


class Follower:
    """Tells the steps of a process as they end. `decide` is called with each review ticket."""

    def __init__(self, client: MlcClient, screen: Screen, decide: Decide) -> None:
        self._client = client
        self._screen = screen
        self._decide = decide

    async def follow(self, workflow_id: str, expected: frozenset[Outcome]) -> ProcessRecord:
        """The final record. Raises DemoFailed when the process asks for help or ends otherwise than expected."""
        asked: set[str] = set()
        while True:
            record = await self._look(workflow_id)
            self._screen.progress(record)
            if record.state == "completed":
                break
            for ticket in record.tickets:
                if ticket.key == record.waiting_for and ticket.id not in asked:
                    asked.add(ticket.id)
                    await self._answer(ticket, record)
            await asyncio.sleep(LOOK_SECONDS)
        if record.outcome not in expected:
            wanted = " or ".join(sorted(expected))
            raise DemoFailed(f"{workflow_id} ended {record.outcome} instead of {wanted}: {record.reason}")
        if record.outcome == "rejected":
            self._screen.results(record)
            self._screen.ticket(record.tickets[-1])
        return record

    async def _answer(self, ticket: TicketEntry, record: ProcessRecord) -> None:
        if ticket.kind != "review":
            raise DemoFailed(f"{record.workflow_id} asks for help with {record.step}: {ticket.url}")
        self._screen.results(record)
        self._screen.ticket(ticket)
        await self._decide(ticket)

    async def _look(self, workflow_id: str) -> ProcessRecord:
        """The record, also of a process that is about to start or whose worker starts again."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + PATIENCE_SECONDS
        while True:
            try:
                return await self._client.status(workflow_id)
            except (NotFound, Unavailable) as error:
                if clock() > deadline:
                    raise DemoFailed(str(error)) from error
            await asyncio.sleep(LOOK_SECONDS)
