"""Boxed expressions: contexts, invocations, relations, lists, iterators, functions and the tables inside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from mlc.dmn.cells import Expression, broken_expression, compile_expression
from mlc.dmn.errors import DmnError
from mlc.dmn.feel.access import filtered
from mlc.dmn.feel.calls import closure, external, invoke_named
from mlc.dmn.feel.evaluator import chosen, context
from mlc.dmn.feel.iteration import PARTIAL, Iteration, for_each, quantified
from mlc.dmn.feel.reader import Names
from mlc.dmn.items import ItemTypes
from mlc.dmn.model import (
    ConditionalSource,
    ContextSource,
    ExpressionSource,
    FilterSource,
    FunctionSource,
    InvocationSource,
    IteratorSource,
    ListSource,
    RelationSource,
    TableSource,
    Text,
    Variable,
)
from mlc.dmn.problems import Problems
from mlc.dmn.scope import Evaluate, Scope
from mlc.dmn.table import DecisionTable
from mlc.dmn.types import ANY, FunctionType, Parameter, Type, coerced
from mlc.dmn.values import Value


def typed(evaluate: Evaluate, wanted: Type) -> Evaluate:
    """What `evaluate` gives, as the type asks for it; null where it does not conform."""
    if wanted is ANY:
        return evaluate

    def evaluate_typed(scope: Scope) -> Value:
        value = evaluate(scope)
        if isinstance(value, (list, dict)):
            scope.budget.spend_on(value)
        return coerced(value, wanted)

    return evaluate_typed


def placed(expression: Expression, place: str) -> Expression:
    """The expression, whose errors tell that they come from the place."""
    inner = expression.evaluate

    def evaluate(scope: Scope) -> Value:
        try:
            return inner(scope)
        except DmnError as error:
            raise error.located(place=place) from None

    return Expression(evaluate, expression.required, expression.names)


@dataclass(frozen=True)
class Boxes:
    """Compiles the boxed expressions of one decision or knowledge model; what is wrong in them goes to `problems`."""

    types: ItemTypes
    problems: Problems

    def compile(self, source: ExpressionSource, names: Names, type_ref: str | None = None) -> Expression:
        """`type_ref` is the type of the value, or of its result where it is a function.

        Its allowed values rank the outputs of a table.
        """
        match source:
            case Text():
                return self._text(source, names)
            case TableSource():
                table = self.table(source, names, type_ref)
                return Expression(lambda scope: table.decide(scope).value, frozenset(), table.names)
            case ContextSource():
                return self._context(source, names)
            case InvocationSource():
                return self._invocation(source, names)
            case RelationSource():
                return self._relation(source, names)
            case ListSource(items):
                parts = [self.compile(item, names) for item in items]
                return _combined(_list([part.evaluate for part in parts]), parts)
            case FunctionSource():
                return self.function(source, names, self._result_type(type_ref))
            case ConditionalSource():
                return self._conditional(source, names)
            case FilterSource():
                return self._filter(source, names)
            case IteratorSource():
                return self._iterator(source, names)

    def table(self, source: TableSource, names: Names, type_ref: str | None) -> DecisionTable:
        return DecisionTable(source, names, self.types, type_ref, self.problems)

    def type_of(self, variable: Variable | None) -> Type:
        """The type of a variable, any where it declares none or a broken one."""
        if variable is None or variable.type_ref is None:
            return ANY
        return self.problems.attempt(partial(self.types.type_of, variable.type_ref), lambda _: ANY)

    def _result_type(self, type_ref: str | None) -> Type:
        return self.problems.attempt(partial(self.types.result_type_of, type_ref), lambda _: ANY)

    def function(
        self, source: FunctionSource, names: Names, result: Type = ANY, place: str | None = None
    ) -> Expression:
        """A function value; its parameters are in the body's scope. `place` tells where errors in it come from."""
        parameters = tuple(Parameter(each.name, self.type_of(each)) for each in source.parameters)
        if source.kind.upper() != "FEEL":
            return Expression(external(tuple(each.name for each in parameters)), frozenset(), frozenset())
        body = self.compile(source.body, self._with_variables(names, (each.name for each in parameters)))
        if place is not None:
            body = placed(body, place)
        return Expression(closure(parameters, body.evaluate, result), frozenset(), body.names)

    def _text(self, source: Text, names: Names) -> Expression:
        return self.problems.attempt(partial(compile_expression, source, names), broken_expression)

    def _context(self, source: ContextSource, names: Names) -> Expression:
        own = frozenset(variable.name for variable, _ in source.entries if variable)
        inner = self._with_variables(Names(names.variables, names.members | own, names.types), own)
        entries: list[tuple[str, Evaluate]] = []
        parts: list[Expression] = []
        result: Expression | None = None
        for variable, entry in source.entries:
            if variable is None:
                result = self.compile(entry, inner)
                parts.append(result)
                continue
            place = f'context entry "{variable.name}"'
            expression = placed(self._part(entry, inner, place, variable.type_ref), place)
            parts.append(expression)
            entries.append((variable.name, typed(expression.evaluate, self._type_of_entry(variable, entry))))
        build = context(entries)
        return _combined(build if result is None else _with_result(build, result.evaluate), parts)

    def _type_of_entry(self, variable: Variable, entry: ExpressionSource) -> Type:
        wanted = self.type_of(variable)
        # Modelers declare the type of its result for a function, which is asked of the result then.
        return ANY if isinstance(entry, FunctionSource) and not isinstance(wanted, FunctionType) else wanted

    def _part(
        self, source: ExpressionSource, names: Names, place: str, type_ref: str | None = None
    ) -> Expression:
        """A part of a box, whose problems tell its place."""
        inner = Boxes(self.types, Problems(self.problems.limits))
        expression = inner.compile(source, names, type_ref)
        self.problems.found.extend(problem.located(place=place) for problem in inner.problems.found)
        return expression

    def _invocation(self, source: InvocationSource, names: Names) -> Expression:
        function = self.compile(source.function, names)
        bindings: list[tuple[str, Evaluate]] = []
        parts = [function]
        for parameter, argument in source.bindings:
            place = f'binding "{parameter.name}"'
            expression = placed(self._part(argument, names, place), place)
            parts.append(expression)
            bindings.append((parameter.name, typed(expression.evaluate, self.type_of(parameter))))

        def evaluate(scope: Scope) -> Value:
            arguments = {name: each(scope) for name, each in bindings}
            return invoke_named(function.evaluate(scope), arguments, scope)

        return _combined(evaluate, parts)

    def _relation(self, source: RelationSource, names: Names) -> Expression:
        columns = [(column.name, self.type_of(column)) for column in source.columns]
        rows = [[self.compile(cell, names) for cell in row] for row in source.rows]
        build = [
            [(name, typed(cell.evaluate, wanted)) for (name, wanted), cell in zip(columns, row, strict=True)]
            for row in rows
        ]

        def evaluate(scope: Scope) -> Value:
            scope.budget.spend(len(build) * (1 + len(columns)))
            return [{name: cell(scope) for name, cell in row} for row in build]

        return _combined(evaluate, [cell for row in rows for cell in row])

    def _conditional(self, source: ConditionalSource, names: Names) -> Expression:
        condition, then, otherwise = (
            self.compile(part, names) for part in (source.condition, source.then, source.otherwise)
        )
        return _combined(
            chosen(condition.evaluate, then.evaluate, otherwise.evaluate), [condition, then, otherwise]
        )

    def _filter(self, source: FilterSource, names: Names) -> Expression:
        base = self.compile(source.base, names)
        match = self.compile(source.match, self._with_variables(names, names.members | {"item"}))
        return _combined(filtered(base.evaluate, match.evaluate), [base, match])

    def _iterator(self, source: IteratorSource, names: Names) -> Expression:
        items = self.compile(source.source, names)
        name = source.variable.name
        body = self.compile(source.body, self._with_variables(names, {name, PARTIAL}))
        iterations = [Iteration(name, items.evaluate, None)]
        if source.kind == "for":
            return _combined(for_each(iterations, body.evaluate), [items, body])
        return _combined(quantified(source.kind, iterations, body.evaluate), [items, body])

    def _with_variables(self, names: Names, added: Iterable[str]) -> Names:
        variables = names.variables.union(added)
        self.problems.limits.count_names(len(variables) + len(names.members))
        return Names(variables, names.members, names.types)


def _list(parts: Sequence[Evaluate]) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        scope.budget.spend(len(parts))
        return [part(scope) for part in parts]

    return evaluate


def _with_result(build: Evaluate, result: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        entries = build(scope)
        if not isinstance(entries, dict):
            raise DmnError("a context gave no entries")
        return result(scope.inner(entries))

    return evaluate


def _combined(evaluate: Evaluate, parts: Sequence[Expression]) -> Expression:
    return Expression(evaluate, frozenset(), frozenset[str]().union(*(part.names for part in parts)))
