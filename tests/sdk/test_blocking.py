"""The SDK without `await`."""

import asyncio
import inspect
import os
import subprocess
import sys
import threading
from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest

from mlc.errors import InvalidInput, NotFound, Unavailable
from mlc.processes import BackTestRequest
from starter import BlockingMlcClient, MlcClient, ScheduleDeclaration
from starter.blocking import BlockingSchedules, BlockingSignals
from starter.schedules import Schedules
from starter.signals import Signals
from tests.house import House
from tests.stand_ins import ROOT


@pytest.fixture
def client(at_home: House, monkeypatch: pytest.MonkeyPatch) -> Generator[BlockingMlcClient]:
    monkeypatch.setenv("TEMPORAL_ADDRESS", at_home.temporal.service_client.config.target_host)
    with BlockingMlcClient.connect(task_queue=at_home.settings.worker.task_queue) as client:
        yield client


async def test_every_call_waits_for_its_answer(
    at_home: House, service: str, client: BlockingMlcClient
) -> None:
    await at_home.stand_ins.runtime(service)
    snapshot = await at_home.stand_ins.snapshot("jira", service)

    def use() -> None:
        process = client.start_deploy(snapshot["id"], request_id="r-1")
        record = client.wait(process, within=timedelta(seconds=1))
        while record.waiting_for is None:
            record = client.status(process)
        assert client.troubles(process) == []
        decision = client.decide(process, "approve", by="ann", comment="yes")
        assert decision.ticket == record.waiting_for
        assert client.wait(process).outcome == "deployed"
        (started,) = client.signal("MODEL_BACK_TEST", {"MODEL_ID": snapshot["id"]})
        assert client.wait(started.workflow_id).outcome == "passed"
        (typed,) = client.signals.model_back_test(BackTestRequest(snapshot_id=snapshot["id"]), request_id="r")
        assert typed.workflow_id == f"mlc-back-test-{snapshot['id']}-r"
        assert client.wait(typed.workflow_id).outcome == "passed"

    await asyncio.to_thread(use)


async def test_schedules_have_their_calls_too(
    at_home: House, service: str, client: BlockingMlcClient
) -> None:
    await at_home.stand_ins.runtime(service)
    snapshot = await at_home.stand_ins.snapshot(service)
    nightly = ScheduleDeclaration(
        name=f"nightly-{service}",
        process="back-test",
        variables={"MODEL_ID": snapshot["id"]},
        cron="0 6 * * *",
    )
    yesterday = datetime.now(UTC) - timedelta(days=1)

    def use() -> None:
        schedules, name = client.schedules, nightly.name
        schedules.check(nightly)
        assert schedules.create(nightly).action == "create"
        assert [change.action for change in schedules.apply([nightly], dry_run=True)] == ["unchanged"]
        schedules.pause(name, "for a test")
        assert schedules.describe(name).declaration.paused
        schedules.resume(name)
        started = schedules.trigger(name)
        assert started
        assert client.wait(started).outcome == "passed"
        assert len(schedules.backfill(name, yesterday, yesterday + timedelta(days=1))) == 1
        while len(runs := schedules.describe(name).runs) < 2 or name not in {
            r.name for r in schedules.list()
        }:
            pass
        assert [client.wait(run.workflow_id).outcome for run in runs] == ["passed", "passed"]
        schedules.delete(name)

    await asyncio.to_thread(use)


async def test_it_also_works_where_a_loop_runs_already(client: BlockingMlcClient) -> None:
    """As in a notebook, whose cells run inside of a loop."""
    assert asyncio.get_running_loop().is_running()
    with pytest.raises(NotFound, match="no process mlc-deploy-nobody-knows"):
        client.status("mlc-deploy-nobody-knows")


async def test_errors_are_those_of_the_other_client(client: BlockingMlcClient) -> None:
    with pytest.raises(InvalidInput, match="snapshot_id 'a b'"):
        client.start_back_test("a b")


async def test_a_closed_client_says_so(at_home: House, client: BlockingMlcClient) -> None:
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="the client is closed"):
        client.status("mlc-deploy-x")


async def test_a_client_that_cannot_connect_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    before = threading.active_count()
    with pytest.raises(Unavailable, match=r"Temporal does not answer at 127\.0\.0\.1:1"):
        BlockingMlcClient.connect()
    assert threading.active_count() == before


async def test_a_script_that_forgets_to_close_ends_cleanly(at_home: House) -> None:
    script = (
        "from starter import BlockingMlcClient; print(len(BlockingMlcClient.connect().list(process='none')))"
    )
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", script],
        env={**os.environ, "TEMPORAL_ADDRESS": at_home.temporal.service_client.config.target_host},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "0\n", "")


@pytest.mark.parametrize(
    ("ours", "other"),
    [(BlockingMlcClient, MlcClient), (BlockingSchedules, Schedules), (BlockingSignals, Signals)],
    ids=lambda it: it.__name__,
)
def test_it_has_every_method_of_the_other_client_with_the_same_arguments(ours: type, other: type) -> None:
    def public(kind: type) -> dict[str, list[inspect.Parameter]]:
        found = inspect.getmembers(kind, inspect.isfunction)
        return {
            name: list(inspect.signature(function).parameters.values())
            for name, function in found
            if not name.startswith("_")
        }

    assert {name: taken for name, taken in public(ours).items() if name != "close"} == public(other)
