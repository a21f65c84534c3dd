"""Declarations applied: what is missing is created, what differs is changed, what is equal is left alone."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.client import ScheduleDescription

from mlc.errors import Conflict, InvalidInput, MlcError
from mlc.schedules import ScheduleChange, ScheduleDeclaration, scheduled_process
from starter.schedules.differences import differences
from starter.schedules.store import ScheduleStore
from starter.schedules.temporal import as_schedule

AT_ONCE = 16
TIMES_TOLD = 5


@dataclass(frozen=True)
class _Planned:
    """What is told of a change, and how it is made; None where nothing is to be done."""

    change: ScheduleChange
    make: Callable[[], Awaitable[None]] | None = None


async def apply(
    store: ScheduleStore, declarations: Sequence[ScheduleDeclaration], *, prune: bool, dry_run: bool
) -> Sequence[ScheduleChange]:
    """As `Schedules.apply` says."""
    _check(store, declarations)
    found = await _found(store, [declaration.name for declaration in declarations])
    planned = [
        await _plan(store, declaration, there) for declaration, there in zip(declarations, found, strict=True)
    ]
    if prune:
        planned += await _prune(store, {declaration.name for declaration in declarations})
    if not dry_run:
        await _make(planned)
    return [plan.change for plan in planned]


def told_times(declaration: ScheduleDeclaration) -> tuple[datetime, ...]:
    """The next times that are told of a schedule that is made or changed."""
    return tuple(declaration.fire_times(datetime.now(UTC), TIMES_TOLD))


def _check(store: ScheduleStore, declarations: Sequence[ScheduleDeclaration]) -> None:
    twice = [name for name, count in Counter(d.name for d in declarations).items() if count > 1]
    if twice:
        raise InvalidInput(f"declared more than once: {', '.join(twice)}")
    for declaration in declarations:
        scheduled_process(declaration, store.catalogue)


async def _found(store: ScheduleStore, names: Sequence[str]) -> list[ScheduleDescription | None]:
    """What there is of these names, some looked at at once. Raises Conflict naming all that are somebody else's."""
    free = asyncio.Semaphore(AT_ONCE)

    async def find(name: str) -> ScheduleDescription | Conflict | None:
        async with free:
            try:
                return await store.find(name)
            except Conflict as error:
                return error

    found = await asyncio.gather(*(find(name) for name in names))
    strange = [str(error) for error in found if isinstance(error, Conflict)]
    if strange:
        raise Conflict(f"nothing is applied: {'; '.join(strange)}")
    return [there for there in found if not isinstance(there, Conflict)]


async def _plan(
    store: ScheduleStore, declared: ScheduleDeclaration, found: ScheduleDescription | None
) -> _Planned:
    if found is None:
        change = ScheduleChange(name=declared.name, action="create", next_times=told_times(declared))
        return _Planned(change, lambda: store.create(declared))
    real = await store.read(found)
    wanted = as_schedule(declared, store.catalogue, store.task_queue)
    changes = differences(real, found.schedule, declared, wanted, store.catalogue)
    if not changes:
        return _Planned(ScheduleChange(name=declared.name, action="unchanged"))
    change = ScheduleChange(
        name=declared.name, action="update", changes=changes, next_times=told_times(declared)
    )
    return _Planned(change, lambda: store.update(declared, real.note))


async def _prune(store: ScheduleStore, declared: set[str]) -> list[_Planned]:
    names = sorted([entry.id async for entry in store.entries() if entry.id not in declared])
    # The list is late: it may still show what is deleted already.
    there = [found.id for found in await _found(store, names) if found is not None]
    return [_deleted(store, name) for name in there]


def _deleted(store: ScheduleStore, name: str) -> _Planned:
    return _Planned(ScheduleChange(name=name, action="delete"), lambda: store.delete(name))


async def _make(planned: Iterable[_Planned]) -> None:
    """One after the other; when one fails, the error says what is done and what is not."""
    to_do = [(plan.change, plan.make) for plan in planned if plan.make is not None]
    for number, (_, make) in enumerate(to_do):
        try:
            await make()
        except MlcError as error:
            made, open_ = (_names(change for change, _ in part) for part in (to_do[:number], to_do[number:]))
            raise type(error)(f"{error}; done: {made}; not done: {open_}; apply again") from None


def _names(changes: Iterable[ScheduleChange]) -> str:
    return ", ".join(f"{change.action} {change.name}" for change in changes) or "nothing"
