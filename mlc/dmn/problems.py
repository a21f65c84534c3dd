"""All that is wrong with the texts of an element, and not only the first of it."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TypeVar

from mlc.dmn.errors import DmnError
from mlc.dmn.limits import Limits

_Result = TypeVar("_Result")


class Problems:
    """What is found wrong with one element. After very many in a file the rest is not told."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.found: list[DmnError] = []

    def attempt(
        self,
        step: Callable[[], _Result],
        otherwise: Callable[[DmnError], _Result],
        *,
        place: str | None = None,
        rule: int | None = None,
        column: str | None = None,
    ) -> _Result:
        """The step's result or, where it raises, its error kept and what stands in for the result."""
        try:
            return step()
        except DmnError as error:
            # A copy: it holds on to no frame of the parser.
            kept = copy(error).located(place=place, rule=rule, column=column)
        if not self.found or self.limits.room_for_problem():
            self.found.append(kept)
        return otherwise(kept)
