"""The values of one kind in their order, cut at landmarks, with an example of each piece."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, TypeAlias, cast

from mlc.dmn.temporal import YearsMonthsDuration
from mlc.dmn.values import ARITHMETIC, Value, calculate

# What all values of one line have in common, so that they can be compared with each other.
_Kind: TypeAlias = tuple[type, bool]
# Values that may lie between two others, None being an open end; the pleasant ones first.
_Candidates: TypeAlias = Callable[[Any, Any], Iterator[Value]]

_ANY_TEXT = "anything else"
_DAY = timedelta(days=1)
_TICK = timedelta.resolution


@dataclass(frozen=True)
class Line:
    """Pieces by position: landmark i is at 2i+1, what lies before it at 2i, what lies after the last one at the end.

    kind: None where no landmark says it. samples: a value of each piece, by position; a piece of no values has none.
    """

    kind: _Kind | None
    landmarks: tuple[Any, ...]
    samples: Mapping[int, Value]

    def spans(self, constants: Iterable[Value]) -> Iterator[range]:
        """The positions in runs, on each of which a cell of these constants has one outcome."""
        own: set[Any] = {each for each in cast("Iterable[Any]", constants) if _kind(each) == self.kind}
        start = 0
        for rank in sorted(bisect_left(self.landmarks, constant) for constant in own if constant is not None):
            yield range(start, 2 * rank + 1)
            yield range(2 * rank + 1, 2 * rank + 2)
            start = 2 * rank + 2
        yield range(start, 2 * len(self.landmarks) + 1)

    @property
    def is_text(self) -> bool:
        return self.kind is not None and self.kind[0] is str

    def by_interest(self) -> list[int]:
        """The positions that have a sample; what lies outside of all landmarks comes last."""
        outside = (0, 2 * len(self.landmarks))
        return sorted(
            self.samples, key=lambda at: (self.samples[at] != _ANY_TEXT, at in outside, at % 2 == 0, at)
        )


def lines(landmarks: Iterable[Value], bounds: Iterable[Value]) -> list[Line] | None:
    """One line for each kind among the landmarks; None where it is not known what lies between those of a kind.

    bounds: further constants at which lines are cut; of a kind that no landmark has, they say nothing.
    """
    by_kind: dict[_Kind, set[Value]] = {}
    for landmark in landmarks:
        by_kind.setdefault(_kind(landmark), set()).add(landmark)
    for bound in bounds:
        if _kind(bound) in by_kind:
            by_kind[_kind(bound)].add(bound)
    if not all(kind[0] in _CANDIDATES for kind in by_kind):
        return None
    return [_line(kind, values) for kind, values in by_kind.items()]


def foreign_lines(known: Iterable[Line]) -> list[Line]:
    """Null, and a value of a kind that none of the lines has: what a cell may meet without speaking of it."""
    kinds = {line.kind for line in known}
    # No cell that constants decide speaks of contexts.
    candidates: tuple[Value, ...] = (Decimal(0), _ANY_TEXT, {})
    stranger = next(each for each in candidates if _kind(each) not in kinds)
    return [Line(None, (), {0: each}) for each in (None, stranger) if _kind(each) not in kinds]


def _kind(value: Value) -> _Kind:
    aware = isinstance(value, (datetime, time)) and value.utcoffset() is not None
    return type(value), aware


def _line(kind: _Kind, values: set[Any]) -> Line:
    if kind[0] is bool:
        values = {False, True}
    ordered = sorted(values) if len(values) > 1 else list(values)
    candidates = _CANDIDATES[kind[0]]
    samples: dict[int, Value] = {2 * rank + 1: value for rank, value in enumerate(ordered)}
    for rank, (low, high) in enumerate(zip([None, *ordered], [*ordered, None], strict=True)):
        inside = next((each for each in candidates(low, high) if _lies_between(low, each, high)), None)
        if inside is not None:
            samples[2 * rank] = inside
    return Line(kind, tuple(ordered), samples)


def _lies_between(low: Any, value: Any, high: Any) -> bool:
    return value is not None and (low is None or low < value) and (high is None or value < high)


def _numbers(low: Decimal | None, high: Decimal | None) -> Iterator[Value]:
    """Whole ones where there are such."""
    if low is not None and high is not None:
        width = ARITHMETIC.subtract(high, low)
        middle = ARITHMETIC.add(low, ARITHMETIC.divide(width, Decimal(2)))
        yield middle.to_integral_value(ROUND_FLOOR)
        yield middle.to_integral_value(ROUND_CEILING)
        yield middle
    elif low is not None:
        yield calculate(ARITHMETIC.add, low.to_integral_value(ROUND_FLOOR), Decimal(1))
        yield calculate(ARITHMETIC.add, low, abs(low))
    elif high is not None:
        yield calculate(ARITHMETIC.subtract, high.to_integral_value(ROUND_CEILING), Decimal(1))
        yield calculate(ARITHMETIC.subtract, high, abs(high))


def _texts(low: str | None, high: str | None) -> Iterator[Value]:
    yield _ANY_TEXT
    yield ""
    if low is not None:
        yield low + " "
        yield low + "\0"  # nothing lies between a text and this one


def _dates(low: date | None, high: date | None) -> Iterator[Value]:
    if low is not None and low < date.max:
        yield low + _DAY
    elif high is not None and high > date.min:
        yield high - _DAY


def _instants(low: Any, high: Any) -> Iterator[Value]:
    """Moments and durations: what differs by a duration. Near the end of what there is, a day is too far."""
    for step in (_DAY, _TICK):
        try:
            if low is not None:
                yield low + (high - low) / 2 if high is not None else low + step
            elif high is not None:
                yield high - step
        except OverflowError:
            continue


def _months(low: YearsMonthsDuration | None, high: YearsMonthsDuration | None) -> Iterator[Value]:
    if low is not None:
        yield YearsMonthsDuration(low.months + 1)
    elif high is not None:
        yield YearsMonthsDuration(high.months - 1)


def _times(low: time | None, high: time | None) -> Iterator[Value]:
    """The neighbours, an instant away."""
    for neighbour, step in ((low, _TICK), (high, -_TICK)):
        if neighbour is not None:
            moved = datetime.combine(date(2000, 1, 1), neighbour) + step
            yield moved.timetz()


def _nothing(low: Value, high: Value) -> Iterator[Value]:
    yield from ()


_CANDIDATES: dict[type, _Candidates] = {
    type(None): _nothing,
    bool: _nothing,
    Decimal: _numbers,
    str: _texts,
    date: _dates,
    datetime: _instants,
    time: _times,
    timedelta: _instants,
    YearsMonthsDuration: _months,
}
