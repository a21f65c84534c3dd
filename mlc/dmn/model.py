"""A DMN file as read: texts in their places, nothing parsed or evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Language(Enum):
    FEEL = "FEEL"
    JUEL = "JUEL"


class HitPolicy(Enum):
    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    PRIORITY = "PRIORITY"
    ANY = "ANY"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"


class Aggregation(Enum):
    LIST = "LIST"
    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a cell or expression and the language it is declared to be in."""

    text: str
    language: Language = Language.FEEL


@dataclass(frozen=True, slots=True)
class InputClause:
    """`variable` is Camunda's `camunda:inputVariable`; it is what the cells test where `expression` is empty."""

    label: str | None
    variable: str | None
    expression: Text
    allowed_values: str | None = None
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class OutputClause:
    name: str | None
    type_ref: str | None
    allowed_values: str | None
    default: Text | None


@dataclass(frozen=True, slots=True)
class RuleSource:
    id: str | None
    description: str | None
    inputs: tuple[Text, ...]
    outputs: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class TableSource:
    hit_policy: HitPolicy
    aggregation: Aggregation
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[RuleSource, ...]


@dataclass(frozen=True, slots=True)
class ContextSource:
    """Entries in order; the entry without a name is the context's result."""

    entries: tuple[tuple[str | None, ExpressionSource], ...]


@dataclass(frozen=True, slots=True)
class InvocationSource:
    function: Text
    bindings: tuple[tuple[str, ExpressionSource], ...]


@dataclass(frozen=True, slots=True)
class RelationSource:
    columns: tuple[str, ...]
    rows: tuple[tuple[ExpressionSource, ...], ...]


@dataclass(frozen=True, slots=True)
class ListSource:
    items: tuple[ExpressionSource, ...]


@dataclass(frozen=True, slots=True)
class FunctionSource:
    parameters: tuple[str, ...]
    body: ExpressionSource


_Collection: TypeAlias = "ContextSource | RelationSource | ListSource"
ExpressionSource: TypeAlias = "Text | TableSource | InvocationSource | FunctionSource | _Collection"


@dataclass(frozen=True, slots=True)
class DecisionSource:
    """`required` holds the ids of the decisions whose results this one reads."""

    id: str
    name: str
    variable: str
    type_ref: str | None
    required: tuple[str, ...]
    logic: ExpressionSource


@dataclass(frozen=True, slots=True)
class KnowledgeSource:
    """A business knowledge model: a named function."""

    name: str
    function: FunctionSource


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    name: str
    type_ref: str | None
    allowed_values: str | None
    components: tuple[ItemDefinition, ...]


@dataclass(frozen=True, slots=True)
class DefinitionsSource:
    decisions: tuple[DecisionSource, ...]
    knowledge: tuple[KnowledgeSource, ...]
    input_names: tuple[str, ...]
    items: tuple[ItemDefinition, ...]
