"""What is different between a schedule as Temporal has it and as it is declared."""

import json
from datetime import timedelta
from typing import Any, NamedTuple, cast

from temporalio.client import Schedule, ScheduleActionStartWorkflow

from mlc.catalogue import Catalogue
from mlc.schedules import FieldChange, ScheduleDeclaration, scheduled_process, variables_of

# Compared one by one, under the names that they have in a declaration; those that say when are compared together.
FIELDS = (
    *("process", "variables", "time_zone", "jitter", "overlap", "catch_up"),
    *("start_at", "end_at", "skip", "paused", "note"),
)


class _Aspect(NamedTuple):
    value: object
    told: str


def differences(
    real: ScheduleDeclaration,
    found: Schedule,
    declared: ScheduleDeclaration,
    wanted: Schedule,
    catalogue: Catalogue,
) -> tuple[FieldChange, ...]:
    """From what is there to what is wanted: `real` is read back from `found`, as `wanted` is made from `declared`.

    A note that somebody left is no difference where none is declared.
    """
    _, request = scheduled_process(declared, catalogue)
    settled = declared.model_copy(
        update={"variables": variables_of(request), "note": declared.note or real.note}
    )
    old, new = _aspects(real, found), _aspects(settled, wanted)
    return tuple(
        FieldChange(field=name, old=old[name].told, new=new[name].told)
        for name in old
        if old[name].value != new[name].value
    )


def told(value: Any) -> str:
    """A value of a declaration, in one line for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, "", [], {}):
        return "none"
    if isinstance(value, list):
        return ", ".join(str(item) for item in cast(list[Any], value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _aspects(declaration: ScheduleDeclaration, schedule: Schedule) -> dict[str, _Aspect]:
    said: dict[str, Any] = declaration.model_dump(mode="json", by_alias=False, include=set(FIELDS))
    said["skip"] = [times.text for times in declaration.skip]
    aspects = {
        "times": _Aspect((declaration.all_calendars, declaration.every), declaration.times),
        **{name: _Aspect(getattr(declaration, name), told(said[name])) for name in FIELDS},
    }
    return aspects | {name: _Aspect(value, told(value)) for name, value in _undeclared(schedule).items()}


def _undeclared(schedule: Schedule) -> dict[str, Any]:
    """What a declaration does not speak of, and somebody may have changed all the same."""
    action = cast(ScheduleActionStartWorkflow, schedule.action)
    retry = action.retry_policy
    return {
        "workflow id": action.id,
        "task queue": action.task_queue,
        "execution timeout": _seconds(action.execution_timeout),
        "run timeout": _seconds(action.run_timeout),
        "task timeout": _seconds(action.task_timeout),
        "retry policy": str(retry) if retry is not None else None,
        "pause on failure": schedule.policy.pause_on_failure,
        "remaining actions": schedule.state.remaining_actions if schedule.state.limited_actions else None,
    }


def _seconds(timeout: timedelta | None) -> str | None:
    return f"{timeout.total_seconds():g}s" if timeout else None
