"""Starting and stopping the stand-in as a program."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from sandbox.jira import create_app
from tests.sandbox.jira_stand_in import ACCOUNTS, running


def command(tmp_path: Path, *arguments: str) -> list[str]:
    accounts = tmp_path / "accounts.json"
    if not accounts.exists():
        accounts.write_text(json.dumps(ACCOUNTS))
    known = ["--data", str(tmp_path / "data"), "--accounts", str(accounts)]
    return [sys.executable, "-m", "sandbox.jira", *known, *arguments]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_it_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(command(tmp_path, "--port", str(port)), stderr=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            assert httpx.get(f"{url}/health", trust_env=False).status_code == 200
            break
        except httpx.ConnectError:
            time.sleep(0.02)
    with httpx.Client(trust_env=False) as client:
        client.get(f"{url}/")
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    assert time.monotonic() - started < 3
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--port", "x"],
        ["--port", "70000"],
        ["--port", "0", "--webhook", "nowhere"],
        ["--port", "0", "--accounts", "missing.json"],
        ["--port", "0", "--accounts", "/dev/null"],
        ["--port", "0", "--data", "/dev/null/x"],
    ],
)
def test_a_start_that_cannot_work_says_so_in_one_line(tmp_path: Path, arguments: list[str]) -> None:
    run = subprocess.run(
        command(tmp_path, *arguments), capture_output=True, text=True, timeout=20, check=False
    )
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1


def test_a_taken_port_says_so_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = subprocess.run(
            command(tmp_path, "--port", port), capture_output=True, text=True, timeout=20, check=False
        )
    assert run.returncode == 2
    assert port in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"jiraService": None}, {"jiraReviewer": {"username": "x"}}, {"webhookSecret": ""}, {"jiraService": {}}],
)
def test_incomplete_accounts_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="accounts: "):
        create_app(tmp_path, ACCOUNTS | wrong, None)


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as jira:
        jira.set(mode="cloud")
        key = jira.create(summary="kept")
    with running(tmp_path) as jira:
        assert jira.read(key)["fields"]["summary"] == "kept"
        assert "accountId" in jira.read(key)["fields"]["creator"]
        assert jira.create() != key


def test_no_token_is_kept_in_clear(tmp_path: Path) -> None:
    with running(tmp_path) as jira:
        jira.create()
        kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert ACCOUNTS["jiraService"]["token"].encode() not in kept
    assert ACCOUNTS["jiraReviewer"]["token"].encode() not in kept
