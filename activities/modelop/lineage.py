"""The record of a process as ModelOp Center shows it on the model's page: `modelMLCs` and `notifications`."""

from datetime import datetime

from mlc.catalogue import Catalogue
from mlc.dialect import Json
from mlc.record import ProcessRecord, Step
from mlc.tickets import NotificationOrder

SEVERITY = {"error": "ERROR", "rejection": "WARNING", "alert": "WARNING", "review": "INFO"}
OUTCOME_SEVERITY = {"failed": "ERROR", "rejected": "WARNING"}


def lineage_body(record: ProcessRecord, group: str, catalogue: Catalogue) -> Json:
    """A modelMLC: the process instance, one activity instance per step, and the whole record under `mlcRecord`."""
    return {
        "group": group,
        "storedModel": {"id": record.model_id},
        "deployableModel": {"id": record.snapshot_id},
        "processInstance": {
            "rootProcessInstanceId": record.run_id,
            "processDefinitionName": catalogue.title(record.process),
            "processDefinitionKey": record.process,
            "processDefinitionVersion": 1,
            "processDefinitionId": record.workflow_id,
            "startTime": record.started_at.isoformat(),
            "endTime": _iso(record.ended_at),
            "durationInMillis": _millis(record.started_at, record.ended_at),
            "startActivityId": record.steps[0].name if record.steps else None,
            "state": "ACTIVE" if record.state == "running" else "COMPLETED",
        },
        "activityInstances": [_activity(step, number) for number, step in enumerate(record.steps, 1)],
        "mlcRecord": record.model_dump(mode="json", by_alias=True),
    }


def is_lineage_of(entity: Json, record: ProcessRecord) -> bool:
    """Whether this modelMLC is the one of the record's process."""
    instance: Json = entity.get("processInstance") or {}
    return instance.get("rootProcessInstanceId") == record.run_id


def outcome_notification(record: ProcessRecord, group: str) -> Json:
    """The notification that a process has ended."""
    text = f"{record.process} of {record.model_name or record.snapshot_id or record.workflow_id}: {record.outcome}"
    return {
        "group": group,
        "open": False,
        "severity": OUTCOME_SEVERITY.get(record.outcome or "", "INFO"),
        "message": text + (f" ({record.reason})" if record.reason else ""),
        "deployableModelId": record.snapshot_id,
        "processInstanceId": record.run_id,
        "notificationType": "PROCESS",
    }


def is_outcome_of(entity: Json, record: ProcessRecord) -> bool:
    """Whether this notification tells the end of the record's process."""
    return entity.get("processInstanceId") == record.run_id and entity.get("notificationType") == "PROCESS"


def ticket_notification(order: NotificationOrder, group: str) -> Json:
    """The notification that mirrors a ticket."""
    ticket = order.ticket
    return {
        "group": group,
        "open": order.open,
        "severity": SEVERITY[ticket.kind],
        "message": order.message,
        "deployableModelId": order.snapshot_id,
        "modelName": order.model_name,
        "notificationType": "TICKET",
        "assignment": {
            "assignmentType": "JIRA_NOTIFICATION_ASSIGNMENT",
            "jiraIssueId": ticket.id,
            "jiraIssueKey": ticket.key,
            "jiraIssueLink": ticket.url,
            "jiraCurrentStatus": ticket.status,
            "closedBy": order.closed_by,
        },
    }


def is_mirror_of(entity: Json, ticket_id: str) -> bool:
    """Whether this notification mirrors the ticket with this id."""
    assignment: Json = entity.get("assignment") or {}
    return assignment.get("jiraIssueId") == ticket_id


def _activity(step: Step, number: int) -> Json:
    return {
        "activityId": f"step-{number}",
        "activityName": step.name,
        "activityType": "serviceTask",
        "startTime": step.started_at.isoformat(),
        "endTime": _iso(step.ended_at),
        "durationInMillis": _millis(step.started_at, step.ended_at),
        "canceled": step.result == "cancelled",
        "result": step.result,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _millis(start: datetime, end: datetime | None) -> int | None:
    return int((end - start).total_seconds() * 1000) if end else None
