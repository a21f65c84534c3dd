"""Which request goes where."""

from collections.abc import Mapping

from starlette.routing import BaseRoute, Route

from sandbox.jira.rest import about, attachment, hanging, issue, search, webhook
from sandbox.jira.rest.call import Handler, endpoint

VERSIONS = ("2", "3", "latest")

ISSUE = "/issue/{issue}"
RESOURCES: Mapping[str, Mapping[str, Handler]] = {
    "/myself": {"GET": about.myself},
    "/user/search": {"GET": about.search_users},
    "/field": {"GET": about.fields},
    "/issuetype": {"GET": about.issue_types},
    "/priority": {"GET": about.priorities},
    "/resolution": {"GET": about.resolutions},
    "/status": {"GET": about.statuses},
    "/project/{project}": {"GET": about.project},
    "/project/{project}/statuses": {"GET": about.project_statuses},
    "/mypermissions": {"GET": about.my_permissions},
    "/attachment/meta": {"GET": about.attachment_meta},
    "/attachment/content/{attachment}": {"GET": attachment.read_content},
    "/attachment/{attachment}": {"GET": attachment.read_attachment, "DELETE": attachment.delete_attachment},
    "/issue": {"POST": issue.create_issue},
    ISSUE: {"GET": issue.read_issue, "PUT": issue.edit_issue, "DELETE": issue.delete_issue},
    f"{ISSUE}/transitions": {"GET": issue.list_transitions, "POST": issue.do_transition},
    f"{ISSUE}/assignee": {"PUT": issue.assign},
    f"{ISSUE}/attachments": {"POST": attachment.add_attachments},
    f"{ISSUE}/comment": {"GET": hanging.list_comments, "POST": hanging.add_comment},
    f"{ISSUE}/comment/{{comment}}": {
        "GET": hanging.read_comment,
        "PUT": hanging.edit_comment,
        "DELETE": hanging.delete_comment,
    },
    f"{ISSUE}/properties": {"GET": hanging.list_properties},
    f"{ISSUE}/properties/{{property}}": {
        "GET": hanging.read_property,
        "PUT": hanging.write_property,
        "DELETE": hanging.delete_property,
    },
    f"{ISSUE}/remotelink": {"GET": hanging.list_remote_links, "POST": hanging.write_remote_link},
    f"{ISSUE}/remotelink/{{link}}": {"GET": hanging.read_remote_link, "DELETE": hanging.delete_remote_link},
    f"{ISSUE}/watchers": {
        "GET": hanging.list_watchers,
        "POST": hanging.add_watcher,
        "DELETE": hanging.remove_watcher,
    },
    "/search": {"GET": search.search, "POST": search.search},
    "/search/jql": {"GET": search.search_by_token, "POST": search.search_by_token},
}
UNVERSIONED: Mapping[str, Mapping[str, Handler]] = {
    "/secure/attachment/{attachment}/{filename}": {"GET": attachment.read_content},
    webhook.PATH: {"GET": webhook.list_webhooks, "POST": webhook.register_webhook},
    f"{webhook.PATH}/{{webhook}}": {
        "GET": webhook.read_webhook,
        "PUT": webhook.change_webhook,
        "DELETE": webhook.delete_webhook,
    },
}


def rest_routes() -> list[BaseRoute]:
    routes: list[BaseRoute] = []
    for version in VERSIONS:
        root = f"/rest/api/{version}"
        routes.append(Route(f"{root}/serverInfo", about.server_info, methods=["GET"]))
        routes += _routes(root, RESOURCES)
    return routes + _routes("", UNVERSIONED)


def _routes(root: str, resources: Mapping[str, Mapping[str, Handler]]) -> list[BaseRoute]:
    return [
        Route(f"{root}{path}", endpoint(handler), methods=[method])
        for path, handlers in resources.items()
        for method, handler in handlers.items()
    ]
