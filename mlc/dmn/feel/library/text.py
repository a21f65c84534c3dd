"""Texts that functions make grow."""

from __future__ import annotations

from collections.abc import Iterable

from mlc.dmn.errors import DmnError
from mlc.dmn.scope import MAX_TEXT, TEXT_PER_STEP, Scope


def joined(pieces: Iterable[str], scope: Scope) -> str:
    """The pieces as one text, paid for as it grows. Raises DmnError where it becomes longer than MAX_TEXT."""
    taken: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > MAX_TEXT:
            raise DmnError(f"a text grew longer than {MAX_TEXT:,} characters")
        scope.budget.spend(1 + len(piece) // TEXT_PER_STEP)
        taken.append(piece)
    return "".join(taken)
