"""The schedules of a Temporal namespace that are ours: found, made, changed and deleted one by one."""

from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from typing import TypeVar

from temporalio.client import (
    Client,
    ScheduleAlreadyRunningError,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleListDescription,
    ScheduleUpdate,
)
from temporalio.service import RPCError, RPCStatusCode

from mlc.catalogue import Catalogue
from mlc.errors import Conflict, InvalidInput, NotFound, Unavailable
from mlc.schedules import ScheduleDeclaration
from starter.schedules.temporal import as_schedule, as_search_attributes, read_back

T = TypeVar("T")

# The memo by which a schedule is known as ours: all others are left alone.
MARK = "mlc"
PAGE = 1000
ANSWER_WITHIN = timedelta(seconds=15)


class ScheduleStore:
    """Errors are those of `mlc.errors`; everything may raise Unavailable."""

    def __init__(self, temporal: Client, task_queue: str, catalogue: Catalogue) -> None:
        self.temporal = temporal
        self.task_queue = task_queue
        self.catalogue = catalogue

    async def find(self, name: str) -> ScheduleDescription | None:
        """The schedule, None where there is none. Raises Conflict for a schedule that is somebody else's."""
        try:
            found = await call(name, self.handle(name).describe(rpc_timeout=ANSWER_WITHIN))
        except NotFound:
            return None
        if MARK not in found.raw_description.memo.fields:
            raise Conflict(
                f"schedule {name} is somebody else's: it is left alone; take another name, or delete it in Temporal"
            )
        return found

    async def get(self, name: str) -> ScheduleDescription:
        """The schedule. Raises NotFound, Conflict as `find` does."""
        found = await self.find(name)
        if found is None:
            raise _unknown(name)
        return found

    async def entries(self) -> AsyncIterator[ScheduleListDescription]:
        """All schedules, in the order of Temporal's own list, which is late by up to a second."""
        try:
            async for entry in await self.temporal.list_schedules(page_size=PAGE):
                if MARK in entry.raw_entry.memo.fields:
                    yield entry
        except RPCError as error:
            raise Unavailable(f"Temporal cannot list the schedules: {error.message}") from None

    async def create(self, declaration: ScheduleDeclaration) -> None:
        """Raises Conflict where there is one of this name."""
        creation = self.temporal.create_schedule(
            declaration.name,
            as_schedule(declaration, self.catalogue, self.task_queue),
            memo={MARK: True},
            search_attributes=as_search_attributes(declaration, self.catalogue),
            rpc_timeout=ANSWER_WITHIN,
        )
        try:
            await call(declaration.name, creation)
        except ScheduleAlreadyRunningError:
            raise Conflict(
                f"there is a schedule {declaration.name} already: change it with `mlc schedule apply`"
            ) from None

    async def update(self, declaration: ScheduleDeclaration, kept_note: str) -> None:
        """Makes the schedule what is declared; `kept_note` stays where no note is declared. Raises NotFound."""
        update = ScheduleUpdate(
            as_schedule(declaration, self.catalogue, self.task_queue, kept_note),
            as_search_attributes(declaration, self.catalogue),
        )
        handle = self.handle(declaration.name)
        await call(declaration.name, handle.update(lambda _: update, rpc_timeout=ANSWER_WITHIN))

    async def delete(self, name: str) -> None:
        """Raises NotFound."""
        await call(name, self.handle(name).delete(rpc_timeout=ANSWER_WITHIN))

    async def read(self, found: ScheduleDescription) -> ScheduleDeclaration:
        """The declaration that a schedule amounts to."""
        return await read_back(found, self.temporal, self.catalogue)

    def handle(self, name: str) -> ScheduleHandle:
        return self.temporal.get_schedule_handle(name)


async def call(name: str, request: Awaitable[T]) -> T:
    """A request about one schedule, with Temporal's refusals as errors of the house."""
    try:
        return await request
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND and not error.message.startswith("Namespace "):
            raise _unknown(name) from None
        if error.status == RPCStatusCode.INVALID_ARGUMENT:
            raise InvalidInput(f"Temporal refuses schedule {name}: {error.message}") from None
        raise Unavailable(f"Temporal does not serve schedule {name}: {error.message}") from None


def _unknown(name: str) -> NotFound:
    return NotFound(f"no schedule {name}: `mlc schedule list` shows those there are")
