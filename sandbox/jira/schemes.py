"""What every project shares: issue types, priorities, resolutions, fields and permissions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True)
class Option:
    """One entry of a fixed list that Jira addresses by id or by name."""

    id: str
    name: str
    description: str


ISSUE_TYPES = (
    Option("10001", "Task", "Something that is to be done or decided."),
    Option("10002", "Bug", "Something that went wrong."),
)
PRIORITIES = (
    Option("1", "Highest", "Blocks everything else."),
    Option("2", "High", "Needs attention soon."),
    Option("3", "Medium", "The ordinary case."),
    Option("4", "Low", "Can wait."),
    Option("5", "Lowest", "Trivial."),
)
DEFAULT_PRIORITY = "Medium"
RESOLUTIONS = (
    Option("10000", "Done", "The work is finished."),
    Option("10001", "Won't Do", "This will not be done."),
    Option("10002", "Duplicate", "Another issue says the same."),
)
DEFAULT_RESOLUTION = "Done"

CATEGORIES: Mapping[str, tuple[int, str, str]] = {
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}
"""Status category key → id, name, colour."""

FIELDS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "summary": ("Summary", "string", ("summary",)),
    "description": ("Description", "string", ("description",)),
    "issuetype": ("Issue Type", "issuetype", ("issuetype", "type")),
    "project": ("Project", "project", ("project",)),
    "status": ("Status", "status", ("status",)),
    "priority": ("Priority", "priority", ("priority",)),
    "resolution": ("Resolution", "resolution", ("resolution",)),
    "resolutiondate": ("Resolved", "datetime", ("resolutiondate", "resolved")),
    "labels": ("Labels", "array", ("labels",)),
    "assignee": ("Assignee", "user", ("assignee",)),
    "reporter": ("Reporter", "user", ("reporter",)),
    "creator": ("Creator", "user", ("creator",)),
    "created": ("Created", "datetime", ("created", "createdDate")),
    "updated": ("Updated", "datetime", ("updated", "updatedDate")),
    "duedate": ("Due date", "date", ("due", "duedate")),
    "attachment": ("Attachment", "array", ("attachments",)),
    "comment": ("Comment", "comments-page", ("comment",)),
    "watches": ("Watchers", "watches", ("watchers",)),
}
"""Field id → name, schema type, names in JQL."""

PERMISSIONS: Mapping[str, str] = {
    "BROWSE_PROJECTS": "Browse Projects",
    "CREATE_ISSUES": "Create Issues",
    "EDIT_ISSUES": "Edit Issues",
    "DELETE_ISSUES": "Delete Issues",
    "ASSIGN_ISSUES": "Assign Issues",
    "TRANSITION_ISSUES": "Transition Issues",
    "ADD_COMMENTS": "Add Comments",
    "EDIT_ALL_COMMENTS": "Edit All Comments",
    "CREATE_ATTACHMENTS": "Create Attachments",
    "ADMINISTER": "Administer Jira",
}


def find_option(options: tuple[Option, ...], value: object) -> Option | None:
    """By {"id"} or {"name"}, the name in any case; None if the value names none."""
    if not isinstance(value, Mapping):
        return None
    reference = cast("Mapping[str, object]", value)
    wanted_id, wanted_name = (str(reference.get(part, "")) for part in ("id", "name"))
    return next(
        (o for o in options if o.id == wanted_id or o.name.casefold() == wanted_name.casefold()), None
    )


def named(options: tuple[Option, ...], name: str) -> Option:
    return next(o for o in options if o.name == name)
