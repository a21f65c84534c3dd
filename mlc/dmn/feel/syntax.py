"""The syntax tree of FEEL: expressions and unary tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from mlc.dmn.types import Type
from mlc.dmn.values import Value

Ordering: TypeAlias = OneOf["<", "<=", ">", ">="]
Comparison: TypeAlias = OneOf["<", "<=", ">", ">=", "=", "!="]
ArithmeticOperator: TypeAlias = OneOf["+", "-", "*", "/", "**"]


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
    operator: ArithmeticOperator
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
class TypeName:
    """A type as it is written and what that means."""

    text: str
    type: Type


@dataclass(frozen=True, slots=True)
class InstanceOf:
    value: Node
    type: TypeName


@dataclass(frozen=True, slots=True)
class If:
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator:
    """`name in source`, or `name in source..end` over whole numbers or dates."""

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
    """An end is None where the range is open towards it: `(< 5)` has no start."""

    start: Node | None
    end: Node | None
    start_closed: bool
    end_closed: bool


@dataclass(frozen=True, slots=True)
class ParameterOf:
    """A formal parameter; `type` is None where none is written."""

    name: str
    type: TypeName | None


@dataclass(frozen=True, slots=True)
class FunctionOf:
    parameters: tuple[ParameterOf, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class ExternalFunction:
    """`function(...) external {...}`: a function of another language, never run."""

    parameters: tuple[ParameterOf, ...]
    mapping: Node


_Function: TypeAlias = "FunctionOf | ExternalFunction"
_Value: TypeAlias = (
    "Literal | Name | Path | Filter | Call | Arithmetic | Negate | ListOf | ContextOf | RangeOf"
)
_Condition: TypeAlias = "Logical | Compare | Between | In | InstanceOf | Quantified"
Node: TypeAlias = "_Value | _Function | _Condition | If | For"


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
