"""The pages and what their buttons do: the same operations that REST performs."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.jira.errors import JiraError
from sandbox.jira.issues import Issue
from sandbox.jira.pages.views import APPROVALS, REFUSALS, issue_view, list_view, status_among
from sandbox.jira.projects import Transition, transitions
from sandbox.jira.rest.attachment import download
from sandbox.jira.site import Site
from sandbox.jira.tracker import Caller

HERE = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; "
    "form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}


def page_routes() -> list[BaseRoute]:
    return [
        Route("/", show_list, methods=["GET"]),
        Route("/browse/{issue}", show_issue, methods=["GET"]),
        Route("/browse/{issue}", act, methods=["POST"]),
        Route("/attachments/{attachment}", show_attachment, methods=["GET"]),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]


def error_page(error: JiraError) -> Response:
    return _page("error.html", {"error": error}, error.status)


async def show_list(request: Request) -> Response:
    """All issues, or with `?show=open` those that wait for somebody."""
    open_only = request.query_params.get("show") == "open"
    rows = list_view(_site(request), open_only=open_only)
    return _page("list.html", {"rows": rows, "open_only": open_only})


async def show_issue(request: Request) -> Response:
    site = _site(request)
    return _page("issue.html", {"view": issue_view(site, site.issues.get(request.path_params["issue"]))})


async def show_attachment(request: Request) -> Response:
    site = _site(request)
    return download(site, site.issues.attachment(request.path_params["attachment"]))


async def act(request: Request) -> Response:
    """Approve, reject, move or comment, as the user chosen on the form; then back to the issue."""
    _refuse_foreign_pages(request)
    site = _site(request)
    async with request.form() as form:
        user = site.users.get(_text(form, "user"))
        comment, action, status = (_text(form, name) for name in ("comment", "action", "status"))
    comment = comment.strip().replace("\r\n", "\n")
    caller = Caller(user, str(request.base_url).rstrip("/"))
    issue = site.issues.get(request.path_params["issue"])
    if action == "comment":
        site.tracker.comment(caller, issue, comment)
    else:
        transition = _transition(issue, action, status)
        site.tracker.transition(caller, issue, str(transition.id), {}, [comment] if comment else [])
    return RedirectResponse(f"/browse/{issue.key}", 303)


def _transition(issue: Issue, action: str, status_id: str) -> Transition:
    offered = transitions(issue.project, issue.status)
    if action in ("approve", "reject"):
        names = APPROVALS if action == "approve" else REFUSALS
        status = status_among([transition.to for transition in offered], names)
        status_id = str(status.id) if status else ""
    for transition in offered:
        if str(transition.to.id) == status_id:
            return transition
    raise JiraError(400, f"{issue.key} is {issue.status.name}; it cannot be moved there.")


def _refuse_foreign_pages(request: Request) -> None:
    """A page of another site must not decide in a visitor's name."""
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise JiraError(403, "This form was sent from another site.")


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _page(template: str, context: Mapping[str, object], status: int = 200) -> Response:
    return HTMLResponse(TEMPLATES.get_template(template).render(context), status, SECURITY)


def _site(request: Request) -> Site:
    return request.app.state.site
