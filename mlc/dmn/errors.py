"""The one error of this package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self, TypeVar

_Result = TypeVar("_Result")


class DmnError(Exception):
    """A decision table that cannot be read or evaluated; `str()` is one line that says what is wrong and where.

    message: what is wrong. file: the resource's name. decision: its name. places: what lies between the decision and
    the text, from the outside in (a knowledge model, a context's entry). rule: 1-based number. column: the input or
    output the cell stands in. position: 0-based character inside the cell's text. Each may be None, or empty.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        decision: str | None = None,
        places: tuple[str, ...] = (),
        rule: int | None = None,
        column: str | None = None,
        position: int | None = None,
    ) -> None:
        self.message = " ".join(message.split())
        self.file = file
        self.decision = decision
        self.places = places
        self.rule = rule
        self.column = column
        self.position = position
        super().__init__(self.message)

    def located(
        self,
        *,
        file: str | None = None,
        decision: str | None = None,
        place: str | None = None,
        rule: int | None = None,
        column: str | None = None,
    ) -> Self:
        """Adds the places that are not known yet and returns itself; an inner place is never overwritten.

        A place that the error is in already (a function that calls itself) is not added twice.
        """
        self.file = self.file if self.file is not None else file
        self.decision = self.decision if self.decision is not None else decision
        if place is not None and place not in self.places:
            self.places = (place, *self.places)
        self.rule = self.rule if self.rule is not None else rule
        self.column = self.column if self.column is not None else column
        return self

    def __str__(self) -> str:
        before = (("file", self.file), ("decision", quoted(self.decision)))
        after = (
            ("rule", self.rule),
            ("column", quoted(self.column)),
            ("character", None if self.position is None else self.position + 1),
        )
        places = [
            *(f"{kind} {place}" for kind, place in before if place is not None),
            *self.places,
            *(f"{kind} {place}" for kind, place in after if place is not None),
        ]
        return f"{', '.join(places)}: {self.message}" if places else self.message


def located(
    step: Callable[[], _Result],
    *,
    place: str | None = None,
    rule: int | None = None,
    column: str | None = None,
) -> _Result:
    """The step's result. A DmnError out of it learns where it happened."""
    try:
        return step()
    except DmnError as error:
        raise error.located(place=place, rule=rule, column=column) from None


def quoted(name: str | None) -> str | None:
    """A name in quotation marks, on one line."""
    return None if name is None else '"' + " ".join(name.split()) + '"'


class Problems:
    """What is found wrong in the texts of a decision, so that all of it is told and not only the first."""

    def __init__(self) -> None:
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
            self.found.append(error.located(place=place, rule=rule, column=column))
            return otherwise(error)
