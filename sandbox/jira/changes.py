"""What differs between two versions of an issue, as the change history tells it."""

from sandbox.jira.issues import ChangeItem, Issue
from sandbox.jira.projects import Status
from sandbox.jira.schemes import DEFAULT_RESOLUTION, ISSUE_TYPES, PRIORITIES, RESOLUTIONS, Option, named
from sandbox.jira.users import Users

REFUSALS = {"rejected", "declined", "cancelled", "canceled"}


def resolution_after(status: Status, chosen: str | None) -> str | None:
    """What the workflow sets: a resolution once an issue is done, none while it is not."""
    if status.category != "done":
        return None
    if chosen:
        return chosen
    return "Won't Do" if status.name.casefold() in REFUSALS else DEFAULT_RESOLUTION


def changed_items(before: Issue, after: Issue, users: Users) -> list[ChangeItem]:
    """One item for each changed field; people stand as user names, for the reader's mode decides how to show them."""
    items = [
        _option_item("issuetype", ISSUE_TYPES, before.issuetype, after.issuetype),
        ChangeItem("summary", None, before.summary, None, after.summary),
        ChangeItem("description", None, before.description, None, after.description),
        _option_item("priority", PRIORITIES, before.priority, after.priority),
        ChangeItem("duedate", before.duedate, before.duedate, after.duedate, after.duedate),
        ChangeItem("labels", None, " ".join(before.labels), None, " ".join(after.labels)),
        _user_item("assignee", before.assignee, after.assignee, users),
        _user_item("reporter", before.reporter, after.reporter, users),
        _option_item("resolution", RESOLUTIONS, before.resolution, after.resolution),
        ChangeItem(
            "status", str(before.status.id), before.status.name, str(after.status.id), after.status.name
        ),
    ]
    return [item for item in items if (item.old, item.old_text) != (item.new, item.new_text)]


def _option_item(field: str, options: tuple[Option, ...], old: str | None, new: str | None) -> ChangeItem:
    old_id, new_id = (named(options, name).id if name else None for name in (old, new))
    return ChangeItem(field, old_id, old, new_id, new)


def _user_item(field: str, old: str | None, new: str | None, users: Users) -> ChangeItem:
    old_name, new_name = (users.get(name).display_name if name else None for name in (old, new))
    return ChangeItem(field, old, old_name, new, new_name)
