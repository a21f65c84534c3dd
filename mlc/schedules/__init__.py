"""Schedules: when a process is started by the clock, as it is declared, read and foretold. Nothing here knows Temporal."""

from mlc.schedules.calendar import Calendar, SkippedTimes
from mlc.schedules.cron import read_cron
from mlc.schedules.declaration import Overlap, ScheduleDeclaration
from mlc.schedules.reading import (
    Problem,
    check_declaration,
    read_declaration,
    scheduled_process,
    variables_of,
)
from mlc.schedules.records import FieldChange, ScheduleChange, ScheduleDetails, ScheduleRow, ScheduleRun
from mlc.schedules.times import Interval, Timing

__all__ = [
    "Calendar",
    "FieldChange",
    "Interval",
    "Overlap",
    "Problem",
    "ScheduleChange",
    "ScheduleDeclaration",
    "ScheduleDetails",
    "ScheduleRow",
    "ScheduleRun",
    "SkippedTimes",
    "Timing",
    "check_declaration",
    "read_cron",
    "read_declaration",
    "scheduled_process",
    "variables_of",
]
