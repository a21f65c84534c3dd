"""Contexts: their entries, and contexts made of others."""

from __future__ import annotations

from collections.abc import Sequence

from mlc.dmn.feel.library.registry import built_in
from mlc.dmn.values import Value


@built_in("get value(m: context, key: string)")
def _get_value(context: dict[str, Value], key: str) -> Value:
    return context.get(key)


@built_in("get value(m: context, keys: list)")
def _get_value_at(context: dict[str, Value], keys: list[Value]) -> Value:
    value: Value = context if keys else None
    for key in keys:
        value = value.get(key) if isinstance(value, dict) and isinstance(key, str) else None
    return value


@built_in("get entries(m: context)")
def _get_entries(context: dict[str, Value]) -> Value:
    return [{"key": key, "value": value} for key, value in context.items()]


@built_in("context(entries: list)")
def _context(entries: list[Value]) -> Value:
    made: dict[str, Value] = {}
    for entry in entries:
        match entry:
            case {"key": str(key), "value": value} if key not in made:
                made[key] = value
            case _:
                return None
    return made


@built_in("context put(context: context, key: string, value: any)")
def _context_put(context: dict[str, Value], key: str, value: Value) -> Value:
    return {**context, key: value}


@built_in("context put(context: context, keys: list, value: any)")
def _context_put_at(context: dict[str, Value], keys: list[Value], value: Value) -> Value:
    path = [key for key in keys if isinstance(key, str)]
    return _put(context, path, value) if path and len(path) == len(keys) else None


def _put(context: dict[str, Value], path: Sequence[str], value: Value) -> Value:
    """A copy with the value at the path; null where the path leads through something that is no context."""
    made = dict(context)
    inner = made
    for key in path[:-1]:
        nested = inner.get(key)
        if not isinstance(nested, dict):
            return None
        copied = dict(nested)
        inner[key] = copied
        inner = copied
    inner[path[-1]] = value
    return made


@built_in("context merge(contexts: list)")
def _context_merge(contexts: list[Value]) -> Value:
    merged: dict[str, Value] = {}
    for each in contexts:
        if not isinstance(each, dict):
            return None
        merged.update(each)
    return merged
