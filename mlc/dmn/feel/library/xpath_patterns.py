"""XPath's regular expressions in the syntax of RE2."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlc.dmn.errors import DmnError
from mlc.dmn.feel.library.character_classes import (
    BLOCKS,
    NAMED,
    NOT_A_NEWLINE,
    CharacterClass,
    CharacterSet,
    complement,
)

_MAX_NESTING = 16

_NO_BLANKS = dict.fromkeys(map(ord, " \t\n\r"))
_PART_OR_BLANK = re.compile(r"\\[ \t\n\r]*.|[\[\] \t\n\r]", re.DOTALL)
_CATEGORY = re.compile(r"\\[pP]\{(?:Is(?P<block>[A-Za-z0-9-]+)|[A-Z][a-z]?)\}")
_QUANTITY = re.compile(r"\d+(?:(?P<unbounded>,)|,\d+)?\}", re.ASCII)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPABLE = frozenset("\\|.-^?*+{}()[]$")
_LOOK_AROUND = ("(?=", "(?!", "(?<=", "(?<!")


@dataclass(frozen=True, slots=True)
class Translation:
    """bounded: no match can be longer than the pattern allows by counting; there is no `*`, `+` or `{2,}` in it."""

    text: str
    bounded: bool


def translated(pattern: str, flags: str) -> Translation:
    """The pattern as RE2 reads it.

    flags: any of `smix`. Raises DmnError for what is no regular expression of XPath, for one that needs more than linear
    time, and for a character class that RE2's syntax cannot write.
    """
    return _Translator(_without_blanks(pattern) if "x" in flags else pattern, flags).translate()


def refused(pattern: str, why: str) -> DmnError:
    """The error that says so."""
    return DmnError(f'the pattern "{pattern[:100]}" is refused: {why}')


def _without_blanks(pattern: str) -> str:
    """The flag x: blanks count only in a character class."""
    depth = 0

    def kept(found: re.Match[str]) -> str:
        nonlocal depth
        part = found.group()
        depth += (part == "[") - (part == "]")
        return part if depth > 0 else part.translate(_NO_BLANKS)

    return _PART_OR_BLANK.sub(kept, pattern)


class _Translator:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str, flags: str) -> None:
        self._pattern = pattern
        self._position = 0
        self._bounded = True
        self._ignoring_case = "i" in flags
        self._dot = "." if "s" in flags else NOT_A_NEWLINE

    def translate(self) -> Translation:
        parts: list[str] = []
        while self._position < len(self._pattern):
            parts.append(self._part())
        return Translation("".join(parts), self._bounded)

    def _part(self) -> str:
        character = self._next()
        if character == "\\":
            members = self._escape()
            return _literal(members) if isinstance(members, str) else self._spelled(CharacterClass(members))
        if character == "[":
            return self._spelled(self._character_class(1))
        if character == "(":
            self._check_group()
        if character == "{":
            return self._quantity()
        if character in "]}":
            raise self._refused(f"{character} outside of a character class needs a backslash")
        if character in "*+":
            self._bounded = False
        return self._dot if character == "." else character

    def _quantity(self) -> str:
        """`{2}`, `{2,}`, `{2,3}`, whose opening bracket has been read."""
        found = _QUANTITY.match(self._pattern, self._position)
        if found is None:
            raise self._refused("{ needs a backslash, or a number such as {2}, {2,} or {2,3}")
        self._position = found.end()
        self._bounded = self._bounded and not found["unbounded"]
        return f"{{{found.group()}"

    def _spelled(self, characters: CharacterClass) -> str:
        spelled = characters.spelled(ignoring_case=self._ignoring_case)
        if spelled is None:
            raise self._refused(
                "a character class joins what cannot be matched together; write it without -[...] or ^"
            )
        return spelled

    def _next(self) -> str:
        """The next character; an empty text at the end."""
        self._position += 1
        return self._pattern[self._position - 1 : self._position]

    def _take(self, text: str) -> bool:
        found = self._pattern.startswith(text, self._position)
        self._position += len(text) if found else 0
        return found

    def _refused(self, why: str) -> DmnError:
        return refused(self._pattern, why)

    def _check_group(self) -> None:
        for opening in _LOOK_AROUND:
            if self._pattern.startswith(opening, self._position - 1):
                raise self._refused(
                    f"look-around {opening}...) cannot be matched in linear time; write it without"
                )
        if self._pattern.startswith("?", self._position) and not self._pattern.startswith(
            "?:", self._position
        ):
            raise self._refused(f"({self._pattern[self._position :][:2]} begins no group of XPath")

    def _escape(self) -> str | CharacterSet:
        """What follows a backslash: one character, or several that it stands for."""
        start = self._position - 1
        letter = self._next()
        if letter in NAMED:
            return NAMED[letter]
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter and letter in _ESCAPABLE:
            return letter
        category = _CATEGORY.match(self._pattern, start)
        if category:
            self._position = category.end()
            return self._block(letter, category["block"]) or CharacterSet((), (category.group(),))
        if letter in ("p", "P"):
            raise self._refused(
                f"\\{letter} needs a category such as {{Lu}}, or a block such as {{IsBasicLatin}}"
            )
        if letter.isdigit():
            raise self._refused(
                f"the back-reference \\{letter} cannot be matched in linear time; write it without"
            )
        raise self._refused(f"\\{letter} is no escape of XPath")

    def _block(self, letter: str, name: str | None) -> CharacterSet | None:
        if name is None:
            return None
        if name not in BLOCKS:
            raise self._refused(f"the block {name} is not known; write its characters as a range")
        block = (BLOCKS[name],)
        return CharacterSet(block if letter == "p" else complement(block))

    def _character_class(self, depth: int) -> CharacterClass:
        """The class whose opening bracket has been read."""
        if depth > _MAX_NESTING:
            raise self._refused(f"its character classes are nested more than {_MAX_NESTING} deep")
        negated = self._take("^")
        ranges: list[tuple[int, int]] = []
        categories: list[str] = []
        while True:
            if ranges or categories:
                if self._take("]"):
                    return CharacterClass(CharacterSet(tuple(ranges), tuple(categories)), negated)
                if self._take("-["):
                    without = self._character_class(depth + 1)
                    if not self._take("]"):
                        raise self._refused("after what a character class leaves out it must end")
                    return CharacterClass(CharacterSet(tuple(ranges), tuple(categories)), negated, without)
            members = self._class_member()
            if isinstance(members, CharacterSet):
                ranges += members.ranges
                categories += members.categories
            else:
                ranges.append((ord(members), ord(self._range_end() or members)))
                if ranges[-1][0] > ranges[-1][1]:
                    raise self._refused("a range in a character class runs backwards")

    def _class_member(self) -> str | CharacterSet:
        character = self._next()
        if not character:
            raise self._refused("a character class has no closing bracket")
        if character == "\\":
            return self._escape()
        if character in "[]":
            raise self._refused(f"{character} in a character class needs a backslash")
        return character

    def _range_end(self) -> str | None:
        """The character after a hyphen that joins two; None where none does."""
        after = self._pattern[self._position : self._position + 2]
        if len(after) < 2 or after[0] != "-" or after[1] in "[]":
            return None
        self._next()
        end = self._class_member()
        if isinstance(end, CharacterSet):
            raise self._refused("a range in a character class ends with a single character")
        return end


def _literal(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"
