"""`mlc up`: the embedded stack."""

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from mlc.errors import NotFound, Unavailable
from mlc.ids import deploy_workflow_id
from mlc.record import ProcessRecord
from mlc.search_attributes import ALL
from starter.client import MlcClient
from tests.stack.programs import (
    MLC,
    PARTS,
    RunningStack,
    alive,
    children,
    default_ports,
    running_stack,
    until,
)
from workflows.temporal import mlc_plugin

TEMPORAL = str(Path(sys.executable).with_name("temporal"))
API = "/model-manage/api"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("stack") / "state") as running:
        yield running


def test_the_json_line_tells_where_everything_is(stack: RunningStack) -> None:
    info = stack.info
    assert set(info) == {
        *("temporal", "namespace", "temporalUi", "moc", "jira", "pid", "accounts"),
        *("gateway", "state", "config"),
    }
    assert info["namespace"] == "default"
    assert info["pid"] == stack.process.pid
    accounts = {name: set(account) for name, account in info["accounts"].items()}
    assert accounts == {
        "moc": {"username", "password"},
        "jiraService": {"username", "token"},
        "jiraReviewer": {"username", "token"},
    }


def test_the_stack_is_ready_within_eight_seconds(stack: RunningStack, tmp_path: Path) -> None:
    seconds = stack.ready_after
    if seconds >= 8:  # the machine may have been busy with other tests: once more
        with running_stack(tmp_path / "state") as again:
            seconds = again.ready_after
    assert seconds < 8


def test_everything_answers_when_the_line_is_printed(stack: RunningStack) -> None:
    for part in ("moc", "jira", "gateway"):
        assert httpx.get(f"{stack.info[part]}/health", trust_env=False).status_code == 200
    through_the_ui = httpx.get(f"{stack.info['temporalUi']}/api/v1/namespaces/default", trust_env=False)
    assert through_the_ui.json()["namespaceInfo"]["name"] == "default"


def test_the_accounts_open_the_stand_ins(stack: RunningStack) -> None:
    accounts = stack.info["accounts"]
    assert httpx.post(f"{stack.info['moc']}/gocli/token", data=accounts["moc"]).status_code == 200
    for account in (accounts["jiraService"], accounts["jiraReviewer"]):
        me = httpx.get(
            f"{stack.info['jira']}/rest/api/2/myself", auth=(account["username"], account["token"])
        )
        assert me.json()["name"] == account["username"]


def test_what_is_secret_is_readable_by_its_owner_alone(stack: RunningStack) -> None:
    for name in ("accounts.json", "mlc.toml"):
        assert (Path(stack.info["state"]) / name).stat().st_mode & 0o777 == 0o600


def test_a_state_folder_that_another_stack_uses_is_refused_in_one_line(stack: RunningStack) -> None:
    refused = mlc("up", "--state", stack.info["state"], "--ports", "auto", "--json")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert f"pid {stack.process.pid}" in refused.stderr


def test_a_taken_port_is_refused_in_one_line_that_names_port_part_and_option(tmp_path: Path) -> None:
    with default_ports(), socket.socket() as somebody:
        somebody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            somebody.bind(("127.0.0.1", 8083))
            somebody.listen()
        except OSError:
            pass  # taken by somebody else: as good
        refused = mlc("up", "--state", str(tmp_path / "state"))
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "8083 (the worker's health endpoint)" in refused.stderr
    assert "--ports auto" in refused.stderr
    assert not (tmp_path / "state" / "logs" / "temporal.log").exists()


def test_a_part_that_cannot_start_is_named_with_its_log_and_nothing_stays_behind(tmp_path: Path) -> None:
    (tmp_path / "jira").write_text("a file where Jira wants a folder")
    refused = mlc("up", "--state", str(tmp_path), "--ports", "auto", "--json")
    assert refused.returncode == 1
    assert refused.stdout == ""
    first, *_ = refused.stderr.splitlines()
    assert first.startswith("mlc: jira ended (exit code 2: sandbox.jira: ")
    assert str(tmp_path / "logs" / "jira.log") in first
    assert not commands_with(str(tmp_path))


@pytest.mark.parametrize("part", ["temporal", "moc", "jira", "gateway", "worker"])
def test_a_part_that_is_killed_comes_back(stack: RunningStack, part: str) -> None:
    killed = stack.pid_of(part)
    subprocess.run(["kill", "-9", str(killed)], check=True)
    until(lambda: f"{part} is back" in stack.said, f"{part} is back")
    assert f"{part} ended (SIGKILL); it starts again in" in stack.said
    assert stack.pid_of(part) != killed


def test_sigterm_ends_all_of_it_within_15_seconds(tmp_path: Path) -> None:
    with running_stack(tmp_path / "state") as running:
        parts = [pid for pid, _ in children(running.process.pid)]
        assert len(parts) == len(PARTS)
        code, seconds = running.stop(signal.SIGTERM)
        assert code == 0
        assert seconds < 15
        assert not any(alive(pid) for pid in parts)
        assert running.said == ""
        assert running.process.stdout
        assert running.process.stdout.read() == ""


def test_nothing_outlives_a_supervisor_that_is_killed_and_its_state_folder_is_free(tmp_path: Path) -> None:
    with running_stack(tmp_path / "state") as running:
        parts = [pid for pid, _ in children(running.process.pid)]
        running.stop(signal.SIGKILL)
        until(lambda: not any(alive(pid) for pid in parts), "all parts are gone", within=5)
    with running_stack(tmp_path / "state"):
        pass


async def test_a_restart_in_the_middle_of_a_review_goes_on_where_it_was(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running_stack(state) as before:
        snapshot = submit_for_review(before)
        workflow_id = deploy_workflow_id(snapshot)
        waiting = await reached(before, workflow_id, lambda record: record.waiting_for in keys(record))
        before.stop()
    with running_stack(state) as after:
        assert {**after.info, "pid": None} == {**before.info, "pid": None}
        assert [entity["id"] for entity in books(after, "deployableModels")] == [snapshot]
        approve(after, waiting.tickets[0].key)
        record = await reached(after, workflow_id, lambda record: record.state == "completed")
        assert record.outcome == "deployed"
        assert [ticket.key for ticket in record.tickets] == [waiting.tickets[0].key]
        assert record.decisions[0].comment == "Good after a restart, too."
        assert len(books(after, "deployedModels")) == 1


async def test_a_state_folder_of_an_older_version_learns_new_search_attributes(tmp_path: Path) -> None:
    make_older_database(tmp_path / "temporal.db")
    with running_stack(tmp_path) as running:
        client = await Client.connect(running.info["temporal"])
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace="default")
        )
        assert set(ALL) <= set(known.custom_attributes)


def mlc(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MLC, *arguments], capture_output=True, text=True, timeout=60, check=False)


def commands_with(text: str) -> list[str]:
    commands = (
        path.read_text().replace("\0", " ") for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()
    )
    return [command for command in commands if text in command]


def make_older_database(file: Path) -> None:
    """Temporal's, of a time when the product had no search attributes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    older = [TEMPORAL, "server", "start-dev", "--headless", "--port", port, "--db-filename", str(file)]
    with subprocess.Popen(older, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        until(lambda: answers_on(port), "the older server answers")
        server.terminate()


def answers_on(port: str) -> bool:
    health = [TEMPORAL, "operator", "cluster", "health", "--address", f"127.0.0.1:{port}"]
    return subprocess.run(health, capture_output=True, check=False).returncode == 0


@contextmanager
def moc(stack: RunningStack) -> Generator[httpx.Client]:
    with httpx.Client(base_url=stack.info["moc"], trust_env=False) as http:
        token = http.post("/gocli/token", data=stack.info["accounts"]["moc"]).raise_for_status().json()
        http.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield http


def books(stack: RunningStack, collection: str) -> list[dict[str, str]]:
    with moc(stack) as http:
        return http.get(f"{API}/{collection}").raise_for_status().json()["_embedded"][collection]


def submit_for_review(stack: RunningStack) -> str:
    """The id of a snapshot that goes straight to its review."""
    with moc(stack) as http:
        http.post(f"{API}/engines", json={"name": "batch", "tags": ["cc-fraud"]}).raise_for_status()
        model = http.post(
            f"{API}/storedModels", json={"modelMetaData": {"name": "a model"}}
        ).raise_for_status()
        body = {"storedModel": {"id": model.json()["id"]}, "metaData": {"tags": ["jira", "cc-fraud"]}}
        return str(http.post(f"{API}/deployableModels", json=body).raise_for_status().json()["id"])


def approve(stack: RunningStack, key: str) -> None:
    reviewer = stack.info["accounts"]["jiraReviewer"]
    with httpx.Client(
        base_url=stack.info["jira"], auth=(reviewer["username"], reviewer["token"]), trust_env=False
    ) as http:
        transitions = f"/rest/api/2/issue/{key}/transitions"
        offered = http.get(transitions).raise_for_status().json()["transitions"]
        done = next(transition["id"] for transition in offered if transition["to"]["name"] == "Done")
        comment = {"comment": [{"add": {"body": "Good after a restart, too."}}]}
        http.post(transitions, json={"transition": {"id": done}, "update": comment}).raise_for_status()


async def reached(
    stack: RunningStack, workflow_id: str, holds: Callable[[ProcessRecord], bool]
) -> ProcessRecord:
    """The record as soon as this holds of it."""
    temporal = await Client.connect(stack.info["temporal"], plugins=[mlc_plugin()])
    client = MlcClient(temporal)
    async with asyncio.timeout(30):
        while True:
            with suppress(NotFound, Unavailable):
                record = await client.status(workflow_id)
                if holds(record):
                    return record
            await asyncio.sleep(0.1)


def keys(record: ProcessRecord) -> set[str | None]:
    return {ticket.key for ticket in record.tickets}
