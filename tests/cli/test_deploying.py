"""`mlc deploy` and `mlc watch`: what they start, tell and end with."""

import asyncio

from mlc.ids import deploy_workflow_id
from mlc.record import ProcessRecord
from tests.cli.conftest import SERVICE_TAG, Processes, Temporal
from tests.cli.shell import Shell, ended
from tests.stack.programs import has_control_codes
from tests.stand_ins import StandIns


async def test_deploy_names_the_process_and_joins_the_one_that_runs(
    shell: Shell, temporal: Temporal, reviewed: ProcessRecord
) -> None:
    told, as_json = await asyncio.gather(
        shell.mlc("deploy", reviewed.snapshot_id), shell.mlc("deploy", reviewed.snapshot_id, "--json")
    )
    assert (told.code, as_json.code) == (0, 0)
    assert reviewed.workflow_id == deploy_workflow_id(reviewed.snapshot_id)
    assert told.out == (
        f"{reviewed.workflow_id} was there already; see it with: mlc watch {reviewed.workflow_id}\n"
    )
    assert as_json.document == {"process": "deploy", "workflowId": reviewed.workflow_id, "joined": True}
    assert (await temporal.record(reviewed.workflow_id)).run_id == reviewed.run_id


async def test_deploy_and_wait_shows_the_steps_and_ends_with_0_when_the_model_is_deployed(
    shell: Shell, world: StandIns
) -> None:
    snapshot = await world.snapshot("run_test", SERVICE_TAG)
    shown = await shell.mlc("deploy", snapshot["id"], "--wait")
    assert shown.code == 0
    steps = [line.partition(":")[0] for line in shown.err.splitlines()]
    assert steps == ["Model submitted", "Testing", "Analysis", "Deployment"]
    assert "Deployment: deployed on runtime-1 (online)" in shown.err
    assert ": deployed\n" in shown.out
    assert not has_control_codes(shown.out + shown.err)


async def test_deploy_and_wait_ends_with_10_when_the_model_is_rejected(shell: Shell, world: StandIns) -> None:
    snapshot = await world.snapshot("run_test", SERVICE_TAG, auc=0.5)
    shown = await shell.mlc("deploy", snapshot["id"], "--wait", "--json")
    assert shown.code == 10
    assert shown.err == ""
    assert shown.record.outcome == "rejected"
    assert shown.record.snapshot_id == snapshot["id"]


async def test_watch_tells_each_step_and_ticket_once_and_ends_with_the_process(
    shell: Shell, reviewed: ProcessRecord
) -> None:
    ticket = reviewed.tickets[0]
    async with shell.started("mlc", "watch", reviewed.workflow_id) as watching:
        assert watching.stderr
        told = [await watching.stderr.readline() for _ in range(2)]
        assert told[1].decode() == f"waiting for review ticket {ticket.key}: {ticket.url}\n"
        await shell.mlc("approve", reviewed.workflow_id, "--by", "ann")
        rest = await ended(watching)
    assert rest.code == 0
    assert rest.err.splitlines() == [
        f"Approval: approved by ann on {ticket.key}",
        "Deployment: deployed on runtime-1 (online)",
    ]
    assert f"{ticket.key} was approved by ann at " in rest.out


async def test_watch_of_an_ended_process_ends_with_its_outcome(shell: Shell, processes: Processes) -> None:
    rejected = await shell.mlc("watch", processes.rejected.workflow_id, "--json")
    assert rejected.code == 10
    assert rejected.err == ""
    assert rejected.record.outcome == "rejected"
    assert rejected.record.reason == processes.rejected.reason


async def test_an_unknown_snapshot_opens_an_error_ticket_that_waits_for_a_person(
    shell: Shell, world: StandIns, in_error: ProcessRecord
) -> None:
    ticket = in_error.tickets[0]
    assert (ticket.kind, in_error.waiting_for) == ("error", ticket.key)
    assert in_error.snapshot_id in await world.description(ticket.key)
    shown = await shell.mlc("status", in_error.snapshot_id)
    assert f"deploy of snapshot {in_error.snapshot_id}: running" in shown.out
    assert in_error.reason
    assert in_error.snapshot_id in in_error.reason
    assert in_error.reason in shown.out.splitlines()
    assert f"Ticket {ticket.key} (error, To Do): {ticket.url}" in shown.out
    assert f"Waiting for {ticket.key}: " in shown.out


async def test_what_cannot_be_a_snapshot_id_is_refused_and_starts_nothing(shell: Shell) -> None:
    refused = await shell.mlc("deploy", "a b")
    assert refused.code == 2
    assert refused.complaint.startswith("snapshot_id 'a b': ")
