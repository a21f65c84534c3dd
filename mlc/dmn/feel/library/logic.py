"""Truth and identity."""

from __future__ import annotations

from mlc.dmn.feel.library.registry import built_in
from mlc.dmn.temporal import is_temporal, iso
from mlc.dmn.values import Value, kind_of


@built_in("not(negand: boolean)")
def _not(negand: bool) -> Value:
    return not negand


@built_in("is(value1: any, value2: any)")
def _is(left: Value, right: Value) -> Value:
    """Unlike `=` never null, and a time in another offset is another value."""
    if kind_of(left) != kind_of(right):
        return False
    match left, right:
        case list(), list():
            return len(left) == len(right) and all(_is(a, b) for a, b in zip(left, right, strict=True))
        case dict(), dict():
            return left.keys() == right.keys() and all(_is(left[key], right[key]) for key in left)
        case _:
            return iso(left) == iso(right) if is_temporal(left) else left == right
