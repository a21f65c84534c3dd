"""The worker as an operator sees it: how it starts, how it ends, and what it says when it cannot."""

import asyncio
import socket

import httpx
import pytest

from tests.durability.programs import TemporalServer, WorkerProgram, worker_program
from tests.stand_ins import StandIns, free_port

RUNS = 5


@pytest.fixture
def worker(server: TemporalServer, working: StandIns) -> WorkerProgram:
    return WorkerProgram(server.address, working.moc_url, working.jira_url)


async def test_sigterm_ends_the_worker_with_0_within_its_grace_time_after_time(
    server: TemporalServer, working: StandIns
) -> None:
    workers = [WorkerProgram(server.address, working.moc_url, working.jira_url) for _ in range(RUNS)]
    for worker in workers:
        await worker.start()
    started = asyncio.get_running_loop().time()
    ends = await asyncio.gather(*(worker.stop() for worker in workers))
    assert [code for code, _ in ends] == [0] * RUNS
    assert asyncio.get_running_loop().time() - started < 8
    assert not [said for _, said in ends if "Traceback" in said or "Fatal Python error" in said]


async def test_the_health_endpoint_answers_200_and_names_the_queues(
    server: TemporalServer, working: StandIns
) -> None:
    async with (
        worker_program(server.address, working.moc_url, working.jira_url) as worker,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        answer = await http.get(worker.health_url)
        queue = worker.queue
        assert answer.status_code == 200
        assert answer.json() == {
            "temporal": True,
            "queues": {queue: True, f"{queue}-modelop": True, f"{queue}-jira": True},
        }


async def test_a_worker_waits_for_a_temporal_server_that_is_not_up_and_can_be_ended_meanwhile(
    working: StandIns,
) -> None:
    address = f"127.0.0.1:{free_port()}"
    worker = WorkerProgram(address, working.moc_url, working.jira_url)
    worker.launch()
    await worker.until_said("does not answer")
    code, said = await worker.stop()
    assert code == 0
    assert f"Temporal does not answer at {address}" in said
    assert "Traceback" not in said


async def test_a_health_port_that_is_taken_is_one_clear_line_and_exit_code_2(worker: WorkerProgram) -> None:
    with socket.create_server(("127.0.0.1", worker.health_port)):
        worker.launch()
        code, said = await worker.ended()
    errors = [line for line in said.splitlines() if "ERROR" in line]
    assert code == 2
    assert len(errors) == 1
    assert f"127.0.0.1:{worker.health_port}: Address already in use" in errors[0]
    assert "MLC_WORKER__HEALTH_PORT" in errors[0]
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MLC_WORKER__HEALTH_PORT", "many"),
        ("MLC_POLICY__POLL", "soon"),
        ("MLC_MODELOP__TIMEOUT_SECONDS", "0"),
        ("MLC_WORKER__LOG_LEVEL", "LOUD"),
        ("MLC_CONFIG", "missing.toml"),
    ],
)
async def test_a_wrong_setting_is_one_line_that_names_it_and_exit_code_2(
    worker: WorkerProgram, name: str, value: str
) -> None:
    worker.environment[name] = value
    worker.launch()
    code, said = await worker.ended()
    assert code == 2
    assert len(said.splitlines()) == 1
    assert name in said
