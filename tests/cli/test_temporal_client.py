"""Temporal's own command line client does with a process what `mlc` does."""

import asyncio
import json

import pytest

from mlc.record import ProcessRecord
from tests.cli.conftest import Temporal
from tests.cli.shell import Said, Shell


async def test_the_record_is_a_query(shell: Shell, reviewed: ProcessRecord) -> None:
    asked = await on_process(shell, "query", "--type", "record", reviewed.workflow_id)
    assert asked.code == 0, asked.err
    (answer,) = json.loads(asked.out)["queryResult"]
    assert (answer["workflowId"], answer["state"]) == (reviewed.workflow_id, "running")
    assert answer["waitingFor"] == answer["tickets"][0]["key"] == reviewed.waiting_for


async def test_a_decision_is_an_update_that_answers_the_decision_that_holds(
    shell: Shell, temporal: Temporal, reviewed: ProcessRecord
) -> None:
    decision = ("update", "execute", "--name", "decide", "--input")
    made = await on_process(shell, *decision, '{"decision":"approve","by":"ann"}', reviewed.workflow_id)
    assert made.code == 0, made.err
    held = json.loads(made.out)["result"]
    assert (held["decision"], held["by"], held["ticket"]) == ("approve", "ann", reviewed.waiting_for)
    second = await on_process(shell, *decision, '{"decision":"reject","by":"bob"}', reviewed.workflow_id)
    assert second.code != 0
    assert (await temporal.until(reviewed.snapshot_id, "deployed")).decisions[0].by == "ann"


@pytest.mark.parametrize("hint", ["ticket_changed", "job_status_changed"])
async def test_a_hint_is_a_signal_and_changes_nothing_by_itself(
    shell: Shell, temporal: Temporal, reviewed: ProcessRecord, hint: str
) -> None:
    sent = await on_process(shell, "signal", "--name", hint, reviewed.workflow_id)
    assert sent.code == 0, sent.err
    if hint == "ticket_changed":
        await until_looked_at(shell, reviewed)
    assert await temporal.record(reviewed.workflow_id) == reviewed


async def until_looked_at(shell: Shell, record: ProcessRecord) -> None:
    """Until the process has read its ticket."""
    async with asyncio.timeout(10):
        while True:
            if "carry_decision" in (await on_process(shell, "show", record.workflow_id)).out:
                return


async def on_process(shell: Shell, *command: str) -> Said:
    """`temporal workflow …` on the process whose id is the last word."""
    *words, workflow_id = command
    return await shell.temporal("workflow", *words, "--output", "json", "--workflow-id", workflow_id)
