"""The signals of the catalogue, each as a method that takes its variables as a model."""

from collections.abc import Awaitable, Callable
from typing import Any

from mlc.processes import BackTestRequest, BatchJobRequest, DeployRequest
from mlc.signals import (
    DEPLOYABLE_MODEL_CHANGED,
    DEPLOYED_BATCH_JOB,
    JOB_STATUS_CHANGED,
    MODEL_BACK_TEST,
    MODEL_CHANGED,
    MODEL_CREATED,
    MODEL_DATA_DRIFT_TEST,
    RUN_BACK_TEST_JIRA,
    RUN_BACK_TEST_SERVICE_NOW,
    ChangedJob,
    StoredModelVariables,
)
from mlc.variables import Variables
from starter.starting import Started

Sent = tuple[Started, ...]


def plain_variables(variables: Variables) -> dict[str, Any]:
    """The variables as they travel, by name; what is left at its default does not."""
    given = variables.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    kind = type(variables)
    return {
        name: given[alias]
        for name, alias in zip(kind.preferred_names(), _aliases(kind), strict=True)
        if alias in given
    }


def _aliases(kind: type[Variables]) -> list[str]:
    return [field.alias or name for name, field in kind.model_fields.items()]


class Signals:
    """A method for each signal. Answers and errors are those of `MlcClient.signal`.

    >>> from mlc.processes import BackTestRequest
    >>> variables = BackTestRequest(snapshot_id=snapshot_id)
    >>> (started,) = await client.signals.model_back_test(variables, request_id="tuesday")
    >>> started.process, (await client.wait(started.workflow_id)).outcome
    ('back-test', 'passed')

    >>> from mlc.signals import StoredModelVariables
    >>> await client.signals.model_created(StoredModelVariables(model_id="a-model"))
    ()
    """

    def __init__(self, send: Callable[..., Awaitable[Sent]]) -> None:
        self._signal = send

    async def deployable_model_changed(
        self, variables: DeployRequest, *, request_id: str | None = None
    ) -> Sent:
        """A snapshot was created or changed: starts its deploy process, or joins it."""
        return await self._send(DEPLOYABLE_MODEL_CHANGED, variables, request_id)

    async def model_back_test(self, variables: BackTestRequest, *, request_id: str | None = None) -> Sent:
        """Starts a back-test."""
        return await self._send(MODEL_BACK_TEST, variables, request_id)

    async def run_back_test_jira(self, variables: BackTestRequest, *, request_id: str | None = None) -> Sent:
        """Starts a back-test."""
        return await self._send(RUN_BACK_TEST_JIRA, variables, request_id)

    async def run_back_test_service_now(
        self, variables: BackTestRequest, *, request_id: str | None = None
    ) -> Sent:
        """Starts what subscribes to it."""
        return await self._send(RUN_BACK_TEST_SERVICE_NOW, variables, request_id)

    async def deployed_batch_job(self, variables: BatchJobRequest, *, request_id: str | None = None) -> Sent:
        """Starts a batch job."""
        return await self._send(DEPLOYED_BATCH_JOB, variables, request_id)

    async def model_data_drift_test(
        self, variables: BackTestRequest, *, request_id: str | None = None
    ) -> Sent:
        """Starts what subscribes to it."""
        return await self._send(MODEL_DATA_DRIFT_TEST, variables, request_id)

    async def model_changed(self, variables: StoredModelVariables, *, request_id: str | None = None) -> Sent:
        """A model was changed: starts what subscribes to it."""
        return await self._send(MODEL_CHANGED, variables, request_id)

    async def model_created(self, variables: StoredModelVariables, *, request_id: str | None = None) -> Sent:
        """A model was created: starts what subscribes to it."""
        return await self._send(MODEL_CREATED, variables, request_id)

    async def job_status_changed(self, variables: ChangedJob, *, request_id: str | None = None) -> Sent:
        """A job's status changed: wakes the process that waits for it."""
        return await self._send(JOB_STATUS_CHANGED, variables, request_id)

    async def _send(self, name: str, variables: Variables, request_id: str | None) -> Sent:
        return await self._signal(name, plain_variables(variables), request_id=request_id)
