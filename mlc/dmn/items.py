"""Item definitions: types by name, the members their values have, the allowed values that rank outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from mlc.dmn.cells import allowed_values, feel_expression
from mlc.dmn.errors import DmnError, located
from mlc.dmn.feel.reader import Names
from mlc.dmn.model import ItemDefinition, OutputClause
from mlc.dmn.scope import Budget, Scope
from mlc.dmn.types import (
    ANY,
    SIMPLE_TYPES,
    ConstrainedType,
    ContextType,
    FunctionType,
    ListType,
    Type,
)
from mlc.dmn.values import Value

MAX_NESTING = 64

# Camunda's names for numbers, and XML Schema's.
_NUMBERS = frozenset({"integer", "int", "long", "double", "float", "decimal", "short", "byte"})


class ItemTypes:
    """The item definitions of a file, and those of the files it imports under `import.name`."""

    def __init__(
        self, items: Iterable[ItemDefinition], imported: Sequence[tuple[str, ItemTypes]] = ()
    ) -> None:
        """imported: the types of imported files with their prefixes (`import.`, or nothing)."""
        self._items = {item.name: item for item in items if item.name}
        self._imported = imported
        self._types: dict[str, Type] = {}
        self._under_way: list[str] = []

    def __iter__(self) -> Iterator[str]:
        """The names of the file's own types."""
        return iter(self._items)

    def members(self) -> frozenset[str]:
        """The names of all components, those of imported types included."""
        own = (name for item in self._items.values() for name in _component_names(item))
        return frozenset(own).union(*(types.members() for _, types in self._imported))

    def by_name(self) -> dict[str, Type]:
        """Every type that expressions may name; one that is broken is left out."""
        named: dict[str, Type] = {}
        for prefix, types in self._imported:
            named |= {prefix + name: each for name, each in types.by_name().items()}
        for name in self._items:
            try:
                named[name] = self.type_of(name)
            except DmnError:
                continue
        return named

    def type_of(self, type_ref: str | None) -> Type:
        """The type of that name; any value where the name is unknown. Raises DmnError for a type that is broken."""
        if type_ref is None:
            return ANY
        name = " ".join(type_ref.split())
        if name in self._items:
            return self._own(name)
        for prefix, types in self._imported:
            if name.startswith(prefix) and name.removeprefix(prefix) in types:
                return types.type_of(name.removeprefix(prefix))
        bare = name.rpartition(":")[2]
        if bare != name:
            return self.type_of(bare)
        return SIMPLE_TYPES["number"] if name in _NUMBERS else SIMPLE_TYPES.get(name, ANY)

    def __contains__(self, name: str) -> bool:
        return name in self._items or any(
            name.startswith(prefix) and name.removeprefix(prefix) in types for prefix, types in self._imported
        )

    def _own(self, name: str) -> Type:
        if name in self._types:
            return self._types[name]
        # A type that holds itself (a tree) is not checked further down.
        if name in self._under_way:
            return ANY
        if len(self._under_way) >= MAX_NESTING:
            raise DmnError(f"types refer to each other more than {MAX_NESTING} levels deep")
        self._under_way.append(name)
        try:
            self._types[name] = located(
                lambda: self._built(self._items[name]), place=f'item definition "{name}"'
            )
        finally:
            self._under_way.pop()
        return self._types[name]

    def _built(self, item: ItemDefinition) -> Type:
        base = self._base(item)
        if item.allowed_values:
            base = ConstrainedType(base, _accepts(item.allowed_values))
        if item.is_collection:
            base = ListType(base)
        return ConstrainedType(base, _accepts(item.constraint)) if item.constraint else base

    def _base(self, item: ItemDefinition) -> Type:
        if item.components:
            return ContextType({each.name: self._built(each) for each in item.components})
        if item.function is not None:
            parameters, result = item.function
            return FunctionType(
                tuple(self.type_of(each.type_ref) for each in parameters), self.type_of(result)
            )
        return self.type_of(item.type_ref)

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
        listed = feel_expression(f"[{text}]", Names()).evaluate(Scope({}, None, Budget.current()))
        return tuple(listed) if isinstance(listed, list) else ()

    def _item(self, type_ref: str | None) -> ItemDefinition | None:
        name = " ".join((type_ref or "").split())
        if name in self._items:
            return self._items[name]
        return next(
            (
                types._item(name.removeprefix(prefix))
                for prefix, types in self._imported
                if name.startswith(prefix) and name.removeprefix(prefix) in types
            ),
            None,
        )

    def _of_type(self, type_ref: str | None) -> str | None:
        item = self._item(type_ref)
        return item.allowed_values if item else None

    def _of_table(self, clause: OutputClause, type_ref: str | None, single: bool) -> str | None:
        item = self._item(type_ref)
        if item is None:
            return None
        if single:
            return item.allowed_values
        component = next((each for each in item.components if each.name == clause.name), None)
        return (component.allowed_values or self._of_type(component.type_ref)) if component else None


def _accepts(text: str) -> Callable[[Value], bool]:
    allowed = allowed_values(text)
    return lambda value: allowed.accepts(value, Scope({}, None, Budget.current()))


def _component_names(item: ItemDefinition) -> Iterator[str]:
    for component in item.components:
        yield component.name
        yield from _component_names(component)
