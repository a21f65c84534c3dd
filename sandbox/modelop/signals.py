"""The signals that ModelOp Center sends to the life cycle's service, with their variables."""

from typing import Any, cast

from sandbox.modelop.entities import Entity, nested

SNAPSHOT_SIGNAL = "com.modelop.mlc.definitions.Signals_deployable_model_changed"
JOB_SIGNAL = "com.modelop.mlc.definitions.Signals_job_status_changed"

# CREATED and WAITING matter to nobody who waits for a job.
_TOLD_STATUSES = ("RUNNING", "COMPLETE", "ERROR", "CANCELLED")
_CONTENTS = ("fileContent", "sourceCode")


def snapshot_signal(snapshot: Entity) -> Entity:
    return _signal(SNAPSHOT_SIGNAL, "DEPLOYABLE_MODEL", snapshot)


def job_signal(job: Entity) -> Entity:
    """The job without the contents of its files and with no more of its snapshot than the id."""
    told = {key: value if key == "jobParameters" else _without_contents(value) for key, value in job.items()}
    snapshot = {"id": nested(job, "model", "deployableModel", "id")}
    return _signal(JOB_SIGNAL, "JOB", {**told, "model": {**told["model"], "deployableModel": snapshot}})


def is_told(before: Entity, after: Entity) -> bool:
    """Whether the job's change is one that its signal tells."""
    return before["jobStatus"] != after["jobStatus"] and after["jobStatus"] in _TOLD_STATUSES


def _signal(name: str, variable: str, value: Entity) -> Entity:
    return {"name": name, "variables": {variable: {"value": value}}}


def _without_contents(value: Any) -> Any:
    if isinstance(value, dict):
        fields = cast("Entity", value)
        return {key: _without_contents(field) for key, field in fields.items() if key not in _CONTENTS}
    if isinstance(value, list):
        return [_without_contents(item) for item in cast("list[Any]", value)]
    return value
