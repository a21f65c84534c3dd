"""Boxed expressions: contexts, invocations, relations, lists, functions and the tables inside them."""

from __future__ import annotations

from dataclasses import dataclass

from mlc.dmn.cells import Expression, compile_expression
from mlc.dmn.errors import DmnError
from mlc.dmn.feel.evaluator import closure, context, invoke_named
from mlc.dmn.feel.reader import Names
from mlc.dmn.items import ItemTypes
from mlc.dmn.model import (
    ContextSource,
    ExpressionSource,
    FunctionSource,
    InvocationSource,
    ListSource,
    RelationSource,
    TableSource,
    Text,
)
from mlc.dmn.scope import Evaluate, Scope
from mlc.dmn.table import DecisionTable
from mlc.dmn.types import Parameter
from mlc.dmn.values import Value


@dataclass(frozen=True)
class Boxes:
    """Compiles boxed expressions of one file."""

    types: ItemTypes

    def compile(self, source: ExpressionSource, names: Names, type_ref: str | None = None) -> Expression:
        """Raises DmnError for a text in it that cannot be parsed."""
        match source:
            case Text():
                return compile_expression(source, names)
            case TableSource():
                table = DecisionTable(source, names, self.types, type_ref)
                return Expression(lambda scope: table.decide(scope).value, frozenset(), table.names)
            case ContextSource():
                return self._context(source, names)
            case InvocationSource():
                return self._invocation(source, names)
            case RelationSource():
                return self._relation(source, names)
            case ListSource(items):
                parts = [self.compile(item, names) for item in items]
                return _combined(lambda scope: [part.evaluate(scope) for part in parts], parts)
            case FunctionSource():
                return self.function(source, names)

    def function(self, source: FunctionSource, names: Names) -> Expression:
        """A function value; its parameters are in the body's scope."""
        inner = Names(names.variables.union(source.parameters), names.members)
        body = self.compile(source.body, inner)
        return Expression(
            closure(tuple(map(Parameter, source.parameters)), body.evaluate), frozenset(), body.names
        )

    def _context(self, source: ContextSource, names: Names) -> Expression:
        entries: list[tuple[str, Expression]] = []
        result: Expression | None = None
        for name, entry in source.entries:
            visible = [key for key, _ in entries]
            inner = Names(names.variables.union(visible), names.members.union(visible))
            expression = self.compile(entry, inner)
            if name is None:
                result = expression
            else:
                entries.append((name, expression))
        build = context([(name, entry.evaluate) for name, entry in entries])
        parts = [entry for _, entry in entries]
        if result is None:
            return _combined(build, parts)
        return _combined(_with_result(build, result.evaluate), [*parts, result])

    def _invocation(self, source: InvocationSource, names: Names) -> Expression:
        function = compile_expression(source.function, names)
        bindings = [(name, self.compile(each, names)) for name, each in source.bindings]

        def evaluate(scope: Scope) -> Value:
            arguments = {name: each.evaluate(scope) for name, each in bindings}
            return invoke_named(function.evaluate(scope), arguments, scope)

        return _combined(evaluate, [function, *(each for _, each in bindings)])

    def _relation(self, source: RelationSource, names: Names) -> Expression:
        rows = [[self.compile(cell, names) for cell in row] for row in source.rows]

        def evaluate(scope: Scope) -> Value:
            return [
                {column: cell.evaluate(scope) for column, cell in zip(source.columns, row, strict=True)}
                for row in rows
            ]

        return _combined(evaluate, [cell for row in rows for cell in row])


def _with_result(build: Evaluate, result: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        entries = build(scope)
        if not isinstance(entries, dict):
            raise DmnError("a context gave no entries")
        return result(scope.inner(entries))

    return evaluate


def _combined(evaluate: Evaluate, parts: list[Expression]) -> Expression:
    return Expression(evaluate, frozenset(), frozenset[str]().union(*(part.names for part in parts)))
