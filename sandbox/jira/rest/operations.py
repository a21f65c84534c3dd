"""The body of a create, edit or transition request: `fields`, `update` and `properties` brought together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sandbox.jira.errors import JiraError
from sandbox.jira.issues import Issue
from sandbox.jira.representation import Json
from sandbox.jira.rest.call import Call

EDITABLE = frozenset(
    {"summary", "description", "labels", "duedate", "issuetype", "priority", "assignee", "reporter"}
)
ON_TRANSITION = frozenset({"resolution"})


@dataclass(frozen=True)
class Operations:
    """`values` by field, checked; `comments` to add."""

    values: dict[str, Any]
    comments: list[str]
    properties: dict[str, Any]


def read_operations(call: Call, body: Json, issue: Issue | None, allowed: frozenset[str]) -> Operations:
    """`issue` is the one being changed, None for a create. Raises JiraError(400)."""
    fields = dict(mapping(body, "fields"))
    comments: list[str] = []
    for field, operations in mapping(body, "update").items():
        if field in fields:
            raise JiraError(400, errors={field: "Field cannot appear in both 'fields' and 'update'"})
        for operation in _operations(field, operations):
            verb, value = next(iter(operation.items()))
            if field == "comment" and verb == "add":
                comments.append(call.reader.text(_body_of(value), "comment"))
            else:
                fields[field] = _applied(field, verb, value, fields.get(field, _present(issue, field)))
    return Operations(call.reader.read(fields, allowed), comments, _properties(body))


def mapping(body: Json, name: str) -> Mapping[str, Any]:
    """An optional object of the body. Raises JiraError(400) for anything else."""
    value: Any = body.get(name) or {}
    if not isinstance(value, dict):
        raise JiraError(400, f"'{name}' must be a JSON object.")
    return cast("Mapping[str, Any]", value)


def _operations(field: str, operations: object) -> list[Mapping[str, Any]]:
    if not isinstance(operations, list):
        raise JiraError(400, errors={field: "update must be an array of operations"})
    for operation in cast("list[object]", operations):
        if not isinstance(operation, dict) or len(cast("Json", operation)) != 1:
            raise JiraError(400, errors={field: "an operation is an object with one verb"})
    return cast("list[Mapping[str, Any]]", operations)


def _present(issue: Issue | None, field: str) -> list[str]:
    return list(issue.labels) if issue and field == "labels" else []


def _applied(field: str, verb: str, value: Any, present: Any) -> Any:
    if verb == "set":
        return value
    if field == "labels" and verb == "add":
        return [*present, value]
    if field == "labels" and verb == "remove":
        return [label for label in present if label != value]
    raise JiraError(400, errors={field: f"Field does not support update '{verb}'"})


def _body_of(value: object) -> object:
    return cast("Json", value).get("body") if isinstance(value, dict) else None


def _properties(body: Json) -> dict[str, Any]:
    listed: object = body.get("properties") or []
    if not isinstance(listed, list):
        raise JiraError(400, "'properties' must be an array of {key, value}.")
    properties: dict[str, Any] = {}
    for entry in cast("list[object]", listed):
        if not isinstance(entry, dict) or not {"key", "value"} <= set(cast("Json", entry)):
            raise JiraError(400, "'properties' must be an array of {key, value}.")
        properties[str(cast("Json", entry)["key"])] = cast("Json", entry)["value"]
    return properties
