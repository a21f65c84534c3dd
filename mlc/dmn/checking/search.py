"""Questions about sets of rules over the regions of several axes. A set of rules is the bits of an int."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

MAX_STEPS = 200_000


class Steps:
    """How many combinations one table's searches may look at."""

    def __init__(self, limit: int = MAX_STEPS) -> None:
        self.left = limit

    @property
    def exhausted(self) -> bool:
        return self.left <= 0

    def take(self, steps: int = 1) -> bool:
        """Whether so many more may be taken."""
        self.left -= steps
        return self.left >= 0


def members(rules: int) -> Iterator[int]:
    """The positions of the rules in a set, from 0."""
    while rules:
        lowest = rules & -rules
        yield lowest.bit_length() - 1
        rules ^= lowest


def places(regions: Sequence[int], rules: int) -> list[list[int]]:
    """For each of so many rules the positions of the regions in which it holds."""
    found: list[list[int]] = [[] for _ in range(rules)]
    for position, holding in enumerate(regions):
        for rule in members(holding):
            found[rule].append(position)
    return found


def companions(
    axes: Iterable[Sequence[int]], held: Iterable[Sequence[Sequence[int]]], rule: int, among: int
) -> int:
    """The rules among these that share a region with the rule on every axis, and so some combination of values.

    axes: for each the sets of rules that hold in its regions. held: for each the regions' positions by rule; those in
    which the rule does not hold do not count.
    """
    bit = 1 << rule
    for regions, positions in zip(axes, held, strict=True):
        among &= union(regions[position] for position in positions[rule] if regions[position] & bit)
        if not among:
            break
    return among


def escapes(axes: Sequence[Sequence[int]], rules: int, steps: Steps) -> Iterator[tuple[int, ...]]:
    """Combinations of regions in which none of the rules holds on all axes: for each axis the index of its region.

    A combination may be shorter than `axes`: whatever the remaining regions are. None given, and steps left, is a proof
    that there are none.
    """
    yield from _escapes(axes, _inescapable(axes, rules), rules, (), set(), steps)


def _escapes(
    axes: Sequence[Sequence[int]],
    inescapable: Sequence[int],
    rules: int,
    chosen: tuple[int, ...],
    fruitless: set[tuple[int, int]],
    steps: Steps,
) -> Iterator[tuple[int, ...]]:
    depth = len(chosen)
    if not rules:
        yield chosen
        return
    if depth == len(axes) or rules & inescapable[depth] or (depth, rules) in fruitless or not steps.take():
        return
    found = False
    tried: set[int] = set()
    for index, holding in enumerate(axes[depth]):
        left = rules & holding
        if left and left in tried:
            continue
        tried.add(left)
        for escape in _escapes(axes, inescapable, left, (*chosen, index), fruitless, steps):
            found = True
            yield escape
    if not found:
        fruitless.add((depth, rules))


def _inescapable(axes: Sequence[Sequence[int]], rules: int) -> list[int]:
    """For each depth the rules that hold in all regions of the axes from there on."""
    always = [rules]
    for regions in reversed(axes):
        held = always[-1]
        for holding in regions:
            held &= holding
        always.append(held)
    return always[:0:-1]


def union(sets: Iterable[int]) -> int:
    """The rules that are in some of the sets."""
    joined = 0
    for rules in sets:
        joined |= rules
    return joined
