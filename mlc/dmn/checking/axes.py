"""A table's inputs as axes, each cut into regions whose values all cells treat alike.

A set of rules is the bits of an int: rule n is bit n-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from mlc.dmn.cells import Cell, Column, compile_cell
from mlc.dmn.checking.landmarks import landmarks
from mlc.dmn.checking.lines import Line, foreign_lines, lines
from mlc.dmn.checking.search import union
from mlc.dmn.errors import DmnError
from mlc.dmn.feel.reader import Names
from mlc.dmn.model import InputClause, Text
from mlc.dmn.scope import Budget, Scope
from mlc.dmn.table import DecisionTable
from mlc.dmn.types import ANY, ConstrainedType, ContextType, Type, conforms
from mlc.dmn.values import Value

# Camunda's names of numbers without a fraction.
_WHOLE_NUMBERS = frozenset({"integer", "long", "int", "short"})

_MEMBERS = re.compile(r"(?:\s*\.\s*[^\W\d][\w ]*)+")
# Members that FEEL itself gives: not every number is a month.
_BUILT_IN_MEMBER = re.compile(
    r"(?:year|month|day|weekday|hour|minute|second|time offset|timezone|years|months|days|hours|minutes|seconds"
    r"|start|end|start included|end included)\s*$"
)


@dataclass(frozen=True)
class Region:
    """Values that all cells of an axis treat alike.

    sample: one of them. sure: the rules whose cells hold there. maybe: those and the rules with a cell that constants
    do not decide. expected: whether some cell speaks of values of this kind.
    """

    sample: Value
    sure: int
    maybe: int
    expected: bool


@dataclass(frozen=True)
class Axis:
    """An input that some cell tests. regions: those of expected values first.

    is_free: whether its value is an input, and not computed. is_cut: whether the regions are of values; else there is
    one of them, since the value is computed or no constant is known.
    """

    variable: str
    regions: tuple[Region, ...]
    is_free: bool
    is_cut: bool


@dataclass(frozen=True)
class Inputs:
    """What a file says of a table's inputs.

    types: of input data, by name. computed: names whose values other elements give. bounds: the constants by which
    the file's types allow values.
    """

    types: Mapping[str, Type]
    computed: frozenset[str]
    bounds: tuple[Value, ...]

    def type_of(self, variable: str) -> Type:
        """The declared type of a variable or, along a path, of a member."""
        head, *members = (part.strip() for part in variable.split("."))
        wanted = self.types.get(variable) or self.types.get(head, ANY)
        for member in () if variable in self.types else members:
            while isinstance(wanted, ConstrainedType):
                wanted = wanted.base
            wanted = wanted.fields.get(member, ANY) if isinstance(wanted, ContextType) else ANY
        return wanted


@dataclass(frozen=True)
class _Test:
    """A cell, the rules that have it in its column, and its constants where these decide it."""

    column: int
    cell: Cell
    rules: int
    constants: tuple[Value, ...] | None


@dataclass(frozen=True)
class _Domain:
    """The values that declarations allow: of the type, passing the tests, whole numbers where they say so.

    bounds: the constants of the declarations.
    """

    bounds: tuple[Value, ...]
    tests: tuple[Cell, ...]
    type: Type
    whole: bool

    def allows(self, value: Value) -> bool:
        """Null is what is absent, which no declaration prevents."""
        if value is None:
            return True
        if self.whole and isinstance(value, Decimal) and value != value.to_integral_value():
            return False
        return conforms(value, self.type) and all(_holds(test, value) for test in self.tests)


def axes_of(table: DecisionTable, clauses: Sequence[InputClause], inputs: Inputs) -> tuple[Axis, ...]:
    """The table's axes; columns of one variable are one axis. clauses: the columns as the file has them."""
    by_variable: dict[str, list[int]] = {}
    for index, column in enumerate(table.columns):
        by_variable.setdefault(column.variable, []).append(index)
    everything = (1 << len(table.rules)) - 1
    axes = (
        _axis(
            variable,
            _tests(table, indices),
            _domain([clauses[index] for index in indices], inputs, variable),
            everything,
            is_free=all(_is_free(table.columns[index], inputs.computed, by_variable) for index in indices),
        )
        for variable, indices in by_variable.items()
    )
    return tuple(axis for axis in axes if axis is not None)


def is_undecided(cell: Cell) -> bool:
    """Whether constants alone do not tell the outcome of the cell."""
    return cell.holds is not None and landmarks(cell) is None


def _is_free(column: Column, computed: frozenset[str], variables: Iterable[str]) -> bool:
    """Whether the column's value is an input, or a member of one, and not computed from others."""
    variable = column.variable
    if column.expression is None:
        return variable not in computed
    heads = [name for name in column.expression.names if variable.startswith(name)]
    if len(heads) != 1 or len(column.expression.names) != 1 or heads[0] in computed:
        return False
    rest = variable.removeprefix(heads[0])
    if not rest:
        return True
    is_path = _MEMBERS.fullmatch(rest) is not None and _BUILT_IN_MEMBER.search(rest) is None
    return is_path and heads[0] not in variables


def _tests(table: DecisionTable, indices: Iterable[int]) -> list[_Test]:
    """The distinct cells of the columns that ask for something."""
    found: dict[tuple[int, str, bool], tuple[Cell, int]] = {}
    for index in indices:
        for rule in table.rules:
            cell = rule.cells[index]
            if cell.holds is not None:
                key = (index, cell.text, cell.condition is None)
                _, rules = found.get(key, (cell, 0))
                found[key] = (cell, rules | 1 << (rule.number - 1))
    return [_Test(key[0], cell, rules, landmarks(cell)) for key, (cell, rules) in found.items()]


def _axis(
    variable: str, tests: Sequence[_Test], domain: _Domain, everything: int, *, is_free: bool
) -> Axis | None:
    if not tests:
        return None
    constants = [value for test in tests for value in test.constants or ()]
    known = lines(constants, domain.bounds) if is_free and constants else None
    if known is None:
        asking = union(test.rules for test in tests)
        whole = Region(None, everything & ~asking, everything, expected=True)
        return Axis(variable, (whole,), is_free, is_cut=False)
    cut = [*known, *foreign_lines(known)]
    regions = (region for line in cut for region in _regions(line, tests, domain, everything))
    return Axis(variable, tuple(regions), is_free, is_cut=True)


def _regions(line: Line, tests: Sequence[_Test], domain: _Domain, everything: int) -> Iterable[Region]:
    """The line's pieces; neighbours that the cells treat alike are one region, and of texts all that are."""
    sure, maybe = _outcomes(line, tests, everything)
    found: dict[tuple[int, int, int], Region] = {}
    keys: dict[int, tuple[int, int, int]] = {}
    run, last = 0, (-1, -1)
    for position in sorted(line.samples):
        if not domain.allows(line.samples[position]):
            continue
        alike = sure[position], maybe[position]
        run += alike != last and not line.is_text
        last = alike
        keys[position] = (run, *alike)
    for position in line.by_interest():
        if position in keys:
            region = Region(line.samples[position], sure[position], maybe[position], line.kind is not None)
            found.setdefault(keys[position], region)
    return found.values()


def _outcomes(line: Line, tests: Sequence[_Test], everything: int) -> tuple[list[int], list[int]]:
    """For each piece of the line the rules whose cells hold there, and those whose cells may."""
    failing = [0] * (2 * len(line.landmarks) + 1)
    for column in {test.column for test in tests}:
        for position, rules in enumerate(_failing(line, [test for test in tests if test.column == column])):
            failing[position] |= rules
    unsure = union(test.rules for test in tests if test.constants is None)
    maybe = [everything & ~rules for rules in failing]
    return [rules & ~unsure for rules in maybe], maybe


def _failing(line: Line, tests: Iterable[_Test]) -> Iterator[int]:
    """For each piece of the line the rules whose cell, in one column, does not hold there."""
    # A rule has one cell in the column: it changes sides where a run of pieces that fails begins and where it ends.
    changes = [0] * (2 * len(line.landmarks) + 2)
    for test in tests:
        for span in line.spans(test.constants) if test.constants is not None else ():
            sample = next((position for position in span if position in line.samples), None)
            if sample is not None and not _holds(test.cell, line.samples[sample]):
                changes[span.start] ^= test.rules
                changes[span.stop] ^= test.rules
    return accumulate(changes[:-1], lambda failing, change: failing ^ change)


def _holds(cell: Cell, value: Value) -> bool:
    return cell.holds is None or cell.holds(value, Scope({}, None, Budget())) is True


def _domain(clauses: Iterable[InputClause], inputs: Inputs, variable: str) -> _Domain:
    """What is declared of the variable; a declaration that constants do not decide allows everything."""
    allowed = [allowed_cell(clause.allowed_values) for clause in clauses if clause.allowed_values]
    tests = [cell for cell in allowed if cell is not None]
    constants = tuple(value for cell in tests for value in landmarks(cell) or ())
    whole = any((clause.type_ref or "").lower() in _WHOLE_NUMBERS for clause in clauses)
    return _Domain((*constants, *inputs.bounds), tuple(tests), inputs.type_of(variable), whole)


def allowed_cell(text: str) -> Cell | None:
    """The allowed values of a column or type as a cell; None where constants do not decide it."""
    try:
        cell = compile_cell(Text(text), Names())
    except DmnError:
        return None
    return None if landmarks(cell) is None else cell
