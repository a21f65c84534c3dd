"""The code that the catalogue names: workflow classes, and the activities that other packages bring.

Whatever is wrong with it is found before the worker takes up work, and told in one line that names the package.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from importlib import import_module
from typing import Any, cast

from temporalio import activity, workflow

from mlc.catalogue import Catalogue, ProcessDefinition
from mlc.errors import InvalidInput
from mlc.settings import Settings

Activity = Callable[..., Any]


def workflows_of(catalogue: Catalogue) -> list[type]:
    """The workflow class of each process. Raises InvalidInput when one cannot be loaded, or is none of that name."""
    return [_workflow(definition) for definition in catalogue.processes]


def activities_of(catalogue: Catalogue, settings: Settings, taken: Iterable[Activity]) -> list[Activity]:
    """The activities that the processes bring along. Raises InvalidInput, also for one that is called like another."""
    owners = {_activity_name(function): "mlc itself" for function in taken}
    found: list[Activity] = []
    for definition in catalogue.processes:
        if definition.activities is None:
            continue
        for function in _made(definition, definition.activities, settings):
            name = _activity_name(function)
            if name is None:
                raise _wrong(
                    definition,
                    definition.activities,
                    f"{function!r} is no activity: decorate it with @activity.defn",
                )
            if name in owners:
                why = f"its activity {name} is called like one of {owners[name]}: rename it"
                raise _wrong(definition, definition.activities, why)
            owners[name] = definition.name
            found.append(function)
    return found


@contextmanager
def refusal_of_sandbox(catalogue: Catalogue) -> Generator[None]:
    """A workflow that Temporal's sandbox refuses to load, such as one that imports an I/O library, as InvalidInput."""
    try:
        yield
    except RuntimeError as error:
        # The SDK names the workflow type last.
        at_fault = next((d for d in catalogue.processes if str(error).endswith(f" workflow {d.name}")), None)
        if at_fault is None:
            raise
        why = f"the workflow sandbox does not load it, I/O belongs into activities: {_told(error.__cause__ or error)}"
        raise _wrong(at_fault, at_fault.workflow, why) from error


def _workflow(definition: ProcessDefinition) -> type:
    found = _loaded(definition, definition.workflow)
    # The SDK offers no public way to ask a class for its workflow type.
    defined = workflow._Definition.from_class(found) if isinstance(found, type) else None  # pyright: ignore[reportPrivateUsage]
    if defined is None:
        raise _wrong(definition, definition.workflow, "it is no workflow: decorate it with @workflow.defn")
    if defined.name != definition.name:
        why = f"its workflow type is {defined.name}: write @workflow.defn(name={definition.name!r})"
        raise _wrong(definition, definition.workflow, why)
    return defined.cls


def _made(definition: ProcessDefinition, named: str, settings: Settings) -> list[Activity]:
    make = _loaded(definition, named)
    try:
        return list(cast(Callable[[Settings], list[Activity]], make)(settings))
    except Exception as error:
        raise _wrong(definition, named, f"it does not make a list of activities: {_told(error)}") from error


def _loaded(definition: ProcessDefinition, named: str) -> object:
    """What `package.module:name` stands for."""
    module, _, name = named.partition(":")
    if not module or not name:
        raise _wrong(definition, named, "code is named as package.module:Name")
    try:
        return getattr(import_module(module), name)
    except Exception as error:
        raise _wrong(definition, named, f"it cannot be loaded: {_told(error)}") from error


def _activity_name(function: Activity) -> str | None:
    defined = activity._Definition.from_callable(function)  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]
    return defined.name if defined else None


def _wrong(definition: ProcessDefinition, named: str, why: str) -> InvalidInput:
    return InvalidInput(f"process {definition.name} ({named}): {why}")


def _told(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
