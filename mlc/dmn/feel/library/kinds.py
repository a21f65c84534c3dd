"""The kinds of FEEL's values."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from mlc.dmn.values import Function, Range, Value

Kind: TypeAlias = Literal[
    "null",
    "boolean",
    "number",
    "string",
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
    "list",
    "context",
    "range",
    "function",
]

# A date and time before a date, whose subclass it is.
_KINDS: dict[type, Kind] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    datetime: "date and time",
    date: "date",
    time: "time",
    timedelta: "days and time duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}


def kind_of(value: Value) -> Kind:
    """The kind of a value."""
    kind = _KINDS.get(type(value))
    return _kind_of_subclass(value) if kind is None else kind


def _kind_of_subclass(value: Value) -> Kind:
    """The kind of what a caller gave, such as pandas' Timestamp."""
    for known, kind in _KINDS.items():
        if isinstance(value, known):
            return kind
    raise TypeError(f"{type(value).__name__} is no type of FEEL's values")
