"""What to write instead of what is often mistyped: the end of the message of a text that cannot be parsed."""

from __future__ import annotations

import re

_SWAPPED = {"=<": "<=", "=>": ">="}
_SIGNS = {
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{NOT EQUAL TO}": "!=",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "..",
}
_QUOTES = "'\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
_QUOTED = re.compile(rf"[{_QUOTES}\"]([^{_QUOTES}\"]*)[{_QUOTES}\"]")
_TWO_TESTS = re.compile(r"\s*([<>=!].*?)\s+(and|or)\s+(.+?)\s*", re.DOTALL)
_BARE_RANGE = re.compile(r"\s*(-?[\d.]*\d|\w+)\s*\.\.\s*(-?[\d.]*\d|\w+)\s*")
# Words with blanks between them, and the marks that a sentence has.
_SENTENCE = re.compile(r"\s*[^\W\d]\w*(?:[,;:.!?%'()/-]*\s+[(']*\w+)+[,;:.!?%')-]*\s*")
_LONGEST = 300


def advice(text: str, position: int) -> str:
    """How the text is written right, where it is one of the usual mistakes; else nothing.

    position: the character at which it cannot be parsed on.
    """
    if len(text) > _LONGEST:
        return ""
    said = _at(text, position) or _of_all(text)
    return f": {said}" if said else ""


def _at(text: str, position: int) -> str | None:
    """What is wrong with the characters at the position."""
    before = text[max(position - 1, 0) : position + 1]
    if before in _SWAPPED or (before := text[position : position + 2]) in _SWAPPED:
        return f"write {_SWAPPED[before]}"
    sign = text[position : position + 1]
    if sign in _QUOTES and sign:
        quoted = _QUOTED.match(text, position)
        return "a text stands in straight double quotes" + (f': "{quoted[1]}"' if quoted else "")
    return f"write {_SIGNS[sign]}" if sign in _SIGNS else None


def _of_all(text: str) -> str | None:
    """What is wrong with the text as a whole."""
    if two := _TWO_TESTS.fullmatch(text):
        first, word, second = two.groups()
        if word == "or":
            return f"one of several tests is written with a comma: {first}, {second}"
        return f"two tests at once are written ? {first} and ? {second}" if second[0] in "<>=!" else None
    if span := _BARE_RANGE.fullmatch(text):
        return f"a range stands in brackets: [{span[1]}..{span[2]}]"
    if _SENTENCE.fullmatch(text):
        return f'a text is quoted: "{text.strip()}"'
    return None
