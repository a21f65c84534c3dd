"""`for`, `some` and `every`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mlc.dmn.scope import Evaluate, Scope
from mlc.dmn.values import ARITHMETIC, Range, Value, conjunction, disjunction


@dataclass(frozen=True, slots=True)
class Iteration:
    """A name that runs over the items of `source`, or over the whole numbers from `source` to `end`."""

    name: str
    source: Evaluate
    end: Evaluate | None

    def items(self, scope: Scope) -> Generator[Value, None, None]:
        value = self.source(scope)
        if self.end is not None:
            yield from _whole_numbers(value, self.end(scope))
        elif isinstance(value, Range):
            yield from _whole_numbers(value.start, value.end)
        elif isinstance(value, list):
            yield from value
        elif value is not None:
            yield value


def for_each(iterations: Sequence[Iteration], result: Evaluate) -> Evaluate:
    """The list of results, one for each combination."""
    walk = _walk(iterations)

    def evaluate(scope: Scope) -> Value:
        results = [result(inner) for inner in walk(scope)]
        scope.budget.spend_on(results)
        return results

    return evaluate


def quantified(kind: str, iterations: Sequence[Iteration], condition: Evaluate) -> Evaluate:
    """Whether the condition holds for some, or for every combination, in three-valued logic."""
    walk = _walk(iterations)
    decisive = kind == "some"
    combine = disjunction if decisive else conjunction

    def evaluate(scope: Scope) -> Value:
        verdicts: list[Value] = []
        for inner in walk(scope):
            verdict = condition(inner)
            if verdict is decisive:
                return decisive
            verdicts.append(verdict)
        return combine(verdicts)

    return evaluate


def _walk(iterations: Sequence[Iteration]) -> Callable[[Scope], Generator[Scope, None, None]]:
    """Every combination of the iterators' values as a scope, the last one turning fastest."""
    first, rest = iterations[0], iterations[1:]
    onward = _walk(rest) if rest else None

    def walk(scope: Scope) -> Generator[Scope, None, None]:
        for value in first.items(scope):
            scope.budget.spend()
            inner = scope.inner({first.name: value})
            if onward is None:
                yield inner
            else:
                yield from onward(inner)

    return walk


def _whole_numbers(start: Value, end: Value) -> Generator[Value, None, None]:
    """Both ends included, upwards or downwards; nothing where an end is no number."""
    if not isinstance(start, Decimal) or not isinstance(end, Decimal):
        return
    step = Decimal(1) if start <= end else Decimal(-1)
    while (start <= end) if step > 0 else (start >= end):
        yield start
        start = ARITHMETIC.add(start, step)
