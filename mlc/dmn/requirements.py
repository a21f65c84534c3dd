"""What stands in the way of an element: its own problems, and those of what it requires."""

from __future__ import annotations

from collections.abc import Iterable

from mlc.dmn.elements import Decision, Element
from mlc.dmn.errors import DmnError


class Obstacles:
    """The first problem that keeps each element from being evaluated."""

    def __init__(self) -> None:
        self._known: dict[Element, DmnError | None] = {}
        self.circles: list[DmnError] = []

    def of(self, element: Element, path: tuple[Element, ...] = ()) -> DmnError | None:
        """None where the element can be evaluated. Decisions that require each other in a circle cannot."""
        if element in self._known:
            return self._known[element]
        if element in path:
            return self._circle(path[path.index(element) :])
        found = element.problems[0] if element.problems else None
        if found is None:
            found = self._in_the_way(element, (*path, element))
        self._known.setdefault(element, found)
        return self._known[element]

    def _in_the_way(self, element: Element, path: tuple[Element, ...]) -> DmnError | None:
        required: Iterable[Element] = (requirement.element for requirement in element.requirements)
        return next((found for each in required if (found := self.of(each, path)) is not None), None)

    def _circle(self, circle: tuple[Element, ...]) -> DmnError | None:
        # Functions may call each other; a value cannot be its own condition.
        if not all(isinstance(each, Decision) for each in circle):
            return None
        names = " requires ".join(each.name for each in (*circle, circle[0]))
        error = DmnError(f"decisions require each other in a circle: {names}", file=circle[0].file)
        self.circles.append(error)
        self._known.update(dict.fromkeys(circle, error))
        return error
