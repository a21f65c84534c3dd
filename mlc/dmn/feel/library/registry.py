"""How a built-in function of FEEL is written: a Python function under its FEEL signature.

    @built_in("substring(string: string, start position: number, length?: number)")
    def substring(text: str, start: Decimal, length: Decimal | None = None) -> Value: ...

The signature is the documentation and the dispatch. After a parameter's name stands `?` where it may be left out
(Python's default then serves), `*` where it takes one or more values, which arrive as one list; both stand last.
After the colon stands the kind that fits:

- a kind of `Kind`, such as `number`; null does not fit it,
- several kinds, `number or string or null`,
- `any`, which takes everything, null included.

An argument that does not fit is converted as FEEL does: a list of one item becomes that item, and a value that is
no list (null neither) becomes a list of one where `list` is asked for.

Several signatures are overloads, in one decorator or over several functions; the first one written that fits by the
number (or the names) of the arguments and by their kinds is called. None fits: null. With `needs_scope=True` the
first argument of the Python function is the Scope, whose budget a body spends on what it makes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

from mlc.dmn.scope import TEXT_PER_STEP, Scope
from mlc.dmn.values import Function, Kind, Value, kind_of

FUNCTIONS: dict[str, Function] = {}
_OVERLOADS: dict[str, list[_Overload]] = {}

_Body = Callable[..., Value]

_SIGNATURE = re.compile(r"(?P<name>[a-z]+(?: [a-z]+)*)\((?P<parameters>.*)\)")
_PARAMETER = re.compile(r"(?P<name>[A-Za-z]\w*(?: \w+)*)(?P<mark>[?*]?): (?P<kinds>[a-z]+(?: [a-z]+)*)")
_KINDS = frozenset[str](get_args(Kind))


_Kinds = frozenset[str] | None


@dataclass(frozen=True, slots=True)
class _Parameter:
    """`kinds`: those that fit, None where every one does."""

    name: str
    mark: str
    kinds: _Kinds


@dataclass(frozen=True, slots=True)
class _Overload:
    """One signature and the Python function under it. most: how many arguments it takes, None for any number."""

    parameters: tuple[_Parameter, ...]
    kinds: tuple[_Kinds, ...]
    least: int
    most: int | None
    body: _Body
    needs_scope: bool

    @property
    def names(self) -> list[str]:
        return [parameter.name for parameter in self.parameters]

    def by_position(self, given: Sequence[Value]) -> list[Value] | None:
        """The arguments of the Python function; None where those given do not fit."""
        count = len(given)
        if count < self.least:
            return None
        if self.most is None:
            first = len(self.kinds) - 1
            arguments = _fitted(given, self.kinds + self.kinds[-1:] * (count - first - 1))
            return None if arguments is None else [*arguments[:first], arguments[first:]]
        return _fitted(given, self.kinds) if count <= self.most else None

    def by_name(self, given: Mapping[str, Value]) -> list[Value] | None:
        """As `by_position`; only the last parameters may be left out."""
        names = self.names[: len(given)]
        return self.by_position([given[name] for name in names]) if set(given) == set(names) else None


def _fitted(given: Sequence[Value], wanted: Sequence[_Kinds]) -> list[Value] | None:
    """The values, converted where they must be; None where one does not fit."""
    arguments: list[Value] = []
    for value, kinds in zip(given, wanted, strict=False):
        if kinds is None or kind_of(value) in kinds:
            arguments.append(value)
        elif isinstance(value, list) and len(value) == 1 and kind_of(value[0]) in kinds:
            arguments.append(value[0])
        elif value is not None and "list" in kinds:
            arguments.append([value])
        else:
            return None
    return arguments


def built_in(*signatures: str, needs_scope: bool = False) -> Callable[[_Body], _Body]:
    """Adds a Python function to FUNCTIONS under its FEEL signatures. Raises ValueError for one that cannot be read."""

    def register(body: _Body) -> _Body:
        for signature in signatures:
            name, parameters = _read(signature)
            overload = _overload(parameters, body, needs_scope=needs_scope)
            if name not in _OVERLOADS:
                _OVERLOADS[name] = []
                FUNCTIONS[name] = _function(overload, _OVERLOADS[name])
            _OVERLOADS[name].append(overload)
        return body

    return register


def _overload(parameters: tuple[_Parameter, ...], body: _Body, *, needs_scope: bool) -> _Overload:
    kinds = tuple(parameter.kinds for parameter in parameters)
    least = sum(parameter.mark != "?" for parameter in parameters)
    most = None if any(parameter.mark == "*" for parameter in parameters) else len(parameters)
    return _Overload(parameters, kinds, least, most, body, needs_scope)


def _function(first: _Overload, overloads: list[_Overload]) -> Function:
    def call(overload: _Overload, arguments: list[Value], scope: Scope) -> Value:
        # Built-ins walk their arguments: what they walk counts as steps.
        budget, steps = scope.budget, 1
        for argument in arguments:
            if isinstance(argument, str):
                steps += len(argument) // TEXT_PER_STEP
            elif isinstance(argument, (list, dict)):
                budget.spend_on(argument)
        budget.spend(steps)
        return overload.body(scope, *arguments) if overload.needs_scope else overload.body(*arguments)

    def by_position(given: Sequence[Value], scope: Scope) -> Value:
        for overload in overloads:
            arguments = overload.by_position(given)
            if arguments is not None:
                return call(overload, arguments, scope)
        return None

    def by_name(given: Mapping[str, Value], scope: Scope) -> Value:
        # Where two have the same names the one in the call's order is meant: before(point, range), before(range, point).
        order = list(given)
        for overload in sorted(overloads, key=lambda each: each.names[: len(order)] != order):
            arguments = overload.by_name(given)
            if arguments is not None:
                return call(overload, arguments, scope)
        return None

    return Function(tuple(first.names), by_position, by_name)


def _read(signature: str) -> tuple[str, tuple[_Parameter, ...]]:
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        raise ValueError(f"{signature!r} is no signature such as 'floor(n: number, scale?: number)'")
    texts = found["parameters"].split(", ") if found["parameters"] else []
    parameters = tuple(_parameter(text, signature) for text in texts)
    if any(parameter.mark == "*" for parameter in parameters[:-1]) or any(
        left.mark and not right.mark for left, right in pairwise(parameters)
    ):
        raise ValueError(f"{signature!r}: parameters with ? or * stand last")
    return found["name"], parameters


def _parameter(text: str, signature: str) -> _Parameter:
    found = _PARAMETER.fullmatch(text)
    if found is None:
        raise ValueError(f"{signature!r}: {text!r} is no parameter such as 'scale?: number'")
    if found["kinds"] == "any":
        return _Parameter(found["name"], found["mark"], None)
    kinds = frozenset(found["kinds"].split(" or "))
    if unknown := kinds - _KINDS:
        raise ValueError(f"{signature!r}: there is no kind {', '.join(sorted(unknown))}")
    return _Parameter(found["name"], found["mark"], kinds)
