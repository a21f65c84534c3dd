"""Functions with regular expressions, which RE2 matches in linear time and bounded memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, cast

import re2

from mlc.dmn.feel.library.registry import built_in
from mlc.dmn.feel.library.text import joined
from mlc.dmn.feel.library.xpath_patterns import Translation, refused, translated
from mlc.dmn.scope import Scope
from mlc.dmn.values import Value

MAX_PATTERN = 1_000
MAX_MEMORY = 4_000_000

# RE2's worst case is every instruction at every character, some nanoseconds each; to compile one takes longer.
_VISITS_PER_STEP = 1_000
_COMPILED_PER_STEP = 20

_FLAGS = frozenset("smixq")
_REPLACEMENT = re.compile(r"[^\\$]+|\\[\\$]|\$[0-9]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Match(Protocol):
    def start(self) -> int: ...
    def end(self) -> int: ...
    def group(self, number: int) -> str | None: ...


class _Regex(Protocol):
    @property
    def programsize(self) -> int: ...
    @property
    def groups(self) -> int: ...
    def search(self, text: str) -> _Match | None: ...
    def finditer(self, text: str) -> Iterator[_Match]: ...


class _Re2(Protocol):
    """What we use of the package, which has no types."""

    @property
    def Options(self) -> Callable[[], Any]: ...  # noqa: N802
    @property
    def error(self) -> type[Exception]: ...
    def compile(self, pattern: str, options: object) -> _Regex: ...
    def escape(self, pattern: str) -> str: ...
    def purge(self) -> None: ...


_RE2 = cast("_Re2", re2)


@dataclass(frozen=True, slots=True)
class _Pattern:
    regex: _Regex
    size: int
    groups: int
    bounded: bool
    matches_nothing: bool

    def search(self, text: str, scope: Scope) -> bool:
        self._spend(len(text), scope)
        return self.regex.search(text) is not None

    def matches(self, text: str, scope: Scope) -> Generator[_Match, None, None]:
        """Every match from left to right."""
        found = self.regex.finditer(text)
        position = 0
        self._spend(len(text), scope)
        while True:
            # To find a short match, RE2 may have looked for a longer one as far as the end.
            ahead = len(text) - position
            self._spend(min(ahead, self.size) if self.bounded else ahead, scope)
            match = next(found, None)
            if match is None:
                return
            yield match
            position = match.end()

    def _spend(self, characters: int, scope: Scope) -> None:
        scope.budget.spend(1 + characters * self.size // _VISITS_PER_STEP)


def _pattern(pattern: str, flags: str, scope: Scope) -> _Pattern | None:
    """None for flags that XPath does not know. Raises DmnError for a pattern that RE2 refuses."""
    if not _FLAGS.issuperset(flags) or _SURROGATE.search(pattern):
        return None
    if len(pattern) > MAX_PATTERN:
        raise refused(pattern, f"it has {len(pattern):,} characters, more than {MAX_PATTERN:,}")
    compiled = _compiled(pattern, "".join(sorted(set(flags))))
    scope.budget.spend(compiled.size // _COMPILED_PER_STEP)
    return compiled


@lru_cache(maxsize=64)
def _compiled(pattern: str, flags: str) -> _Pattern:
    literal = "q" in flags
    translation = Translation(_RE2.escape(pattern), bounded=True) if literal else translated(pattern, flags)
    options = _RE2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    modes = "".join(flag for flag in "ims" if flag in flags)
    try:
        regex = _RE2.compile(f"(?{modes}){translation.text}" if modes else translation.text, options)
    except _RE2.error as error:
        raise refused(pattern, _words(error)) from None
    # The package keeps twice as many patterns as this cache: memory is bounded by one of the two.
    _RE2.purge()
    return _Pattern(regex, regex.programsize, regex.groups, translation.bounded, regex.search("") is not None)


def _words(error: Exception) -> str:
    words = error.args[0]
    return words.decode(errors="replace") if isinstance(words, bytes) else str(words)


@built_in("matches(input: string, pattern: string, flags?: string or null)", needs_scope=True)
def _matches(scope: Scope, text: str, pattern: str, flags: str | None = None) -> Value:
    compiled = _pattern(pattern, flags or "", scope)
    return None if compiled is None or _SURROGATE.search(text) else compiled.search(text, scope)


@built_in(
    "replace(input: string, pattern: string, replacement: string, flags?: string or null)", needs_scope=True
)
def _replace(scope: Scope, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    compiled = _pattern(pattern, flags or "", scope)
    if compiled is None or compiled.matches_nothing or _SURROGATE.search(text):
        return None
    template = [replacement] if "q" in (flags or "") else _template(replacement, compiled.groups)
    return None if template is None else joined(_replaced(text, compiled, template, scope), scope)


def _replaced(
    text: str, pattern: _Pattern, template: Sequence[str | int], scope: Scope
) -> Generator[str, None, None]:
    end = 0
    for match in pattern.matches(text, scope):
        yield text[end : match.start()]
        for part in template:
            yield part if isinstance(part, str) else match.group(part) or ""
        end = match.end()
    yield text[end:]


def _template(replacement: str, groups: int) -> list[str | int] | None:
    """Literal text and numbers of groups; None for what XPath refuses, such as a lone `$`."""
    parts = _REPLACEMENT.findall(replacement)
    if sum(map(len, parts)) < len(replacement):
        return None
    template: list[str | int] = []
    for part in parts:
        if part[0] == "$":
            template += _group(part[1:], groups)
        else:
            template.append(part[1:] if part[0] == "\\" else part)
    return template


def _group(digits: str, groups: int) -> list[str | int]:
    """The longest number that is a group, and the digits after it; nothing where even the first digit is none."""
    for length in range(min(len(digits), len(str(groups))), 0, -1):
        if int(digits[:length]) <= groups:
            return [int(digits[:length]), digits[length:]]
    return [digits[1:]]


@built_in("split(string: string, delimiter: string)", needs_scope=True)
def _split(scope: Scope, text: str, delimiter: str) -> Value:
    compiled = _pattern(delimiter, "", scope)
    if compiled is None or compiled.matches_nothing or _SURROGATE.search(text):
        return None
    pieces: list[Value] = []
    end = 0
    for match in compiled.matches(text, scope):
        pieces.append(text[end : match.start()])
        end = match.end()
    pieces.append(text[end:])
    return pieces
