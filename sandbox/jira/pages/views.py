"""What the pages show, gathered from the stores."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sandbox.jira.clock import readable
from sandbox.jira.issues import Attachment, History, Issue
from sandbox.jira.pages.wiki import render
from sandbox.jira.projects import Status, transitions
from sandbox.jira.site import Site
from sandbox.jira.users import User

KINDS = ("review", "rejection", "error", "alert")
APPROVALS = ("done", "approved")
REFUSALS = ("rejected", "declined")
LIST_LIMIT = 200
PREVIEW_LIMIT = 64 * 1024
"""Bytes up to which an attached text is shown on the page itself."""


@dataclass(frozen=True)
class Row:
    issue: Issue
    kind: str | None
    updated: str


@dataclass(frozen=True)
class CommentView:
    author: str
    moment: str
    body: Markup


@dataclass(frozen=True)
class AttachmentView:
    attachment: Attachment
    size: str
    moment: str
    preview: str | None


@dataclass(frozen=True)
class HistoryView:
    author: str
    moment: str
    history: History


@dataclass(frozen=True)
class Decision:
    status: Status
    author: str
    moment: str


@dataclass(frozen=True)
class LinkView:
    """`url` is None where the address is not http or https: such a link is shown, never followed."""

    title: str
    url: str | None


@dataclass(frozen=True)
class IssueView:
    """`approve` and `reject` are the statuses the two buttons lead to, None where there is no such way."""

    issue: Issue
    kind: str | None
    labels: Sequence[str]
    description: Markup
    comments: Sequence[CommentView]
    attachments: Sequence[AttachmentView]
    links: Sequence[LinkView]
    histories: Sequence[HistoryView]
    properties: Sequence[tuple[str, str]]
    people: Sequence[User]
    reporter: str
    assignee: str | None
    created: str
    updated: str
    approve: Status | None
    reject: Status | None
    reachable: Sequence[Status]
    decision: Decision | None


def list_view(site: Site, *, open_only: bool) -> list[Row]:
    """The most recently changed issues first."""
    issues = site.issues.newest(LIST_LIMIT)
    return [
        Row(issue, kind_of(issue), readable(issue.updated))
        for issue in issues
        if not open_only or issue.status.category != "done"
    ]


def issue_view(site: Site, issue: Issue) -> IssueView:
    names = {user.username: user.display_name for user in site.users.all()}
    reachable = [transition.to for transition in transitions(issue.project, issue.status)]
    histories = [
        HistoryView(names[history.author], readable(history.created), history)
        for history in site.issues.histories(issue)
    ]
    return IssueView(
        issue=issue,
        kind=kind_of(issue),
        labels=issue.labels,
        description=render(issue.description or ""),
        comments=[
            CommentView(names[comment.author], readable(comment.created), render(comment.body))
            for comment in site.issues.comments(issue)
        ],
        attachments=[_attachment(site, attachment) for attachment in site.issues.attachments(issue)],
        links=[_link(link.body["object"]) for link in site.issues.remote_links(issue)],
        histories=list(reversed(histories)),
        properties=[(key, json.dumps(value)) for key, value in site.issues.properties(issue).items()],
        people=sorted(site.users.all(), key=lambda user: (user.admin, user.display_name)),
        reporter=names[issue.reporter],
        assignee=names[issue.assignee] if issue.assignee else None,
        created=readable(issue.created),
        updated=readable(issue.updated),
        approve=status_among(reachable, APPROVALS),
        reject=status_among(reachable, REFUSALS),
        reachable=reachable,
        decision=_decision(issue, histories),
    )


def kind_of(issue: Issue) -> str | None:
    """What sort of ticket it is, told by a label such as `review` or `mlc-review`."""
    words = [label.rpartition("-")[2] for label in issue.labels]
    return next((kind for kind in KINDS if kind in words), None)


def status_among(reachable: Sequence[Status], names: Sequence[str]) -> Status | None:
    return next((status for status in reachable if status.name.casefold() in names), None)


def _decision(issue: Issue, histories: Sequence[HistoryView]) -> Decision | None:
    """Who brought the issue to its end; None while it is open."""
    if issue.status.category != "done":
        return None
    for entry in reversed(histories):
        if any(item.field == "status" for item in entry.history.items):
            return Decision(issue.status, entry.author, entry.moment)
    return None


def _attachment(site: Site, attachment: Attachment) -> AttachmentView:
    preview = None
    if attachment.size <= PREVIEW_LIMIT and attachment.mime_type in ("application/json", "text/plain"):
        preview = _pretty(site.issues.content(attachment).decode(errors="replace"))
    return AttachmentView(attachment, _size(attachment.size), readable(attachment.created), preview)


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def _size(size: int) -> str:
    return f"{size} bytes" if size < 1024 else f"{size / 1024:.1f} KiB"


def _link(target: dict[str, str]) -> LinkView:
    url = str(target["url"])
    return LinkView(str(target["title"]), url if url.startswith(("http://", "https://")) else None)
