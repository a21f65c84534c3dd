"""`mlc status` and `mlc list`: for people, and as JSON for programs."""

import asyncio
from datetime import datetime
from typing import Any

from mlc.record import ProcessRecord
from tests.cli.conftest import SERVICE_TAG, Processes, Temporal
from tests.cli.shell import Shell
from tests.stack.programs import has_control_codes
from tests.stand_ins import StandIns

RECORD = {
    *("process", "workflowId", "runId", "state", "step", "waitingFor", "modelId", "modelName", "snapshotId"),
    *("outcome", "reason", "startedAt", "endedAt", "steps", "jobs", "testResult", "verdict", "tickets"),
    *("decisions", "deployments", "outputs", "recordCount", "processes"),
}
ROW = {
    *("workflowId", "process", "modelName", "snapshotId", "state", "step", "waitingFor", "outcome"),
    "startedAt",
}
STEP = {"name", "startedAt", "endedAt", "result"}
JOB = {"id", "type", "status", "step", "attempt"}
TICKET = {"id", "key", "kind", "status", "url", "step", "cycle"}
DEPLOYMENT = {"id", "runtime", "type"}
VERDICT = {"passed", "reasons", "matchedRules"}


async def test_status_as_json_has_exactly_the_names_of_the_record_running_or_completed(
    shell: Shell, processes: Processes
) -> None:
    looks = [
        shell.mlc("status", seen.workflow_id, "--json") for seen in (processes.in_review, processes.deployed)
    ]
    running, completed = [said.document for said in await asyncio.gather(*looks)]
    for record in (running, completed):
        assert set(record) == RECORD
        assert names_in(record, "steps") == {frozenset(STEP)}
        assert names_in(record, "jobs") == {frozenset(JOB)}
        assert set(record["testResult"]) == {"id", "digest", "metrics"}
        assert set(record["verdict"]) >= VERDICT
        assert has_offset(record["startedAt"])
    assert running["state"] == "running"
    assert running["step"] == "Approval"
    assert running["outcome"] is None
    assert running["endedAt"] is None
    assert names_in(running, "tickets") == {frozenset(TICKET)}
    assert running["waitingFor"] == running["tickets"][0]["key"]
    assert completed["state"] == "completed"
    assert completed["outcome"] == "deployed"
    assert completed["waitingFor"] is None
    assert has_offset(completed["endedAt"])
    assert names_in(completed, "deployments") == {frozenset(DEPLOYMENT)}


async def test_status_shows_people_the_steps_the_evidence_and_where_the_ticket_is(
    shell: Shell, processes: Processes
) -> None:
    record = processes.rejected
    shown = await shell.mlc("status", record.workflow_id)
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert lines[:3] == [f"deploy of {record.model_name}: rejected", record.workflow_id, record.reason]
    for step in ("Model submitted", "Testing", "Analysis"):
        assert any(step in line for line in lines)
    evidence = [line.split() for line in lines if line.startswith(("auc", "f1_score"))]
    assert [(row[0], row[1], row[-1]) for row in evidence] == [
        ("auc", "0.5", "fail"),
        ("f1_score", "0.9", "pass"),
    ]
    ticket = record.tickets[0]
    assert f"Ticket {ticket.key} (rejection, To Do): {ticket.url}" in lines


async def test_status_of_a_review_says_how_to_answer_it(shell: Shell, processes: Processes) -> None:
    record = processes.in_review
    shown = await shell.mlc("status", record.snapshot_id)
    assert shown.out.splitlines()[-1] == (
        f"Waiting for {record.waiting_for}: answer it in Jira, or with: "
        f"mlc approve|reject {record.workflow_id} --by NAME"
    )


async def test_a_process_that_was_terminated_is_told_in_one_line(
    shell: Shell, reviewed: ProcessRecord
) -> None:
    terminated = await shell.temporal("workflow", "terminate", "--workflow-id", reviewed.workflow_id)
    assert terminated.code == 0
    looks = [shell.mlc(command, reviewed.workflow_id) for command in ("status", "watch")]
    for said in await asyncio.gather(*looks):
        assert said.code == 4
        assert said.complaint.startswith(f"{reviewed.workflow_id} was stopped from outside")


async def test_status_without_an_id_shows_what_runs(shell: Shell, processes: Processes) -> None:
    rows: list[dict[str, Any]] = (await shell.mlc("status", "--json")).document
    assert {row["state"] for row in rows} == {"running"}
    waiting = {row["workflowId"]: row["waitingFor"] for row in rows}
    assert waiting[processes.in_review.workflow_id] == processes.in_review.waiting_for
    assert processes.deployed.workflow_id not in waiting


async def test_list_as_json_is_an_array_newest_first(shell: Shell, processes: Processes) -> None:
    rows: list[dict[str, Any]] = (await shell.mlc("list", "--json")).document
    assert all(set(row) == ROW for row in rows)
    started = [datetime.fromisoformat(row["startedAt"]) for row in rows]
    assert started == sorted(started, reverse=True)
    told = {row["workflowId"]: row for row in rows}
    rejected = told[processes.rejected.workflow_id]
    assert (rejected["process"], rejected["state"], rejected["outcome"]) == (
        "deploy",
        "completed",
        "rejected",
    )
    assert rejected["modelName"] == processes.rejected.model_name
    assert told[processes.in_review.workflow_id]["step"] == "Approval"


async def test_list_filters_by_process_model_snapshot_and_state(shell: Shell, processes: Processes) -> None:
    deployed, in_review = processes.deployed, processes.in_review
    by_model, by_snapshot, by_state, by_process = await asyncio.gather(
        listed(shell, "--model", str(deployed.model_name)),
        listed(shell, "--snapshot", in_review.snapshot_id),
        listed(shell, "--state", "completed"),
        listed(shell, "--process", "deploy", "--snapshot", deployed.snapshot_id, "--state", "running"),
    )
    assert by_model == {deployed.workflow_id}
    assert by_snapshot == {in_review.workflow_id}
    assert deployed.workflow_id in by_state
    assert in_review.workflow_id not in by_state
    assert by_process == set()


async def test_a_filter_value_is_a_value_whatever_it_holds(shell: Shell) -> None:
    shown = await shell.mlc("list", "--model", "it's \\ 'quoted' OR 1 = 1")
    assert (shown.code, shown.out, shown.err) == (0, "No process matches.\n", "")


async def test_ids_stay_whole_however_narrow_the_terminal_is(shell: Shell, processes: Processes) -> None:
    narrow = await shell.with_(COLUMNS="80").mlc("list")
    assert max(len(line) for line in narrow.out.splitlines()) <= 80
    for record in (processes.deployed, processes.rejected, processes.in_review):
        assert record.workflow_id in narrow.out.split()


async def test_piped_output_is_a_line_for_each_process_without_control_codes(
    shell: Shell, processes: Processes
) -> None:
    table, status = await asyncio.gather(
        shell.mlc("list"), shell.mlc("status", processes.in_review.workflow_id)
    )
    assert not has_control_codes(table.out + status.out)
    line = next(line for line in table.out.splitlines() if processes.in_review.workflow_id in line)
    for told in ("deploy", processes.in_review.model_name, "running", "Approval", "MLC-", "ago"):
        assert str(told) in line


async def test_what_nobody_knows_is_not_found(shell: Shell) -> None:
    commands = (("status",), ("cancel",), ("approve", "--by", "ann"))
    for said in await asyncio.gather(*(shell.mlc(*command, "nobody-knows") for command in commands)):
        assert said.code == 3
        assert said.complaint == "no process mlc-deploy-nobody-knows: `mlc list` shows those there are"


async def test_status_shows_that_jira_is_down_and_the_process_goes_on_when_it_is_back(
    shell: Shell, temporal: Temporal, world: StandIns
) -> None:
    await world.break_jira("*", "/rest/")
    try:
        snapshot = await world.snapshot("jira", SERVICE_TAG)
        trouble = await trouble_of(shell, snapshot["id"])
    finally:
        await world.mend()
    assert trouble.startswith("open_ticket is being tried again")
    assert f"Jira at {world.jira_url}" in trouble
    assert "503" in trouble
    record = await temporal.until(snapshot["id"], "review")
    assert len(record.tickets) == 1


async def trouble_of(shell: Shell, snapshot_id: str) -> str:
    async with asyncio.timeout(20):
        while True:
            shown = await shell.mlc("status", snapshot_id)
            for line in shown.out.splitlines():
                if "is being tried again" in line:
                    return line


async def listed(shell: Shell, *filters: str) -> set[str]:
    return {row["workflowId"] for row in (await shell.mlc("list", *filters, "--json")).document}


def names_in(record: dict[str, Any], part: str) -> set[frozenset[str]]:
    return {frozenset(entry) for entry in record[part]}


def has_offset(text: str) -> bool:
    return datetime.fromisoformat(text).tzinfo is not None


async def test_a_list_that_is_cut_says_so_and_how_to_see_more(shell: Shell, processes: Processes) -> None:
    shown, as_json = await asyncio.gather(
        shell.mlc("list", "--limit", "1"), shell.mlc("list", "--limit", "1", "--json")
    )
    for said in (shown, as_json):
        assert "These are the newest 1; --limit 5 shows more" in said.err
    assert len(as_json.document) == 1
    assert (await shell.mlc("list", "--limit", "0")).code == 2
