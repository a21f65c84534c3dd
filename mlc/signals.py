"""The catalogue of signals: each name on the wire, the variables it carries, and what it starts or wakes.

The names are those of ModelOp Center 3.5 and its documentation. A signal is a broadcast: every process that names it in its
definition starts. One that nothing names is taken all the same, as by Camunda, once its variables are in order.
"""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from mlc.processes import BackTestRequest, BatchJobRequest, DeployRequest, Id
from mlc.variables import Variable, Variables

PREFIX = "com.modelop.mlc.definitions.Signals_"

DEPLOYABLE_MODEL_CHANGED = PREFIX + "deployable_model_changed"
MODEL_BACK_TEST = PREFIX + "MODEL_BACK_TEST"
RUN_BACK_TEST_JIRA = PREFIX + "Run_Back_Test_Jira"
RUN_BACK_TEST_SERVICE_NOW = PREFIX + "Run_Back_Test_ServiceNow"
DEPLOYED_BATCH_JOB = PREFIX + "DEPLOYED_BATCH_JOB"
MODEL_DATA_DRIFT_TEST = PREFIX + "MODEL_DATA_DRIFT_TEST"
MODEL_CHANGED = PREFIX + "model_changed"
MODEL_CREATED = PREFIX + "model_created"
JOB_STATUS_CHANGED = PREFIX + "job_status_changed"


class StoredModelVariables(Variables):
    """A model that was created or changed; only its id is taken."""

    takes_others: ClassVar[bool] = True

    model_id: Annotated[Id, Variable("STORED_MODEL", at="id")]


class ChangedJob(Variables):
    """A job whose status changed. It is a hint: the job is read afresh by whoever waits for it."""

    takes_others: ClassVar[bool] = True

    job_id: Annotated[Id, Variable("JOB", at="id")]


@dataclass(frozen=True)
class Signal:
    """One signal. `effect` says in a line what it does."""

    name: str
    variables: type[Variables]
    effect: str


SIGNALS = {
    signal.name: signal
    for signal in (
        Signal(
            DEPLOYABLE_MODEL_CHANGED, DeployRequest, "starts the deploy process of a snapshot, or joins it"
        ),
        Signal(MODEL_BACK_TEST, BackTestRequest, "starts a back-test"),
        Signal(RUN_BACK_TEST_JIRA, BackTestRequest, "starts a back-test"),
        Signal(RUN_BACK_TEST_SERVICE_NOW, BackTestRequest, "starts what subscribes to it"),
        Signal(DEPLOYED_BATCH_JOB, BatchJobRequest, "starts a batch job"),
        Signal(MODEL_DATA_DRIFT_TEST, BackTestRequest, "starts what subscribes to it"),
        Signal(MODEL_CHANGED, StoredModelVariables, "starts what subscribes to it"),
        Signal(MODEL_CREATED, StoredModelVariables, "starts what subscribes to it"),
        Signal(JOB_STATUS_CHANGED, ChangedJob, "wakes the process that waits for the job"),
    )
}


def full_name(name: str) -> str:
    """The name on the wire of a signal that is given without its prefix."""
    return name if "." in name else PREFIX + name


def read_signal(name: str, variables: dict[str, Any]) -> Variables | None:
    """The variables of a signal of the catalogue, None for another one. Raises InvalidInput naming the variable."""
    signal = SIGNALS.get(name)
    return signal.variables.from_variables(variables, name) if signal is not None else None
