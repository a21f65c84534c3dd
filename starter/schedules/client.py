"""Schedules: what starts processes by the clock, kept by Temporal."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from temporalio.client import (
    Client,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionResult,
    ScheduleBackfill,
    ScheduleInfo,
    ScheduleListActionStartWorkflow,
    ScheduleListDescription,
    ScheduleListInfo,
    ScheduleListSchedule,
    ScheduleOverlapPolicy,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
)
from temporalio.common import SearchAttributeKey

from mlc.catalogue import Catalogue
from mlc.errors import Conflict, InvalidInput, NotFound
from mlc.schedules import (
    Overlap,
    ScheduleChange,
    ScheduleDeclaration,
    ScheduleDetails,
    ScheduleRow,
    ScheduleRun,
    scheduled_process,
)
from mlc.schedules.times import in_zone
from mlc.search_attributes import MLC_OUTCOME
from starter.schedules.apply import apply, told_times
from starter.schedules.store import ANSWER_WITHIN, ScheduleStore, call
from starter.schedules.temporal import read_spec, zone_of

# What Temporal holds back at most while an earlier start still runs; more it would drop.
MOST_BACKFILLED = 1000
STARTS_WITHIN = timedelta(seconds=5)
LOOK_SECONDS = 0.05


class Schedules:
    """The schedules of one Temporal namespace. Errors are those of `mlc.errors`.

    Those of other programs are left alone: they are not listed, and naming one raises Conflict.

    >>> schedules = (await MlcClient.connect()).schedules
    >>> weekly = ScheduleDeclaration(
    ...     name="weekly",
    ...     process="back-test",
    ...     variables={"MODEL_ID": snapshot_id},
    ...     cron=("0 6 * * mon",),
    ...     time_zone="Europe/Berlin",
    ... )
    >>> [f"{time:%a %H:%M}" for time in (await schedules.create(weekly)).next_times]
    ['Mon 06:00', 'Mon 06:00', 'Mon 06:00', 'Mon 06:00', 'Mon 06:00']
    >>> await schedules.trigger("weekly")
    'mlc-back-test-...-weekly-...'

    >>> await schedules.pause("weekly", "holidays")
    >>> (await schedules.describe("weekly")).declaration.note
    'holidays'
    >>> (change,) = await schedules.apply([weekly.model_copy(update={"overlap": "buffer_one"})])
    >>> [f"{it.field}: {it.old} -> {it.new}" for it in change.changes]
    ['overlap: skip -> buffer_one', 'paused: yes -> no']
    >>> await schedules.delete("weekly")
    """

    def __init__(self, temporal: Client, task_queue: str, catalogue: Catalogue) -> None:
        self._temporal = temporal
        self._catalogue = catalogue
        self._store = ScheduleStore(temporal, task_queue, catalogue)

    async def create(self, declaration: ScheduleDeclaration) -> ScheduleChange:
        """Creates a schedule; tells its next five times.

        Raises InvalidInput for a process that is unknown or not started by the clock, for its variables and where nothing would
        ever fire; Conflict where there is one of this name.
        """
        self.check(declaration)
        await self._store.create(declaration)
        return ScheduleChange(name=declaration.name, action="create", next_times=told_times(declaration))

    def check(self, declaration: ScheduleDeclaration) -> None:
        """Raises InvalidInput as `create` does, and changes nothing."""
        scheduled_process(declaration, self._catalogue)
        if not told_times(declaration):
            raise InvalidInput(f"schedule {declaration.name} never fires again: {declaration.times}")

    async def apply(
        self, declarations: Sequence[ScheduleDeclaration], *, prune: bool = False, dry_run: bool = False
    ) -> Sequence[ScheduleChange]:
        """Makes the schedules what is declared; what is that already is not touched.

        What was changed by hand is put right as well, a pause too. `prune` deletes all others of ours, `dry_run` only tells. All
        is checked before anything is changed: InvalidInput, Conflict. Fails something half-way, the error says what is done.
        """
        return await apply(self._store, declarations, prune=prune, dry_run=dry_run)

    async def list(self) -> Sequence[ScheduleRow]:
        """The schedules by name. What changed within the last second may be told as it was."""
        return sorted([_row(entry) async for entry in self._store.entries()], key=lambda row: row.name)

    async def describe(self, name: str) -> ScheduleDetails:
        """One schedule, with its next ten times (as they are after jitter) and its last ten runs. Raises NotFound."""
        found = await self._store.get(name)
        info, newest_first = found.info, found.info.recent_actions[::-1]
        declaration = await self._store.read(found)
        zone = zone_of(declaration)
        return ScheduleDetails(
            declaration=declaration,
            next_times=tuple(in_zone(time, zone) for time in info.next_action_times),
            runs=tuple(await asyncio.gather(*(self._run(action, zone) for action in newest_first))),
            started=info.num_actions,
            missed=info.num_actions_missed_catchup_window,
            overlapped=info.num_actions_skipped_overlap,
        )

    async def pause(self, name: str, note: str = "") -> None:
        """Nothing fires until it is resumed; triggers and backfills do start. Raises NotFound."""
        await self._store.get(name)
        await call(name, self._store.handle(name).pause(note=note or "paused", rpc_timeout=ANSWER_WITHIN))

    async def resume(self, name: str, note: str = "") -> None:
        """Fires again, from the next time on. Raises NotFound."""
        await self._store.get(name)
        await call(name, self._store.handle(name).unpause(note=note or "resumed", rpc_timeout=ANSWER_WITHIN))

    async def trigger(self, name: str) -> str | None:
        """Starts the process now; answers its workflow id, or None where the start waits for an earlier one to end.

        Raises NotFound, Conflict where the overlap policy is skip and an earlier one still runs.
        """
        before = await self._store.get(name)
        known = {_execution(action).first_execution_run_id for action in before.info.recent_actions}
        await _a_second_after(before.info)
        await call(name, self._store.handle(name).trigger(rpc_timeout=ANSWER_WITHIN))
        for _ in range(int(STARTS_WITHIN.total_seconds() / LOOK_SECONDS)):
            now = await self._store.get(name)
            for started in map(_execution, now.info.recent_actions):
                if started.first_execution_run_id not in known:
                    return started.workflow_id
            if now.info.num_actions_skipped_overlap > before.info.num_actions_skipped_overlap:
                raise Conflict(f"schedule {name}: {_running(now.info)} still runs, so nothing is started")
            if now.raw_description.info.buffer_size > before.raw_description.info.buffer_size:
                return None
            await asyncio.sleep(LOOK_SECONDS)
        return None

    async def backfill(
        self, name: str, start: datetime, end: datetime, overlap: Overlap = "buffer_all"
    ) -> Sequence[datetime]:
        """Starts the process for each fire time from `start` to `end`, both included, and answers these.

        Moments without an offset are of the schedule's zone. By default one starts after the other. Raises NotFound, and
        InvalidInput for a period without a fire time or with too many.
        """
        declaration = await self._store.read(await self._store.get(name))
        zone = zone_of(declaration)
        start, end = (moment if moment.tzinfo else moment.replace(tzinfo=zone) for moment in (start, end))
        period = f"from {start.isoformat()} to {end.isoformat()}"
        if not start <= end <= datetime.now(UTC):
            raise InvalidInput(f"a backfill {period}: two moments in order are needed, both in the past")
        just_before = start - timedelta(seconds=1)
        times = [t for t in declaration.fire_times(just_before, MOST_BACKFILLED + 1) if start <= t <= end]
        if not times:
            raise InvalidInput(f"schedule {name} has no fire time {period}: {declaration.times}")
        if len(times) > MOST_BACKFILLED:
            raise InvalidInput(
                f"schedule {name} has over {MOST_BACKFILLED} fire times {period}: take a shorter one"
            )
        backfill = ScheduleBackfill(start, end, ScheduleOverlapPolicy[overlap.upper()])
        await call(name, self._store.handle(name).backfill(backfill, rpc_timeout=ANSWER_WITHIN))
        return times

    async def delete(self, name: str) -> None:
        """Deletes a schedule; what it has started runs on. Raises NotFound."""
        await self._store.get(name)
        await self._store.delete(name)

    async def _run(self, action: ScheduleActionResult, zone: ZoneInfo) -> ScheduleRun:
        run = ScheduleRun(
            workflow_id=_execution(action).workflow_id,
            fire_time=in_zone(action.scheduled_at, zone),
            started_at=in_zone(action.started_at, zone),
            state="no longer kept",
        )
        handle = self._temporal.get_workflow_handle(run.workflow_id)
        try:
            found = await call(run.workflow_id, handle.describe(rpc_timeout=ANSWER_WITHIN))
        except NotFound:
            return run
        return run.model_copy(update=_ended(found))


def _ended(found: WorkflowExecutionDescription) -> dict[str, object]:
    if found.status in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW):
        return {"state": "running"}
    state = "completed" if found.status == WorkflowExecutionStatus.COMPLETED else "stopped from outside"
    outcome = found.typed_search_attributes.get(SearchAttributeKey.for_keyword(MLC_OUTCOME))
    return {"state": state, "outcome": outcome}


def _row(entry: ScheduleListDescription) -> ScheduleRow:
    # Every server that keeps schedules at all tells both.
    schedule, info = cast(ScheduleListSchedule, entry.schedule), cast(ScheduleListInfo, entry.info)
    says_when = ScheduleDeclaration.model_construct(**read_spec(schedule.spec))
    zone, last = zone_of(says_when), (info.recent_actions or (None,))[-1]
    return ScheduleRow(
        name=entry.id,
        process=cast(ScheduleListActionStartWorkflow, schedule.action).workflow,
        times=says_when.times,
        time_zone=says_when.time_zone,
        paused=schedule.state.paused,
        next_at=next((in_zone(time, zone) for time in info.next_action_times), None),
        last_at=in_zone(last.scheduled_at, zone) if last is not None else None,
        last_workflow_id=_execution(last).workflow_id if last is not None else None,
    )


async def _a_second_after(info: ScheduleInfo) -> None:
    """A workflow id ends with the second of its start: of two starts in one second the server would drop the later."""
    if info.recent_actions:
        passed = datetime.now(UTC) - info.recent_actions[-1].scheduled_at
        await asyncio.sleep(min(max(1 - passed.total_seconds(), 0), 1))


def _execution(action: ScheduleActionResult) -> ScheduleActionExecutionStartWorkflow:
    return cast(ScheduleActionExecutionStartWorkflow, action.action)


def _running(info: ScheduleInfo) -> str:
    running: Iterable[ScheduleActionExecutionStartWorkflow] = cast(
        "Iterable[ScheduleActionExecutionStartWorkflow]", info.running_actions
    )
    return ", ".join(action.workflow_id for action in running) or "an earlier start"
