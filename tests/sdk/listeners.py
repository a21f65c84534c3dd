"""Processes of the tests' own that listen to signals which start none of the product's."""

from typing import Annotated, ClassVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from mlc.catalogue import ProcessDefinition
    from mlc.processes import BackTestRequest, Id, ProcessRequest
    from mlc.signals import MODEL_CHANGED, MODEL_CREATED, MODEL_DATA_DRIFT_TEST, RUN_BACK_TEST_SERVICE_NOW
    from mlc.variables import Variable


class ModelRequest(ProcessRequest):
    """A model that was created or changed."""

    takes_others: ClassVar[bool] = True

    model_id: Annotated[Id, Variable("STORED_MODEL", at="id")]


@workflow.defn(name="hear-of-model")
class HearOfModel:
    """Answers what it was started with."""

    @workflow.run
    async def run(self, request: ModelRequest) -> ModelRequest:
        return request


@workflow.defn(name="hear-of-test")
class HearOfTest:
    """Answers what it was started with."""

    @workflow.run
    async def run(self, request: BackTestRequest) -> BackTestRequest:
        return request


LISTENERS = (
    ProcessDefinition(
        name="hear-of-model",
        title="Hear of a Model",
        request=ModelRequest,
        workflow="tests.sdk.listeners:HearOfModel",
        signals=(MODEL_CHANGED, MODEL_CREATED),
    ),
    ProcessDefinition(
        name="hear-of-test",
        title="Hear of a Test",
        request=BackTestRequest,
        workflow="tests.sdk.listeners:HearOfTest",
        signals=(RUN_BACK_TEST_SERVICE_NOW, MODEL_DATA_DRIFT_TEST),
    ),
)
