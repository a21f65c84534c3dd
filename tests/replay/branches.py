"""Every branch of every process. Those of the deploy process stand here."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from mlc.tickets import TicketRef
from tests.house import House
from tests.replay.job_branches import JOB_BRANCHES
from tests.replay.story import FORTNIGHT, HURRIED, SLOW_MODEL, Branch
from tests.stand_ins import BROKEN_MODEL, Json
from worker.hosting import ensure_watcher
from workflows.watch import TicketWatch

MOC = "/model-manage"


async def _online(home: House, service: str, *tags: str, **model: object) -> Json:
    await home.stand_ins.runtime(service, name=f"online-{service}")
    return await home.stand_ins.snapshot(*tags, service, **model)  # pyright: ignore[reportArgumentType]


async def _answered(home: House, process: str, kind: str, status: str) -> None:
    await home.answer(await home.until(process, kind), status)


async def straight(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service))
    await home.until(process, "deployed")
    return process


async def trained_tested_and_approved(home: House, service: str) -> str:
    snapshot = await _online(home, service, "train", "run_test", "jira", training_data=True)
    process = await home.deploy(snapshot)
    await _answered(home, process, "review", "Done")
    await home.until(process, "deployed")
    return process


async def approved_by_api(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "run_test", "jira"))
    await home.until(process, "review")
    await home.decide(process, "approve")
    await home.until(process, "deployed")
    return process


async def batch(home: House, service: str) -> str:
    await home.stand_ins.runtime(service, online=False)
    process = await home.deploy(await home.stand_ins.snapshot(service))
    await home.until(process, "deployed")
    return process


async def one_runtime_failed_then_retried(home: House, service: str) -> str:
    await home.stand_ins.runtime(service, name=f"a-{service}")
    failing = await home.stand_ins.runtime(service, name=f"b-{service}", sandbox={"fails": "deploy"})
    process = await home.deploy(await home.stand_ins.snapshot(service))
    waiting = await home.until(process, "error")
    await home.stand_ins.change("engines", failing["id"], {"state": "RUNNING", "sandbox": {}})
    await home.answer(waiting, "Done")
    await home.until(process, "deployed")
    return process


async def table_failed(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "run_test", auc=0.1))
    await home.until(process, "rejected")
    return process


async def not_evaluable_then_stopped(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "run_test", table="<definitions"))
    await _answered(home, process, "error", "Rejected")
    await home.until(process, "failed")
    return process


async def test_job_failed_then_retried(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "run_test", code=BROKEN_MODEL))
    await _answered(home, process, "rejection", "Done")
    await _second_failure(home, process)
    await _answered(home, process, "rejection", "Rejected")
    await home.until(process, "rejected")
    return process


async def _second_failure(home: House, process: str) -> None:
    async def two_tickets() -> bool:
        record = await home.client.status(process)
        return len(record.tickets) == 2 and record.waiting_for == record.tickets[1].key

    await home.until_true(two_tickets)


async def test_job_failed_then_stopped(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "run_test", code=BROKEN_MODEL))
    await _answered(home, process, "rejection", "Rejected")
    await home.until(process, "rejected")
    return process


async def no_test_data(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "run_test", test_data=False))
    await home.until(process, "rejected")
    return process


async def no_training_data(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "train"))
    await home.until(process, "rejected")
    return process


async def training_failed(home: House, service: str) -> str:
    code = BROKEN_MODEL.replace("metrics", "train")
    process = await home.deploy(await _online(home, service, "train", code=code, training_data=True))
    await home.until(process, "rejected")
    return process


async def review_rejected(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "jira"))
    await _answered(home, process, "review", "Rejected")
    await home.until(process, "rejected")
    return process


async def review_void_and_repeated(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "run_test", "jira"))
    first = await home.until(process, "review")
    await home.stand_ins.runtime(service, name=f"late-{service}", online=False)
    await home.answer(first, "Done")

    async def reviewed_again() -> bool:
        record = await home.client.status(process)
        return record.waiting_for is not None and record.waiting_for not in (first.waiting_for, "")

    await home.until_true(reviewed_again)
    await _answered(home, process, "review", "Done")
    await home.until(process, "deployed")
    return process


async def expired_with_reminders(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "jira"))
    ticket = (await home.until(process, "review")).waiting_for or ""
    await home.pass_time(process, timedelta(days=7, hours=1))
    await home.until_said(ticket, "Half of the time")
    await home.pass_time(process, timedelta(days=7))
    await home.until_said(ticket, "nothing is ever approved by time")
    await home.pass_time(process, timedelta(days=7))
    await home.until(process, "expired")
    return process


async def cancelled_in_a_review(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "jira"))
    await home.until(process, "review")
    await home.client.cancel(process)
    await home.until(process, "cancelled")
    return process


async def cancelled_in_a_job(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "run_test", code=SLOW_MODEL))

    async def in_a_job() -> bool:
        record = await home.client.status(process)
        return bool(record.jobs) and record.waiting_for == record.jobs[0].id

    await home.until_true(in_a_job)
    await home.client.cancel(process)
    await home.until(process, "cancelled")
    return process


async def cancelled_on_an_error_ticket(home: House, service: str) -> str:
    process = await home.deploy(f"no-such-{service}")
    await home.until(process, "error")
    await home.client.cancel(process)
    await home.until(process, "cancelled")
    return process


async def review_deleted_and_opened_anew(home: House, service: str) -> str:
    process = await home.deploy(await _online(home, service, "jira"))
    deleted = (await home.until(process, "review")).waiting_for
    (await home.stand_ins.service.delete(f"/rest/api/2/issue/{deleted}")).raise_for_status()
    await home.hint(process)

    async def asked_anew() -> bool:
        return (await home.client.status(process)).waiting_for not in (None, deleted)

    await home.until_true(asked_anew)
    await _answered(home, process, "review", "Done")
    await home.until(process, "deployed")
    return process


async def test_output_unusable_then_stopped(home: House, service: str) -> str:
    code = "# modelop.metrics\ndef metrics(data):\n    return [1, 2]\n"
    process = await home.deploy(await _online(home, service, "run_test", code=code))

    async def asked() -> bool:
        record = await home.client.status(process)
        return any(ticket.key == record.waiting_for for ticket in record.tickets)

    await home.until_true(asked)
    await home.answer(await home.client.status(process), "Rejected")
    await home.client.wait(process)
    return process


async def unknown_snapshot_then_stopped(home: House, service: str) -> str:
    process = await home.deploy(f"no-such-{service}")
    await _answered(home, process, "error", "Rejected")
    await home.until(process, "failed")
    return process


async def no_runtime_then_retried(home: House, service: str) -> str:
    process = await home.deploy(await home.stand_ins.snapshot(service))
    waiting = await home.until(process, "error")
    await home.stand_ins.runtime(service)
    await home.answer(waiting, "Done")
    await home.until(process, "deployed")
    return process


async def modelop_down_for_longer_than_at_once(home: House, service: str) -> str:
    """The local activity gives up, an ordinary one goes on."""
    snapshot = await _online(home, service)
    await home.stand_ins.break_moc("GET", f"{MOC}/api/deployableModels", times=4)
    process = await home.deploy(snapshot)
    await home.until(process, "deployed")
    return process


async def modelop_down_past_the_deadline(home: House, service: str) -> str:
    snapshot = await _online(home, service)
    await home.stand_ins.break_moc("*", MOC)
    process = await home.deploy(snapshot)
    waiting = await home.until(process, "error")
    await home.stand_ins.mend()
    await home.answer(waiting, "Done")
    await home.until(process, "deployed")
    return process


async def ticket_watch(home: House, service: str) -> str:
    """A webhook speaks of a ticket; then the shift ends, and the next one begins."""
    watch = await ensure_watcher(home.temporal, home.settings)
    await watch.signal(TicketWatch.ticket_changed, TicketRef(ticket_id=f"no-such-{service}"))

    async def carried_and_watching() -> bool:
        described = await watch.describe()
        pending = [activity.activity_type.name for activity in described.raw_description.pending_activities]
        return pending == ["watch_tickets"] and described.history_length > 8

    await home.until_true(carried_and_watching)
    shift = (await watch.describe()).raw_description.pending_activities[0].activity_id
    run_id = watch.first_execution_run_id
    watching = home.temporal.get_async_activity_handle(workflow_id=watch.id, run_id=run_id, activity_id=shift)
    await watching.complete(datetime(2026, 1, 1, tzinfo=UTC))

    async def handed_over() -> bool:
        return (await watch.describe()).run_id != run_id

    await home.until_true(handed_over)
    await home.temporal.get_workflow_handle(watch.id).terminate("recorded")
    return f"{watch.id}/{run_id}"


BRANCHES = {
    "straight": Branch(straight),
    "trained-tested-approved": Branch(trained_tested_and_approved),
    "approved-by-api": Branch(approved_by_api),
    "batch": Branch(batch),
    "runtime-failed-retried": Branch(one_runtime_failed_then_retried),
    "table-failed": Branch(table_failed),
    "not-evaluable-stopped": Branch(not_evaluable_then_stopped),
    "test-job-failed-retried": Branch(test_job_failed_then_retried),
    "test-job-failed-stopped": Branch(test_job_failed_then_stopped),
    "no-test-data": Branch(no_test_data),
    "no-training-data": Branch(no_training_data),
    "training-failed": Branch(training_failed),
    "review-rejected": Branch(review_rejected),
    "review-void-repeated": Branch(review_void_and_repeated),
    "expired": Branch(expired_with_reminders, FORTNIGHT),
    "cancelled-in-review": Branch(cancelled_in_a_review),
    "cancelled-in-job": Branch(cancelled_in_a_job),
    "cancelled-on-error-ticket": Branch(cancelled_on_an_error_ticket),
    "review-deleted-opened-anew": Branch(review_deleted_and_opened_anew),
    "test-output-unusable-stopped": Branch(test_output_unusable_then_stopped),
    "unknown-snapshot-stopped": Branch(unknown_snapshot_then_stopped),
    "no-runtime-retried": Branch(no_runtime_then_retried),
    "modelop-down-briefly": Branch(modelop_down_for_longer_than_at_once),
    "modelop-down-past-deadline": Branch(modelop_down_past_the_deadline, HURRIED),
    "ticket-watch": Branch(ticket_watch),
    **JOB_BRANCHES,
}


def service_tag() -> str:
    """A tag that no other runtime carries."""
    return f"svc-{uuid4().hex[:8]}"
