"""What lies inside a value: members and filtered lists."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from mlc.dmn import temporal
from mlc.dmn.errors import DmnError
from mlc.dmn.scope import Evaluate, Scope
from mlc.dmn.values import Range, Value, shown


def member_of(value: Value, member: str) -> Value:
    """`value.member`; of a list, the member of each item; null where there is none."""
    match value:
        case dict():
            return value.get(member)
        case list():
            return [member_of(item, member) for item in value]
        case Range():
            return _end_of(value, member)
        case _:
            return temporal.member_of(value, member) if temporal.is_temporal(value) else None


def _end_of(value: Range, member: str) -> Value:
    match member:
        case "start":
            return value.start
        case "end":
            return value.end
        case "start included":
            return value.start_closed
        case "end included":
            return value.end_closed
        case _:
            return None


def path(base: Evaluate, member: str) -> Evaluate:
    """`base.member`."""

    def evaluate(scope: Scope) -> Value:
        value = base(scope)
        if isinstance(value, list):
            scope.budget.spend_on(value)
        return member_of(value, member)

    return evaluate


def item_at(base: Evaluate, position: Decimal) -> Evaluate:
    """`base[position]` for a number that is written there."""
    return lambda scope: _item(_items(base(scope)), position)


def filtered(base: Evaluate, condition: Evaluate) -> Evaluate:
    """`base[condition]`: the item at a position where the condition is a number, else the items that it is true of.

    What is no list counts as a list of one, null as an empty one. A condition that is neither number, boolean nor null
    makes the whole null.
    """

    def evaluate(scope: Scope) -> Value:
        value = base(scope)
        items = _items(value)
        if not items:
            # Only a position tells `[][1]`, which is null, from an empty selection.
            if _is_position(condition, scope):
                return None
            if value is None:
                scope.budget.doubt(lambda: "what a filter looks through is null")
            return []
        kept: list[Value] = []
        for index, item in enumerate(items):
            scope.budget.spend()
            around = scope.inner({"item": item})
            verdict = condition(around.inner(item) if isinstance(item, dict) else around)
            if verdict is True:
                kept.append(item)
            elif isinstance(verdict, Decimal) and index == 0:
                return _item(items, verdict)
            elif verdict is not False:
                scope.budget.doubt(
                    lambda verdict=verdict: (
                        f"the condition of a filter is {shown(verdict)}, neither true nor false"
                    )
                )
                if verdict is not None:
                    return None
        return kept

    return evaluate


def _is_position(condition: Evaluate, scope: Scope) -> bool:
    calls = scope.budget.calls
    try:
        return isinstance(condition(scope.inner({"item": None})), Decimal)
    except DmnError:
        if not scope.budget.exact:
            raise
        # It speaks of the members of items, and there is none.
        scope.budget.calls = calls
        return False


def _items(value: Value) -> Sequence[Value]:
    return value if isinstance(value, list) else () if value is None else (value,)


def _item(items: Sequence[Value], position: Decimal) -> Value:
    """FEEL counts from 1, and from the end with -1."""
    if position == 0 or position != position.to_integral_value() or abs(position) > len(items):
        return None
    return items[int(position) - 1 if position > 0 else int(position)]
