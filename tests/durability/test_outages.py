"""Outside systems that answer 503 all the time, and a Temporal server that is killed in the middle of a review."""

import httpx
from temporalio.client import Client

from tests.durability.programs import TemporalServer
from tests.durability.scenario import ONCE_EACH, Scenario, scenario
from tests.house import StandIns


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


async def _health(one: Scenario) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        return (await http.get(one.worker.health_url)).status_code
