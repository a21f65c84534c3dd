"""The syntax tree of FEEL: expressions and unary tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from mlc.dmn.values import Value

Ordering: TypeAlias = OneOf["<", "<=", ">", ">="]
Comparison: TypeAlias = OneOf["<", "<=", ">", ">=", "=", "!="]


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Path:
    base: Node
    member: str


@dataclass(frozen=True, slots=True)
class Filter:
    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call:
    """`parameters` holds the names of a call by name, None for a call by position."""

    function: Node
    arguments: tuple[Node, ...]
    parameters: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: OneOf["+", "-", "*", "/", "**"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negate:
    operand: Node


@dataclass(frozen=True, slots=True)
class Logical:
    operator: OneOf["and", "or"]
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    operator: Comparison
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between:
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In:
    value: Node
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf:
    value: Node
    type_name: str


@dataclass(frozen=True, slots=True)
class If:
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator:
    """`name in source`, or `name in source..end` over whole numbers."""

    name: str
    source: Node
    end: Node | None


@dataclass(frozen=True, slots=True)
class For:
    iterators: tuple[Iterator, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified:
    kind: OneOf["some", "every"]
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf:
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeOf:
    start: Node
    end: Node
    start_closed: bool
    end_closed: bool


@dataclass(frozen=True, slots=True)
class FunctionOf:
    parameters: tuple[str, ...]
    body: Node


_Value: TypeAlias = (
    "Literal | Name | Path | Filter | Call | Arithmetic | Negate | ListOf | ContextOf | RangeOf | FunctionOf"
)
_Condition: TypeAlias = "Logical | Compare | Between | In | InstanceOf | Quantified"
Node: TypeAlias = "_Value | _Condition | If | For"


@dataclass(frozen=True, slots=True)
class OperatorTest:
    """`< 5`: the value tested stands on the left."""

    operator: Comparison
    operand: Node


@dataclass(frozen=True, slots=True)
class ExpressionTest:
    """A value, list, range, or a condition. `uses_input`: the expression names the value tested as `?`."""

    expression: Node
    uses_input: bool


Test: TypeAlias = "OperatorTest | ExpressionTest"


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """A cell of an input column: one of `tests` holds, or none of them where `negated`."""

    tests: tuple[Test, ...]
    negated: bool
