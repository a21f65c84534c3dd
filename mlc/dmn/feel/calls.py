"""Functions: how they are made from an expression, and how they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from mlc.dmn.errors import DmnError
from mlc.dmn.scope import Evaluate, Scope
from mlc.dmn.types import ANY, AnyType, Parameter, Type, coerced
from mlc.dmn.values import Function, Value

_CallNamed: TypeAlias = Callable[[Mapping[str, Value], Scope], Value]


def invoke(function: Value, arguments: Sequence[Value], scope: Scope) -> Value:
    """Calls a function value by position; null for anything that is none or has other parameters."""
    return function.call(arguments, scope) if isinstance(function, Function) else None


def invoke_named(function: Value, arguments: Mapping[str, Value], scope: Scope) -> Value:
    """Calls a function value by parameter names; null where a name is unknown or one is missing."""
    return function.call_named(arguments, scope) if isinstance(function, Function) else None


def closure(parameters: tuple[Parameter, ...], body: Evaluate, result: Type = ANY) -> Evaluate:
    """A function value that sees the scope it was made in.

    Arguments and result become what their types ask for. A call is null where an argument has no such form.
    """
    names = tuple(parameter.name for parameter in parameters)
    wanted = frozenset(names)
    typed = tuple(parameter for parameter in parameters if not isinstance(parameter.type, AnyType))

    def make(scope: Scope) -> Value:
        def call_named(arguments: Mapping[str, Value], caller: Scope) -> Value:
            if frozenset(arguments) != wanted:
                return None
            given = dict(arguments)
            for parameter in typed:
                value = given[parameter.name]
                given[parameter.name] = _fitted(value, parameter.type, caller)
                if value is not None and given[parameter.name] is None:
                    return None
            caller.budget.enter_call()
            value = body(scope.inner(given))
            caller.budget.leave_call()
            return _fitted(value, result, caller)

        return _function(names, call_named)

    return make


def external(parameters: tuple[str, ...]) -> Evaluate:
    """A function of another language, whose call is refused: nothing but FEEL is ever run."""

    def call_named(arguments: Mapping[str, Value], caller: Scope) -> Value:
        raise DmnError(
            "an external function (Java, PMML) is never run: write what it does in FEEL, or take the call out"
        )

    function = _function(parameters, call_named)
    return lambda scope: function


def _function(names: tuple[str, ...], call_named: _CallNamed) -> Function:
    def call(arguments: Sequence[Value], caller: Scope) -> Value:
        fits = len(arguments) == len(names)
        return call_named(dict(zip(names, arguments, strict=True)), caller) if fits else None

    return Function(names, call, call_named)


def _fitted(value: Value, wanted: Type, scope: Scope) -> Value:
    if isinstance(wanted, AnyType):
        return value
    scope.budget.spend_on(value)
    return coerced(value, wanted)
