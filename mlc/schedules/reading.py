"""Declarations from plain values: a command line's, a file's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mlc.catalogue import Catalogue, ProcessDefinition
from mlc.errors import InvalidInput
from mlc.processes import ProcessRequest
from mlc.schedules.calendar import Calendar
from mlc.schedules.declaration import ScheduleDeclaration


@dataclass(frozen=True)
class Problem:
    """Something that is wrong: `what`, in one line, and where, as keys and indices from the declaration's top."""

    path: tuple[str | int, ...]
    what: str


def read_declaration(given: Mapping[str, Any], catalogue: Catalogue, where: str) -> ScheduleDeclaration:
    """A declaration that can be scheduled. Raises InvalidInput with `where` and all that is wrong."""
    declaration, problems = check_declaration(given, catalogue)
    if declaration is None or problems:
        raise InvalidInput(f"{where}: {'; '.join(problem.what for problem in problems)}")
    return declaration


def check_declaration(
    given: Mapping[str, Any], catalogue: Catalogue
) -> tuple[ScheduleDeclaration | None, tuple[Problem, ...]]:
    """The declaration, where it can be read, and all that is wrong with it."""
    declaration, problems = None, list[Problem]()
    try:
        declaration = ScheduleDeclaration.model_validate(dict(given))
    except ValidationError as error:
        problems += [_problem(given, found) for found in error.errors()]
    problems += _problems_of_start(given.get("process"), given.get("variables", {}), catalogue)
    return declaration, tuple(problems)


def _problems_of_start(process: object, variables: object, catalogue: Catalogue) -> list[Problem]:
    """What is wrong with what shall be started, as far as both are at least of the right kind."""
    if not isinstance(process, str):
        return []
    try:
        definition = _scheduled(process, catalogue)
    except InvalidInput as error:
        return [Problem(("process",), f"process: {error}")]
    if not isinstance(variables, Mapping):
        return []
    given = cast(Mapping[str, Any], variables)
    try:
        definition.request.from_variables(given, "")
    except InvalidInput as error:
        what = str(error).removeprefix(": ")
        named = next((name for name in given if f"variable {name}" in what), None)
        return [Problem(("variables", named) if named else ("variables",), what)]
    return []


def scheduled_process(
    declaration: ScheduleDeclaration, catalogue: Catalogue
) -> tuple[ProcessDefinition, ProcessRequest]:
    """What a declaration starts, and with what. Raises InvalidInput naming the schedule."""
    where = f"schedule {declaration.name}"
    try:
        definition = _scheduled(declaration.process, catalogue)
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error}") from None
    return definition, definition.request.from_variables(declaration.variables, where)


def variables_of(request: ProcessRequest) -> dict[str, Any]:
    """The variables that a request is read from, without those that say what holds anyway."""
    names: dict[str, str] = {}
    for name, field in type(request).variable_names().items():
        names.setdefault(field, name)
    said = request.model_dump(mode="json", exclude_defaults=True)
    return {
        names[field]: said[info.alias or field]
        for field, info in type(request).model_fields.items()
        if (info.alias or field) in said
    }


def _scheduled(name: str, catalogue: Catalogue) -> ProcessDefinition:
    definition = catalogue.process(name)
    if definition.one_at_a_time:
        others = ", ".join(p.name for p in catalogue.processes if not p.one_at_a_time)
        raise InvalidInput(
            f"{name} runs one at a time, and what the clock starts has an id of its own each time, so it cannot join the one that"
            f" runs; scheduled are {others}"
        )
    return definition


def _problem(given: Mapping[str, Any], found: ErrorDetails) -> Problem:
    path, message = found["loc"], found["msg"].removeprefix("Value error, ")
    if len(path) > 1 and isinstance(path[1], int) and not isinstance(given.get(str(path[0])), list | tuple):
        path = (path[0], *path[2:])  # one that stands for a list of one
    kind = found["type"]
    if kind == "missing":
        message = "is missing"
    elif kind == "extra_forbidden":
        fields = (Calendar if len(path) > 1 else ScheduleDeclaration).model_fields
        message = f"is not known; there are {', '.join(fields)}"
    elif kind.startswith(("datetime", "timezone")):
        message = f"{found['input']!r} is not a moment with its offset, such as 2027-01-01T06:00:00+01:00"
    where = ".".join(str(part) for part in path)
    return Problem(path, f"{where}: {message}" if where else message)
