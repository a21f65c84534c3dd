"""The names that a file declares, and those that the members of its values have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlc.dmn.feel.names import needs_declaring
from mlc.dmn.model import (
    ConditionalSource,
    ContextSource,
    DecisionSource,
    DefinitionsSource,
    ExpressionSource,
    FilterSource,
    FunctionSource,
    InputSource,
    InvocationSource,
    IteratorSource,
    KnowledgeSource,
    ListSource,
    RelationSource,
    ServiceSource,
    TableSource,
    Text,
)


def element_names(source: DecisionSource | KnowledgeSource | InputSource | ServiceSource) -> frozenset[str]:
    """The names under which others read the element; a decision also has its id's."""
    names = frozenset({source.name, source.variable.name})
    return names | {source.id} if isinstance(source, DecisionSource) else names


def elements_of(
    source: DefinitionsSource,
) -> tuple[DecisionSource | KnowledgeSource | InputSource | ServiceSource, ...]:
    """Every element of a file in order of kinds. Of two with one id the first is meant."""
    return (*source.decisions, *source.services, *source.knowledge, *source.inputs)


def variables_of(source: DefinitionsSource) -> Iterator[str]:
    """Every name that some text of the file may use for a variable, without its parameters and context entries."""
    for element in elements_of(source):
        yield from element_names(element)
    for table in _tables(source):
        yield from (clause.variable for clause in table.inputs if clause.variable)
        yield from (clause.name for clause in table.outputs if clause.name)


def members_of(source: DefinitionsSource) -> Iterator[str]:
    """Every name that a value in the file may have a member of, beside the item definitions' components."""
    for box in _boxes(source):
        match box:
            case TableSource(outputs=outputs):
                yield from (output.name for output in outputs if output.name)
            case ContextSource(entries):
                yield from (variable.name for variable, _ in entries if variable)
            case RelationSource(columns=columns):
                yield from (column.name for column in columns)
            case _:
                pass
    for service in source.services:
        outputs = {reference.rpartition("#")[2] for reference in service.outputs}
        yield from (decision.name for decision in source.decisions if decision.id in outputs)


def mentioned(source: DefinitionsSource, variables: Iterable[str]) -> frozenset[str]:
    """Those of the names that need declaring and occur in a table: a test result may hold thousands of others."""
    wanted = [name for name in variables if needs_declaring(name)]
    if not wanted:
        return frozenset()
    tables = list(_tables(source))
    texts = [clause.expression.text for table in tables for clause in table.inputs]
    texts += [each.text for table in tables for rule in table.rules for each in (*rule.inputs, *rule.outputs)]
    written = "\n".join(" ".join(text.split()) for text in texts)
    return frozenset(name for name in wanted if " ".join(name.split()) in written)


def _tables(source: DefinitionsSource) -> Iterator[TableSource]:
    return (box for box in _boxes(source) if isinstance(box, TableSource))


def _boxes(source: DefinitionsSource) -> Iterator[ExpressionSource]:
    """Every box of the file, inner ones included."""
    logics = (decision.logic for decision in source.decisions)
    functions = (model.function for model in source.knowledge)
    waiting = [
        logic for logic in (*logics, *functions) if logic is not None and not isinstance(logic, Exception)
    ]
    while waiting:
        box = waiting.pop()
        yield box
        waiting.extend(_inside(box))


def _inside(box: ExpressionSource) -> tuple[ExpressionSource, ...]:
    match box:
        case Text() | TableSource():
            return ()
        case ContextSource(entries):
            return tuple(entry for _, entry in entries)
        case InvocationSource(function, bindings):
            return (function, *(argument for _, argument in bindings))
        case RelationSource(rows=rows):
            return tuple(cell for row in rows for cell in row)
        case ListSource(items):
            return items
        case FunctionSource(body=body):
            return (body,)
        case ConditionalSource(condition, then, otherwise):
            return (condition, then, otherwise)
        case FilterSource(base, match):
            return (base, match)
        case IteratorSource(source=source, body=body):
            return (source, body)
