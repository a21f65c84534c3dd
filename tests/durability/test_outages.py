"""A killed Temporal server, and a killed worker that nobody reports."""

import asyncio

import httpx
from temporalio.client import Client

from tests.durability.programs import TemporalServer
from tests.durability.scenario import IN_TIME, Scenario, scenario
from tests.durability.stories import ALERTED, DEPLOYED, SCORED
from tests.durability.tally import tally
from tests.stand_ins import StandIns

# From the new worker's start to the end of the process; Temporal misses the dead one by itself.
UNAIDED = 40.0
# So long that the job still runs when Temporal is killed.
JOB_SECONDS = 6


async def test_a_temporal_server_killed_while_processes_wait_goes_on_where_they_were(
    server: TemporalServer, client: Client, working: StandIns
) -> None:
    async with (
        scenario(DEPLOYED, server, client, working) as reviewed,
        scenario(ALERTED, server, client, working) as tested,
        scenario(SCORED, server, client, working) as scored,
    ):
        await reviewed.begin()
        await reviewed.review()
        await working.set_moc(jobDelaySeconds=JOB_SECONDS)
        begun = tested.wires.when(_a_job_is_created)
        killed = scored.wires.when(_a_job_is_created, server.kill)
        async with asyncio.timeout(IN_TIME):
            await tested.begin()
            await begun.wait()
            await scored.begin()
            await killed.wait()
        await working.set_moc(jobDelaySeconds=0)
        assert await _health(reviewed) == 503
        await server.start()
        await reviewed.approve()
        for one in (reviewed, tested, scored):
            record = await one.result()
            assert record.outcome == one.story.outcome
            assert await tally(working, record) == one.story.once_each
            assert await _health(one) == 200


async def test_a_worker_killed_after_the_ticket_was_created_is_missed_without_help_within_seconds(
    server: TemporalServer, client: Client, working: StandIns
) -> None:
    async with scenario(DEPLOYED, server, client, working) as one:
        killed = one.wires.when(lambda request: request == "POST issue", one.worker.kill)
        await one.begin()
        async with asyncio.timeout(IN_TIME):
            await killed.wait()
        async with asyncio.timeout(UNAIDED):
            await one.worker.start()
            await one.approve()
            record = await one.result()
        assert record.outcome == "deployed"
        assert await tally(working, record) == DEPLOYED.once_each


async def _health(one: Scenario) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        return (await http.get(one.worker.health_url)).status_code


def _a_job_is_created(request: str) -> bool:
    return request == "POST jobs"
