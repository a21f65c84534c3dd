"""What the whole site offers: server, users, projects, the fixed lists, permissions."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.jira import clock
from sandbox.jira.errors import JiraError
from sandbox.jira.projects import Project
from sandbox.jira.representation import Json
from sandbox.jira.rest.call import Call
from sandbox.jira.schemes import FIELDS, ISSUE_TYPES, PERMISSIONS, PRIORITIES, RESOLUTIONS
from sandbox.jira.site import Site

UPLOAD_LIMIT = 10 * 1024 * 1024


async def server_info(request: Request) -> Response:
    """Open to everybody, as in Jira; wrong credentials are refused even here."""
    site: Site = request.app.state.site
    site.users.authenticate(request.headers.get("authorization"))
    cloud = site.settings.current.cloud
    numbers = [1001, 0, 0] if cloud else [9, 12, 15]
    return JSONResponse(
        {
            "baseUrl": str(request.base_url).rstrip("/"),
            "version": ".".join(map(str, numbers)),
            "versionNumbers": numbers,
            "deploymentType": "Cloud" if cloud else "Server",
            "buildNumber": 100_000 if cloud else 9_120_015,
            "buildDate": "2024-11-01T00:00:00.000+0000",
            "serverTime": clock.timestamp(clock.now()),
            "serverTitle": "Stand-in Jira",
        }
    )


async def myself(call: Call) -> Response:
    return JSONResponse(call.represent.user(call.user))


async def search_users(call: Call) -> Response:
    """By `query` on Cloud, by `username` on Server."""
    parameter = "query" if call.cloud else "username"
    text = call.query(parameter)
    if not text:
        raise JiraError(400, f"The {parameter} query parameter was not provided")
    start, limit = call.number("startAt", 0), call.number("maxResults", 50)
    found = call.site.users.search(text)[start : start + limit]
    return JSONResponse([call.represent.user(user) for user in found])


async def fields(call: Call) -> Response:
    return JSONResponse(
        [
            {
                "id": field,
                "key": field,
                "name": name,
                "custom": False,
                "orderable": True,
                "navigable": field not in ("comment", "attachment"),
                "searchable": True,
                "clauseNames": list(clauses),
                "schema": {"type": kind, "system": field},
            }
            for field, (name, kind, clauses) in FIELDS.items()
        ]
    )


async def issue_types(call: Call) -> Response:
    return JSONResponse([call.represent.option("issuetype", option) for option in ISSUE_TYPES])


async def priorities(call: Call) -> Response:
    return JSONResponse([call.represent.option("priority", option) for option in PRIORITIES])


async def resolutions(call: Call) -> Response:
    return JSONResponse([call.represent.option("resolution", option) for option in RESOLUTIONS])


async def statuses(call: Call) -> Response:
    return JSONResponse([call.represent.status(status) for status in call.site.projects.statuses()])


async def project(call: Call) -> Response:
    found = call.site.projects.get(call.path("project"))
    types = [call.represent.option("issuetype", option) for option in ISSUE_TYPES]
    return JSONResponse(call.represent.project(found) | {"issueTypes": types})


async def project_statuses(call: Call) -> Response:
    """By issue type, each with every status of the project."""
    found = call.site.projects.get(call.path("project"))
    of_project = [call.represent.status(status) for status in found.statuses]
    return JSONResponse(
        [call.represent.option("issuetype", option) | {"statuses": of_project} for option in ISSUE_TYPES]
    )


async def my_permissions(call: Call) -> Response:
    """For one project (`projectKey`, `projectId`, `issueKey`, `issueId`) or for the site."""
    wanted = call.names("permissions")
    if not wanted and call.cloud:
        raise JiraError(400, "The 'permissions' query parameter is required.")
    unknown = [name for name in wanted if name not in PERMISSIONS]
    if unknown:
        raise JiraError(400, f"Unrecognized permission: {', '.join(unknown)}")
    context = _permission_context(call)
    return JSONResponse(
        {"permissions": {name: _permission(call, name, context) for name in wanted or PERMISSIONS}}
    )


async def attachment_meta(call: Call) -> Response:
    return JSONResponse(
        {"enabled": call.site.settings.current.attachments_enabled, "uploadLimit": UPLOAD_LIMIT}
    )


def _permission_context(call: Call) -> Project | None:
    issue = call.query("issueKey") or call.query("issueId")
    if issue:
        return call.site.issues.get(issue).project
    key = call.query("projectKey") or call.query("projectId")
    return call.site.projects.get(key) if key else None


def _permission(call: Call, name: str, context: Project | None) -> Json:
    held = True
    if name == "ADMINISTER":
        held = call.user.admin
    elif name == "CREATE_ATTACHMENTS":
        enabled = call.site.settings.current.attachments_enabled
        held = enabled and (context is None or context.attachments_enabled)
    return {
        "id": str(list(PERMISSIONS).index(name) + 10),
        "key": name,
        "name": PERMISSIONS[name],
        "type": "GLOBAL" if name == "ADMINISTER" else "PROJECT",
        "description": PERMISSIONS[name],
        "havePermission": held,
    }
