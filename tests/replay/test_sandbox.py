"""What the workflow sandbox loads for a process is chosen, and all of it is there before the process begins."""

import dataclasses
import warnings
from uuid import uuid4

from temporalio.client import Client
from temporalio.plugin import SimplePlugin
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import SandboxImportNotificationPolicy

from starter.client import MlcClient
from tests.house import House, settings_for
from tests.stand_ins import StandIns
from worker.hosting import hosting
from workflows.temporal import mlc_plugin

STRICT = (
    SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    | SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
)


def strict(existing: WorkflowRunner | None) -> WorkflowRunner:
    """The sandbox of the product, which raises for what it was not meant to load."""
    assert isinstance(existing, SandboxedWorkflowRunner)
    # The workflows' own modules are loaded anew for each process; that is meant.
    restrictions = existing.restrictions.with_passthrough_modules("workflows")
    return dataclasses.replace(existing, restrictions=restrictions.with_import_notification_policy(STRICT))


async def test_a_process_imports_nothing_unintended_and_nothing_while_it_runs(
    temporal: WorkflowEnvironment, outside: StandIns
) -> None:
    await outside.reset()
    service = f"svc-{uuid4().hex[:8]}"
    target = temporal.client.service_client.config.target_host
    client = await Client.connect(
        target, plugins=[mlc_plugin(), SimplePlugin("strict", workflow_runner=strict)]
    )
    settings = settings_for(outside, f"mlc-{service}")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        async with hosting(client, settings):
            home = House(temporal, outside, settings)
            home.client = MlcClient(client, settings.worker.task_queue)
            await outside.runtime(service)
            process = await home.deploy(await outside.snapshot("run_test", "jira", service))
            await home.answer(await home.until(process, "review"), "Done")
            assert (await home.until(process, "deployed")).outcome == "deployed"
    assert [
        str(one.message) for one in warned if "imported after initial workflow load" in str(one.message)
    ] == []
