"""What a check finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal

from mlc.dmn.errors import DmnError
from mlc.dmn.values import Value, shown

Severity = Literal["error", "warning", "note"]
# unreadable: it cannot be parsed. unmatchable: a rule that no value satisfies. masked: a rule that never fires behind
# others. word: an unknown name that may be meant as text. comma: a decimal comma. unfit: a test result lacks what the
# table asks for. never fails: every rule passes. undecided: the check cannot tell.
Kind = Literal[
    "unreadable",
    "overlap",
    "gap",
    "masked",
    "duplicate",
    "unmatchable",
    "word",
    "comma",
    "type",
    "no verdict",
    "never fails",
    "unfit",
    "undecided",
]


@dataclass(frozen=True)
class Problem:
    """One finding; `str()` is one line that says where it is.

    rules: 1-based numbers of the rules that it is about. column: input or output. position: 0-based character in the
    cell's text. places: what lies between decision and cell. example: inputs by name that show it.
    """

    severity: Severity
    kind: Kind
    message: str
    file: str | None = None
    decision: str | None = None
    places: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()
    column: str | None = None
    position: int | None = None
    example: Mapping[str, Value] = field(default_factory=dict[str, Value])

    def located(self, *, file: str | None, decision: str) -> Problem:
        """The same problem, of a decision of a file."""
        return replace(self, file=file, decision=decision)

    def __str__(self) -> str:
        located = DmnError(
            self.message,
            file=self.file,
            decision=self.decision,
            places=self.places,
            rule=self.rules[0] if len(self.rules) == 1 else None,
            column=self.column,
            position=self.position,
        )
        return str(located)


def from_error(error: DmnError, kind: Kind = "unreadable") -> Problem:
    """An error of reading or evaluating a file."""
    return Problem(
        "error",
        kind,
        error.message,
        error.file,
        error.decision,
        error.places,
        () if error.rule is None else (error.rule,),
        error.column,
        error.position,
    )


def told(example: Mapping[str, Value]) -> str:
    """Inputs in words: `auc = 0.5, region = "EU"`."""
    return ", ".join(f"{name} = {shown(value)}" for name, value in example.items())


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the known one that may be meant, or nothing."""
    folded = {each.casefold(): each for each in known}
    close = get_close_matches(name.casefold(), folded, n=1)
    return f': did you mean "{folded[close[0]]}"?' if close else ""
