"""One evaluation, seen from one file: the inputs given to it and the results it has so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, cast

from mlc.dmn.errors import DmnError
from mlc.dmn.scope import Budget
from mlc.dmn.types import Type, coerced
from mlc.dmn.values import Value, shown, to_value
from mlc.dmn.xml_expressions import single_blanks

_ABSENT = object()
_NOTHING: Mapping[str, object] = MappingProxyType({})


class Provided(NamedTuple):
    """What an element gives to those that require it: values by name, and beside them by its id and a table's outputs.

    These give way to any other value of their name.
    """

    named: Mapping[str, Value]
    outputs: Mapping[str, Value] = {}


class Run:
    """`results` holds what elements of the file have provided, by the element; each is evaluated once.

    fixed: what a decision service was given for elements, whatever imports lead to them.
    """

    __slots__ = (
        "_given",
        "_imports",
        "_outer",
        "_prefix",
        "_respelled",
        "_values",
        "budget",
        "fixed",
        "results",
    )

    def __init__(
        self, given: Mapping[str, object], budget: Budget, outer: Run | None = None, prefix: str = ""
    ) -> None:
        self.budget = budget
        self.results: dict[object, Provided] = {}
        self.fixed: dict[object, Provided] = outer.fixed if outer else {}
        self._given = given
        self._outer = outer
        self._prefix = prefix
        self._respelled: Mapping[str, object] | None = None
        self._values: dict[str, Value] = {}
        self._imports: dict[str, Run] = {}

    def through(self, path: Iterable[str]) -> Run:
        """The run as an imported file sees it, by the names of the imports that lead there."""
        run = self
        for name in path:
            if name not in run._imports:
                nested = run._find(name)
                given = cast("Mapping[str, object]", nested if isinstance(nested, Mapping) else _NOTHING)
                run._imports[name] = type(self)(given, run.budget, run, name)
            run = run._imports[name]
        return run

    def apart(self) -> Run:
        """A run of its own, without inputs, on the same budget."""
        return type(self)({}, self.budget)

    def fitted(self, value: Value, wanted: Type, what: str) -> Value:
        """The value of `what` as its type asks for it; null where it does not conform, as the standard says."""
        return coerced(value, wanted)

    def __contains__(self, name: str) -> bool:
        return self._find(name) is not _ABSENT

    def value(self, name: str) -> Value:
        """The input of that name, null where there is none. Raises DmnError for one that FEEL cannot read."""
        if name not in self._values:
            found = self._find(name)
            self._values[name] = None if found is _ABSENT else to_value(found, name)
        return self._values[name]

    def _find(self, name: str) -> object:
        """The input given to the import, or `import.name`, or the bare name; its blanks may be any."""
        if name in self._given:
            return self._given[name]
        if self._respelled is None:
            self._respelled = {single_blanks(str(each)): value for each, value in self._given.items()}
        if name in self._respelled or self._outer is None:
            return self._respelled.get(name, _ABSENT)
        qualified = self._outer._find(f"{self._prefix}.{name}")
        return self._outer._find(name) if qualified is _ABSENT else qualified


class ExactRun(Run):
    """A run in which no value is lost to its type."""

    __slots__ = ()

    def fitted(self, value: Value, wanted: Type, what: str) -> Value:
        """Raises DmnError where a value that is there does not conform."""
        fitted = coerced(value, wanted)
        if fitted is None and value is not None:
            raise DmnError(f"the {what} is {shown(value)}, which is not of its declared type")
        return fitted
