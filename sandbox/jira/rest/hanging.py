"""What hangs on an issue: comments, properties, remote links and watchers."""

from typing import cast

from starlette.responses import JSONResponse, Response

from sandbox.jira.errors import JiraError
from sandbox.jira.representation import Json
from sandbox.jira.rest.call import Call, no_content
from sandbox.jira.users import User

GLOBAL_ID_LIMIT = 255


async def list_comments(call: Call) -> Response:
    limit = call.number("maxResults", 50) if "maxResults" in call.request.query_params else None
    return JSONResponse(call.represent.comments(call.issue(), call.number("startAt", 0), limit))


async def add_comment(call: Call) -> Response:
    body = call.reader.text((await call.json_object()).get("body"), "comment")
    issue = call.issue()
    comment = call.site.tracker.comment(call.caller, issue, body)
    return JSONResponse(call.represent.comment(issue, comment), 201)


async def read_comment(call: Call) -> Response:
    issue = call.issue()
    return JSONResponse(call.represent.comment(issue, call.site.issues.comment(issue, call.path("comment"))))


async def edit_comment(call: Call) -> Response:
    body = call.reader.text((await call.json_object()).get("body"), "comment")
    issue = call.issue()
    comment = call.site.issues.comment(issue, call.path("comment"))
    comment = call.site.tracker.edit_comment(call.caller, issue, comment, body)
    return JSONResponse(call.represent.comment(issue, comment))


async def delete_comment(call: Call) -> Response:
    issue = call.issue()
    comment = call.site.issues.comment(issue, call.path("comment"))
    call.site.tracker.delete_comment(call.caller, issue, comment)
    return no_content()


async def list_properties(call: Call) -> Response:
    keys = call.site.issues.properties(call.issue())
    return JSONResponse({"keys": [{"self": f"{call.request.url}/{key}", "key": key} for key in keys]})


async def read_property(call: Call) -> Response:
    properties, key = call.site.issues.properties(call.issue()), call.path("property")
    if key not in properties:
        raise JiraError(404, f"The property with key '{key}' does not exist.")
    return JSONResponse({"key": key, "value": properties[key]})


async def write_property(call: Call) -> Response:
    value, issue = await call.json(), call.issue()
    new = call.site.tracker.set_property(issue, call.path("property"), value)
    return Response(status_code=201 if new else 200)


async def delete_property(call: Call) -> Response:
    issue, key = call.issue(), call.path("property")
    if key not in call.site.issues.properties(issue):
        raise JiraError(404, f"The property with key '{key}' does not exist.")
    call.site.tracker.delete_property(issue, key)
    return no_content()


async def list_remote_links(call: Call) -> Response:
    """All of them, or with `globalId` that one alone."""
    issue, wanted = call.issue(), call.query("globalId")
    links = [
        (link.global_id, call.represent.remote_link(issue, link))
        for link in call.site.issues.remote_links(issue)
    ]
    if not wanted:
        return JSONResponse([body for _, body in links])
    for global_id, body in links:
        if global_id == wanted:
            return JSONResponse(body)
    raise JiraError(404, f"No remote issue link with the global id '{wanted}' exists")


async def write_remote_link(call: Call) -> Response:
    """201 for a new link, 200 where one of the same globalId was replaced."""
    body, issue = await call.json_object(), call.issue()
    target = body.get("object")
    errors = {
        part: f"'{part}' is required."
        for part in ("url", "title")
        if not (isinstance(target, dict) and cast("Json", target).get(part))
    }
    global_id = body.pop("globalId", None)
    if global_id is not None and not (isinstance(global_id, str) and len(global_id) <= GLOBAL_ID_LIMIT):
        errors["globalId"] = "'globalId' must be a text of at most 255 characters."
    if errors:
        raise JiraError(400, errors=errors)
    link_id, new = call.site.tracker.link(call.caller, issue, global_id, body)
    link = call.represent.remote_link(issue, call.site.issues.remote_link(issue, link_id))
    return JSONResponse({"id": link["id"], "self": link["self"]}, 201 if new else 200)


async def read_remote_link(call: Call) -> Response:
    issue = call.issue()
    return JSONResponse(
        call.represent.remote_link(issue, call.site.issues.remote_link(issue, call.path("link")))
    )


async def delete_remote_link(call: Call) -> Response:
    issue = call.issue()
    link = call.site.issues.remote_link(issue, call.path("link"))
    call.site.tracker.unlink(call.caller, issue, link.id)
    return no_content()


async def list_watchers(call: Call) -> Response:
    issue = call.issue()
    people = [call.represent.username(name) for name in call.site.issues.watchers(issue)]
    return JSONResponse(call.represent.watches(issue) | {"watchers": people})


async def add_watcher(call: Call) -> Response:
    """The body is a user's identifier as a JSON text; without one it is the caller."""
    named = await call.json() if await call.request.body() else None
    call.site.tracker.watch(call.issue(), call.user if named is None else _person(call, named))
    return no_content()


async def remove_watcher(call: Call) -> Response:
    issue = call.issue()
    call.site.tracker.unwatch(issue, _person(call, call.query("accountId" if call.cloud else "username")))
    return no_content()


def _person(call: Call, identifier: object) -> User:
    user = call.site.users.identified(identifier, cloud=call.cloud)
    if user is None:
        raise JiraError(404, f"The user '{identifier}' does not exist")
    return user
