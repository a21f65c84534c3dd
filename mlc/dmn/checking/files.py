"""A DMN file checked as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mlc.dmn.checking.against import as_judged, missing_metrics
from mlc.dmn.checking.axes import Inputs, allowed_cell
from mlc.dmn.checking.columns import column_problems
from mlc.dmn.checking.hyphens import hyphenated
from mlc.dmn.checking.landmarks import landmarks
from mlc.dmn.checking.outline import DecisionOutline, outlines
from mlc.dmn.checking.problems import Problem, did_you_mean, from_error
from mlc.dmn.checking.rules import rule_problems
from mlc.dmn.checking.verdicts import no_verdict, toothless, unable_to_judge
from mlc.dmn.compiling import CompiledFile
from mlc.dmn.definitions import Definitions, load
from mlc.dmn.elements import Decision, InputData
from mlc.dmn.errors import DmnError
from mlc.dmn.imports import Module, read_module
from mlc.dmn.model import DecisionSource, DefinitionsSource, ItemDefinition, TableSource
from mlc.dmn.run import Run
from mlc.dmn.scope import Budget, Scope
from mlc.dmn.table import DecisionTable
from mlc.dmn.types import Type
from mlc.dmn.values import Value
from mlc.dmn.verdict import verdict_of
from mlc.verdict import Verdict


@dataclass(frozen=True)
class Checked:
    """The decisions of a file, none where it cannot be read, and what is wrong with them, errors first."""

    decisions: tuple[DecisionOutline, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Judged:
    """The verdict on a test result, or why there is none."""

    verdict: Verdict | None
    problems: tuple[Problem, ...]


def check(
    xml: bytes,
    *,
    file: str | None = None,
    resources: Mapping[str, bytes] | None = None,
    variables: Iterable[str] = (),
    decision: str | None = None,
) -> Checked:
    """What a DMN file says and what is wrong with it; bounded in time, whatever the file holds.

    resources, variables: as for `load`. decision: the name or id of the only one that is looked at, with what keeps
    from evaluating those that it requires. Raises DmnError where the file can be read and has no such decision.
    """
    variables = frozenset(variables)
    try:
        read = _read(xml, resources or {}, file, variables)
    except DmnError as error:
        return Checked((), (from_error(error.located(file=file)),))
    except RecursionError:
        return Checked((), (from_error(DmnError("the file is nested too deeply", file=file)),))
    module = read.module
    decisions = [each for each in outlines(module.source) if decision in (None, each.id, each.name)]
    if not decisions and decision is not None:
        listed = ", ".join(each.name for each in module.source.decisions) or "none"
        raise DmnError(f'there is no decision "{decision}"; the file has {listed}', file=file)
    looked_at = {each.id for each in decisions}
    concerned = {None, *_read_by(looked_at, module.source)}
    found = [from_error(error) for error in read.errors if error.decision in concerned]
    found += [
        _undeclared(error, module.source, variables) for error in read.doubtful if error.decision in concerned
    ]
    found += (replace(each, file=file) for each in no_verdict(module.source))
    for source in module.source.decisions:
        if source.id in looked_at:
            found += (each.located(file=file, decision=source.name) for each in _of_decision(source, read))
    severities = ("error", "warning", "note")
    return Checked(tuple(decisions), tuple(sorted(found, key=lambda each: severities.index(each.severity))))


@dataclass(frozen=True)
class _Read:
    """A file with what cannot be parsed or resolved in it. variables: the names that its texts may use beside its own.

    doubtful: what can be parsed only because words with hyphens are among the variables.
    """

    module: Module
    compiled: CompiledFile
    variables: frozenset[str]
    errors: tuple[DmnError, ...]
    doubtful: tuple[DmnError, ...] = ()


def _read(xml: bytes, resources: Mapping[str, bytes], file: str | None, variables: frozenset[str]) -> _Read:
    """A word with hyphens that cannot be read otherwise is taken for a variable. Raises DmnError."""
    read = _parsed(xml, resources, file, variables)
    names = hyphenated(read.module.source, {(each.decision, each.rule) for each in read.errors}) - variables
    if not names:
        return read
    again = _parsed(xml, resources, file, variables | names)
    left = {str(each) for each in again.errors}
    if not left < {str(each) for each in read.errors}:
        return read
    return replace(again, doubtful=tuple(each for each in read.errors if str(each) not in left))


def _parsed(xml: bytes, resources: Mapping[str, bytes], file: str | None, variables: frozenset[str]) -> _Read:
    module = read_module(xml, resources, file)
    compiled = CompiledFile(module, variables)
    return _Read(module, compiled, variables, _errors(compiled))


def _undeclared(error: DmnError, source: DefinitionsSource, variables: frozenset[str]) -> Problem:
    """An error where the variables are known, and the names are not among them."""
    names = sorted(hyphenated(source, {(error.decision, error.rule)}) - variables)
    listed = " and ".join(f'"{name}"{did_you_mean(name, variables)}' for name in names)
    said = f"can be read only if the test result has {listed}"
    if variables:
        return replace(from_error(error), message=said, position=None)
    said += ", which nothing in the file declares"
    return replace(from_error(error, "word"), severity="warning", message=said, position=None)


def judged(
    xml: bytes,
    metrics: Mapping[str, object],
    *,
    file: str | None = None,
    resources: Mapping[str, bytes] | None = None,
    decision: str | None = None,
) -> Judged:
    """The verdict of a table on a test result, or the judgement's error; of missing metrics all are told."""
    try:
        definitions = load(xml, file=file, resources=resources, variables=metrics)
        try:
            return Judged(verdict_of(definitions, metrics, decision), ())
        except DmnError as error:
            return Judged(None, tuple(_against_it(error, definitions, metrics, decision)))
    except DmnError as error:
        return Judged(None, (from_error(error, "unfit"),))


def _against_it(
    error: DmnError, definitions: Definitions, metrics: Mapping[str, object], decision: str | None
) -> list[Problem]:
    """What the judgement's error comes from. Raises DmnError where the decision cannot even be asked."""
    chosen = definitions.find(decision)
    table = chosen.logic
    if not isinstance(table, DecisionTable):
        return [from_error(error, "unfit")]
    scope = definitions.scope(chosen, metrics)
    lacking = [
        each.located(file=definitions.file, decision=chosen.name)
        for each in missing_metrics(table, metrics, scope)
    ]
    is_told = error.column in {each.column for each in lacking}
    return lacking if is_told else [*lacking, as_judged(error, table, metrics, scope)]


def _errors(compiled: CompiledFile) -> tuple[DmnError, ...]:
    """Everything that cannot be parsed or resolved, even where no decision is left that can be evaluated."""
    try:
        return Definitions(compiled).problems
    except DmnError as error:
        found = [each for file in compiled.all_files().values() for each in file.problems()]
        return tuple({str(each): each for each in found or [error]}.values())


def _read_by(decisions: Iterable[str], source: DefinitionsSource) -> set[str]:
    """The names of the decisions of these ids, and of all that they require."""
    by_id = {each.id: each for each in source.decisions}
    waiting, seen = list(decisions), set[str]()
    while waiting:
        identity = waiting.pop().rpartition("#")[2]
        if identity in by_id and identity not in seen:
            seen.add(identity)
            waiting += by_id[identity].requires.decisions
    return {by_id[identity].name for identity in seen}


def _of_decision(source: DecisionSource, read: _Read) -> Iterator[Problem]:
    compiled, module = read.compiled, read.module
    decision = compiled.elements.get(source.id)
    if not isinstance(decision, Decision) or not isinstance(decision.logic, DecisionTable):
        return
    if not isinstance(source.logic, TableSource):
        return

    def scope_of(inputs: Mapping[str, Value]) -> Scope:
        run = Run(inputs, Budget())
        with run.budget.being_spent():
            return decision.scope(run)

    table = decision.logic
    known = compiled.variables.union(read.variables, (column.variable for column in table.columns))
    yield from column_problems(table, source.logic, known)
    yield from rule_problems(table, source.logic, _inputs(decision, module), scope_of)
    yield from toothless(table)
    if len(module.source.decisions) == 1:
        yield from unable_to_judge(table)


def _inputs(decision: Decision, module: Module) -> Inputs:
    types: dict[str, Type] = {}
    computed: set[str] = set()
    for requirement in decision.requirements:
        element = requirement.element
        if requirement.path:
            computed.add(requirement.path[0])
        elif isinstance(element, InputData):
            types |= dict.fromkeys(element.names, element.type)
        else:
            computed |= element.names
            if isinstance(element, Decision) and isinstance(element.logic, DecisionTable):
                computed |= {output.name for output in element.logic.outputs}
    bounds = tuple(value for item in module.source.items for value in _bounds(item))
    return Inputs(types, frozenset(computed), bounds)


def _bounds(item: ItemDefinition) -> Iterator[Value]:
    for text in (item.allowed_values, item.constraint):
        cell = allowed_cell(text) if text else None
        yield from (landmarks(cell) or () if cell else ())
    for component in item.components:
        yield from _bounds(component)
