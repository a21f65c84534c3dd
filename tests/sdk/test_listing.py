"""Which processes a list tells: every one of ours, from its first moment on, and nothing else."""

from uuid import uuid4

from temporalio.testing import WorkflowEnvironment

from starter.client import MlcClient
from tests.gateway.watching import no_watcher
from tests.house import House
from worker.hosting import ensure_watcher


async def test_a_process_that_no_worker_has_begun_is_listed_with_its_name(
    temporal: WorkflowEnvironment,
) -> None:
    client = MlcClient(temporal.client, f"nobody-{uuid4().hex[:8]}")
    process = await client.start_fleet_back_test(f"tag-{uuid4().hex[:8]}")

    async def listed(**wanted: str) -> list[tuple[str, str]]:
        rows = await client.list(**wanted)  # pyright: ignore[reportArgumentType]
        return [(row.process, row.state) for row in rows if row.workflow_id == process]

    for _ in range(100):
        if await listed():
            break
    assert await listed() == await listed(process="fleet-back-test") == [("fleet-back-test", "running")]
    assert await listed(state="running") == [("fleet-back-test", "running")]
    assert await listed(process="deploy") == []
    await temporal.client.get_workflow_handle(process).terminate("the test is over")


async def test_what_serves_the_processes_is_none_and_is_not_listed(at_home: House) -> None:
    watcher = await ensure_watcher(at_home.temporal, at_home.settings)
    rows = await at_home.client.list(limit=1000)
    await no_watcher(at_home)
    assert watcher.id not in {row.workflow_id for row in rows}
