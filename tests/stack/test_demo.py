"""`mlc demo`: what is shown, and how it ends."""

import json
import os
import pty
import re
import subprocess
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stack.programs import ELSEWHERE, MLC, default_ports, has_control_codes

WITHIN_SECONDS = 60


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all demonstrations here: the second has to work on what the first left."""
    return tmp_path_factory.mktemp("demo") / "state"


@pytest.fixture(scope="module", autouse=True)
def nobody_else_takes_the_default_ports() -> Generator[None]:
    with default_ports():
        yield


def demo(state: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MLC, "demo", "--state", str(state), *options],
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS,
        check=False,
        env={**os.environ, **ELSEWHERE},
    )


def test_a_model_is_deployed_tested_every_night_scores_a_file_and_the_worse_version_is_rejected(
    state: Path,
) -> None:
    shown = demo(state, "--once", "--json")
    assert shown.returncode == 0, shown.stderr
    document: dict[str, Any] = json.loads(shown.stdout)
    deployed, usual, drifted, for_batch, scored, rejected = document["processes"]
    assert {"temporal", "temporalUi", "moc", "jira", "accounts"} <= set(document["stack"])
    assert deployed["outcome"] == "deployed"
    assert [made["type"] for made in deployed["deployments"]] == ["ONLINE"]
    assert [(ticket["kind"], ticket["status"]) for ticket in deployed["tickets"]] == [("review", "Done")]
    assert [(made["decision"], made["via"]) for made in deployed["decisions"]] == [("approve", "jira")]
    assert deployed["verdict"]["passed"]
    assert (usual["outcome"], usual["tickets"]) == ("passed", [])
    assert drifted["outcome"] == "rejected"
    assert [ticket["kind"] for ticket in drifted["tickets"]] == ["alert"]
    assert usual["snapshotId"] == drifted["snapshotId"] == deployed["snapshotId"]
    assert usual["workflowId"].startswith(f"mlc-back-test-{deployed['snapshotId']}-breast-cancer-nightly-")
    assert [made["type"] for made in for_batch["deployments"]] == ["BATCH"]
    assert (scored["outcome"], scored["recordCount"]) == ("scored", 100)
    assert scored["snapshotId"] == for_batch["snapshotId"]
    assert rejected["outcome"] == "rejected"
    assert rejected["deployments"] == []
    assert [ticket["kind"] for ticket in rejected["tickets"]] == ["rejection"]
    assert rejected["verdict"]["matchedRules"]
    assert rejected["testResult"]["metrics"]["auc"] < deployed["testResult"]["metrics"]["auc"]
    for log in (state / "logs").iterdir():
        assert " ERROR " not in log.read_text(), log.name


def test_where_nobody_looks_on_it_tells_in_plain_lines_and_ends(state: Path) -> None:
    shown = demo(state)
    assert shown.returncode == 0, shown.stderr
    assert not has_control_codes(shown.stdout)
    for told in (
        *("Testing", "Analysis", "Approval", "Deployment", "Refused when", "reviewer moves MLC-"),
        *("Schedule breast-cancer-nightly", "signalResponsive starts", "100 records: file:///"),
    ):
        assert told in shown.stdout
    where_to_look = shown.stdout.rpartition("where to look")[2]
    assert re.search(
        r"Version 1: deployed on \S+ \(online\) +http://\S+/workflows/mlc-deploy-\S+", where_to_look
    )
    assert re.search(r"review ticket MLC-\d+: Done +http://\S+/browse/MLC-\d+", where_to_look)
    assert re.search(r"Back-test, usual data: passed +http://\S+/workflows/mlc-back-test-\S+", where_to_look)
    assert re.search(r"alert ticket MLC-\d+: To Do +http://\S+/browse/MLC-\d+", where_to_look)
    assert re.search(r"Batch job: scored, 100 records +http://\S+/workflows/mlc-batch-\S+", where_to_look)
    assert re.search(r"Version 2: rejected +http://\S+/workflows/mlc-deploy-\S+", where_to_look)
    assert re.search(r"rejection ticket MLC-\d+: To Do +http://\S+/browse/MLC-\d+", where_to_look)


def test_at_a_terminal_a_person_may_refuse_and_the_stack_stays_up_until_ctrl_c(state: Path) -> None:
    with Terminal(MLC, "demo", "--state", str(state), "--by-hand") as terminal:
        address = terminal.until(r"Open (http://\S+/browse/MLC-\d+) and press")
        reject(state, address[1])
        terminal.until(r"rejected by .*not this one")
        terminal.until("The stack stays up until Ctrl-C")
        site = address[1].partition("/browse")[0]
        assert httpx.get(f"{site}/health", trust_env=False).status_code == 200
        terminal.press_ctrl_c()
        assert terminal.exit_code() == 0


def test_a_state_folder_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    refused = demo(tmp_path / "state", "--once", "--json")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1


def reject(state: Path, address: str) -> None:
    reviewer = json.loads((state / "accounts.json").read_text())["jiraReviewer"]
    site, _, key = address.partition("/browse/")
    transitions = f"{site}/rest/api/2/issue/{key}/transitions"
    with httpx.Client(auth=(reviewer["username"], reviewer["token"]), trust_env=False) as http:
        offered = http.get(transitions).raise_for_status().json()["transitions"]
        rejected = next(transition["id"] for transition in offered if transition["to"]["name"] == "Rejected")
        comment = {"comment": [{"add": {"body": "not this one"}}]}
        http.post(transitions, json={"transition": {"id": rejected}, "update": comment}).raise_for_status()


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, *command: str) -> None:
        self._text = ""
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.execve(command[0], command, {**os.environ, "TERM": "xterm", "COLUMNS": "300"})  # noqa: S606

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        # A program that has not ended is told that its terminal is gone.
        os.close(self._terminal)

    def until(self, pattern: str) -> re.Match[str]:
        """Reads on until the output matches."""
        deadline = time.monotonic() + WITHIN_SECONDS
        while time.monotonic() < deadline:
            found = re.search(pattern, self._text)
            if found:
                return found
            self._read()
        raise AssertionError(f"{pattern!r} was not told: {self._text}")

    def press_ctrl_c(self) -> None:
        os.write(self._terminal, b"\x03")

    def exit_code(self) -> int:
        """Once the program has ended."""
        with suppress(OSError):  # the kernel's way to say that the other side has closed
            while self._read():
                pass
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _read(self) -> str:
        text = os.read(self._terminal, 65536).decode(errors="replace")
        self._text += text
        return text
