"""The one error of this package."""

from __future__ import annotations

from typing import Self


class DmnError(Exception):
    """A decision table that cannot be read or evaluated; `str()` is one line that says what is wrong and where.

    message: what is wrong. file: the resource's name. decision: its name. rule: 1-based number. column: the
    input or output the cell stands in. position: 0-based character inside the cell's text. Each may be None.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        decision: str | None = None,
        rule: int | None = None,
        column: str | None = None,
        position: int | None = None,
    ) -> None:
        self.message = " ".join(message.split())
        self.file = file
        self.decision = decision
        self.rule = rule
        self.column = column
        self.position = position
        super().__init__(self.message)

    def located(
        self,
        *,
        file: str | None = None,
        decision: str | None = None,
        rule: int | None = None,
        column: str | None = None,
    ) -> Self:
        """Adds the places that are not known yet and returns itself; an inner place is never overwritten."""
        self.file = self.file if self.file is not None else file
        self.decision = self.decision if self.decision is not None else decision
        self.rule = self.rule if self.rule is not None else rule
        self.column = self.column if self.column is not None else column
        return self

    def __str__(self) -> str:
        places = [
            f"{kind} {place}"
            for kind, place in (
                ("file", self.file),
                ("decision", _quoted(self.decision)),
                ("rule", self.rule),
                ("column", _quoted(self.column)),
                ("character", None if self.position is None else self.position + 1),
            )
            if place is not None
        ]
        return f"{', '.join(places)}: {self.message}" if places else self.message


def _quoted(name: str | None) -> str | None:
    return None if name is None else '"' + " ".join(name.split()) + '"'
