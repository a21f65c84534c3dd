"""The elements of a file, ready to run: input data, decisions, business knowledge models, decision services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from mlc.dmn.boxed import typed
from mlc.dmn.cells import Expression
from mlc.dmn.errors import DmnError
from mlc.dmn.run import Provided, Run
from mlc.dmn.scope import Scope
from mlc.dmn.table import DecisionTable, Outcome
from mlc.dmn.types import ANY, ConstrainedType, ListType, Parameter, Type, coerced
from mlc.dmn.values import Function, Value


class Elements(Protocol):
    """The elements of a file by id."""

    def __getitem__(self, identity: str, /) -> Element: ...


@dataclass(frozen=True)
class Requirement:
    """An element that another one reads. path: the names of the imports that lead to its file, outermost first."""

    path: tuple[str, ...]
    elements: Elements
    identity: str

    @property
    def element(self) -> Element:
        return self.elements[self.identity]

    def provided(self, run: Run) -> Provided:
        return self.element.provide(run.through(self.path) if self.path else run)

    def put(self, variables: dict[str, Value], run: Run) -> None:
        """Puts what the element provides among the variables, in the context of its import where it has one."""
        provided = self.provided(run)
        target = variables
        for step in self.path:
            inner = target.get(step)
            if not isinstance(inner, dict):
                inner = target[step] = {}
            target = inner
        for name, output in provided.outputs.items():
            target.setdefault(name, output)
        target.update(provided.named)


@dataclass(frozen=True, eq=False)
class InputData:
    id: str
    name: str
    names: frozenset[str]
    file: str | None
    type: Type
    problems: tuple[DmnError, ...] = ()
    requirements: tuple[Requirement, ...] = ()

    def provide(self, run: Run) -> Provided:
        """The input given under one of its names, as its type asks for it."""
        if self not in run.results:
            given = next((name for name in (self.name, *self.names) if name in run), self.name)
            run.results[self] = self.given(coerced(run.value(given), self.type))
        return run.results[self]

    def given(self, value: Value) -> Provided:
        return Provided(dict.fromkeys(self.names, value))


@dataclass(frozen=True, eq=False)
class Decision:
    """A decision: a table or another expression, and what it reads.

    names: those under which others see its result. free: names that nothing it requires has, which are inputs then.
    """

    id: str
    name: str
    names: frozenset[str]
    file: str | None
    type: Type
    logic: DecisionTable | Expression
    requirements: tuple[Requirement, ...]
    free: tuple[str, ...]
    problems: tuple[DmnError, ...]

    def scope(self, run: Run) -> Scope:
        """What its logic sees. Raises DmnError where something it requires cannot be evaluated."""
        variables = {name: run.value(name) for name in self.free if name in run}
        for requirement in self.requirements:
            requirement.put(variables, run)
        return Scope(variables, None, run.budget)

    def evaluate(self, run: Run) -> Outcome | Value:
        """The outcome of its table, or the value of its expression as its type asks for it."""
        try:
            return self.decide(self.scope(run))
        except DmnError as error:
            raise error.located(decision=self.name, file=self.file) from None
        except RecursionError:
            raise DmnError("evaluation is nested too deeply", decision=self.name, file=self.file) from None

    def decide(self, scope: Scope) -> Outcome | Value:
        """What its logic gives in the scope."""
        if isinstance(self.logic, DecisionTable):
            return self.logic.decide(scope)
        return typed(self.logic.evaluate, self.type)(scope)

    def value(self, result: Outcome | Value) -> Value:
        """The value of what `evaluate` gave."""
        if not isinstance(result, Outcome):
            return result
        if isinstance(result.value, list) and not _of_lists(self.type):
            # Modelers declare the type of a row where the hit policy collects many.
            return [coerced(row, self.type) for row in result.value]
        return coerced(result.value, self.type)

    def provide(self, run: Run) -> Provided:
        if self not in run.results:
            run.budget.spend()
            result = self.evaluate(run)
            provided = self.given(self.value(result))
            if isinstance(result, Outcome) and len(result.hits) == 1:
                # Camunda hands a required table's outputs on by their own names.
                provided = provided._replace(outputs=result.hits[0][1])
            run.results[self] = provided
        return run.results[self]

    def given(self, value: Value) -> Provided:
        return Provided(dict.fromkeys(self.names, value))


@dataclass(frozen=True, eq=False)
class KnowledgeModel:
    """A named function, which sees its parameters, what it requires, and itself."""

    id: str
    name: str
    names: frozenset[str]
    file: str | None
    parameters: tuple[str, ...]
    make: Expression
    requirements: tuple[Requirement, ...]
    problems: tuple[DmnError, ...]

    def provide(self, run: Run) -> Provided:
        if self not in run.results:
            run.budget.spend()
            scope = Scope({}, None, run.budget)
            provided = Provided(dict.fromkeys(self.names, self.make.evaluate(scope)))
            # It is known before what it requires is, for models may require each other.
            run.results[self] = provided
            for requirement in self.requirements:
                requirement.put(scope.variables, run)
            for name, function in provided.named.items():
                scope.variables.setdefault(name, function)
        return run.results[self]

    def evaluate(self, run: Run) -> Value:
        """Its result for the inputs that bear its parameters' names."""
        function = self.provide(run).named[self.name]
        if not isinstance(function, Function):
            return None
        arguments = {name: run.value(name) for name in self.parameters}
        return function.call_named(arguments, Scope({}, None, run.budget))


@dataclass(frozen=True, eq=False)
class DecisionService:
    """Decisions behind one name. `inputs`: input data, then input decisions, in order: its parameters."""

    id: str
    name: str
    names: frozenset[str]
    file: str | None
    type: Type
    inputs: tuple[Requirement, ...]
    outputs: tuple[Requirement, ...]
    problems: tuple[DmnError, ...]

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        return self.outputs

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        elements = [requirement.element for requirement in self.inputs]
        return tuple(Parameter(each.name, getattr(each, "type", ANY)) for each in elements)

    def evaluate(self, run: Run) -> Value:
        """Its result for the inputs that bear its parameters' names; no input decision is evaluated."""
        for requirement in self.inputs:
            inner = run.through(requirement.path)
            element = requirement.element
            if isinstance(element, Decision):
                inner.results[element] = element.given(coerced(inner.value(element.name), element.type))
        return self._result(run)

    def provide(self, run: Run) -> Provided:
        if self not in run.results:
            function = Function(
                tuple(parameter.name for parameter in self.parameters), self._call, self._call_named
            )
            run.results[self] = Provided(dict.fromkeys(self.names, function))
        return run.results[self]

    def _call(self, arguments: Sequence[Value], scope: Scope) -> Value:
        """Null where an argument does not have its parameter's type. The caller's inputs are not seen."""
        if len(arguments) != len(self.inputs):
            return None
        run = Run({}, scope.budget)
        for requirement, argument in zip(self.inputs, arguments, strict=True):
            element = requirement.element
            if isinstance(element, (InputData, Decision)):
                value = coerced(argument, element.type)
                if value is None and argument is not None:
                    return None
                run.through(requirement.path).results[element] = element.given(value)
        scope.budget.enter_call()
        result = self._result(run)
        scope.budget.leave_call()
        return result

    def _call_named(self, arguments: Mapping[str, Value], scope: Scope) -> Value:
        names = [parameter.name for parameter in self.parameters]
        return (
            self._call([arguments[name] for name in names], scope) if set(arguments) == set(names) else None
        )

    def _result(self, run: Run) -> Value:
        try:
            values = {each.element.name: _value(each, run) for each in self.outputs}
        except DmnError as error:
            raise error.located(place=f'decision service "{self.name}"') from None
        result: Value = next(iter(values.values())) if len(values) == 1 else values
        return coerced(result, self.type)


Element: TypeAlias = "InputData | Decision | KnowledgeModel | DecisionService"


def _value(requirement: Requirement, run: Run) -> Value:
    return requirement.provided(run).named[requirement.element.name]


def _of_lists(wanted: Type) -> bool:
    while isinstance(wanted, ConstrainedType):
        wanted = wanted.base
    return wanted is ANY or isinstance(wanted, ListType)
