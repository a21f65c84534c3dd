"""Names of FEEL. They may hold blanks and operators, so only knowing a name tells where it ends in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from mlc.dmn.errors import DmnError

MAX_DECLARED_NAMES = 1_000
MAX_PIECES = 100

# The blanks of FEEL's grammar; a class without its brackets, as the next ones.
BLANKS = r"\s\u180e\u200b\ufeff"
_LETTERS = (
    r"A-Z_a-z\xaa\xb5\xba\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d\u180f-\u1fff"
    r"\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd"
    r"\U00010000-\U000effff"
)
_PART = rf"?{_LETTERS}0-9\xb7\u0300-\u036f\u203f\u2040"
# A question mark alone is no name: it is the value that a cell tests.
NAME = rf"(?:[{_LETTERS}][{_PART}]*|\?[{_PART}]+)"

_WHOLE = re.compile(NAME)
_LETTER = re.compile(rf"[{_LETTERS}]")
# A run of a name's characters, a run of blanks, or one other character.
_PIECE = re.compile(rf"[{_PART}]+|(?P<blank>[{BLANKS}]+)|.", re.DOTALL)
_BRACKET = re.compile(rf"[{BLANKS}]*\(")


class _Branch(dict[str, "_Branch"]):
    """The pieces that may come next; `name` is the name that is whole here."""

    name: str | None = None


class KnownNames:
    """Names that a text may use, and the longest of them at a position of the text."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names: set[str] = set()
        self._root = _Branch()
        self._declared = 0
        for name in names:
            self.add(name)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def add(self, name: str) -> None:
        """Raises DmnError where there are too many names, or one has too many words, to be found soon."""
        if name in self._names:
            return
        self._names.add(name)
        if not needs_declaring(name):
            return
        self._declared += 1
        if self._declared > MAX_DECLARED_NAMES:
            raise DmnError(
                f"the file has more than {MAX_DECLARED_NAMES} names with blanks or operators in them"
            )
        written = " ".join(name.split())
        pieces = [piece.group() for piece in _PIECE.finditer(written)]
        if len(pieces) > MAX_PIECES:
            raise DmnError(f'the name "{written[:40]}..." has more than {MAX_PIECES} words and operators')
        branch = self._root
        for piece in pieces:
            branch = branch.setdefault(piece, _Branch())
        branch.name = written

    def longest(self, text: str, position: int) -> tuple[str, int] | None:
        """The longest name with blanks or operators that stands at the position, and where it ends."""
        branch, found = self._root, None
        while branch and (piece := _PIECE.match(text, position)):
            onward = branch.get(" " if piece["blank"] else piece.group())
            if onward is None:
                break
            branch, position = onward, piece.end()
            if branch.name is not None:
                found = (branch.name, position)
        return found


class CalledNames(KnownNames):
    """Names that are known in front of their bracket only: those of functions."""

    def longest(self, text: str, position: int) -> tuple[str, int] | None:
        found = super().longest(text, position)
        return found if found and _BRACKET.match(text, found[1]) else None


@lru_cache(maxsize=256)
def known_names(names: frozenset[str]) -> KnownNames:
    """The same object for the same names, which nobody may add to."""
    return KnownNames(names)


def needs_declaring(name: str) -> bool:
    """Whether only knowing the name tells where it ends: it holds more than letters and digits."""
    return _WHOLE.fullmatch(name) is None and _LETTER.search(name) is not None
