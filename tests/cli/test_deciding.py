"""`mlc approve`, `mlc reject` and `mlc cancel`."""

import asyncio

from mlc.record import ProcessRecord
from tests.cli.conftest import Temporal
from tests.cli.shell import Shell
from tests.stand_ins import StandIns


async def test_the_first_decision_holds_and_a_second_is_refused_with_the_first_ones_name(
    shell: Shell, temporal: Temporal, reviewed: ProcessRecord
) -> None:
    first = await shell.mlc("reject", reviewed.snapshot_id, "--by", "ann", "--comment", "not yet")
    assert (first.code, first.out) == (0, f"{reviewed.waiting_for}: reject by ann\n")
    at_once = await shell.mlc("approve", reviewed.snapshot_id, "--by", "bob")
    record = await temporal.until(reviewed.snapshot_id, "rejected")
    afterwards = await shell.mlc("approve", reviewed.snapshot_id, "--by", "bob")
    for second in (at_once, afterwards):
        assert second.code == 4
        assert f"{reviewed.waiting_for} was already rejected by ann at 20" in second.complaint
    assert [made.by for made in record.decisions] == ["ann"]
    assert record.reason == "rejected by ann: not yet"


async def test_the_service_account_and_nobody_cannot_decide(
    shell: Shell, temporal: Temporal, reviewed: ProcessRecord
) -> None:
    service, nobody = await asyncio.gather(
        shell.mlc("approve", reviewed.workflow_id, "--by", "MLC-service"),
        shell.mlc("approve", reviewed.workflow_id, "--by", " "),
    )
    assert (service.code, nobody.code) == (4, 2)
    assert "a decision is made by a person" in service.complaint
    assert "needs the name of who made it" in nobody.complaint
    assert await temporal.record(reviewed.workflow_id) == reviewed


async def test_approving_an_error_ticket_tries_again_and_rejecting_it_ends_the_process(
    shell: Shell, temporal: Temporal, in_error: ProcessRecord
) -> None:
    first = in_error.waiting_for
    again = await shell.mlc("approve", in_error.workflow_id, "--by", "ann")
    assert again.out == f"{first}: retry by ann\n"
    record = await temporal.until(in_error.snapshot_id, "error")
    assert record.waiting_for != first
    stopped = await shell.mlc("reject", in_error.workflow_id, "--by", "ann")
    assert stopped.out == f"{record.waiting_for}: stop by ann\n"
    ended = await shell.mlc("watch", in_error.workflow_id, "--json")
    assert ended.code == 11
    assert ended.record.outcome == "failed"
    assert in_error.snapshot_id in str(ended.record.reason)


async def test_a_cancelled_process_closes_its_ticket_and_ends_with_13(
    shell: Shell, world: StandIns, reviewed: ProcessRecord
) -> None:
    asked = await shell.mlc("cancel", reviewed.snapshot_id)
    assert (asked.code, asked.out) == (0, f"{reviewed.workflow_id} is asked to wind up\n")
    ended = await shell.mlc("watch", reviewed.workflow_id, "--json")
    assert ended.code == 13
    assert ended.record.outcome == "cancelled"
    assert await world.status_of(str(reviewed.waiting_for)) == "Rejected"
    late = await shell.mlc("approve", reviewed.workflow_id, "--by", "ann")
    assert late.code == 4
    assert late.complaint == f"{reviewed.workflow_id} has ended: cancelled"


async def test_a_decision_and_its_words_stand_in_the_record(
    shell: Shell, temporal: Temporal, reviewed: ProcessRecord
) -> None:
    words = ("--by", "ann", "--comment", "fits [the] purpose")
    made = await shell.mlc("approve", reviewed.workflow_id, *words, "--json")
    assert made.code == 0
    await temporal.until(reviewed.snapshot_id, "deployed")
    as_json, shown = await asyncio.gather(
        shell.mlc("status", reviewed.workflow_id, "--json"), shell.mlc("status", reviewed.workflow_id)
    )
    (decision,) = as_json.document["decisions"]
    assert decision == made.document
    assert set(decision) >= {"decision", "by", "at", "comment", "via"}
    assert (decision["decision"], decision["by"], decision["comment"], decision["via"]) == (
        "approve",
        "ann",
        "fits [the] purpose",
        "api",
    )
    assert f"{reviewed.waiting_for} was approved by ann at " in shown.out
    assert "“fits [the] purpose”" in shown.out
