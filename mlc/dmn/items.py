"""Item definitions: the allowed values that give outputs their priority, and the members values may have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlc.dmn.cells import feel_expression
from mlc.dmn.feel.reader import Names
from mlc.dmn.model import ItemDefinition, OutputClause
from mlc.dmn.scope import Budget, Scope
from mlc.dmn.values import Value


class ItemTypes:
    """The file's item definitions by name."""

    def __init__(self, items: Iterable[ItemDefinition]) -> None:
        self._items = {item.name: item for item in items}

    def members(self) -> frozenset[str]:
        """The names of all components."""
        return frozenset(name for item in self._items.values() for name in _component_names(item))

    def allowed_values(
        self, clause: OutputClause, type_ref: str | None, *, single: bool
    ) -> tuple[Value, ...]:
        """The output's values in order of priority: its own, those of its type, or those of the table's type."""
        text = (
            clause.allowed_values
            or self._of_type(clause.type_ref)
            or self._of_table(clause, type_ref, single)
        )
        if not text:
            return ()
        # The list is a column of constants: it sees no variable.
        listed = feel_expression(f"[{text}]", Names()).evaluate(Scope({}, None, Budget()))
        return tuple(listed) if isinstance(listed, list) else ()

    def _of_type(self, type_ref: str | None) -> str | None:
        item = self._items.get(type_ref or "")
        return item.allowed_values if item else None

    def _of_table(self, clause: OutputClause, type_ref: str | None, single: bool) -> str | None:
        item = self._items.get(type_ref or "")
        if item is None:
            return None
        if single:
            return item.allowed_values
        component = next((each for each in item.components if each.name == clause.name), None)
        return (component.allowed_values or self._of_type(component.type_ref)) if component else None


def _component_names(item: ItemDefinition) -> Iterator[str]:
    for component in item.components:
        yield component.name
        yield from _component_names(component)
