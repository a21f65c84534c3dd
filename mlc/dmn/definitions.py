"""The door: a DMN file, loaded once and evaluated often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from mlc.dmn.boxed import Boxes
from mlc.dmn.cells import Cell, Expression
from mlc.dmn.errors import DmnError
from mlc.dmn.feel.names import needs_declaring
from mlc.dmn.feel.reader import Names
from mlc.dmn.items import ItemTypes
from mlc.dmn.model import (
    ContextSource,
    DecisionSource,
    DefinitionsSource,
    RelationSource,
    TableSource,
)
from mlc.dmn.scope import Budget, Scope
from mlc.dmn.table import Condition, DecisionTable, MatchedRule, Outcome, Row, Rule
from mlc.dmn.values import Value, to_value
from mlc.dmn.xml_reader import read

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Decided:
    """A decision's value and the rules it comes from (none for a decision that is no table)."""

    value: Value
    matched: tuple[MatchedRule, ...]


@dataclass(frozen=True)
class Decision:
    """A decision ready to run: a table or another expression, and the decisions whose results it reads."""

    id: str
    name: str
    result_names: frozenset[str]
    logic: DecisionTable | Expression
    required: tuple[Decision, ...]
    names: frozenset[str]


def load(xml: bytes, *, file: str | None = None, variables: Iterable[str] = ()) -> Definitions:
    """Reads and parses a DMN file of version 1.1 to 1.5; every text in it is parsed here.

    file: its name, for errors. variables: names of inputs that hold blanks or operators (a metric "rate-limit") and
    that the file itself does not declare; without them such a name in a cell reads as an expression.

    Raises DmnError for a file that is no such file, is hostile (DOCTYPE, too large, nested too deeply), or holds a
    text that cannot be parsed; the error names decision, rule and column.
    """
    try:
        return Definitions(read(xml), file, variables)
    except DmnError as error:
        raise error.located(file=file) from None
    except RecursionError:
        raise DmnError("the file is nested too deeply", file=file) from None


class Definitions:
    """The decisions of one DMN file."""

    def __init__(self, source: DefinitionsSource, file: str | None, variables: Iterable[str]) -> None:
        self.file = file
        types = ItemTypes(source.items)
        declared = frozenset(_variables(source)) | _mentioned(source, variables)
        self._names = Names(declared, types.members() | frozenset(_members(source)))
        self._boxes = Boxes(types)
        self._knowledge = {
            each.name: self._boxes.function(each.function, self._names) for each in source.knowledge
        }
        self._decisions = self._compile(source)

    @property
    def decisions(self) -> tuple[str, ...]:
        """The names of the decisions in the file's order."""
        return tuple(dict.fromkeys(decision.name for decision in self._decisions.values()))

    def evaluate(self, decision: str | None, inputs: Mapping[str, object]) -> Value:
        """The value of a decision, by name or id; None takes the only one.

        Inputs are plain Python values by variable name; one that is absent is null. Raises DmnError.
        """
        chosen = self.find(decision)
        scope = self.scope(chosen, inputs)
        result = _guarded(chosen, lambda: _run(chosen, scope), self.file)
        return result.value if isinstance(result, Outcome) else result

    def decide(self, decision: str | None, inputs: Mapping[str, object]) -> Decided:
        """Like `evaluate`, with the rules that the value comes from."""
        chosen = self.find(decision)
        scope = self.scope(chosen, inputs)
        result = _guarded(chosen, lambda: _run(chosen, scope), self.file)
        if not isinstance(result, Outcome):
            return Decided(result, ())
        matched = [matched_rule(result, rule, row, scope) for rule, row in result.hits]
        return Decided(result.value, tuple(matched))

    def find(self, decision: str | None) -> Decision:
        """Raises DmnError where the file has no such decision, or several and None was asked for."""
        if decision is None:
            if len(self.decisions) != 1:
                listed = ", ".join(self.decisions) or "none"
                raise DmnError(
                    f"name one decision, the file has {len(self.decisions)}: {listed}", file=self.file
                )
            return next(iter(self._decisions.values()))
        found = self._decisions.get(decision) or next(
            (each for each in self._decisions.values() if each.name == decision), None
        )
        if found is None:
            raise DmnError(
                f'there is no decision "{decision}"; the file has {", ".join(self.decisions)}', file=self.file
            )
        return found

    def scope(self, decision: Decision, inputs: Mapping[str, object]) -> Scope:
        """What the decision sees: inputs, knowledge models, and the results of the decisions it requires."""
        functions = Scope({}, None, Budget())
        for name, function in self._knowledge.items():
            functions.variables[name] = function.evaluate(functions)

        def provided() -> Scope:
            given = {name: to_value(inputs[name], name) for name in decision.names if name in inputs}
            scope = functions.inner(given)
            _provide(decision, scope, set())
            return scope

        return _guarded(decision, provided, self.file)

    def _compile(self, source: DefinitionsSource) -> dict[str, Decision]:
        sources = {decision.id: decision for decision in source.decisions}
        compiled: dict[str, Decision] = {}
        for identity in sources:
            self._compile_decision(identity, sources, compiled, ())
        return {identity: compiled[identity] for identity in sources}

    def _compile_decision(
        self,
        identity: str,
        sources: Mapping[str, DecisionSource],
        compiled: dict[str, Decision],
        path: tuple[str, ...],
    ) -> Decision:
        if identity in compiled:
            return compiled[identity]
        if identity in path:
            circle = " requires ".join(
                sources[each].name for each in [*path[path.index(identity) :], identity]
            )
            raise DmnError(f"decisions require each other in a circle: {circle}")
        source = sources.get(identity)
        if source is None:
            raise DmnError(
                f'requires "{identity}", which the file does not hold', decision=sources[path[-1]].name
            )
        required = [
            self._compile_decision(each, sources, compiled, (*path, identity)) for each in source.required
        ]
        compiled[identity] = self._decision(source, tuple(required))
        return compiled[identity]

    def _decision(self, source: DecisionSource, required: tuple[Decision, ...]) -> Decision:
        logic: DecisionTable | Expression
        try:
            if isinstance(source.logic, TableSource):
                logic = DecisionTable(source.logic, self._names, self._boxes.types, source.type_ref)
            else:
                logic = self._boxes.compile(source.logic, self._names, source.type_ref)
        except DmnError as error:
            raise error.located(decision=source.name) from None
        knowledge = [function.names for function in self._knowledge.values()]
        names = logic.names.union(*knowledge, *(each.names for each in required))
        return Decision(
            source.id,
            source.name,
            frozenset({source.id, source.name, source.variable}),
            logic,
            required,
            names,
        )


def _guarded(decision: Decision, step: Callable[[], _Result], file: str | None = None) -> _Result:
    try:
        return step()
    except DmnError as error:
        raise error.located(decision=decision.name, file=file) from None
    except RecursionError:
        raise DmnError("evaluation is nested too deeply", decision=decision.name, file=file) from None


def _run(decision: Decision, scope: Scope) -> Outcome | Value:
    if isinstance(decision.logic, DecisionTable):
        return decision.logic.decide(scope)
    return decision.logic.evaluate(scope)


def _provide(decision: Decision, scope: Scope, done: set[str]) -> None:
    """Puts the results of the required decisions into the scope, each evaluated once."""
    for required in decision.required:
        if required.id in done:
            continue
        done.add(required.id)
        _provide(required, scope, done)
        result = _guarded(required, lambda required=required: _run(required, scope))
        value = result.value if isinstance(result, Outcome) else result
        if isinstance(result, Outcome) and len(result.hits) == 1:
            # Camunda hands a required table's outputs on by their own names.
            for name, output in result.hits[0][1].items():
                scope.variables.setdefault(name, output)
        for name in required.result_names:
            scope.variables[name] = value


def matched_rule(outcome: Outcome, rule: Rule, row: Row, scope: Scope) -> MatchedRule:
    """A rule that the outcome of the table comes from, with the values its cells met."""
    conditions = tuple(
        condition_of(column.variable, cell, value, scope)
        for column, cell, value in zip(outcome.table.columns, rule.cells, outcome.values, strict=True)
        if cell.holds is not None
    )
    return MatchedRule(rule.number, rule.id, rule.description, conditions, row)


def condition_of(column: str, cell: Cell, value: Value, scope: Scope) -> Condition:
    """What the cell demanded and met; a condition of its own speaks of its variables, not of its column."""
    if cell.condition is None or not cell.condition.names:
        return Condition(column, cell.text, value)
    names = cell.condition.names
    seen: dict[str, Value] = {name: scope.lookup(name) for name in names}
    return Condition(", ".join(names), cell.text, seen[names[0]] if len(names) == 1 else seen)


def _variables(source: DefinitionsSource) -> Iterator[str]:
    """Every name that some text may use for a variable."""
    yield from source.input_names
    yield from (each.name for each in source.knowledge)
    for decision in source.decisions:
        yield from (decision.id, decision.name, decision.variable)
        if isinstance(decision.logic, TableSource):
            yield from (clause.variable for clause in decision.logic.inputs if clause.variable)
            yield from (clause.name for clause in decision.logic.outputs if clause.name)


def _mentioned(source: DefinitionsSource, variables: Iterable[str]) -> frozenset[str]:
    """Those of the names that need declaring and occur in a table: a test result may hold thousands of others."""
    tables = [decision.logic for decision in source.decisions if isinstance(decision.logic, TableSource)]
    texts = [clause.expression.text for table in tables for clause in table.inputs]
    texts += [each.text for table in tables for rule in table.rules for each in (*rule.inputs, *rule.outputs)]
    written = "\n".join(" ".join(text.split()) for text in texts)
    return frozenset(
        name for name in variables if needs_declaring(name) and " ".join(name.split()) in written
    )


def _members(source: DefinitionsSource) -> Iterator[str]:
    """Every name that a value in the file may have a member of, beside the item definitions' components."""
    for decision in source.decisions:
        match decision.logic:
            case TableSource(outputs=outputs):
                yield from (output.name for output in outputs if output.name)
            case ContextSource(entries):
                yield from (name for name, _ in entries if name)
            case RelationSource(columns=columns):
                yield from columns
            case _:
                pass
