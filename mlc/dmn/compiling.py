"""Compiles a file: every element with what it requires, and everything that is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial

from mlc.dmn.boxed import Boxes
from mlc.dmn.cells import Expression, broken_expression
from mlc.dmn.declared import element_names, elements_of, members_of, mentioned, variables_of
from mlc.dmn.elements import (
    Decision,
    DecisionService,
    Element,
    InputData,
    KnowledgeModel,
    Requirement,
    unseen,
)
from mlc.dmn.errors import DmnError
from mlc.dmn.feel.reader import Names
from mlc.dmn.imports import Module
from mlc.dmn.items import ItemTypes
from mlc.dmn.model import (
    DecisionSource,
    ExpressionSource,
    InputSource,
    KnowledgeSource,
    ServiceSource,
    TableSource,
    Variable,
)
from mlc.dmn.problems import Problems
from mlc.dmn.table import DecisionTable
from mlc.dmn.types import ANY, Type
from mlc.dmn.values import Value

MAX_PATHS = 200


class CompiledFile:
    """The elements of a file by id, after those of the files it imports.

    notes: what is wrong with the file and stops no element. variables: the names that its texts may use.
    """

    def __init__(
        self, module: Module, variables: Iterable[str] = (), known: dict[int, CompiledFile] | None = None
    ) -> None:
        """known: the files compiled so far, by their modules' identity."""
        known = {} if known is None else known
        self.file = module.file
        self.namespace = module.source.namespace
        self.imports = tuple((each, _compiled(imported, known)) for each, imported in module.imports)
        self.paths = 1 + sum(file.paths for _, file in self.imports)
        if self.paths > MAX_PATHS:
            raise DmnError(f"more than {MAX_PATHS} chains of imports lead from the file", file=self.file)
        self._reached = self._reachable()
        self._foreign = module.foreign
        self._limits = module.limits
        self.notes: list[DmnError] = []
        self.types = ItemTypes(
            module.source.items,
            [(f"{each.name}." if each.name else "", file.types) for each, file in self.imports],
        )
        self._names_by_id = {each.id: element_names(each) for each in reversed(elements_of(module.source))}
        self._functions = frozenset(each.name for each in (*module.source.knowledge, *module.source.services))
        self.variables = frozenset(variables_of(module.source)).union(
            *({each.name} if each.name else file.variables for each, file in self.imports)
        )
        self.members = self.types.members().union(
            members_of(module.source),
            *(file.members | (file.variables if each.name else set[str]()) for each, file in self.imports),
        )
        self._names = Names(
            self.variables | mentioned(module.source, variables), self.members, self.types.by_name()
        )
        self.elements: dict[str, Element] = {}
        self._note_duplicates(module)
        for source in elements_of(module.source):
            if source.id not in self.elements:
                self.elements[source.id] = self._element(source)
        self._note_types()

    def all_files(self) -> dict[int, CompiledFile]:
        """The file and those it imports, by their identity."""
        files: dict[int, CompiledFile] = {id(self): self}
        for _, file in self.imports:
            files |= file.all_files()
        return files

    def problems(self) -> list[DmnError]:
        """What is wrong with the file itself and with each of its elements."""
        return [*self.notes, *(each for element in self.elements.values() for each in element.problems)]

    def _element(self, source: DecisionSource | KnowledgeSource | InputSource | ServiceSource) -> Element:
        match source:
            case DecisionSource():
                return self._decision(source)
            case KnowledgeSource():
                return self._knowledge(source)
            case ServiceSource():
                return self._service(source)
            case InputSource():
                problems = Problems(self._limits)
                wanted = self._type(source.variable, problems)
                return InputData(
                    source.id, source.name, element_names(source), self.file, wanted, tuple(problems.found)
                )

    def _type(self, variable: Variable, problems: Problems) -> Type:
        return problems.attempt(partial(self.types.type_of, variable.type_ref), lambda _: ANY)

    def _result_type(self, variable: Variable, problems: Problems) -> Type:
        return problems.attempt(partial(self.types.result_type_of, variable.type_ref), lambda _: ANY)

    def _decision(self, source: DecisionSource) -> Decision:
        problems = Problems(self._limits)
        requirements = self._inputs(source)
        requirements += self._requirements((*source.requires.decisions, *source.requires.knowledge), problems)
        logic = self._logic(source.logic, source.variable.type_ref, problems)
        self._refuse_foreign(logic.names, problems)
        provided = self._provided(requirements)
        return Decision(
            id=source.id,
            name=source.name,
            names=element_names(source),
            file=self.file,
            type=self._type(source.variable, problems),
            logic=logic,
            requirements=requirements,
            free=tuple(sorted(logic.names - provided)),
            unseen=self._unseen(logic.names - provided),
            problems=tuple(each.located(decision=source.name, file=self.file) for each in problems.found),
        )

    def _logic(
        self, source: ExpressionSource | DmnError | None, type_ref: str | None, problems: Problems
    ) -> DecisionTable | Expression:
        boxes = Boxes(self.types, problems)
        match source:
            case None:
                return Expression(lambda scope: None, frozenset(), frozenset())
            case DmnError():
                problems.found.append(source)
                return broken_expression(source)
            case TableSource():
                return boxes.table(source, self._names, type_ref)
            case _:
                return boxes.compile(source, self._names, type_ref)

    def _knowledge(self, source: KnowledgeSource) -> KnowledgeModel:
        problems = Problems(self._limits)
        place = f'business knowledge model "{source.name}"'
        requirements = self._requirements((*source.requires.inputs, *source.requires.knowledge), problems)
        if isinstance(source.function, DmnError):
            problems.found.append(source.function)
            parameters: tuple[str, ...] = ()
            make = broken_expression(source.function)
        else:
            parameters = tuple(each.name for each in source.function.parameters)
            make = Boxes(self.types, problems).function(
                source.function, self._names, self._result_type(source.variable, problems), place
            )
        self._refuse_foreign(make.names, problems)
        return KnowledgeModel(
            id=source.id,
            name=source.name,
            names=element_names(source),
            file=self.file,
            parameters=parameters,
            make=make,
            requirements=requirements,
            unseen=self._unseen(make.names - self._provided(requirements) - element_names(source)),
            problems=tuple(each.located(place=place, file=self.file) for each in problems.found),
        )

    def _service(self, source: ServiceSource) -> DecisionService:
        problems = Problems(self._limits)
        inputs = self._requirements((*source.input_data, *source.input_decisions), problems)
        outputs = self._requirements(source.outputs, problems)
        self._requirements(source.encapsulated, problems)
        place = f'decision service "{source.name}"'
        if not outputs:
            problems.found.append(DmnError("the service has no output decision"))
        return DecisionService(
            id=source.id,
            name=source.name,
            names=element_names(source),
            file=self.file,
            type=self._result_type(source.variable, problems),
            inputs=inputs,
            outputs=outputs,
            problems=tuple(each.located(place=place, file=self.file) for each in problems.found),
        )

    def _inputs(self, source: DecisionSource) -> tuple[Requirement, ...]:
        """Its input data. One that is not there stops nothing: a name that nothing else has is an input anyway."""
        problems = Problems(self._limits)
        found = self._requirements(source.requires.inputs, problems)
        self.notes += [each.located(decision=source.name, file=self.file) for each in problems.found]
        return found

    def _requirements(self, references: Iterable[str], problems: Problems) -> tuple[Requirement, ...]:
        found = (
            problems.attempt(partial(self._requirement, reference), lambda _: None)
            for reference in dict.fromkeys(references)
        )
        return tuple(each for each in found if each is not None)

    def _requirement(self, reference: str) -> Requirement | None:
        """Raises DmnError for a reference that points nowhere."""
        namespace, _, identity = reference.rpartition("#")
        # Files in the wild name a namespace that is nobody's, and mean their own.
        path, file = self._reached.get(namespace, ((), self))
        if identity not in file._names_by_id:
            if any(each.namespace == namespace for each in self._foreign if namespace):
                raise DmnError(f'requires "{reference}", which is no DMN: only DMN files can be evaluated')
            holder = "the file does" if file is self else f'the import "{".".join(path)}" does'
            raise DmnError(f'requires "{identity or reference}", which {holder} not hold')
        return Requirement(path, file.elements, identity)

    def _reachable(self) -> dict[str, tuple[tuple[str, ...], CompiledFile]]:
        """The files that references may name by namespace, with the names of the imports that lead to each."""
        found: dict[str, tuple[tuple[str, ...], CompiledFile]] = {"": ((), self), self.namespace: ((), self)}
        steps = [((each.name,) if each.name else (), each, file) for each, file in self.imports]
        for step, each, file in steps:
            found.setdefault(each.namespace, (step, file))
        for step, each, file in steps:
            # Some tools write the file's name where its namespace belongs.
            if each.location:
                found.setdefault(each.location, (step, file))
            for namespace, (onward, reached) in file._reached.items():
                if namespace:
                    found.setdefault(namespace, ((*step, *onward), reached))
        return found

    def _provided(self, requirements: Iterable[Requirement]) -> frozenset[str]:
        names: set[str] = set()
        for requirement in requirements:
            if requirement.path:
                names.add(requirement.path[0])
            elif requirement.elements is self.elements:
                names |= self._names_by_id[requirement.identity]
            else:
                names |= requirement.element.names
        return frozenset(names)

    def _unseen(self, names: frozenset[str]) -> dict[str, Value]:
        return {name: unseen(name) for name in names & self._functions}

    def _refuse_foreign(self, names: frozenset[str], problems: Problems) -> None:
        for each in self._foreign:
            if each.name in names:
                problems.found.append(
                    DmnError(
                        f'reads the import "{each.name}", which is no DMN: only DMN files can be evaluated'
                    )
                )

    def _note_duplicates(self, module: Module) -> None:
        source = module.source
        identities = [each.id for each in elements_of(source)]
        names = [each.name for each in (*source.decisions, *source.knowledge, *source.services)]
        kinds = (("id", identities), ("name", names), ("type", [each.name for each in source.items]))
        for kind, listed in kinds:
            for each, times in Counter(listed).items():
                if times > 1:
                    message = f'the {kind} "{each}" is borne by more than one element'
                    self.notes.append(DmnError(message, file=self.file))

    def _note_types(self) -> None:
        for name in self.types:
            try:
                self.types.type_of(name)
            except DmnError as error:
                self.notes.append(error.located(file=self.file))


def _compiled(module: Module, known: dict[int, CompiledFile]) -> CompiledFile:
    if id(module) not in known:
        known[id(module)] = CompiledFile(module, known=known)
    return known[id(module)]
