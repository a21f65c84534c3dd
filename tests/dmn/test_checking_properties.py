"""What a check finds in small tables agrees with trying every combination of telling values."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from mlc.dmn import Value, load
from mlc.dmn.checking import Problem, check
from tests.dmn.tables import by_expression, decision, definitions, rule, table

NUMBERS: list[Value] = [Decimal(half) / 2 for half in range(-2, 10)]
TEXTS: list[Value] = ["a", "b", "c"]
# Null, and a value of a kind that no cell of the column speaks of.
STRANGE: dict[str, list[Value]] = {"x": [None, "strange"], "y": [None, Decimal(7)]}

constants = st.integers(0, 3).map(str)
comparisons = st.builds(
    lambda symbol, constant: symbol + constant, st.sampled_from(["<", "<=", ">", ">=", "!="]), constants
)
ranges = st.builds(
    lambda opening, low, high, closing: f"{opening}{low}..{high}{closing}",
    st.sampled_from("[]("),
    constants,
    constants,
    st.sampled_from("[])"),
)
tests = st.one_of(constants, comparisons, ranges, st.builds("{}, {}".format, constants, ranges))
number_cells = st.one_of(
    st.just("-"),
    tests,
    tests.map("not({})".format),
    st.builds("? >= {} and ? < {}".format, constants, constants),
    st.builds("? in {}".format, ranges),
    st.just("null"),
)
text_cells = st.sampled_from(["-", '"a"', '"b"', '"a", "b"', 'not("a")', "null"])
tables = st.lists(st.tuples(number_cells, text_cells), min_size=1, max_size=4)
bounded = settings(max_examples=60)

Inputs = dict[str, Value]


def file_of(hit_policy: str, rules: Sequence[tuple[str, str]]) -> bytes:
    written = [rule(cells, [str(number)]) for number, cells in enumerate(rules, start=1)]
    columns = [by_expression("x"), by_expression("y")]
    return definitions(decision(table(columns, ['name="hit"'], written, hit_policy=hit_policy)))


def found(kind: str, hit_policy: str, rules: Sequence[tuple[str, str]]) -> list[Problem]:
    problems = check(file_of(hit_policy, rules)).problems
    assert not any(problem.kind == "undecided" and "told" not in problem.message for problem in problems)
    return [problem for problem in problems if problem.kind == kind]


class Reference:
    """The rules that match, as the table itself says it."""

    def __init__(self, rules: Sequence[tuple[str, str]]) -> None:
        self._definitions = load(file_of("COLLECT", rules))

    def matching(self, inputs: Inputs) -> list[int]:
        return [each.number for each in self._definitions.decide(None, inputs).matched]


def everything() -> list[Inputs]:
    return [{"x": x, "y": y} for x, y in product([*NUMBERS, *STRANGE["x"]], [*TEXTS, *STRANGE["y"]])]


def expected(rules: Sequence[tuple[str, str]]) -> list[Inputs]:
    """The inputs of the kinds that the cells speak of."""
    spoken = [[cells[column] for cells in rules] for column in range(2)]
    xs = NUMBERS * any(character.isdigit() for cell in spoken[0] for character in cell)
    ys = TEXTS * any('"' in cell for cell in spoken[1])
    xs, ys = (
        [*values, *([None] if "null" in cells else [])]
        for values, cells in zip((xs, ys), spoken, strict=True)
    )
    return [{"x": x, "y": y} for x, y in product(xs or [None], ys or [None])]


@bounded
@given(rules=tables)
def test_every_overlap_is_found_and_every_one_that_is_told_is_one(rules: list[tuple[str, str]]) -> None:
    reference = Reference(rules)
    told = found("overlap", "UNIQUE", rules)
    for problem in told:
        assert set(problem.rules) <= set(reference.matching(dict(problem.example)))
    together = {pair for inputs in everything() for pair in combinations(reference.matching(inputs), 2)}
    assert {problem.rules for problem in told} == together


@bounded
@given(rules=tables)
def test_gaps_are_found_and_every_one_that_is_told_is_one(rules: list[tuple[str, str]]) -> None:
    reference = Reference(rules)
    told = found("gap", "PRIORITY", rules)
    for problem in told:
        assert reference.matching(dict(problem.example)) == []
    assert bool(told) is any(not reference.matching(inputs) for inputs in expected(rules))


@bounded
@given(rules=tables)
def test_rules_that_never_fire_are_found_and_every_one_that_is_told_never_fires(
    rules: list[tuple[str, str]],
) -> None:
    reference = Reference(rules)
    fires = {matching[0] for inputs in everything() if (matching := reference.matching(inputs))}
    problems = [*found("masked", "FIRST", rules), *found("unmatchable", "FIRST", rules)]
    assert {number for problem in problems for number in problem.rules} == set(
        range(1, len(rules) + 1)
    ) - fires
