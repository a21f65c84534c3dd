"""Schedules declared in a YAML file: a list under `schedules`. A mistake is told with its line, and all of them at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from mlc.catalogue import Catalogue
from mlc.errors import InvalidInput
from mlc.schedules import ScheduleDeclaration, check_declaration
from starter.schedules.yaml_reader import YamlFile

TOP = "schedules"


def read_schedules(path: Path, catalogue: Catalogue) -> list[ScheduleDeclaration]:
    """The declarations of a file. Raises InvalidInput that lists all that is wrong, each with its line."""
    file = YamlFile(path)
    reading = _Reading(file, catalogue)
    declarations = list(reading.declarations())
    mistakes = sorted({*file.mistakes, *reading.mistakes})
    if mistakes:
        told = [f"{path}:{line}: {what}" for line, what in mistakes]
        if len(told) == 1:
            raise InvalidInput(told[0])
        raise InvalidInput("\n  ".join((f"{path}: {len(told)} mistakes, nothing is applied", *told)))
    return declarations


class _Reading:
    def __init__(self, file: YamlFile, catalogue: Catalogue) -> None:
        self._file = file
        self._catalogue = catalogue
        self.mistakes: list[tuple[int, str]] = []

    def declarations(self) -> Iterator[ScheduleDeclaration]:
        names: dict[str, int] = {}
        for number, entry in enumerate(self._entries()):
            where = (TOP, number)
            if not isinstance(entry, dict):
                self._mistake(where, "a schedule is a mapping that begins with its name")
                continue
            given = cast(dict[str, Any], entry)
            name = str(given.get("name", f"number {number + 1}"))
            declaration, problems = check_declaration(given, self._catalogue)
            for problem in problems:
                self._mistake((*where, *problem.path), f"schedule {name}: {problem.what}")
            line = names.setdefault(name, self._file.line(where))
            if line != self._file.line(where):
                self._mistake((*where, "name"), f"schedule {name} stands in line {line} already")
            if declaration is not None:
                yield declaration

    def _entries(self) -> list[Any]:
        top = self._file.value
        if not isinstance(top, dict) or TOP not in top:
            self._mistake((), f"a mapping with the key {TOP} is expected, a list of schedules below it")
            return []
        for key in cast(dict[str, Any], top):
            if key != TOP:
                self._mistake((key,), f"{key} is not known; there is {TOP} alone")
        entries = cast(dict[str, Any], top)[TOP]
        if not isinstance(entries, list):
            self._mistake((TOP,), f"{TOP}: a list is expected")
            return []
        return cast(list[Any], entries)

    def _mistake(self, path: tuple[str | int, ...], what: str) -> None:
        self.mistakes.append((self._file.line(path), what))
