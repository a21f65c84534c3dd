"""Files that import each other, brought together from the resources at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlc.dmn.errors import DmnError
from mlc.dmn.limits import Limits
from mlc.dmn.model import DefinitionsSource, ImportSource
from mlc.dmn.xml_reader import read

# What a program does about a file that is not at hand; a command line has an option for it.
TO_BE_GIVEN = "pass it in `resources`"


@dataclass(frozen=True)
class Module:
    """A file with the DMN files that it imports, each under the name it gives them ("" for its own namespace).

    foreign: imports that hold no decisions (a schema, a predictive model). limits: those of all the files together.
    """

    file: str | None
    source: DefinitionsSource
    imports: tuple[tuple[ImportSource, Module], ...]
    foreign: tuple[ImportSource, ...]
    limits: Limits


def read_module(xml: bytes, resources: Mapping[str, bytes], file: str | None) -> Module:
    """Reads a file and all that it imports.

    Raises DmnError for a file that cannot be read, an import whose file is not among the resources, files that import
    each other in a circle, and for too much of it all together.
    """
    limits = Limits()
    library = _Library(resources, limits)
    return library.module(read(xml, limits), file, ())


class _Library:
    """The resources, each read at most once."""

    def __init__(self, resources: Mapping[str, bytes], limits: Limits) -> None:
        self._resources = resources
        self._limits = limits
        self._sources: dict[str, DefinitionsSource | DmnError] = {}
        self._modules: dict[str, Module] = {}

    def module(self, source: DefinitionsSource, file: str | None, path: tuple[str, ...]) -> Module:
        """`path`: the namespaces of the files that led to this one."""
        if source.namespace and source.namespace in path:
            circle = " imports ".join([*path[path.index(source.namespace) :], source.namespace])
            raise DmnError(f"files import each other in a circle: {circle}", file=file)
        onward = (*path, source.namespace)
        return Module(
            file,
            source,
            tuple((each, self._imported(each, onward)) for each in source.imports if each.is_dmn),
            tuple(each for each in source.imports if not each.is_dmn),
            self._limits,
        )

    def _imported(self, wanted: ImportSource, path: tuple[str, ...]) -> Module:
        if wanted.namespace and wanted.namespace in path:
            circle = " imports ".join([*path[path.index(wanted.namespace) :], wanted.namespace])
            raise DmnError(f"files import each other in a circle: {circle}")
        key = self._key(wanted)
        if key not in self._modules:
            self._modules[key] = self.module(self._read(key), key, path)
        return self._modules[key]

    def _key(self, wanted: ImportSource) -> str:
        """The resource's name. Raises DmnError where there is none for the import."""
        location = wanted.location or ""
        if location in self._resources:
            return location
        named = [key for key in self._resources if location and _file_name(key) == _file_name(location)]
        if len(named) == 1:
            return named[0]
        for key in named or self._resources:
            if self._namespace(key) == wanted.namespace:
                return key
        sought = (
            f"{location} of namespace {wanted.namespace}" if location else f"namespace {wanted.namespace}"
        )
        held = ", ".join(self._resources) or "none"
        raise DmnError(f'import "{wanted.name}" needs the file {sought}: {TO_BE_GIVEN} (they hold {held})')

    def _namespace(self, key: str) -> str | None:
        try:
            return self._read(key).namespace
        except DmnError:
            return None

    def _read(self, key: str) -> DefinitionsSource:
        if key not in self._sources:
            try:
                self._sources[key] = read(self._resources[key], self._limits)
            except DmnError as error:
                self._sources[key] = error.located(file=key)
        found = self._sources[key]
        if isinstance(found, DmnError):
            raise found
        return found


def _file_name(location: str) -> str:
    return location.replace("\\", "/").rpartition("/")[2]
