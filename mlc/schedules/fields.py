"""The fields of a calendar (second, minute, … year): the numbers that a text such as `mon-fri` or `*/15` stands for.

Readers raise ValueError that names the field and what would be right, as the readers of contracts do.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

NUMBER = re.compile(r"[0-9]{1,4}")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
LONG_NAMES = {
    name[:3]: name
    for name in (
        *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
        *("october", "november", "december", "sunday", "monday", "tuesday", "wednesday", "thursday"),
        *("friday", "saturday"),
    )
}
# The years that Temporal's calendars know.
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Span:
    """Every `step`-th number from `start` to `end`, both included."""

    start: int
    end: int
    step: int = 1


@dataclass(frozen=True)
class Field:
    """One field: its name, the numbers it takes, and the names that may stand for numbers, from `low` on."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[int, ...]:
        return tuple(range(self.low, self.high + 1))

    def read(self, value: object) -> tuple[int, ...]:
        """The numbers, ascending, of a text, a number or a list of both."""
        parts = cast(Sequence[object], value) if isinstance(value, list | tuple) else (value,)
        if not parts or any(isinstance(part, bool) or not isinstance(part, str | int) for part in parts):
            raise ValueError(f"a number, a text such as {self._example}, or a list of them")
        try:
            return self.numbers(",".join(str(part) for part in parts))
        except ValueError as error:
            # Whoever reads a calendar's field names it himself.
            raise ValueError(str(error).removeprefix(f"{self.name}: ")) from None

    def numbers(self, text: str, *, backwards: bool = False) -> tuple[int, ...]:
        """The numbers, ascending, of a text. `backwards`: a range may run over the end, such as `22-2` in hours."""
        found = (number for part in text.split(",") for number in self._part(part.strip(), backwards))
        return tuple(sorted(set(found)))

    def text(self, numbers: Sequence[int]) -> str:
        """The shortest text that reads as these numbers."""
        if tuple(numbers) in (self.all, ()):
            return "*"
        return ",".join(self._span_text(span) for span in spans(numbers))

    def number(self, text: str) -> int:
        """One number, or the name of one."""
        word = text.casefold()
        if len(word) >= 3 and word.isalpha():
            for number, name in enumerate(self.names, self.low):
                if word in (name, LONG_NAMES[name]):
                    return number
        if not NUMBER.fullmatch(text):
            raise ValueError(f"{self.name}: {text!r} is not {self._takes}")
        number = int(text)
        if not self.low <= number <= self.high:
            raise ValueError(f"{self.name}: {number} is not {self._takes}")
        return number

    def _part(self, part: str, backwards: bool) -> Iterable[int]:
        numbers, slash, by = part.partition("/")
        step = self._step(part, by) if slash else 1
        if numbers == "*":
            return range(self.low, self.high + 1, step)
        first, dash, last = numbers.partition("-")
        start = self.number(first)
        end = self.number(last) if dash else self.high if slash else start
        if end >= start:
            return range(start, end + 1, step)
        if not backwards:
            raise ValueError(
                f"{self.name}: {numbers} runs backwards; write {first}-{self.high},{self.low}-{last}"
            )
        size = self.high - self.low + 1
        return [self.low + (number - self.low) % size for number in range(start, end + size + 1, step)]

    def _step(self, part: str, by: str) -> int:
        if not NUMBER.fullmatch(by) or not 1 <= int(by) <= self.high - self.low:
            raise ValueError(
                f"{self.name}: the step of {part} is a number from 1 to {self.high - self.low}; "
                "for a longer pause write `every`"
            )
        return int(by)

    def _span_text(self, span: Span) -> str:
        if span.start == span.end:
            return self._number_text(span.start)
        whole = span.start == self.low and span.end + span.step > self.high
        numbers = "*" if whole else f"{self._number_text(span.start)}-{self._number_text(span.end)}"
        return numbers if span.step == 1 else f"{numbers}/{span.step}"

    def _number_text(self, number: int) -> str:
        return self.names[number - self.low] if self.names else str(number)

    @property
    def _takes(self) -> str:
        named = f", or a name from {self.names[0]} to {self.names[-1]}" if self.names else ""
        return f"between {self.low} and {self.high}{named}"

    @property
    def _example(self) -> str:
        return f"{self.names[1]}-{self.names[4]}" if self.names else f"{self.low}-{self.high}"


SECOND = Field("second", 0, 59)
MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY_OF_MONTH = Field("day of month", 1, 31)
MONTH = Field("month", 1, 12, MONTHS)
DAY_OF_WEEK = Field("day of week", 0, 6, DAYS)
YEAR = Field("year", FIRST_YEAR, LAST_YEAR)


def spans(numbers: Sequence[int]) -> tuple[Span, ...]:
    """Ascending numbers as few spans."""
    found: list[Span] = []
    rest = list(numbers)
    while rest:
        step = rest[1] - rest[0] if len(rest) > 1 else 1
        length = 1
        while length < len(rest) and rest[length] - rest[length - 1] == step:
            length += 1
        if length < 3 and step > 1:
            length, step = 1, 1
        found.append(Span(rest[0], rest[length - 1], step))
        rest = rest[length:]
    return tuple(found)
