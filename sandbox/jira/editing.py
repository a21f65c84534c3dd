"""The fields of a create or edit request: checked as Jira checks them, turned into column values."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, cast

from sandbox.jira.adf import text_of
from sandbox.jira.errors import JiraError
from sandbox.jira.schemes import ISSUE_TYPES, PRIORITIES, RESOLUTIONS, Option, find_option
from sandbox.jira.users import Users

SUMMARY_LIMIT = 255
TEXT_LIMIT = 32_767
LABEL_LIMIT = 255
TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."


class FieldReader:
    """Reads field values; every wrong one is reported, not the first alone.

    With `documents`, rich text is an Atlassian document (REST version 3), else wiki markup (version 2).
    """

    def __init__(self, users: Users, *, cloud: bool, documents: bool) -> None:
        self._users = users
        self._cloud = cloud
        self._documents = documents
        self._readers: Mapping[str, Callable[[Any], Any]] = {
            "summary": _summary,
            "description": self._description,
            "labels": _labels,
            "duedate": _due_date,
            "issuetype": lambda value: _option(ISSUE_TYPES, value, "The issue type selected is invalid."),
            "priority": lambda value: _option(PRIORITIES, value, "The priority selected is invalid."),
            "resolution": lambda value: _option(RESOLUTIONS, value, "The resolution selected is invalid."),
            "assignee": self._assignee,
            "reporter": self._reporter,
        }

    def read(self, fields: Mapping[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
        """Column values by field. Raises JiraError(400) with a text for every field that is refused."""
        values: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for name, value in fields.items():
            if name not in allowed:
                errors[name] = (
                    f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
                )
                continue
            try:
                values[name] = self._readers[name](value)
            except ValueError as refused:
                errors[name] = str(refused)
        if errors:
            raise JiraError(400, errors=errors)
        return values

    def text(self, value: object, field: str) -> str:
        """A comment's body or another rich text. Raises JiraError(400)."""
        try:
            return self._rich_text(value)
        except ValueError as refused:
            raise JiraError(400, errors={field: str(refused)}) from None

    def _rich_text(self, value: object) -> str:
        if self._documents:
            text = text_of(value)
        elif isinstance(value, str):
            text = value
        else:
            raise ValueError("Operation value must be a string")
        if len(text) > TEXT_LIMIT:
            raise ValueError(TOO_LONG)
        return text

    def _description(self, value: object) -> str | None:
        return None if value is None else self._rich_text(value)

    def _assignee(self, value: object) -> str | None:
        return None if value is None else self._reporter(value)

    def _reporter(self, value: object) -> str:
        identifier = ""
        if isinstance(value, Mapping):
            reference = cast("Mapping[str, object]", value)
            identifier = reference.get("accountId" if self._cloud else "name", "")
        user = self._users.identified(identifier, cloud=self._cloud)
        if user is None:
            raise ValueError(f"User '{identifier}' does not exist.")
        return user.username


def _summary(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("You must specify a summary of the issue.")
    if "\n" in value or "\r" in value:
        raise ValueError("The summary is invalid because it contains newline characters.")
    if len(value) > SUMMARY_LIMIT:
        raise ValueError("Summary can't exceed 255 characters.")
    return value


def _labels(value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("Operation value must be an array of strings")  # noqa: TRY004
    labels: list[str] = []
    for label in cast("list[object]", value):
        if not isinstance(label, str) or not label:
            raise ValueError("Operation value must be an array of strings")
        if re.search(r"\s", label):
            raise ValueError(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > LABEL_LIMIT:
            raise ValueError(f"The label '{label[:40]}…' exceeds the maximum length of 255 characters.")
        if label not in labels:
            labels.append(label)
    return sorted(labels)


def _due_date(value: object) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValueError("Error parsing date string: use yyyy-MM-dd.") from None


def _option(options: tuple[Option, ...], value: object, refusal: str) -> str:
    option = find_option(options, value)
    if option is None:
        raise ValueError(refusal)
    return option.name
