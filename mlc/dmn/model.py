"""A DMN file as read: texts in their places, nothing parsed or evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

from mlc.dmn.errors import DmnError


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
class Variable:
    """A name with the name of its type: an input, a parameter, a result."""

    name: str
    type_ref: str | None = None


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

    entries: tuple[tuple[Variable | None, ExpressionSource], ...]


@dataclass(frozen=True, slots=True)
class InvocationSource:
    function: ExpressionSource
    bindings: tuple[tuple[Variable, ExpressionSource], ...]


@dataclass(frozen=True, slots=True)
class RelationSource:
    columns: tuple[Variable, ...]
    rows: tuple[tuple[ExpressionSource, ...], ...]


@dataclass(frozen=True, slots=True)
class ListSource:
    items: tuple[ExpressionSource, ...]


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """`kind` is FEEL, or names the language of an external function (Java, PMML), whose body is never read."""

    parameters: tuple[Variable, ...]
    body: ExpressionSource
    kind: str = "FEEL"


@dataclass(frozen=True, slots=True)
class ConditionalSource:
    condition: ExpressionSource
    then: ExpressionSource
    otherwise: ExpressionSource


@dataclass(frozen=True, slots=True)
class FilterSource:
    base: ExpressionSource
    match: ExpressionSource


@dataclass(frozen=True, slots=True)
class IteratorSource:
    """`body` is what `for` returns, or what `some` and `every` ask for."""

    kind: Literal["for", "some", "every"]
    variable: Variable
    source: ExpressionSource
    body: ExpressionSource


_Collection: TypeAlias = "ContextSource | RelationSource | ListSource"
_Control: TypeAlias = "ConditionalSource | FilterSource | IteratorSource"
ExpressionSource: TypeAlias = (
    "Text | TableSource | InvocationSource | FunctionSource | _Collection | _Control"
)


@dataclass(frozen=True, slots=True)
class Requirements:
    """References (`#id`, `namespace#id`) to what an element reads: decisions, input data, knowledge."""

    decisions: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputSource:
    """Input data; `variable` is the name that expressions use."""

    id: str
    name: str
    variable: Variable


@dataclass(frozen=True, slots=True)
class DecisionSource:
    """`logic` is None where there is none, and the error where it could not be read."""

    id: str
    name: str
    variable: Variable
    requires: Requirements
    logic: ExpressionSource | DmnError | None


@dataclass(frozen=True, slots=True)
class KnowledgeSource:
    """A business knowledge model: a named function."""

    id: str
    name: str
    variable: Variable
    requires: Requirements
    function: FunctionSource | DmnError


@dataclass(frozen=True, slots=True)
class ServiceSource:
    """A decision service; every reference is a `#id` or `namespace#id`."""

    id: str
    name: str
    variable: Variable
    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    input_decisions: tuple[str, ...]
    input_data: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type. `constraint` restricts the whole value, `allowed_values` each item of a collection.

    function: the types of a function's parameters and result.
    """

    name: str
    type_ref: str | None
    allowed_values: str | None
    constraint: str | None
    components: tuple[ItemDefinition, ...]
    is_collection: bool
    function: tuple[tuple[Variable, ...], str | None] | None


@dataclass(frozen=True, slots=True)
class ImportSource:
    """An imported file. `is_dmn`: whether it holds decisions, and not a schema or a predictive model."""

    name: str
    namespace: str
    location: str | None
    is_dmn: bool


@dataclass(frozen=True, slots=True)
class DefinitionsSource:
    namespace: str
    imports: tuple[ImportSource, ...]
    decisions: tuple[DecisionSource, ...]
    knowledge: tuple[KnowledgeSource, ...]
    services: tuple[ServiceSource, ...]
    inputs: tuple[InputSource, ...]
    items: tuple[ItemDefinition, ...]
