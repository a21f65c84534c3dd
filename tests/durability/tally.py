"""What exists outside because of a process."""

from collections import Counter
from typing import get_args

from mlc.record import ProcessRecord, TicketKind
from tests.stand_ins import Json, StandIns

KINDS = frozenset(get_args(TicketKind))


async def tally(both: StandIns, record: ProcessRecord) -> Counter[str]:
    """How often each thing exists because of this process and of those that it started."""
    started = record.processes
    snapshots = {record.snapshot_id, *(process.snapshot_id for process in started)} - {None}
    processes = {record.workflow_id, *(process.workflow_id for process in started)}
    counts: Counter[str] = Counter()
    for snapshot_id in filter(None, snapshots):
        jobs, deployments = await both.jobs_of(snapshot_id), await both.deployments_of(snapshot_id)
        counts.update(f"{job['jobType']} {job['jobStatus']}" for job in jobs)
        counts.update(f"deployment {made['deploymentType']} {made['state']}" for made in deployments)
        counts["modelTestResults"] += len(await both.results_of(snapshot_id))
    instances: list[Json] = [body["processInstance"] for body in await both.all("modelMLCs")]
    runs = [it["rootProcessInstanceId"] for it in instances if it["processDefinitionId"] in processes]
    counts["modelMLCs"] = len(runs)
    for note in await both.all("notifications"):
        if note["deployableModelId"] in snapshots or note.get("processInstanceId") in runs:
            counts[f"notification {note['notificationType']} open={note['open']}"] += 1
    for workflow_id in processes:
        for ticket in await both.tickets_of(workflow_id):
            fields = (await both.issue(ticket["key"]))["fields"]
            (kind,) = KINDS.intersection(fields["labels"])
            counts[f"ticket {kind} {fields['status']['name']}"] += 1
            counts["attachments"] += len(fields["attachment"])
            counts["comments"] += len(fields["comment"]["comments"])
    return counts
