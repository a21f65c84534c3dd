"""What the rules of one table do to each other: overlaps, gaps, rules that never fire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from mlc.dmn.checking.axes import Axis, Inputs, Region, axes_of, is_undecided
from mlc.dmn.checking.problems import Problem, told
from mlc.dmn.checking.search import MAX_STEPS, Steps, companions, escapes, members, places, union
from mlc.dmn.errors import DmnError
from mlc.dmn.model import HitPolicy, TableSource
from mlc.dmn.scope import Scope
from mlc.dmn.table import DecisionTable, Row, Rule
from mlc.dmn.values import Value, equal, shown

# So many of a kind are told one by one: a table with more has a systematic mistake.
MOST_OVERLAPS = 10
MOST_GAPS = 5
MOST_AXES = 100
_MOST_NAMED = 5

_EXCLUSIVE = frozenset({HitPolicy.UNIQUE, HitPolicy.ANY})
_COMPLETE = frozenset({HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.FIRST, HitPolicy.PRIORITY})
# An evaluation of the whole table, in steps of a search.
_EVALUATION = 100
# Regions that are noted for a rule, for each step.
_PLACES = 20

# What the table's decision sees for some inputs, by name. Raises DmnError.
ScopeOf = Callable[[Mapping[str, Value]], Scope]


def rule_problems(
    table: DecisionTable, source: TableSource, inputs: Inputs, scope_of: ScopeOf
) -> Iterator[Problem]:
    """What the hit policy makes a problem; each example has been evaluated by the table itself."""
    axes = axes_of(table, source.inputs, inputs)
    if len(axes) > MOST_AXES:
        yield _note(f"not decided what the rules do to each other: the table tests {len(axes)} inputs")
        return
    survey = _Survey(table, axes, scope_of)
    yield from survey.unmatchable()
    if table.hit_policy in _EXCLUSIVE:
        yield from survey.overlaps()
    if table.hit_policy is HitPolicy.FIRST:
        yield from survey.masked()
    elif table.hit_policy is not HitPolicy.UNIQUE:
        yield from _duplicates(source)
    if table.hit_policy in _COMPLETE:
        yield from survey.gaps()
    yield from survey.undecided()


def _duplicates(source: TableSource) -> Iterator[Problem]:
    """Rules with the conditions and the outputs of an earlier one."""
    seen: dict[object, int] = {}
    for number, rule in enumerate(source.rules, start=1):
        cells = tuple("" if entry.text == "-" else entry.text for entry in rule.inputs)
        first = seen.setdefault((cells, tuple(entry.text for entry in rule.outputs)), number)
        if first != number:
            yield Problem("warning", "duplicate", f"says the same as rule {first}", rules=(number,))


class _Survey:
    """One table's rules over the regions of its axes."""

    def __init__(self, table: DecisionTable, axes: Sequence[Axis], scope_of: ScopeOf) -> None:
        self._table = table
        self._axes = axes
        self._scope_of = scope_of
        self._sure = [[region.sure for region in axis.regions] for axis in axes]
        self._maybe = [[region.maybe for region in axis.regions] for axis in axes]
        # What is asked of each rule, and what is asked of all together.
        self._steps = Steps()
        self._common_steps = Steps()
        self._unsure: list[str] = []

    def unmatchable(self) -> Iterator[Problem]:
        """Rules that no value of some input satisfies."""
        for axis in self._axes:
            satisfiable = union(region.maybe for region in axis.regions)
            for rule in self._table.rules:
                if not satisfiable & _bit(rule):
                    asked = " and ".join(self._asked(rule, axis))
                    yield Problem(
                        "warning",
                        "unmatchable",
                        f"never matches: no value satisfies {asked}",
                        rules=(rule.number,),
                        column=axis.variable,
                    )

    def overlaps(self) -> Iterator[Problem]:
        """Pairs of rules that match together although the hit policy forbids it."""
        found = 0
        unsure = False
        for first, second, certain in self._pairs():
            if not self._steps.take(_EVALUATION):
                return
            problem = self._overlap(first, second) if certain else None
            unsure = unsure or not certain
            if problem is not None:
                yield problem
                found += 1
            if found == MOST_OVERLAPS:
                yield _note(f"there may be more rules that overlap: the first {found} pairs are told")
                return
        if unsure:
            self._unsure.append("rules overlap")

    def masked(self) -> Iterator[Problem]:
        """Rules that earlier ones leave nothing to match."""
        held = self._held()
        if held is None:
            return
        for rule in self._table.rules:
            earlier, holding = self._earlier(rule, held)
            if not earlier or next(escapes(holding, earlier, self._steps), None) is not None:
                continue
            if not self._steps.exhausted:
                numbers = _listed(_covering(holding, earlier))
                yield Problem(
                    "warning",
                    "masked",
                    f"never fires: whatever it matches is matched before by {numbers}",
                    rules=(rule.number,),
                )

    def gaps(self) -> Iterator[Problem]:
        """Inputs, of the kinds that the cells speak of, for which no rule matches."""
        if any(output.default is not None for output in self._table.outputs):
            return
        if not self._table.rules:
            return
        expected = [[region for region in axis.regions if region.expected] for axis in self._axes]
        if not all(expected):
            return  # no cell of some column speaks of what its type allows
        everything = (1 << len(self._table.rules)) - 1
        found = 0
        maybe = [[region.maybe for region in regions] for regions in expected]
        for escape in escapes(maybe, everything, self._common_steps):
            whole = [*escape, *[0] * (len(expected) - len(escape))]
            example = self._example([regions[index] for regions, index in zip(expected, whole, strict=True)])
            if not self._common_steps.take(_EVALUATION):
                return
            if self._matching(example, self._table.rules) == []:
                yield Problem("warning", "gap", f"no rule matches {told(example)}", example=example)
                found += 1
            if found == MOST_GAPS:
                yield _note(f"there may be more gaps: the first {found} are told")
                return
        sure = [[region.sure for region in regions] for regions in expected]
        if not found and next(escapes(sure, everything, self._common_steps), None) is not None:
            self._unsure.append("every input has a rule")

    def undecided(self) -> Iterator[Problem]:
        """What the searches could not tell, and why."""
        if self._unsure:
            reasons = "; ".join(filter(None, (self._cells_with_more(), self._computed_columns())))
            yield _note(f"not decided whether {' and whether '.join(self._unsure)}: {reasons}")
        if self._steps.exhausted or self._common_steps.exhausted:
            yield _note(
                f"the search was stopped after {MAX_STEPS:,} steps: there may be more problems between rules"
            )

    def _cells_with_more(self) -> str:
        cells = [
            f"{cell.text} in rule {rule.number}"
            for rule in self._table.rules
            for cell in rule.cells
            if is_undecided(cell)
        ]
        more = f" and {len(cells) - _MOST_NAMED} more" if len(cells) > _MOST_NAMED else ""
        said = ", ".join(cells[:_MOST_NAMED]) + more
        return f"constants alone do not tell the outcome of {said}" if cells else ""

    def _computed_columns(self) -> str:
        computed = [f'"{axis.variable}"' for axis in self._axes if not axis.is_free]
        return f"the value of {', '.join(computed)} is computed" if computed else ""

    def _pairs(self) -> Iterator[tuple[int, int, bool]]:
        """Positions of rules that may match together, and whether it is certain that they do."""
        held = self._held()
        if held is None:
            return
        for first in range(len(self._table.rules)):
            later = (1 << len(self._table.rules)) - (2 << first)
            possible = companions(self._maybe, held, first, later)
            certain = companions(self._sure, held, first, possible)
            for second in members(possible):
                yield first, second, bool(certain >> second & 1)

    def _held(self) -> list[list[list[int]]] | None:
        """For each axis and rule the regions in which it may hold; None where these are too many."""
        size = sum(holding.bit_count() for regions in self._maybe for holding in regions)
        if not self._steps.take(size // _PLACES):
            return None
        return [places(regions, len(self._table.rules)) for regions in self._maybe]

    def _overlap(self, first: int, second: int) -> Problem | None:
        """The problem that two rules are, which match together somewhere."""
        pair = (self._table.rules[first], self._table.rules[second])
        both = 1 << first | 1 << second
        meeting = [next(each for each in axis.regions if each.sure & both == both) for axis in self._axes]
        example = self._example(meeting)
        rows = self._matching(example, pair)
        if rows is None or len(rows) < len(pair):
            return None
        if self._table.hit_policy is HitPolicy.ANY:
            if equal(*rows) is True:
                return None
            differing = f" with different outputs ({' and '.join(map(_outputs, rows))})"
        else:
            differing = ""
        numbers = " and ".join(str(rule.number) for rule in pair)
        forbids = f"which hit policy {self._table.hit_policy.value} forbids"
        said = f"rules {numbers} both match {told(example)}{differing}, {forbids}"
        return Problem("error", "overlap", said, rules=tuple(rule.number for rule in pair), example=example)

    def _example(self, regions: Iterable[Region]) -> dict[str, Value]:
        return {
            axis.variable: region.sample
            for axis, region in zip(self._axes, regions, strict=True)
            if axis.is_cut
        }

    def _matching(self, inputs: Mapping[str, Value], rules: Iterable[Rule]) -> list[Row] | None:
        """The outputs of those of the rules that match, as the table itself evaluates them; None where it cannot."""
        try:
            scope = self._scope_of(inputs)
            values = self._table.values(scope)
            inner = self._table.cell_scope(scope, values)
            return [
                {
                    output.name: entry.evaluate(inner)
                    for output, entry in zip(self._table.outputs, rule.outputs, strict=True)
                }
                for rule in rules
                if all(holds(values[index], inner) is True for index, holds in rule.tests)
            ]
        except DmnError:
            return None

    def _asked(self, rule: Rule, axis: Axis) -> Iterator[str]:
        """What the rule's cells on the axis ask for."""
        for cell, column in zip(rule.cells, self._table.columns, strict=True):
            if column.variable == axis.variable and cell.holds is not None:
                yield cell.text

    def _earlier(self, rule: Rule, held: Sequence[Sequence[Sequence[int]]]) -> tuple[int, list[list[int]]]:
        """The earlier rules that match something of what the rule may match, and those that hold in each region of it."""
        earlier = _bit(rule) - 1
        holding: list[set[int]] = []
        for regions, positions in zip(self._sure, held, strict=True):
            holding.append({regions[position] & earlier for position in positions[rule.number - 1]})
            earlier &= union(holding[-1])
            if not earlier:
                break
        return earlier, [sorted({rules & earlier for rules in each}) for each in holding]


def _bit(rule: Rule) -> int:
    return 1 << (rule.number - 1)


def _note(message: str) -> Problem:
    return Problem("note", "undecided", message)


def _listed(positions: Sequence[int]) -> str:
    numbers = [str(position + 1) for position in positions]
    return f"rule {numbers[0]}" if len(numbers) == 1 else f"rules {', '.join(numbers[:-1])} and {numbers[-1]}"


def _covering(holding: Sequence[Sequence[int]], earlier: int) -> list[int]:
    """The positions of one rule that covers all, else of all that do so together."""
    alone = earlier
    for regions in holding:
        for rules in regions:
            alone &= rules
    return list(members(alone & -alone or earlier))


def _outputs(row: Row) -> str:
    return ", ".join(map(shown, row.values()))
