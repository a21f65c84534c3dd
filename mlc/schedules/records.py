"""What is told of schedules. Times carry their offset: that of the schedule's zone where they are fire times."""

from datetime import datetime
from typing import Literal

from mlc.contract import Contract
from mlc.schedules.declaration import ScheduleDeclaration


class ScheduleRow(Contract):
    """One line of `mlc schedule list`. `times` says when, in one line; without a next or last time these are None."""

    name: str
    process: str
    times: str
    time_zone: str
    paused: bool
    next_at: datetime | None
    last_at: datetime | None
    last_workflow_id: str | None


class ScheduleRun(Contract):
    """A process that a schedule started. `outcome` is None while it runs, and where it left none."""

    workflow_id: str
    fire_time: datetime
    started_at: datetime
    state: Literal["running", "completed", "stopped from outside", "no longer kept"]
    outcome: str | None = None


class ScheduleDetails(Contract):
    """A schedule as Temporal has it: `declaration` is read back from there. The newest of the last ten runs comes first.

    `missed` counts the times that were over longer than the catch-up window, `overlapped` those that found the last start
    still running.
    """

    declaration: ScheduleDeclaration
    next_times: tuple[datetime, ...]
    runs: tuple[ScheduleRun, ...]
    started: int
    missed: int
    overlapped: int


class FieldChange(Contract):
    """What is different in a schedule, each as it is written in a declaration."""

    field: str
    old: str
    new: str


class ScheduleChange(Contract):
    """What becomes, or would become, of one schedule; `next_times` are its next five."""

    name: str
    action: Literal["create", "update", "unchanged", "delete"]
    changes: tuple[FieldChange, ...] = ()
    next_times: tuple[datetime, ...] = ()
