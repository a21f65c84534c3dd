"""Outside systems that answer 503 all the time, a killed Temporal server, and a killed worker that nobody reports."""

import asyncio

import httpx
from temporalio.client import Client

from tests.durability.programs import TemporalServer
from tests.durability.scenario import IN_TIME, ONCE_EACH, Scenario, scenario
from tests.house import StandIns

# From the new worker's start to the end of the process; Temporal misses the dead one by itself.
UNAIDED = 40.0


async def test_storms_of_503_over_both_systems_all_the_time_double_nothing(
    server: TemporalServer, client: Client, working: StandIns
) -> None:
    async with scenario(server, client, working) as one:
        one.wires.stormy = True
        await one.begin()
        await one.approve()
        record = await one.result()
        assert record.outcome == "deployed"
        assert await one.tally() == ONCE_EACH
        assert one.wires.struck["refused"] >= 8
        assert one.wires.struck["answer lost"] >= 5


async def test_a_temporal_server_killed_while_a_review_waits_goes_on_where_it_was(
    server: TemporalServer, client: Client, working: StandIns
) -> None:
    async with scenario(server, client, working) as one:
        await one.begin()
        await one.review()
        server.kill()
        assert await _health(one) == 503
        await server.start()
        await one.approve()
        record = await one.result()
        assert record.outcome == "deployed"
        assert await one.tally() == ONCE_EACH
        assert await _health(one) == 200


async def test_a_worker_killed_after_the_ticket_was_created_is_missed_without_help_within_seconds(
    server: TemporalServer, client: Client, working: StandIns
) -> None:
    async with scenario(server, client, working) as one:
        killed = one.kill_after(lambda request: request == "POST issue")
        await one.begin()
        async with asyncio.timeout(IN_TIME):
            await killed.wait()
        async with asyncio.timeout(UNAIDED):
            await one.worker.start()
            await one.approve()
            record = await one.result()
        assert record.outcome == "deployed"
        assert await one.tally() == ONCE_EACH


async def _health(one: Scenario) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        return (await http.get(one.worker.health_url)).status_code
