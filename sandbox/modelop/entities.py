"""JSON objects as ModelOp Center keeps them, and careful ways into them."""

from datetime import UTC, datetime
from typing import Any, cast

Entity = dict[str, Any]
"""A JSON object as ModelOp Center keeps it."""


def timestamp() -> str:
    """Now, as ModelOp Center writes it: ISO 8601 in UTC with milliseconds and Z."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def nested(entity: Any, *path: str) -> Any:
    """The value under the dotted path, None where a step is missing or no object."""
    for step in path:
        if not isinstance(entity, dict):
            return None
        entity = cast("Entity", entity).get(step)
    return entity


def string_list(value: Any) -> list[str]:
    """The strings of a JSON array; empty for anything else."""
    return (
        [item for item in cast("list[Any]", value) if isinstance(item, str)]
        if isinstance(value, list)
        else []
    )


def object_list(value: Any) -> list[Entity]:
    """The objects of a JSON array; empty for anything else."""
    return (
        [item for item in cast("list[Any]", value) if isinstance(item, dict)]
        if isinstance(value, list)
        else []
    )
