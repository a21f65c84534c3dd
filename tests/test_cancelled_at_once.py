"""A process that is cancelled before it has done anything winds up like any other, whichever it is."""

from datetime import timedelta
from uuid import uuid4

import pytest

from mlc.processes import (
    BackTestRequest,
    BatchJobRequest,
    DeployRequest,
    FleetBackTestRequest,
    ProcessRequest,
)
from tests.house import House


@pytest.mark.parametrize(
    ("process", "request_of"),
    [
        ("deploy", DeployRequest(snapshot_id="none")),
        ("back-test", BackTestRequest(snapshot_id="none")),
        ("batch-job", BatchJobRequest(tag="none")),
        ("fleet-back-test", FleetBackTestRequest(tag="none")),
    ],
)
async def test_cancelled_before_its_first_task_it_ends_with_a_record(
    at_home: House, process: str, request_of: ProcessRequest
) -> None:
    workflow_id = f"mlc-{process}-{uuid4().hex[:8]}"
    handle = await at_home.temporal.start_workflow(
        process,
        request_of,
        id=workflow_id,
        task_queue=at_home.settings.worker.task_queue,
        start_delay=timedelta(minutes=1),
    )
    await handle.cancel()
    record = await at_home.until(workflow_id, "cancelled")
    assert (record.reason, record.tickets, record.jobs) == ("cancelled by request", (), ())
