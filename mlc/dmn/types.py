"""Types of FEEL: what a value is an instance of, and what it becomes where a type is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from mlc.dmn.temporal import iso, read_date_and_time
from mlc.dmn.values import Function, Kind, Range, Value, kind_of


@dataclass(frozen=True, slots=True)
class AnyType:
    """Every value conforms."""


@dataclass(frozen=True, slots=True)
class SimpleType:
    """The values of one kind."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class ListType:
    element: Type


@dataclass(frozen=True, slots=True)
class ContextType:
    """Contexts with these entries; they may have others too."""

    fields: Mapping[str, Type] = field(default_factory=dict["str", "Type"], hash=False)


@dataclass(frozen=True, slots=True)
class RangeType:
    """Ranges whose ends are of the element's type."""

    element: Type


@dataclass(frozen=True, slots=True)
class FunctionType:
    """Functions by their parameters' types, None for any parameters."""

    parameters: tuple[Type, ...] | None
    result: Type


@dataclass(frozen=True, slots=True)
class ConstrainedType:
    """The values of `base` that `allowed` accepts: an item definition with allowed values."""

    base: Type
    allowed: Callable[[Value], bool]


Type: TypeAlias = "AnyType | SimpleType | ListType | ContextType | RangeType | FunctionType | ConstrainedType"

ANY = AnyType()
DATE_AND_TIME = SimpleType("date and time")

_DAYS_AND_TIME = SimpleType("days and time duration")
_YEARS_AND_MONTHS = SimpleType("years and months duration")

# By the names that FEEL gives them and those that the XML's typeRef does.
SIMPLE_TYPES: Mapping[str, Type] = MappingProxyType(
    {
        "Any": ANY,
        "Null": SimpleType("null"),
        "number": SimpleType("number"),
        "string": SimpleType("string"),
        "boolean": SimpleType("boolean"),
        "date": SimpleType("date"),
        "time": SimpleType("time"),
        "date and time": DATE_AND_TIME,
        "dateTime": DATE_AND_TIME,
        "days and time duration": _DAYS_AND_TIME,
        "dayTimeDuration": _DAYS_AND_TIME,
        "years and months duration": _YEARS_AND_MONTHS,
        "yearMonthDuration": _YEARS_AND_MONTHS,
        "list": ListType(ANY),
        "context": ContextType(),
        "range": RangeType(ANY),
        "function": FunctionType(None, ANY),
    }
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter of a function."""

    name: str
    type: Type = ANY


def conforms(value: Value, wanted: Type) -> bool:
    """Whether the value may stand where the type is asked for.

    Null may stand everywhere, also in a context's fields, each of which is there; a function's types count where they are
    known.
    """
    if value is None:
        return True
    match wanted:
        case AnyType():
            return True
        case SimpleType(kind):
            return kind_of(value) == kind
        case ListType(element):
            return isinstance(value, list) and all(conforms(item, element) for item in value)
        case ContextType(fields):
            return isinstance(value, dict) and all(
                name in value and conforms(value[name], each) for name, each in fields.items()
            )
        case RangeType(element):
            return (
                isinstance(value, Range) and conforms(value.start, element) and conforms(value.end, element)
            )
        case FunctionType(parameters):
            if not isinstance(value, Function) or parameters is None:
                return isinstance(value, Function)
            if value.type is None:
                return len(parameters) == len(value.parameters)
            return _is_narrower(value.type, wanted)
        case ConstrainedType(base, allowed):
            return conforms(value, base) and allowed(value)


def is_instance(value: Value, wanted: Type) -> bool:
    """FEEL's `instance of`: as `conforms`, but null is an instance of Null alone."""
    match wanted:
        case SimpleType("null"):
            return value is None
        case ListType(element):
            return isinstance(value, list) and all(
                item is None or is_instance(item, element) for item in value
            )
        case ContextType(fields):
            return isinstance(value, dict) and all(
                name in value and (value[name] is None or is_instance(value[name], each))
                for name, each in fields.items()
            )
        case ConstrainedType(base, allowed):
            return is_instance(value, base) and allowed(value)
        case _:
            return value is not None and conforms(value, wanted)


def coerced(value: Value, wanted: Type) -> Value:
    """The value as the type asks for it; null where it cannot be had.

    A value that conforms stays as it is. A list of one becomes its item, a value a list of one, a date the date and
    time of its midnight in UTC, where these conform.
    """
    if conforms(value, wanted):
        return value
    if isinstance(value, list):
        only = value[0] if len(value) == 1 and not _holds_lists(wanted) else None
        return only if conforms(only, wanted) else None
    if _holds_lists(wanted):
        return [value] if conforms([value], wanted) else None
    if kind_of(value) == "date":
        moment = read_date_and_time(f"{iso(value)}T00:00:00Z")
        return moment if conforms(moment, wanted) else None
    return None


def _is_narrower(narrow: Type, wide: Type) -> bool:
    """Whether every value of the one is a value of the other."""
    match narrow, wide:
        case (_, AnyType()) | (SimpleType("null"), _):
            return True
        case (ListType(a), ListType(b)) | (RangeType(a), RangeType(b)):
            return _is_narrower(a, b)
        case ContextType(fields), ContextType(asked):
            return all(name in fields and _is_narrower(fields[name], each) for name, each in asked.items())
        case FunctionType(taken, given), FunctionType(offered, asked):
            if not isinstance(given, AnyType) and not _is_narrower(given, asked):
                return False
            if taken is None or offered is None:
                return offered is None
            return len(taken) == len(offered) and all(map(_is_narrower, offered, taken))
        case ConstrainedType(base), _ if not isinstance(wide, ConstrainedType):
            return _is_narrower(base, wide)
        case _:
            return narrow == wide


def _holds_lists(wanted: Type) -> bool:
    while isinstance(wanted, ConstrainedType):
        wanted = wanted.base
    return isinstance(wanted, ListType)
