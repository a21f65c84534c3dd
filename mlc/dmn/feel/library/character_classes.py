"""Character classes of XPath's regular expressions, in the syntax of RE2.

RE2 has no subtraction (`[a-z-[aeiou]]`), and its `\\d` and `\\w` know ASCII alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

CodePoints: TypeAlias = tuple[tuple[int, int], ...]

_LAST = 0x10FFFF
_CASED = frozenset({"Lu", "Ll", "Lt"})


def complement(ranges: Iterable[tuple[int, int]]) -> CodePoints:
    """Every code point that is in none of the ranges."""
    gaps: list[tuple[int, int]] = []
    free = 0
    for low, high in sorted(ranges):
        if low > free:
            gaps.append((free, low - 1))
        free = max(free, high + 1)
    return (*gaps, (free, _LAST)) if free <= _LAST else tuple(gaps)


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """Ranges of code points, and Unicode categories as RE2 writes them (`\\p{L}`, `\\P{Nd}`)."""

    ranges: CodePoints
    categories: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it stands between the brackets of a class."""
        return "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in self.ranges) + "".join(
            self.categories
        )


@dataclass(frozen=True, slots=True)
class CharacterClass:
    """`[members-[without]]`, or `[^members-[without]]` where negated."""

    members: CharacterSet
    negated: bool = False
    without: CharacterClass | None = None

    def spelled(self, *, ignoring_case: bool) -> str | None:
        """The class as RE2 writes it; None for one that it cannot write."""
        if self.without is None:
            return self._without_case() if ignoring_case else self._plain()
        if ignoring_case and self._negates():
            # A class spelled by its complement would hold the other case of what it leaves out.
            return None
        points = self._code_points()
        if points is not None:
            return f"[{CharacterSet(points)}]" if points else f"[^{CharacterSet(complement(()))}]"
        if ignoring_case or self.without.negated or self.without.without is not None:
            return None
        if self.negated:
            return f"[^{self.members}{self.without.members}]"
        outside = [_opposite(category) for category in self.members.categories]
        if self.members.ranges:
            outside.append(str(CharacterSet(complement(self.members.ranges))))
        return f"(?:{'|'.join(f'[^{each}{self.without.members}]' for each in outside)})"

    def _plain(self) -> str:
        return f"[{'^' if self.negated else ''}{self.members}]"

    def _without_case(self) -> str | None:
        """Categories mind the case even where nothing else does: `\\p{Lu}` is upper case alone."""
        ranges, categories = CharacterSet(self.members.ranges), CharacterSet((), self.members.categories)
        if not ranges.ranges and categories.categories:
            return f"(?-i:{self._plain()})"
        if _CASED.isdisjoint(category[2:].strip("{}") for category in categories.categories):
            return self._plain()
        return None if self.negated else f"(?:[{ranges}]|(?-i:[{categories}]))"

    def _negates(self) -> bool:
        return self.negated or (self.without is not None and self.without._negates())

    def _code_points(self) -> CodePoints | None:
        """None where a Unicode category takes part."""
        if self.members.categories:
            return None
        inside = self.members.ranges if self.negated else complement(self.members.ranges)
        if self.without is not None:
            removed = self.without._code_points()
            if removed is None:
                return None
            inside += removed
        return complement(inside)


def _opposite(category: str) -> str:
    return category.swapcase()[:2] + category[2:]


_SPACE = ((0x9, 0xA), (0xD, 0xD), (0x20, 0x20))
# What an XML name begins with, and what may follow.
_INITIAL = (
    *((0x3A, 0x3A), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF)),
    *((0x370, 0x37D), (0x37F, 0x1FFF), (0x200C, 0x200D), (0x2070, 0x218F), (0x2C00, 0x2FEF)),
    *((0x3001, 0xD7FF), (0xF900, 0xFDCF), (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF)),
)
_IN_NAME = (*_INITIAL, (0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040))

# What a letter after a backslash stands for.
NAMED: dict[str, CharacterSet] = {
    "s": CharacterSet(_SPACE),
    "S": CharacterSet(complement(_SPACE)),
    "i": CharacterSet(_INITIAL),
    "I": CharacterSet(complement(_INITIAL)),
    "c": CharacterSet(_IN_NAME),
    "C": CharacterSet(complement(_IN_NAME)),
    "d": CharacterSet((), (r"\p{Nd}",)),
    "D": CharacterSet((), (r"\P{Nd}",)),
    "w": CharacterSet((), (r"\p{L}", r"\p{M}", r"\p{N}", r"\p{S}")),
    "W": CharacterSet((), (r"\p{P}", r"\p{Z}", r"\p{C}")),
}
# The scripts and symbols that `\p{Is...}` names.
BLOCKS: dict[str, tuple[int, int]] = {
    "BasicLatin": (0x0, 0x7F),
    "Latin-1Supplement": (0x80, 0xFF),
    "LatinExtended-A": (0x100, 0x17F),
    "LatinExtended-B": (0x180, 0x24F),
    "CombiningDiacriticalMarks": (0x300, 0x36F),
    "Greek": (0x370, 0x3FF),
    "GreekandCoptic": (0x370, 0x3FF),
    "Cyrillic": (0x400, 0x4FF),
    "Armenian": (0x530, 0x58F),
    "Hebrew": (0x590, 0x5FF),
    "Arabic": (0x600, 0x6FF),
    "Devanagari": (0x900, 0x97F),
    "Thai": (0xE00, 0xE7F),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
}
NOT_A_NEWLINE = f"[^{CharacterSet(((0xA, 0xA), (0xD, 0xD)))}]"
