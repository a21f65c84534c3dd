"""A declaration as a schedule of Temporal, and a schedule of Temporal as the declaration that it amounts to."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleDescription,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
)
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from mlc.catalogue import Catalogue
from mlc.errors import InvalidInput
from mlc.schedules import (
    Calendar,
    Interval,
    Overlap,
    ScheduleDeclaration,
    SkippedTimes,
    read_cron,
    scheduled_process,
    variables_of,
)
from mlc.schedules.fields import spans
from mlc.schedules.times import in_zone, time_zones
from mlc.search_attributes import MLC_PROCESS, MLC_SNAPSHOT

C = TypeVar("C", bound=Calendar)

# What Temporal holds where nobody says how long it shall catch up.
UNSAID_CATCH_UP = timedelta(days=365)
CALENDAR_FIELDS = ("second", "minute", "hour", "day_of_month", "month", "day_of_week", "year")


def as_schedule(
    declaration: ScheduleDeclaration, catalogue: Catalogue, task_queue: str, kept_note: str = ""
) -> Schedule:
    """The schedule that a declaration amounts to. Raises InvalidInput for what cannot be started by the clock."""
    definition, request = scheduled_process(declaration, catalogue)
    return Schedule(
        action=ScheduleActionStartWorkflow(
            definition.name,
            request,
            # Temporal appends the fire time. The name keeps apart what two schedules start at the same time for one subject:
            # of two equal ids the server would start one and drop the other without a word.
            id=definition.workflow_id(request, declaration.name),
            task_queue=task_queue,
            static_summary=f"{definition.name} of {request.subject}, by schedule {declaration.name}",
        ),
        spec=as_spec(declaration),
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy[declaration.overlap.upper()], catchup_window=declaration.catch_up
        ),
        state=ScheduleState(paused=declaration.paused, note=declaration.note or kept_note or None),
    )


def as_spec(declaration: ScheduleDeclaration) -> ScheduleSpec:
    """When the schedule fires, in calendars and intervals alone."""
    return ScheduleSpec(
        calendars=[_as_calendar(calendar) for calendar in declaration.all_calendars],
        intervals=[
            ScheduleIntervalSpec(every=timedelta(seconds=i.every), offset=timedelta(seconds=i.offset))
            for i in declaration.every
        ],
        skip=[_as_calendar(times) for times in declaration.skip],
        start_at=declaration.start_at,
        end_at=declaration.end_at,
        jitter=declaration.jitter or None,
        time_zone_name=declaration.time_zone,
    )


def as_search_attributes(declaration: ScheduleDeclaration, catalogue: Catalogue) -> TypedSearchAttributes:
    """By which the Temporal UI finds the schedule, as it finds the processes."""
    definition, request = scheduled_process(declaration, catalogue)
    pairs = [SearchAttributePair(SearchAttributeKey.for_keyword(MLC_PROCESS), definition.name)]
    snapshot = getattr(request, "snapshot_id", None)
    if snapshot is not None:
        pairs.append(SearchAttributePair(SearchAttributeKey.for_keyword(MLC_SNAPSHOT), str(snapshot)))
    return TypedSearchAttributes(pairs)


async def read_back(
    found: ScheduleDescription, temporal: Client, catalogue: Catalogue
) -> ScheduleDeclaration:
    """The declaration that a schedule amounts to, unchecked: somebody may have changed it in the Temporal UI."""
    schedule, policy = found.schedule, found.schedule.policy
    action = cast(ScheduleActionStartWorkflow, schedule.action)
    return ScheduleDeclaration.model_construct(
        name=found.id,
        process=action.workflow,
        variables=await _variables(action, temporal, catalogue),
        overlap=cast(Overlap, policy.overlap.name.lower()),
        catch_up=policy.catchup_window if policy.catchup_window is not None else UNSAID_CATCH_UP,
        paused=schedule.state.paused,
        note=schedule.state.note or "",
        **read_spec(schedule.spec),
    )


def read_spec(spec: ScheduleSpec) -> dict[str, Any]:
    """The fields of a declaration that say when."""
    cron, calendars = _read_calendars(spec.calendars)
    zone = _zone(spec.time_zone_name or "UTC")
    return {
        "cron": cron,
        "calendars": calendars,
        "every": tuple(_read_interval(interval) for interval in spec.intervals),
        "time_zone": spec.time_zone_name or "UTC",
        "jitter": spec.jitter or timedelta(0),
        "start_at": in_zone(spec.start_at, zone) if spec.start_at else None,
        "end_at": in_zone(spec.end_at, zone) if spec.end_at else None,
        "skip": tuple(_read(SkippedTimes, times) for times in spec.skip),
    }


def zone_of(declaration: ScheduleDeclaration) -> ZoneInfo:
    """The zone of a schedule as it is."""
    return _zone(declaration.time_zone)


def _zone(name: str) -> ZoneInfo:
    """One that this machine does not know, as the server does, is shown as UTC."""
    return ZoneInfo(name if name in time_zones() else "UTC")


def _read_calendars(
    specs: Sequence[ScheduleCalendarSpec],
) -> tuple[tuple[str, ...], tuple[Calendar, ...]]:
    """The cron texts, and the calendars that are of none."""
    cron: list[str] = []
    others: list[Calendar] = []
    read = [_read(Calendar, spec) for spec in specs]
    for comment, group in groupby(read, lambda calendar: calendar.comment):
        calendars = tuple(group)
        from_cron = _from_cron(comment)
        if from_cron == calendars:
            cron.append(comment)
        elif from_cron is not None:  # changed by hand: the text no longer says what the calendar does
            others += [calendar.model_copy(update={"comment": ""}) for calendar in calendars]
        else:
            others += calendars
    return tuple(cron), tuple(others)


def _read_interval(spec: ScheduleIntervalSpec) -> Interval:
    return Interval(int(spec.every.total_seconds()), int((spec.offset or timedelta()).total_seconds()))


async def _variables(
    action: ScheduleActionStartWorkflow, temporal: Client, catalogue: Catalogue
) -> dict[str, Any]:
    values = await temporal.data_converter.decode(cast(Sequence[Any], action.args))
    try:
        definition = catalogue.process(action.workflow)
        return variables_of(definition.request.model_validate(*values))
    except (InvalidInput, ValidationError, TypeError):
        return {"?": values}  # changed by hand: no request of a process that is known here


def _from_cron(comment: str) -> tuple[Calendar, ...] | None:
    try:
        return read_cron(comment)
    except ValueError:
        return None


def _as_calendar(calendar: Calendar) -> ScheduleCalendarSpec:
    ranges = {
        name: [ScheduleRange(span.start, span.end, span.step) for span in spans(getattr(calendar, name))]
        for name in CALENDAR_FIELDS
    }
    return ScheduleCalendarSpec(**ranges, comment=calendar.comment or None)


def _read(kind: type[C], spec: ScheduleCalendarSpec) -> C:
    fields: dict[str, Any] = {name: _numbers(getattr(spec, name)) for name in CALENDAR_FIELDS}
    return kind.model_construct(**fields, comment=spec.comment or "")


def _numbers(ranges: Sequence[ScheduleRange]) -> tuple[int, ...]:
    return tuple(sorted({number for r in ranges for number in range(r.start, r.end + 1, r.step)}))
