"""Issues: create, read, edit, delete, transitions and assignee."""

from collections.abc import Collection
from typing import Any, cast

from starlette.responses import JSONResponse, Response

from sandbox.jira.errors import JiraError
from sandbox.jira.issues import Issue
from sandbox.jira.projects import Project, transitions
from sandbox.jira.representation import ALL_FIELDS, Json
from sandbox.jira.rest.call import Call, no_content
from sandbox.jira.rest.operations import EDITABLE, ON_TRANSITION, mapping, read_operations


async def create_issue(call: Call) -> Response:
    """Every field that is missing or wrong is named in the 400."""
    body = await call.json_object()
    fields = dict(mapping(body, "fields"))
    project = _project(call, fields.pop("project", None))
    errors: dict[str, str] = {}
    if project is None:
        errors["project"] = "valid project is required"
    if "issuetype" not in fields:
        errors["issuetype"] = "issue type is required"
    if "summary" not in fields:
        errors["summary"] = "You must specify a summary of the issue."
    try:
        operations = read_operations(call, body | {"fields": fields}, None, EDITABLE)
    except JiraError as refused:
        raise JiraError(400, refused.messages, errors | refused.errors) from None
    if project is None or errors:
        raise JiraError(400, errors=errors)
    issue = call.site.tracker.create(call.caller, project, operations.values, operations.properties)
    for comment in operations.comments:
        call.site.tracker.comment(call.caller, issue, comment)
    return JSONResponse(call.represent.reference(issue), 201)


async def read_issue(call: Call) -> Response:
    return JSONResponse(
        expanded(call, call.issue(), call.names("fields"), call.names("expand"), call.names("properties"))
    )


async def edit_issue(call: Call) -> Response:
    body = await call.json_object()
    issue = call.issue()
    operations = read_operations(call, body, issue, EDITABLE)
    call.site.tracker.edit(call.caller, issue, operations.values, operations.properties, operations.comments)
    return no_content()


async def delete_issue(call: Call) -> Response:
    call.site.tracker.delete(call.caller, call.issue())
    return no_content()


async def list_transitions(call: Call) -> Response:
    issue = call.issue()
    wanted = call.query("transitionId")
    offered = [t for t in transitions(issue.project, issue.status) if wanted in ("", str(t.id))]
    return JSONResponse(
        {"expand": "transitions", "transitions": [call.represent.transition(t) for t in offered]}
    )


async def do_transition(call: Call) -> Response:
    body = await call.json_object()
    issue = call.issue()
    chosen: Any = body.get("transition")
    if not isinstance(chosen, dict) or "id" not in chosen:
        raise JiraError(400, "Missing 'transition' identifier")
    operations = read_operations(call, body, issue, ON_TRANSITION)
    call.site.tracker.transition(
        call.caller, issue, str(cast("Json", chosen)["id"]), operations.values, operations.comments
    )
    return no_content()


async def assign(call: Call) -> Response:
    """{"name"} on Server, {"accountId"} on Cloud; null leaves the issue with nobody."""
    body = await call.json_object()
    issue = call.issue()
    named = body.get("accountId" if call.cloud else "name")
    values = call.reader.read({"assignee": None if named is None else body}, frozenset({"assignee"}))
    call.site.tracker.edit(call.caller, issue, values, {}, [])
    return no_content()


def expanded(
    call: Call, issue: Issue, fields: Collection[str], expand: Collection[str], properties: Collection[str]
) -> Json:
    """An issue with what the caller asked for besides; an empty `fields` asks for all of them."""
    body = call.represent.issue(issue, fields or [ALL_FIELDS])
    if "changelog" in expand:
        body["changelog"] = call.represent.changelog(issue)
    if "transitions" in expand:
        offered = transitions(issue.project, issue.status)
        body["transitions"] = [call.represent.transition(transition) for transition in offered]
    if properties:
        stored = call.site.issues.properties(issue)
        body["properties"] = {
            key: value for key, value in stored.items() if ALL_FIELDS in properties or key in properties
        }
    return body


def _project(call: Call, value: object) -> Project | None:
    if not isinstance(value, dict):
        return None
    reference = cast("Json", value)
    return call.site.projects.find(reference.get("key") or reference.get("id") or "")
