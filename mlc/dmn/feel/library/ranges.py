"""Where points and ranges lie to each other.

An end of a range is a place on the line just before, at or just after its value: so a closed and an open end at one
value are apart, and each relation is a comparison of places. A point starts and ends at its value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from mlc.dmn.feel.library.registry import built_in
from mlc.dmn.values import Range, Value, comparable, compared

_BEFORE, _AT, _AFTER = -1, 0, 1


@dataclass(frozen=True, slots=True)
class _Place:
    """side: 0 at a value, -1 before and 1 after every value, where a range has no bound."""

    value: Value
    shade: int
    side: int = 0

    def __lt__(self, other: _Place) -> bool:
        if self.side or other.side:
            return self.side < other.side
        if compared("=", self.value, other.value) is True:
            return self.shade < other.shade
        return compared("<", self.value, other.value) is True

    def __le__(self, other: _Place) -> bool:
        return not other < self

    def meets(self, other: _Place) -> bool:
        return self <= other and other <= self


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: _Place
    end: _Place


_Relation: TypeAlias = Callable[[_Stretch, _Stretch], bool]


def _stretch(value: Value) -> _Stretch:
    if not isinstance(value, Range):
        place = _Place(value, _AT)
        return _Stretch(place, place)
    start, end = value.start, value.end
    no_start = start is None and end is not None and not value.start_closed
    no_end = end is None and start is not None and not value.end_closed
    return _Stretch(
        _Place(start, _AT if value.start_closed else _AFTER, -1 if no_start else 0),
        _Place(end, _AT if value.end_closed else _BEFORE, 1 if no_end else 0),
    )


def _related(holds: _Relation, left: Value, right: Value) -> Value:
    """Null where the ends cannot be compared."""
    first, second = _stretch(left), _stretch(right)
    bounds = [place.value for place in (first.start, first.end, second.start, second.end) if not place.side]
    return holds(first, second) if all(comparable(bound, bounds[0]) for bound in bounds) else None


def _before(first: _Stretch, second: _Stretch) -> bool:
    return first.end < second.start


def _meets(first: _Stretch, second: _Stretch) -> bool:
    return first.end.meets(second.start)


def _overlaps(first: _Stretch, second: _Stretch) -> bool:
    return second.start <= first.end and first.start <= second.end


def _overlaps_before(first: _Stretch, second: _Stretch) -> bool:
    return first.start < second.start <= first.end <= second.end


def _finishes(first: _Stretch, second: _Stretch) -> bool:
    return first.end.meets(second.end) and second.start <= first.start


def _includes(first: _Stretch, second: _Stretch) -> bool:
    return first.start <= second.start and second.end <= first.end


def _starts(first: _Stretch, second: _Stretch) -> bool:
    return first.start.meets(second.start) and first.end <= second.end


def _coincides(first: _Stretch, second: _Stretch) -> bool:
    return first.start.meets(second.start) and first.end.meets(second.end)


def _converse(relation: _Relation) -> _Relation:
    return lambda first, second: relation(second, first)


_POINT = (
    "number or string or date or time or date and time or days and time duration or years and months duration"
)
_POINTS = f"point1: {_POINT}, point2: {_POINT}"
_POINT_AND_RANGE = f"point: {_POINT}, range: range"
_RANGE_AND_POINT = f"range: range, point: {_POINT}"
_RANGES = "range1: range, range2: range"

_RELATIONS: tuple[tuple[str, _Relation, tuple[str, ...]], ...] = (
    ("before", _before, (_POINTS, _POINT_AND_RANGE, _RANGE_AND_POINT, _RANGES)),
    ("after", _converse(_before), (_POINTS, _POINT_AND_RANGE, _RANGE_AND_POINT, _RANGES)),
    ("meets", _meets, (_RANGES,)),
    ("met by", _converse(_meets), (_RANGES,)),
    ("overlaps", _overlaps, (_RANGES,)),
    ("overlaps before", _overlaps_before, (_RANGES,)),
    ("overlaps after", _converse(_overlaps_before), (_RANGES,)),
    ("finishes", _finishes, (_POINT_AND_RANGE, _RANGES)),
    ("finished by", _converse(_finishes), (_RANGE_AND_POINT, _RANGES)),
    ("includes", _includes, (_RANGE_AND_POINT, _RANGES)),
    ("during", _converse(_includes), (_POINT_AND_RANGE, _RANGES)),
    ("starts", _starts, (_POINT_AND_RANGE, _RANGES)),
    ("started by", _converse(_starts), (_RANGE_AND_POINT, _RANGES)),
    ("coincides", _coincides, (_POINTS, _RANGES)),
)


def _register(name: str, holds: _Relation, parameters: tuple[str, ...]) -> None:
    def relation(left: Value, right: Value) -> Value:
        return _related(holds, left, right)

    built_in(*(f"{name}({each})" for each in parameters))(relation)


for _name, _holds, _parameters in _RELATIONS:
    _register(_name, _holds, _parameters)
