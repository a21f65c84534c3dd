"""`for`, `some` and `every`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from mlc.dmn import temporal
from mlc.dmn.scope import Evaluate, Scope
from mlc.dmn.values import ARITHMETIC, ORDERINGS, Range, Value, comparable, conjunction, disjunction, kind_of

# The name of a loop's results so far.
PARTIAL = "partial"

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Iteration:
    """A name that runs over the items of `source`, or over whole numbers or dates from `source` to `end`."""

    name: str
    source: Evaluate
    end: Evaluate | None

    def items(self, scope: Scope) -> Iterable[Value] | None:
        """None where there is nothing that could be run over: null, or ends that are neither whole numbers nor dates."""
        value = self.source(scope)
        if self.end is not None:
            return _steps(value, self.end(scope))
        if isinstance(value, Range):
            return _inside(value)
        if isinstance(value, list):
            return value
        return None if value is None else (value,)


def for_each(iterations: Sequence[Iteration], result: Evaluate) -> Evaluate:
    """The list of results, one for each combination; null where an iterator has nothing to run over."""
    walk = _walk(iterations)

    def evaluate(scope: Scope) -> Value:
        results: list[Value] = []
        for inner in walk(scope):
            if inner is None:
                return None
            inner.variables.setdefault(PARTIAL, results)
            results.append(result(inner))
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
            if inner is None:
                return None
            verdict = condition(inner)
            if verdict is decisive:
                return decisive
            verdicts.append(verdict)
        return combine(verdicts)

    return evaluate


def _walk(iterations: Sequence[Iteration]) -> Callable[[Scope], Generator[Scope | None, None, None]]:
    """Every combination of the iterators' values as a scope, the last one turning fastest.

    None where an iterator has nothing to run over.
    """
    first, rest = iterations[0], iterations[1:]
    onward = _walk(rest) if rest else None

    def walk(scope: Scope) -> Generator[Scope | None, None, None]:
        items = first.items(scope)
        if items is None:
            yield None
            return
        for value in items:
            scope.budget.spend()
            inner = scope.inner({first.name: value})
            if onward is None:
                yield inner
            else:
                yield from onward(inner)

    return walk


def _inside(interval: Range) -> Iterable[Value] | None:
    """The whole numbers or dates of a range: those of its ends that it holds, and all between them."""
    steps = _steps(interval.start, interval.end)
    if steps is None or not ORDERINGS["<="](interval.start, interval.end):
        return None if steps is None else ()
    return (
        value
        for value in steps
        if (interval.start_closed or value != interval.start)
        and (interval.end_closed or value != interval.end)
    )


def _steps(start: Value, end: Value) -> Iterable[Value] | None:
    """Both ends included, upwards or downwards."""
    if not comparable(start, end):
        return None
    if isinstance(start, Decimal) and isinstance(end, Decimal):
        whole = start == start.to_integral_value() and end == end.to_integral_value()
        return _between(start, end, Decimal(1), Decimal(-1), ARITHMETIC.add) if whole else None
    if kind_of(start) == "date":
        return _between(start, end, _DAY, -_DAY, temporal.add)
    return None


def _between(start: Value, end: Value, up: Value, down: Value, add: Callable[..., Value]) -> Generator[Value]:
    before = ORDERINGS["<"]
    step = up if before(start, end) else down
    yield start
    while start != end:
        start = add(start, step)
        yield start
