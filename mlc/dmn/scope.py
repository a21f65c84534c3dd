"""What an expression sees while it is evaluated, and how much it may still do."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeAlias

from mlc.dmn.errors import DmnError
from mlc.dmn.values import Value

MAX_STEPS = 500_000
MAX_SECONDS = 1.0
STEPS_PER_LOOK_AT_THE_CLOCK = 64
TEXT_PER_STEP = 16
MAX_CALLS = 40
MAX_TEXT = 200_000


class Budget:
    """What one evaluation may spend: loop steps, nested calls, time. Shared by all its scopes."""

    __slots__ = ("_deadline", "_next_look", "calls", "steps")

    # Whether what is null decides nothing, where FEEL takes it for a value that equals no other.
    exact = False

    def __init__(self) -> None:
        self.steps = MAX_STEPS
        self.calls = 0
        self._next_look = MAX_STEPS - STEPS_PER_LOOK_AT_THE_CLOCK
        # Of the processor, not of the clock: a busy machine makes no sound table a broken one.
        self._deadline = time.thread_time() + MAX_SECONDS

    def spend(self, steps: int = 1) -> None:
        """Raises DmnError when the evaluation has taken more steps, or more time, than it may."""
        self.steps -= steps
        if self.steps < self._next_look:
            self._look()

    def _look(self) -> None:
        if self.steps < 0:
            raise DmnError(f"evaluation stopped after {MAX_STEPS:,} steps")
        if time.thread_time() > self._deadline:
            raise DmnError(f"evaluation stopped after {MAX_SECONDS:g} s")
        self._next_look = self.steps - STEPS_PER_LOOK_AT_THE_CLOCK

    def spend_on(self, value: Value) -> None:
        """Spends a step for each part of a value: what is shared inside it counts as often as it is seen."""
        waiting = [value]
        while waiting:
            part = waiting.pop()
            self.spend(1 + len(part) // TEXT_PER_STEP if isinstance(part, str) else 1)
            if isinstance(part, list):
                waiting.extend(part)
            elif isinstance(part, dict):
                waiting.extend(part.values())

    @staticmethod
    def current() -> Budget:
        """The budget of the evaluation under way; a new one outside of any."""
        return _CURRENT.get() or Budget()

    def being_spent(self) -> _Spending:
        """While it is entered, this is the current budget: a type's constraint, which sees no scope, is paid from it."""
        return _Spending(self)

    def doubt(self, reason: Callable[[], str | None]) -> None:
        """Told where a condition is neither true nor false, or a name has no value. FEEL goes on, with false and null.

        reason: what is in doubt; None where nothing is, after all.
        """

    def enter_call(self) -> None:
        """Raises DmnError when calls are nested too deeply. Every entry needs its `leave_call`."""
        self.spend()
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise DmnError(f"function calls are nested more than {MAX_CALLS} deep")

    def leave_call(self) -> None:
        self.calls -= 1


class ExactBudget(Budget):
    """That of a judgement: what is in doubt ends it, for whatever followed would be a guess."""

    __slots__ = ()

    exact = True

    def doubt(self, reason: Callable[[], str | None]) -> None:
        """Raises DmnError."""
        told = reason()
        if told is not None:
            raise DmnError(told)


class _Spending:
    __slots__ = ("_budget", "_token")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def __enter__(self) -> None:
        self._token = _CURRENT.set(self._budget)

    def __exit__(self, *_: object) -> None:
        _CURRENT.reset(self._token)


_CURRENT: ContextVar[Budget | None] = ContextVar("budget", default=None)


class Scope:
    """Names and their values, in front of an outer scope."""

    __slots__ = ("budget", "outer", "variables")

    def __init__(self, variables: dict[str, Value], outer: Scope | None, budget: Budget) -> None:
        self.variables = variables
        self.outer = outer
        self.budget = budget

    def inner(self, variables: dict[str, Value]) -> Scope:
        return Scope(variables, self, self.budget)

    def __contains__(self, name: str) -> bool:
        return name in self.variables or (self.outer is not None and name in self.outer)

    def lookup(self, name: str) -> Value:
        """The innermost value of the name; null where it has none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.outer
        self.budget.doubt(lambda: f'there is no value for "{name}"')
        return None


# What an expression and a cell become once they are parsed.
Evaluate: TypeAlias = Callable[[Scope], Value]
Holds: TypeAlias = "Callable[[Value, Scope], bool | None]"
