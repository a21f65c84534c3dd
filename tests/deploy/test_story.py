"""What a process tells of itself: lineage, notifications, search attributes, details, record."""

import json
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import SearchAttributeKey

from mlc.search_attributes import ALL
from tests.house import House
from tests.stand_ins import Json

RECORD = {
    "process",
    "workflowId",
    "runId",
    "state",
    "step",
    "waitingFor",
    "modelId",
    "modelName",
    "snapshotId",
    "outcome",
    "reason",
    "startedAt",
    "endedAt",
    "steps",
    "jobs",
    "testResult",
    "verdict",
    "tickets",
    "decisions",
    "deployments",
    "outputs",
    "recordCount",
    "processes",
}


async def in_review(home: House, service: str) -> tuple[str, Json]:
    """A process that waits for approval with a test behind it, and its snapshot."""
    await home.stand_ins.runtime(service, online=False)
    snapshot = await home.stand_ins.snapshot("run_test", "jira", service, "PROD")
    await home.stand_ins.runtime(service, online=False, tags=[service, "PROD"])
    process = await home.deploy(snapshot)
    await home.until(process, "review")
    return process, snapshot


async def lineage_of(home: House, process: str) -> list[Json]:
    return [
        entry
        for entry in await home.stand_ins.all("modelMLCs")
        if entry["processInstance"]["processDefinitionId"] == process
    ]


async def notifications_of(home: House, snapshot: Json, kind: str) -> list[Json]:
    return [
        entry
        for entry in await home.stand_ins.all("notifications")
        if entry.get("deployableModelId") == snapshot["id"] and entry["notificationType"] == kind
    ]


async def plain(home: House) -> Client:
    """A client that knows nothing of the product, as the command line of Temporal is one."""
    return await Client.connect(home.temporal.service_client.config.target_host)


async def search_attributes(home: House, process: str) -> dict[str, str | None]:
    described = await home.handle(process).describe()
    return {name: described.typed_search_attributes.get(SearchAttributeKey.for_keyword(name)) for name in ALL}


async def test_a_process_is_one_lineage_entry_that_is_active_at_first_and_completed_at_the_end(
    at_home: House, service: str
) -> None:
    process, snapshot = await in_review(at_home, service)
    [started] = await lineage_of(at_home, process)
    assert (started["processInstance"]["state"], started["processInstance"]["endTime"]) == ("ACTIVE", None)

    await at_home.decide(process, "approve")
    record = await at_home.client.wait(process)
    [ended] = await lineage_of(at_home, process)
    assert ended["id"] == started["id"]
    assert ended["storedModel"] == {"id": snapshot["storedModel"]["id"]}
    assert ended["processInstance"]["state"] == "COMPLETED"
    assert ended["processInstance"]["rootProcessInstanceId"] == record.run_id
    assert ended["processInstance"]["durationInMillis"] > 0
    assert [activity["activityName"] for activity in ended["activityInstances"]] == [
        step.name for step in record.steps
    ]
    assert ended["mlcRecord"] == record.model_dump(mode="json", by_alias=True)


async def test_a_ticket_is_mirrored_as_a_notification_that_closes_with_it_and_names_who_closed_it(
    at_home: House, service: str
) -> None:
    process, snapshot = await in_review(at_home, service)
    record = await at_home.client.status(process)

    async def mirrored() -> bool:
        return bool(await notifications_of(at_home, snapshot, "TICKET"))

    await at_home.until_true(mirrored)
    [opened] = await notifications_of(at_home, snapshot, "TICKET")
    assert (opened["open"], opened["assignment"]["assignmentType"]) == (True, "JIRA_NOTIFICATION_ASSIGNMENT")
    assert opened["assignment"]["jiraIssueKey"] == record.waiting_for
    assert (
        opened["assignment"]["jiraIssueLink"] == f"{at_home.stand_ins.jira_url}/browse/{record.waiting_for}"
    )

    await at_home.answer(record, "Done")
    await at_home.until(process, "deployed")
    await at_home.client.wait(process)
    [closed] = await notifications_of(at_home, snapshot, "TICKET")
    assert (closed["id"], closed["open"]) == (opened["id"], False)
    assert (closed["assignment"]["jiraCurrentStatus"], closed["assignment"]["closedBy"]) == (
        "Done",
        "reviewer",
    )


async def test_the_outcome_is_told_in_one_notification(at_home: House, service: str) -> None:
    process, snapshot = await in_review(at_home, service)
    await at_home.decide(process, "reject", comment="not now")
    await at_home.client.wait(process)
    [told] = await notifications_of(at_home, snapshot, "PROCESS")
    assert "rejected (rejected by ann: not now)" in told["message"]


async def test_search_attributes_tell_where_a_process_is_and_how_it_ended(
    at_home: House, service: str
) -> None:
    process, snapshot = await in_review(at_home, service)
    record = await at_home.client.status(process)
    assert await search_attributes(at_home, process) == {
        "MlcProcess": "deploy",
        "MlcModel": record.model_name,
        "MlcSnapshot": snapshot["id"],
        "MlcStage": "PROD",
        "MlcStep": "Approval",
        "MlcOutcome": None,
        "MlcTicket": record.waiting_for,
    }
    await at_home.decide(process, "approve")
    await at_home.client.wait(process)
    ended = await search_attributes(at_home, process)
    assert (ended["MlcStep"], ended["MlcOutcome"], ended["MlcTicket"]) == (None, "deployed", None)


async def test_processes_are_listed_by_model_snapshot_and_state(at_home: House, service: str) -> None:
    process, snapshot = await in_review(at_home, service)
    model = snapshot["storedModel"]["modelMetaData"]["name"]

    async def listed() -> bool:
        rows = await at_home.client.list(model=model, state="running", process="deploy")
        return [(row.workflow_id, row.step) for row in rows] == [(process, "Approval")]

    await at_home.until_true(listed)
    assert [row.workflow_id for row in await at_home.client.list(snapshot=snapshot["id"])] == [process]
    assert await at_home.client.list(snapshot=snapshot["id"], state="completed") == []


async def test_the_current_details_show_the_steps_and_link_the_open_ticket(
    at_home: House, service: str
) -> None:
    process, _ = await in_review(at_home, service)
    record = await at_home.client.status(process)
    metadata = await at_home.handle(process).query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    ticket = record.tickets[0]
    assert "- Analysis: passed" in metadata.current_details
    assert "- Approval: …" in metadata.current_details
    assert f"Waiting for [{ticket.key}]({ticket.url})" in metadata.current_details


async def test_every_activity_and_timer_carries_a_summary(at_home: House, service: str) -> None:
    process, _ = await in_review(at_home, service)
    await at_home.decide(process, "approve")
    await at_home.client.wait(process)
    shown = (
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_MARKER_RECORDED,
    )
    events = (await at_home.handle(process).fetch_history()).events
    silent = [
        event.event_id
        for event in events
        if event.event_type in shown and not event.user_metadata.summary.data
    ]
    assert silent == []


async def test_any_temporal_client_reads_the_record_with_the_names_of_the_wire(
    at_home: House, service: str
) -> None:
    process, snapshot = await in_review(at_home, service)
    handle = (await plain(at_home)).get_workflow_handle(process)
    record: Json = await handle.query("record")

    assert set(record) == RECORD
    assert (record["process"], record["state"], record["step"]) == ("deploy", "running", "Approval")
    assert (record["snapshotId"], record["outcome"], record["endedAt"]) == (snapshot["id"], None, None)
    assert set(record["steps"][0]) == {"name", "startedAt", "endedAt", "result"}
    assert set(record["jobs"][0]) == {"id", "type", "status", "step", "attempt"}
    assert set(record["testResult"]) == {"id", "digest", "metrics"}
    assert {"passed", "reasons", "matchedRules"} <= set(record["verdict"])
    assert set(record["tickets"][0]) == {"id", "key", "kind", "status", "url", "step", "cycle"}


async def test_any_temporal_client_decides_with_plain_json(at_home: House, service: str) -> None:
    process, _ = await in_review(at_home, service)
    handle = (await plain(at_home)).get_workflow_handle(process)
    held: Json = await handle.execute_update("decide", {"decision": "approve", "by": "ann", "comment": "ok"})
    record: Json = await handle.result()

    assert {"decision", "by", "at", "comment", "via"} <= set(held)
    assert record["decisions"] == [held]
    assert set(record["deployments"][0]) == {"id", "runtime", "type"}
    assert (record["state"], record["outcome"]) == ("completed", "deployed")
    for moment in (record["startedAt"], record["endedAt"], held["at"]):
        assert moment.endswith(("Z", "+00:00"))


async def test_a_refused_decision_leaves_no_trace_in_the_history(at_home: House, service: str) -> None:
    process, _ = await in_review(at_home, service)
    before = await at_home.events(process)
    with pytest.raises(Exception, match="service account"):
        await at_home.client.decide(process, "approve", by="mlc-service")
    assert await at_home.events(process) == before


@pytest.mark.parametrize("argument", [{}, {"snapshotId": ""}, {"snapshotId": "two words"}, "text"])
async def test_a_start_with_a_malformed_argument_fails_at_once_instead_of_hanging(
    at_home: House, service: str, argument: Any
) -> None:
    client = await plain(at_home)
    handle = await client.start_workflow(
        "deploy", argument, id=f"malformed-{service}", task_queue=at_home.settings.worker.task_queue
    )
    with pytest.raises(WorkflowFailureError):
        await handle.result()


async def test_the_record_is_json_from_end_to_end(at_home: House, service: str) -> None:
    process, _ = await in_review(at_home, service)
    record = await at_home.client.status(process)
    assert json.loads(record.model_dump_json(by_alias=True))["waitingFor"] == record.waiting_for
