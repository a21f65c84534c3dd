"""One evaluation, seen from one file: the inputs given to it and the results it has so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, cast

from mlc.dmn.scope import Budget
from mlc.dmn.values import Value, to_value

_ABSENT = object()
_NOTHING: Mapping[str, object] = MappingProxyType({})


class Provided(NamedTuple):
    """What an element gives to those that require it: values by name, and a table's outputs beside them.

    An output gives way to any other value of its name.
    """

    named: Mapping[str, Value]
    outputs: Mapping[str, Value] = {}


class Run:
    """`results` holds what elements of the file have provided, by the element; each is evaluated once."""

    __slots__ = ("_given", "_imports", "_outer", "_prefix", "_values", "budget", "results")

    def __init__(
        self, given: Mapping[str, object], budget: Budget, outer: Run | None = None, prefix: str = ""
    ) -> None:
        self.budget = budget
        self.results: dict[object, Provided] = {}
        self._given = given
        self._outer = outer
        self._prefix = prefix
        self._values: dict[str, Value] = {}
        self._imports: dict[str, Run] = {}

    def through(self, path: Iterable[str]) -> Run:
        """The run as an imported file sees it, by the names of the imports that lead there."""
        run = self
        for name in path:
            if name not in run._imports:
                nested = run._find(name)
                given = cast("Mapping[str, object]", nested if isinstance(nested, Mapping) else _NOTHING)
                run._imports[name] = Run(given, run.budget, run, name)
            run = run._imports[name]
        return run

    def __contains__(self, name: str) -> bool:
        return self._find(name) is not _ABSENT

    def value(self, name: str) -> Value:
        """The input of that name, null where there is none. Raises DmnError for one that FEEL cannot read."""
        if name not in self._values:
            found = self._find(name)
            self._values[name] = None if found is _ABSENT else to_value(found, name)
        return self._values[name]

    def _find(self, name: str) -> object:
        """The input given to the import, or `import.name`, or the bare name."""
        if name in self._given or self._outer is None:
            return self._given.get(name, _ABSENT)
        qualified = self._outer._find(f"{self._prefix}.{name}")
        return self._outer._find(name) if qualified is _ABSENT else qualified
