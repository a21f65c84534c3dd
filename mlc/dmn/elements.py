"""The elements of a file, ready to run: input data, decisions, business knowledge models, decision services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from mlc.dmn.cells import Expression
from mlc.dmn.errors import DmnError
from mlc.dmn.run import Provided, Run
from mlc.dmn.scope import Scope
from mlc.dmn.table import DecisionTable, Outcome
from mlc.dmn.types import ANY, ConstrainedType, ListType, Parameter, Type
from mlc.dmn.values import Function, Value


@dataclass(frozen=True)
class Requirement:
    """An element that another one reads.

    path: the names of the imports that lead to its file, outermost first. elements: those of the file, by id.
    """

    path: tuple[str, ...]
    elements: Mapping[str, Element]
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
    """What the file expects from outside, under one of its names, and of which type."""

    id: str
    name: str
    names: frozenset[str]
    file: str | None
    type: Type
    problems: tuple[DmnError, ...] = ()
    requirements: tuple[Requirement, ...] = ()

    def provide(self, run: Run) -> Provided:
        """The input given under one of its names, as its type asks for it; nothing where there is none."""
        if self in run.fixed:
            return run.fixed[self]
        if self not in run.results:
            given = _given_name(self, run)
            if given not in run:
                run.results[self] = Provided({})
            else:
                run.results[self] = self.given(run.fitted(run.value(given), self.type, f'input "{given}"'))
        return run.results[self]

    def given(self, value: Value) -> Provided:
        return Provided(dict.fromkeys(self.names, value))


@dataclass(frozen=True, eq=False)
class Decision:
    """A decision: a table or another expression, and what it reads.

    names: those under which others see its result. free: names that nothing it requires has, which are inputs then.
    unseen: functions of the file that it names and does not require, in the form that refuses to be called.
    """

    id: str
    name: str
    names: frozenset[str]
    file: str | None
    type: Type
    logic: DecisionTable | Expression
    requirements: tuple[Requirement, ...]
    free: tuple[str, ...]
    unseen: Mapping[str, Value]
    problems: tuple[DmnError, ...]

    def scope(self, run: Run) -> Scope:
        """What its logic sees. Raises DmnError where something it requires cannot be evaluated."""
        variables = dict(self.unseen)
        for name in self.free:
            if name in run:
                variables[name] = run.value(name)
        for requirement in self.requirements:
            requirement.put(variables, run)
        return Scope(variables, None, run.budget)

    def evaluate(self, run: Run) -> tuple[Outcome | Value, Value]:
        """What its logic gives, and that as a value of its type."""
        try:
            result = self.decide(self.scope(run))
            return result, self.value(result, run)
        except DmnError as error:
            raise error.located(decision=self.name, file=self.file) from None
        except RecursionError:
            raise DmnError("evaluation is nested too deeply", decision=self.name, file=self.file) from None

    def decide(self, scope: Scope) -> Outcome | Value:
        """What its logic gives in the scope."""
        if isinstance(self.logic, DecisionTable):
            return self.logic.decide(scope)
        return self.logic.evaluate(scope)

    def value(self, result: Outcome | Value, run: Run) -> Value:
        """What its logic gave, as its type asks for it."""
        value = result.value if isinstance(result, Outcome) else result
        if self.type is ANY:
            return value
        if isinstance(value, (list, dict)):
            run.budget.spend_on(value)
        listed = isinstance(result, Outcome) and result.table.lists_rows
        if listed and isinstance(value, list) and not _of_lists(self.type):
            # Modelers declare the type of a row where the hit policy collects many.
            return [run.fitted(row, self.type, "result of a rule") for row in value]
        return run.fitted(value, self.type, "result")

    def provide(self, run: Run) -> Provided:
        if self in run.fixed:
            return run.fixed[self]
        if self not in run.results:
            run.budget.spend()
            result, value = self.evaluate(run)
            provided = self.given(value)
            if isinstance(result, Outcome):
                provided = provided._replace(outputs={**provided.outputs, **result.outputs})
            run.results[self] = provided
        return run.results[self]

    def given(self, value: Value) -> Provided:
        """Under its names; its id is no name, so that it gives way to any other's."""
        return Provided(dict.fromkeys((self.names - {self.id}) | {self.name}, value), {self.id: value})


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
    unseen: Mapping[str, Value]
    problems: tuple[DmnError, ...]

    def provide(self, run: Run) -> Provided:
        if self not in run.results:
            run.budget.spend()
            scope = Scope(dict(self.unseen), None, run.budget)
            provided = Provided(dict.fromkeys(self.names, self.make.evaluate(scope)))
            # It is known before what it requires is, for models may require each other.
            run.results[self] = provided
            for requirement in self.requirements:
                requirement.put(scope.variables, run)
            scope.variables.update(provided.named)
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
            element = requirement.element
            if isinstance(element, Decision):
                inner = run.through(requirement.path)
                name = _given_name(element, inner)
                run.fixed[element] = element.given(
                    run.fitted(inner.value(name), element.type, f'input "{name}"')
                )
            elif (provided := requirement.provided(run)).named:
                run.fixed[element] = provided
        return self._result(run)

    def provide(self, run: Run) -> Provided:
        if self not in run.results:
            function = Function(
                tuple(parameter.name for parameter in self.parameters),
                partial(self._call, run),
                partial(self._call_named, run),
            )
            run.results[self] = Provided(dict.fromkeys(self.names, function))
        return run.results[self]

    def _call(self, caller: Run, arguments: Sequence[Value], scope: Scope) -> Value:
        """Null where an argument does not have its parameter's type. The caller's inputs are not seen."""
        if len(arguments) != len(self.inputs):
            return None
        run = caller.apart()
        for requirement, argument in zip(self.inputs, arguments, strict=True):
            element = requirement.element
            if isinstance(element, (InputData, Decision)):
                value = caller.fitted(argument, element.type, f'argument "{element.name}"')
                if value is None and argument is not None:
                    return None
                run.fixed[element] = element.given(value)
        scope.budget.enter_call()
        result = self._result(run)
        scope.budget.leave_call()
        return result

    def _call_named(self, caller: Run, arguments: Mapping[str, Value], scope: Scope) -> Value:
        names = [parameter.name for parameter in self.parameters]
        if set(arguments) != set(names):
            return None
        return self._call(caller, [arguments[name] for name in names], scope)

    def _result(self, run: Run) -> Value:
        try:
            values = {each.element.name: _value(each, run) for each in self.outputs}
            result: Value = next(iter(values.values())) if len(values) == 1 else values
            return run.fitted(result, self.type, "result")
        except DmnError as error:
            raise error.located(place=f'decision service "{self.name}"') from None


def unseen(name: str) -> Function:
    """Stands for a function of the file where it is not required: calling it is an error and not, silently, null."""

    def refuse(arguments: Sequence[Value] | Mapping[str, Value], scope: Scope) -> Value:
        raise DmnError(f'"{name}" is called and not required: add a knowledgeRequirement for it')

    return Function((), refuse, refuse)


Element: TypeAlias = "InputData | Decision | KnowledgeModel | DecisionService"


def _given_name(element: InputData | Decision, run: Run) -> str:
    """The one of its names under which the inputs hold it."""
    return next((name for name in (element.name, *element.names) if name in run), element.name)


def _value(requirement: Requirement, run: Run) -> Value:
    return requirement.provided(run).named.get(requirement.element.name)


def _of_lists(wanted: Type) -> bool:
    while isinstance(wanted, ConstrainedType):
        wanted = wanted.base
    return wanted is ANY or isinstance(wanted, ListType)
