"""Item definitions: types by name, the members their values have, the allowed values that rank outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy

from mlc.dmn.cells import allowed_values, ranked
from mlc.dmn.errors import DmnError
from mlc.dmn.model import ItemDefinition, OutputClause
from mlc.dmn.scope import Budget, Holds, Scope
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
        self._types: dict[str, Type | DmnError] = {}
        self._under_way: list[str] = []
        self._members = self.members()

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
        if (found := self._foreign(name)) is not None:
            types, bare = found
            return types.type_of(bare)
        bare = name.rpartition(":")[2]
        if bare != name:
            return self.type_of(bare)
        return SIMPLE_TYPES["number"] if name in _NUMBERS else SIMPLE_TYPES.get(name, ANY)

    def result_type_of(self, type_ref: str | None) -> Type:
        """The type of a function's result, by that type's own name or by the function's. Raises as `type_of`."""
        wanted = self.type_of(type_ref)
        return wanted.result if isinstance(wanted, FunctionType) else wanted

    def _foreign(self, name: str) -> tuple[ItemTypes, str] | None:
        """The imported file that has the type, and the type's name there."""
        for prefix, types in self._imported:
            if name.startswith(prefix) and name.removeprefix(prefix) in types:
                return types, name.removeprefix(prefix)
        # DMN 1.1 writes `prefix:type`, with a prefix of the XML.
        prefix, _, bare = name.rpartition(":")
        holders = [types for _, types in self._imported if bare in types] if prefix else []
        return (holders[0], bare) if len(holders) == 1 and bare not in self._items else None

    def __contains__(self, name: str) -> bool:
        return name in self._items or any(
            name.startswith(prefix) and name.removeprefix(prefix) in types for prefix, types in self._imported
        )

    def _own(self, name: str) -> Type:
        if name not in self._types:
            # A type that holds itself (a tree) is not checked further down.
            if name in self._under_way:
                return ANY
            if len(self._under_way) >= MAX_NESTING:
                raise DmnError(f"types refer to each other more than {MAX_NESTING} levels deep")
            self._under_way.append(name)
            self._types[name] = self._built_or_error(name)
            self._under_way.pop()
        found = self._types[name]
        if isinstance(found, DmnError):
            raise copy(found)
        return found

    def _built_or_error(self, name: str) -> Type | DmnError:
        try:
            return self._built(self._items[name])
        except DmnError as error:
            kept = copy(error)
            return kept if kept.places else kept.located(place=f'item definition "{name}"')

    def _built(self, item: ItemDefinition) -> Type:
        base = self._base(item)
        if item.allowed_values:
            base = ConstrainedType(base, self._accepts(item.allowed_values))
        if item.is_collection:
            base = ListType(base)
        return ConstrainedType(base, self._accepts(item.constraint)) if item.constraint else base

    def _accepts(self, text: str) -> Callable[[Value], bool]:
        allowed = allowed_values(text, self._members)
        return lambda value: allowed.accepts(value, Scope({}, None, Budget.current()))

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
    ) -> tuple[Holds, ...]:
        """The output's values in order of priority: its own, those of its type, or those of the table's type."""
        text = (
            clause.allowed_values
            or self._of_type(clause.type_ref)
            or self._of_table(clause, type_ref, single)
        )
        return ranked(text) if text else ()

    def _of_type(self, type_ref: str | None) -> str | None:
        """Those of the type or, where it has none, of the type that it is another name for or a collection of."""
        ranked = (
            item.allowed_values or (None if item.is_collection else item.constraint)
            for _, item in self._lineage(type_ref)
        )
        return next(filter(None, ranked), None)

    def _of_table(self, clause: OutputClause, type_ref: str | None, single: bool) -> str | None:
        if single:
            return self._of_type(type_ref)
        for types, item in self._lineage(type_ref):
            for component in item.components:
                if component.name == clause.name:
                    return component.allowed_values or types._of_type(component.type_ref)
        return None

    def _lineage(self, type_ref: str | None) -> Iterator[tuple[ItemTypes, ItemDefinition]]:
        """The item definition, then those that its type goes back to, each with the types of its file."""
        types = self
        for _ in range(MAX_NESTING):
            name = " ".join((type_ref or "").split())
            while name not in types._items:
                found = types._foreign(name)
                bare = name.rpartition(":")[2]
                if found is None and bare == name:
                    return
                types, name = found or (types, bare)
            item = types._items[name]
            yield types, item
            type_ref = item.type_ref


def _component_names(item: ItemDefinition) -> Iterator[str]:
    for component in item.components:
        yield component.name
        yield from _component_names(component)
