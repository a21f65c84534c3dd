"""A case is fully known by its seed and its index, so that it can be replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from tests.dmn.fuzz.corpus import corpus
from tests.dmn.fuzz.grammar import Grammar
from tests.dmn.fuzz.mutations import mutated_bytes, mutated_text, mutated_tree
from tests.dmn.fuzz.texts import DECLARED, VARIABLES
from tests.dmn.fuzz.values import any_value
from tests.dmn.tables import (
    PASSES,
    by_expression,
    by_variable,
    decision,
    definitions,
    literal,
    output,
    rule,
    table,
)

_DECLARATIONS = "".join(f'<inputData id="i{i}" name="{name}"/>' for i, name in enumerate(DECLARED))
_POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
_AGGREGATIONS = (None, None, "SUM", "MIN", "MAX", "COUNT")


@dataclass(frozen=True)
class Case:
    """source: what makes the file, as `xml` says: a text of FEEL, or the whole file.

    resources: what the file may import.
    """

    kind: str
    source: bytes
    inputs: Mapping[str, object]
    resources: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    @property
    def xml(self) -> bytes:
        if self.kind == "expression":
            return definitions(_DECLARATIONS, decision(literal(self._text)))
        if self.kind == "cell":
            rules = [rule([self._text], ["true"])]
            return definitions(
                _DECLARATIONS, decision(table([by_variable("x")], ['name="hit"'], rules, hit_policy="FIRST"))
            )
        return self.source

    @property
    def _text(self) -> str:
        return self.source.decode(errors="replace")

    def __str__(self) -> str:
        inputs = ", ".join(f"{name}={_brief(value)}" for name, value in self.inputs.items())
        return f"{self.kind} {self._text!r} with {inputs or 'no inputs'}"


def _brief(value: object) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an int of too many digits
        text = f"<{type(value).__name__} that has no repr>"
    return text if len(text) < 120 else f"{text[:100]}… ({len(text)} characters)"


def case_of(seed: int, index: int) -> Case:
    random = Random(f"{seed}:{index}")
    return random.choices(tuple(_MAKERS.values()), _WEIGHTS)[0](random)


def _expression(random: Random) -> Case:
    return Case("expression", Grammar(random).expression().encode(), _inputs(random))


def _cell(random: Random) -> Case:
    return Case("cell", Grammar(random).unary_tests().encode(), _inputs(random))


def _mutated_expression(random: Random) -> Case:
    return Case("expression", mutated_text(random, Grammar(random).expression()).encode(), _inputs(random))


def _mutated_cell(random: Random) -> Case:
    return Case("cell", mutated_text(random, Grammar(random).unary_tests()).encode(), _inputs(random))


def _table(random: Random) -> Case:
    """A table of several columns whose texts are all random."""
    grammar = Grammar(random)
    columns = [
        random.choice((by_variable(random.choice(VARIABLES)), by_expression(grammar.expression())))
        for _ in range(random.choice((0, 1, 1, 2, 3)))
    ]
    judged = random.random() < 0.5
    outputs = PASSES[: random.choice((1, 2, 3))] if judged else _outputs(random, grammar)
    rules = [
        rule(
            [random.choice(("", "-", grammar.unary_tests())) for _ in columns],
            [_entry(random, grammar, clause) for clause in outputs],
        )
        for _ in range(random.randrange(5))
    ]
    policy = random.choice(_POLICIES)
    aggregation = random.choice(_AGGREGATIONS) if policy == "COLLECT" and len(outputs) == 1 else None
    logic = table(columns, outputs, rules, hit_policy=policy, aggregation=aggregation)
    return Case("table", definitions(_DECLARATIONS, decision(logic)), _inputs(random))


def _plain_table(random: Random) -> Case:
    """A table as people write them, which a check can decide, and inputs that its cells speak of."""
    columns = [random.choice(("x", "y", "kind", "max-diff")) for _ in range(random.choice((1, 2, 2, 3)))]
    outputs = random.choice((PASSES[:2], PASSES, ['name="score"'], ['name="score"', 'name="grade"']))
    rules = [
        rule(
            [_plain_cell(random, column) for column in columns],
            [_plain_entry(random, each) for each in outputs],
        )
        for _ in range(random.randrange(1, 6))
    ]
    logic = table(
        [by_variable(each) for each in columns], outputs, rules, hit_policy=random.choice(_POLICIES)
    )
    inputs = {each: _plain_value(random, each) for each in columns if random.random() < 0.95}
    return Case("table", definitions(_DECLARATIONS, decision(logic)), inputs)


def _plain_value(random: Random, column: str) -> object:
    if random.random() < 0.04:
        return any_value(random)
    return (
        random.choice(("Red", "Yellow", "Green"))
        if column == "kind"
        else random.choice((0, 1, 1.5, 2, 3, 4, -99))
    )


def _plain_cell(random: Random, column: str) -> str:
    if random.random() < 0.25:
        return random.choice(("", "-"))
    tests = [_plain_test(random, column) for _ in range(random.choice((1, 1, 1, 2)))]
    return f"not({', '.join(tests)})" if random.random() < 0.15 else ", ".join(tests)


def _plain_test(random: Random, column: str) -> str:
    if column == "kind":
        return random.choice(('"Red"', '"Yellow"', '"Green"', '!= "Red"', '>= "R"', "null"))
    low, high = random.randrange(4), random.randrange(5)
    comparison = f"{random.choice(('<', '<=', '>', '>=', '=', '!='))} {low}"
    interval = f"{random.choice('[(]')}{low}..{high}{random.choice('])[')}"
    asked = random.choice(
        (f"? > {low} and ? < {high}", f"? in {interval}", f"< y + {low}", f"? = {low} or x > 2")
    )
    return random.choice((comparison, comparison, interval, interval, str(low), "-99", asked))


def _plain_entry(random: Random, clause: str) -> str:
    if "passes" in clause:
        return random.choice(("true", "false"))
    return random.choice(("1", "2")) if "score" in clause else random.choice(('"A"', '"B"', ""))


def _outputs(random: Random, grammar: Grammar) -> tuple[str, ...]:
    return tuple(
        output(
            f'name="{name}"',
            allowed=random.choice((None, "3, 2, 1", '"a", "Red"', grammar.unary_tests())),
            default=random.choice((None, None, "1", grammar.expression())),
        )
        for name in ("out", "b", "first name")[: random.choice((1, 1, 2, 3))]
    )


def _entry(random: Random, grammar: Grammar, clause: str) -> str:
    if "passes" in clause:
        return random.choice(("true", "false", "false", '"false"', "x > 1", grammar.condition(1)))
    return random.choice(("1", "2", '"Red"', '"a"', "", grammar.expression()))


def _mutated_file(random: Random) -> Case:
    known = corpus()
    place = random.randrange(len(known.files))
    xml = known.files[place]
    resources: dict[str, bytes] = {}
    if b"<import" in xml:
        imported = (
            mutated_tree(random, known.imported, known.attributes)
            if random.random() < 0.5
            else known.imported
        )
        resources = {"everything.dmn": imported, "importing.dmn": xml}
    if random.random() < 0.75:
        xml = mutated_tree(random, xml, known.attributes)
    if random.random() < 0.3:
        xml = mutated_bytes(random, xml)
    names = [name for name in (*known.names[place], *VARIABLES[:3]) if random.random() < 0.9]
    return Case("file", xml, {name: any_value(random) for name in names}, resources)


def _inputs(random: Random) -> dict[str, object]:
    return {name: any_value(random) for name in VARIABLES if name != "missing" and random.random() < 0.6}


_MAKERS: dict[str, Callable[[Random], Case]] = {
    "file": _mutated_file,
    "table": _table,
    "plain table": _plain_table,
    "expression": _expression,
    "cell": _cell,
    "mutated expression": _mutated_expression,
    "mutated cell": _mutated_cell,
}
_WEIGHTS = (26, 8, 10, 22, 12, 13, 9)
