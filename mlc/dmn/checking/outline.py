"""A file as a person reads it: each decision's table with its cells as written, or its expression's text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlc.contract import Contract
from mlc.dmn.errors import DmnError
from mlc.dmn.model import (
    Aggregation,
    ConditionalSource,
    ContextSource,
    DecisionSource,
    DefinitionsSource,
    ExpressionSource,
    FilterSource,
    FunctionSource,
    InvocationSource,
    IteratorSource,
    ListSource,
    RelationSource,
    TableSource,
    Text,
)


class InputOutline(Contract):
    """An input column. tests: the variable or expression whose value the cells test."""

    label: str | None
    tests: str
    type: str | None


class RuleOutline(Contract):
    """A rule; a cell that takes any value is `-`. note: its description and annotations."""

    number: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    note: str | None


class TableOutline(Contract):
    """hit_policy: with its aggregation, where it has one: COLLECT SUM."""

    hit_policy: str
    inputs: tuple[InputOutline, ...]
    outputs: tuple[str, ...]
    rules: tuple[RuleOutline, ...]

    @property
    def has_notes(self) -> bool:
        return any(rule.note for rule in self.rules)


class DecisionOutline(Contract):
    """A decision with its table or, where it is none, its text. requires: the names of what it reads."""

    id: str
    name: str
    requires: tuple[str, ...]
    table: TableOutline | None
    text: str | None


def outlines(source: DefinitionsSource) -> tuple[DecisionOutline, ...]:
    """The decisions in the file's order."""
    elements = (*source.decisions, *source.inputs, *source.knowledge, *source.services)
    names = {each.id: each.name for each in elements}
    return tuple(_decision(decision, names) for decision in source.decisions)


def _decision(source: DecisionSource, names: dict[str, str]) -> DecisionOutline:
    needed = source.requires
    references = (*needed.decisions, *needed.inputs, *needed.knowledge)
    logic = source.logic
    is_table = isinstance(logic, TableSource)
    return DecisionOutline(
        id=source.id,
        name=source.name,
        requires=tuple(_named(reference, names) for reference in references),
        table=_table(logic) if is_table else None,
        text=None if is_table or logic is None or isinstance(logic, DmnError) else "\n".join(_lines(logic)),
    )


def _named(reference: str, names: dict[str, str]) -> str:
    identity = reference.rpartition("#")[2]
    return names.get(identity, identity)


def _table(source: TableSource) -> TableOutline:
    aggregated = "" if source.aggregation is Aggregation.LIST else f" {source.aggregation.value}"
    return TableOutline(
        hit_policy=source.hit_policy.value + aggregated,
        inputs=tuple(
            InputOutline(
                label=clause.label,
                tests=clause.expression.text or clause.variable or "",
                type=clause.type_ref,
            )
            for clause in source.inputs
        ),
        outputs=tuple(
            clause.name or f"output {number}" for number, clause in enumerate(source.outputs, start=1)
        ),
        rules=tuple(
            RuleOutline(
                number=number,
                inputs=tuple(entry.text or "-" for entry in rule.inputs),
                outputs=tuple(entry.text for entry in rule.outputs),
                note=rule.description,
            )
            for number, rule in enumerate(source.rules, start=1)
        ),
    )


def _lines(logic: ExpressionSource) -> Iterator[str]:
    """An expression's text; what boxes hold stands indented below them."""
    match logic:
        case Text(text=text):
            yield from text.splitlines() or [""]
        case TableSource():
            yield f"a table of {len(logic.rules)} rules, {logic.hit_policy.value}"
        case ContextSource(entries):
            for variable, entry in entries:
                yield from _headed(f"{variable.name}:" if variable else "result:", entry)
        case InvocationSource(function, bindings):
            *before, last = _lines(function)
            yield from before
            yield f"{last} of"
            for parameter, argument in bindings:
                yield from _indented(_headed(f"{parameter.name}:", argument))
        case RelationSource(columns, rows):
            yield " | ".join(column.name for column in columns)
            for row in rows:
                yield " | ".join(" ".join(_lines(cell)) for cell in row)
        case ListSource(items):
            for item in items:
                yield from _headed("-", item)
        case FunctionSource(parameters=parameters, body=body):
            yield from _headed(f"function({', '.join(each.name for each in parameters)})", body)
        case ConditionalSource(condition, then, otherwise):
            for word, part in (("if", condition), ("then", then), ("else", otherwise)):
                yield from _headed(word, part)
        case FilterSource(base, match):
            yield from _headed("those of", base)
            yield from _headed("where", match)
        case IteratorSource(kind, variable, collection, body):
            yield from _headed(f"{kind} {variable.name} in", collection)
            yield from _headed("return" if kind == "for" else "satisfies", body)


def _headed(head: str, logic: ExpressionSource) -> Iterator[str]:
    """On the head's line where one is enough, else below it."""
    lines = list(_lines(logic))
    if len(lines) == 1:
        yield f"{head} {lines[0]}"
    else:
        yield head
        yield from _indented(lines)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
