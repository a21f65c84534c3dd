"""The workflows, as they are now, replay what earlier processes did: a process under way survives the next release."""

import base64
import json
import re
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from mlc.catalogue import Catalogue
from tests.replay.branches import BRANCHES
from tests.replay.record import HISTORIES, PAYLOAD
from tests.stand_ins import ACCOUNTS
from worker.hosting import SERVANTS
from worker.processes import workflows_of
from workflows.temporal import mlc_plugin

RECORDED = sorted(HISTORIES.glob("*.json"), key=lambda path: path.stem)
SECRETS = (
    ACCOUNTS["moc"]["password"],
    ACCOUNTS["jiraService"]["token"],
    ACCOUNTS["jiraReviewer"]["token"],
    ACCOUNTS["webhookSecret"],
)
HELP = """
The history {name} no longer replays: {why}

A process that is under way would stop at its next step. Put the change behind `workflow.patched("<name of the change>")`,
so that a process from before goes the old way. Record anew (`python -m tests.replay.record {name}`) only when no such
process can be under way. See docs/determinism.md.
"""


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    replayer = Replayer(workflows=[*workflows_of(Catalogue()), *SERVANTS], plugins=[mlc_plugin()])
    result = await replayer.replay_workflow(_history(path), raise_on_replay_failure=False)
    if result.replay_failure is not None:
        pytest.fail(HELP.format(name=path.stem, why=result.replay_failure), pytrace=False)


def test_every_branch_has_its_history_and_every_history_its_branch() -> None:
    assert [path.stem for path in RECORDED] == sorted(BRANCHES)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_history_tells_no_secret_and_nothing_of_the_machine_it_was_recorded_on(path: Path) -> None:
    text = "\n".join(_texts(json.loads(path.read_text())))
    assert not [secret for secret in SECRETS if secret in text]
    assert not re.findall(r"/(?:home|root|tmp|Users|usr|work)/\S*", text)
    assert set(re.findall(r"127\.0\.0\.1:\d+", text)) <= {"127.0.0.1:8080"}
    assert set(re.findall(r"\d+@[\w.-]+", text)) <= {"1@recorder"}


def _history(path: Path) -> WorkflowHistory:
    body = json.loads(path.read_text())
    return WorkflowHistory.from_json(body["workflowId"], {"events": body["events"]})


def _texts(node: Any) -> list[str]:
    """Every text of a history, payloads decoded."""
    if isinstance(node, str):
        return [node]
    if isinstance(node, list):
        return [text for item in cast(list[Any], node) for text in _texts(item)]
    if isinstance(node, dict):
        fields = cast(dict[str, Any], node)
        decoded = [base64.b64decode(fields["data"]).decode()] if fields.keys() >= PAYLOAD else []
        return decoded + [text for value in fields.values() for text in _texts(value)]
    return []
