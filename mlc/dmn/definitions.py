"""The door: a DMN file, loaded once and evaluated often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from mlc.dmn.compiling import CompiledFile
from mlc.dmn.elements import Decision, DecisionService, KnowledgeModel
from mlc.dmn.errors import DmnError
from mlc.dmn.evidence import matched_rule
from mlc.dmn.imports import read_module
from mlc.dmn.requirements import Obstacles
from mlc.dmn.run import ExactRun, Run
from mlc.dmn.scope import Budget, ExactBudget, Scope
from mlc.dmn.table import MatchedRule, Outcome
from mlc.dmn.values import Value
from mlc.dmn.xml_expressions import single_blanks

_Result = TypeVar("_Result")
_NO_RESOURCES: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class Decided:
    """A decision's value and the rules it comes from (none for a decision that is no table)."""

    value: Value
    matched: tuple[MatchedRule, ...]


def load(
    xml: bytes,
    *,
    resources: Mapping[str, bytes] | None = None,
    file: str | None = None,
    variables: Iterable[str] = (),
) -> Definitions:
    """Reads and parses a DMN file of version 1.1 to 1.5; every text in it is parsed here.

    resources: the files that it may import, by the names (or locations) that the imports give; one whose name no
    import gives is found by its namespace. file: its name, for errors. variables: names of inputs that hold blanks or
    operators (a metric "rate-limit") and that the file itself does not declare; without them such a name in a cell
    reads as an expression.

    Raises DmnError for a file that is no such file, is hostile (DOCTYPE, too large, nested too deeply), imports what
    is not there, or has no decision that can be evaluated; the error names decision, rule and column. Where some can
    be evaluated, the others raise when they are asked for, and `problems` tells what is wrong with them.
    """
    try:
        return Definitions(CompiledFile(read_module(xml, resources or _NO_RESOURCES, file), variables))
    except DmnError as error:
        raise error.located(file=file) from None
    except RecursionError:
        raise DmnError("the file is nested too deeply", file=file) from None


class Definitions:
    """The decisions, decision services and business knowledge models of one DMN file."""

    def __init__(self, compiled: CompiledFile) -> None:
        self.file = compiled.file
        elements = tuple(compiled.elements.values())
        self._decisions = tuple(each for each in elements if isinstance(each, Decision))
        self._services = tuple(each for each in elements if isinstance(each, DecisionService))
        models = tuple(each for each in elements if isinstance(each, KnowledgeModel))
        # Ids before names, names before those of variables, decisions before the rest.
        evaluable = (*self._decisions, *self._services, *models)
        self._by_name = {name: each for each in reversed(evaluable) for name in each.names}
        self._by_name |= {each.name: each for each in reversed(evaluable)}
        self._by_name |= {each.id: each for each in reversed(evaluable)}
        self._obstacles = Obstacles()
        obstacles = [self._obstacles.of(each) for each in self._decisions or models]
        if obstacles and obstacles[0] is not None and None not in obstacles:
            raise obstacles[0]
        self._compiled = compiled

    @property
    def decisions(self) -> tuple[str, ...]:
        """The names of the decisions in the file's order."""
        return tuple(dict.fromkeys(each.name for each in self._decisions))

    @property
    def services(self) -> tuple[str, ...]:
        """The names of the decision services in the file's order."""
        return tuple(dict.fromkeys(each.name for each in self._services))

    @property
    def problems(self) -> tuple[DmnError, ...]:
        """Everything that is wrong with the file and those it imports: texts, requirements, types, names."""
        for element in self._compiled.elements.values():
            self._obstacles.of(element)
        found = [problem for file in self._compiled.all_files().values() for problem in file.problems()]
        return tuple({str(problem): problem for problem in (*found, *self._obstacles.circles)}.values())

    def evaluate(self, decision: str | None, inputs: Mapping[str, object]) -> Value:
        """The value of a decision, a decision service or a business knowledge model, by name or id.

        None takes the only decision. Inputs are plain Python values by variable name, for a service or a model by its
        parameters' names; one that is absent is null. An imported input is looked up as `import.name`, as `name` in
        the context `import`, and by its bare name. Several outputs of a service are a context. Raises DmnError.
        """
        element = self._found(decision)
        run = Run(inputs, Budget())

        def evaluated() -> Value:
            if isinstance(element, Decision):
                return element.evaluate(run)[1]
            return element.evaluate(run)

        return self._guarded(evaluated, run.budget)

    def decide(self, decision: str | None, inputs: Mapping[str, object]) -> Decided:
        """Like `evaluate`, for a decision, with the rules that the value comes from."""
        chosen = self.find(decision)
        run = Run(inputs, Budget())

        def decided() -> Decided:
            scope = chosen.scope(run)
            result = chosen.decide(scope)
            value = chosen.value(result, run)
            if not isinstance(result, Outcome):
                return Decided(value, ())
            matched = [matched_rule(result, rule, row, scope) for rule, row in result.hits]
            return Decided(value, tuple(matched))

        return self._guarded(decided, run.budget, chosen.name)

    def find(self, decision: str | None) -> Decision:
        """Raises DmnError where the file has no such decision, several and None was asked for, or a broken one."""
        found = self._found(decision)
        if not isinstance(found, Decision):
            raise DmnError(f'"{decision}" is no decision', file=self.file)
        return found

    def scope(self, decision: Decision, inputs: Mapping[str, object]) -> Scope:
        """What the decision sees for a judgement: inputs, and what it requires.

        Raises DmnError, also where an input or a result is not of its declared type, and where FEEL would take what is in
        doubt for false: a condition that is null, a name without a value, a rule that cannot be decided.
        """
        run = ExactRun(inputs, ExactBudget())
        return self._guarded(lambda: decision.scope(run), run.budget, decision.name)

    def _found(self, name: str | None) -> Decision | DecisionService | KnowledgeModel:
        if name is None:
            if len(self._decisions) != 1:
                listed = ", ".join(self.decisions) or "none"
                raise DmnError(
                    f"name one decision, the file has {len(self.decisions)}: {listed}", file=self.file
                )
            found = self._decisions[0]
        elif (found := self._by_name.get(name) or self._by_name.get(single_blanks(name))) is None:
            listed = ", ".join(dict.fromkeys(each.name for each in reversed(self._by_name.values())))
            raise DmnError(f'there is no decision "{name}"; the file has {listed}', file=self.file)
        obstacle = self._obstacles.of(found)
        if obstacle is not None:
            decision = found.name if isinstance(found, Decision) else None
            raise copy(obstacle).located(decision=decision, file=self.file)
        return found

    def _guarded(self, step: Callable[[], _Result], budget: Budget, decision: str | None = None) -> _Result:
        try:
            with budget.being_spent():
                return step()
        except DmnError as error:
            raise error.located(decision=decision, file=self.file) from None
        except RecursionError:
            raise DmnError("evaluation is nested too deeply", decision=decision, file=self.file) from None
