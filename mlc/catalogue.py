"""The processes there are: what starts each, what its workflow ids look like, where its code is.

Built-in ones stand here; those of other packages announce themselves under the entry point group `mlc.processes`, each entry
point naming a `ProcessDefinition`. Code is named, not imported: whoever starts a process need not load it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import entry_points

from mlc.errors import InvalidInput
from mlc.ids import JOB_NEWS, WATCH
from mlc.processes import (
    BackTestRequest,
    BatchJobRequest,
    DeployRequest,
    FleetBackTestRequest,
    ProcessRequest,
)
from mlc.signals import (
    DEPLOYABLE_MODEL_CHANGED,
    DEPLOYED_BATCH_JOB,
    MODEL_BACK_TEST,
    RUN_BACK_TEST_JIRA,
    full_name,
)

ENTRY_POINTS = "mlc.processes"
# By it our workflows are told from others in the same namespace.
OWN_PREFIX = "mlc-"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Workflow types of mlc that are no processes; their ids are made as those of processes are.
RESERVED = (WATCH, JOB_NEWS)


@dataclass(frozen=True)
class ProcessDefinition:
    """One process.

    `name` is the workflow type. `title` is what ModelOp Center's lineage calls it. `request` is the workflow's one argument.
    `signals` are their names, with or without ModelOp Center's prefix. `workflow` is `package.module:Class`; `activities`, where
    the process has some of its own, is `package.module:function`, a function from `Settings` to the list of them.
    `one_at_a_time`: a second start while one runs for the same subject joins it.
    """

    name: str
    title: str
    request: type[ProcessRequest]
    workflow: str
    activities: str | None = None
    signals: tuple[str, ...] = ()
    one_at_a_time: bool = False
    id_prefix: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "signals", tuple(full_name(signal) for signal in self.signals))
        if not NAME.fullmatch(self.name):
            raise InvalidInput(
                f"process name {self.name!r}: small letters and digits, joined by single hyphens"
            )
        if self.name in RESERVED:
            raise InvalidInput(f"process {self.name}: mlc has a workflow of that name: take another")
        if self.id_prefix and not self.id_prefix.startswith(OWN_PREFIX):
            raise InvalidInput(
                f"process {self.name}: its id_prefix begins with {OWN_PREFIX}, so that it is known as ours"
            )

    @property
    def ids_begin_with(self) -> str:
        """What comes before the subject in the ids of this process."""
        return self.id_prefix or OWN_PREFIX + self.name

    def workflow_id(self, request: ProcessRequest, occasion: str | None) -> str:
        """The business id. `occasion` is a request id, or a schedule's name, to which Temporal appends the fire time."""
        base = f"{self.ids_begin_with}-{request.subject}"
        return base if occasion is None or self.one_at_a_time else f"{base}-{occasion}"


DEPLOY = ProcessDefinition(
    name="deploy",
    title="On Model Changed Deploy with run test and Jira",
    request=DeployRequest,
    workflow="workflows.deploy:Deploy",
    signals=(DEPLOYABLE_MODEL_CHANGED,),
    one_at_a_time=True,
)
BACK_TEST = ProcessDefinition(
    name="back-test",
    title="Cron Triggered Back Test",
    request=BackTestRequest,
    workflow="workflows.back_test:BackTest",
    signals=(MODEL_BACK_TEST, RUN_BACK_TEST_JIRA),
)
BATCH_JOB = ProcessDefinition(
    name="batch-job",
    title="Run Batch Model Job",
    request=BatchJobRequest,
    workflow="workflows.batch_job:BatchJob",
    signals=(DEPLOYED_BATCH_JOB,),
    id_prefix="mlc-batch",
)
FLEET_BACK_TEST = ProcessDefinition(
    name="fleet-back-test",
    title="Back Test of a Fleet",
    request=FleetBackTestRequest,
    workflow="workflows.fleet_back_test:FleetBackTest",
)
BUILT_IN = (DEPLOY, BACK_TEST, BATCH_JOB, FLEET_BACK_TEST)


class Catalogue:
    """The processes of an installation, by name and by signal."""

    def __init__(self, processes: Iterable[ProcessDefinition] = BUILT_IN) -> None:
        self.processes = tuple(processes)
        self._by_name: dict[str, ProcessDefinition] = {}
        for process in self.processes:
            if process.name in self._by_name:
                raise InvalidInput(f"two processes are called {process.name}: rename one of them")
            self._by_name[process.name] = process
        _refuse_like_ids(self.processes)

    def process(self, name: str) -> ProcessDefinition:
        """Raises InvalidInput naming those there are."""
        if name not in self._by_name:
            raise InvalidInput(f"there is no process {name!r}; there are {', '.join(self._by_name)}")
        return self._by_name[name]

    def title(self, name: str) -> str:
        """What ModelOp Center's lineage calls a process; of one that is no longer installed, its name."""
        definition = self._by_name.get(name)
        return definition.title if definition else name

    def started_by(self, signal: str) -> tuple[ProcessDefinition, ...]:
        """The processes that a signal starts, by its full name."""
        return tuple(process for process in self.processes if signal in process.signals)


def _refuse_like_ids(processes: Iterable[ProcessDefinition]) -> None:
    """Raises InvalidInput unless no two processes can ever have one id, whatever they are about.

    Equal beginnings are not all: `mlc-back` on `test-5a31` would have the id of `mlc-back-test` on `5a31`.
    """
    seen = {OWN_PREFIX + name: f"mlc's own {name}" for name in RESERVED}
    for process in processes:
        begins = process.ids_begin_with
        for other, whose in seen.items():
            shorter, longer = sorted((begins, other), key=len)
            if f"{longer}-".startswith(f"{shorter}-"):
                raise InvalidInput(
                    f"process {process.name}: its ids begin with {begins}, those of {whose} with {other}, so both could have"
                    " the same: rename it, or give it an id_prefix of its own"
                )
        seen[begins] = f"process {process.name}"


def installed() -> Catalogue:
    """The built-in processes and those of other installed packages. Raises InvalidInput naming a package that is at fault."""
    found = list(BUILT_IN)
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        try:
            definition = point.load()
        except Exception as error:
            raise InvalidInput(f"process {point.name} ({point.value}) cannot be loaded: {error}") from error
        if not isinstance(definition, ProcessDefinition):
            raise InvalidInput(f"process {point.name}: {point.value} is not a ProcessDefinition")
        found.append(definition)
    return Catalogue(found)
