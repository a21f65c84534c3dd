"""Lists. Positions count from 1, and from the end with -1."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cmp_to_key, reduce
from itertools import chain

from mlc.dmn.feel.library.registry import built_in
from mlc.dmn.scope import Scope
from mlc.dmn.values import Function, Value, comparable, compared, conjunction, disjunction, equal


@built_in("count(list: list)")
def _count(items: list[Value]) -> Value:
    return Decimal(len(items))


def _are_comparable(items: list[Value]) -> bool:
    return all(comparable(item, items[0]) for item in items)


@built_in("min(list: list)", "min(c*: any)")
def _min(items: list[Value]) -> Value:
    if not items or not _are_comparable(items):
        return None
    return reduce(lambda best, item: item if compared("<", item, best) else best, items)


@built_in("max(list: list)", "max(c*: any)")
def _max(items: list[Value]) -> Value:
    if not items or not _are_comparable(items):
        return None
    return reduce(lambda best, item: item if compared(">", item, best) else best, items)


@built_in("all(list: list)", "all(b*: any)")
def _all(items: list[Value]) -> Value:
    return conjunction(items)


@built_in("any(list: list)", "any(b*: any)")
def _any(items: list[Value]) -> Value:
    return disjunction(items)


@built_in("list contains(list: list, element: any)")
def _list_contains(items: list[Value], element: Value) -> Value:
    return any(equal(item, element) is True for item in items)


@built_in("index of(list: list, match: any)")
def _index_of(items: list[Value], match: Value) -> Value:
    return [Decimal(number) for number, item in enumerate(items, start=1) if equal(item, match) is True]


def _index(items: list[Value], position: Decimal) -> int | None:
    """Where the position is in Python's list; None outside of it."""
    number = int(position)
    if not 1 <= abs(number) <= len(items):
        return None
    return number - 1 if number > 0 else len(items) + number


@built_in("sublist(list: list, start position: number, length?: number or null)")
def _sublist(items: list[Value], start: Decimal, length: Decimal | None = None) -> Value:
    first = _index(items, start)
    if first is None:
        return None
    if length is None:
        return items[first:]
    return items[first : first + int(length)] if 1 <= length <= len(items) - first else None


@built_in("append(list: list, item*: any)")
def _append(items: list[Value], added: list[Value]) -> Value:
    return [*items, *added]


@built_in("concatenate(list*: list)")
def _concatenate(lists: list[list[Value]]) -> Value:
    return list(chain.from_iterable(lists))


@built_in("insert before(list: list, position: number, newItem: any)")
def _insert_before(items: list[Value], position: Decimal, item: Value) -> Value:
    index = _index(items, position)
    return None if index is None else [*items[:index], item, *items[index:]]


@built_in("remove(list: list, position: number)")
def _remove(items: list[Value], position: Decimal) -> Value:
    index = _index(items, position)
    return None if index is None else [*items[:index], *items[index + 1 :]]


@built_in("list replace(list: list, position: number, newItem: any)")
def _list_replace(items: list[Value], position: Decimal, item: Value) -> Value:
    index = _index(items, position)
    return None if index is None else [*items[:index], item, *items[index + 1 :]]


@built_in("list replace(list: list, match: function, newItem: any)", needs_scope=True)
def _list_replace_matching(scope: Scope, items: list[Value], match: Function, new: Value) -> Value:
    verdicts = [match.call((item, new), scope) for item in items]
    if not all(isinstance(verdict, bool) for verdict in verdicts):
        return None
    return [new if verdict else item for item, verdict in zip(items, verdicts, strict=True)]


@built_in("reverse(list: list)")
def _reverse(items: list[Value]) -> Value:
    return items[::-1]


def _distinct(items: Iterable[Value], scope: Scope) -> list[Value]:
    """Each value where it stands first. Texts and numbers are looked up; the others are compared one by one."""
    kept: list[Value] = []
    known: set[object] = set()
    compounds: list[Value] = []
    for item in items:
        if item is None or isinstance(item, (bool, str, Decimal)):
            key = (type(item), item)
            if key in known:
                continue
            known.add(key)
        else:
            scope.budget.spend(len(compounds))
            if any(equal(item, compound) is True for compound in compounds):
                continue
            compounds.append(item)
        kept.append(item)
    return kept


@built_in("distinct values(list: list)", needs_scope=True)
def _distinct_values(scope: Scope, items: list[Value]) -> Value:
    return _distinct(items, scope)


@built_in("union(list*: list)", needs_scope=True)
def _union(scope: Scope, lists: list[list[Value]]) -> Value:
    return _distinct(chain.from_iterable(lists), scope)


@built_in("flatten(list: list)")
def _flatten(items: list[Value]) -> Value:
    flat: list[Value] = []
    waiting = items[::-1]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        else:
            flat.append(item)
    return flat


@built_in("sort(list: list)", needs_scope=True)
def _sort_ascending(scope: Scope, items: list[Value]) -> Value:
    if not _are_comparable(items):
        return None
    return sorted(items, key=cmp_to_key(lambda left, right: -1 if compared("<", left, right) else 1))


@built_in("sort(list: list, precedes: function)", needs_scope=True)
def _sort(scope: Scope, items: list[Value], precedes: Function) -> Value:
    """Stable. Null where `precedes` gives something else than true or false."""
    verdicts_known = True

    def order(left: Value, right: Value) -> int:
        nonlocal verdicts_known
        verdict = precedes.call((left, right), scope)
        verdicts_known = verdicts_known and isinstance(verdict, bool)
        return -1 if verdict is True else 1

    ordered = sorted(items, key=cmp_to_key(order))
    return ordered if verdicts_known else None
