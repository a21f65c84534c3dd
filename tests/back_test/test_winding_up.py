"""What a back-test leaves behind when it is cancelled, or when its job takes too long: no job, no ticket that nobody needs."""

from datetime import timedelta

import pytest

from mlc.policy import Policy
from tests.house import House, HouseWith

SLOW = """
# modelop.metrics
def metrics(data):
    import time
    time.sleep(60)
"""
IMPATIENT = Policy(
    poll=timedelta(milliseconds=200), step_deadline=timedelta(seconds=20), job_deadline=timedelta(seconds=2)
)


async def in_trouble(home: House, process: str) -> bool:
    return bool(await home.client.troubles(process))


async def test_a_job_that_is_not_done_by_its_deadline_is_cancelled_even_before_its_error_ticket_can_be_written(
    house_with: HouseWith, service: str
) -> None:
    async with house_with(IMPATIENT) as home:
        both = home.stand_ins
        await both.runtime(service, online=False)
        snapshot = await both.snapshot(service, code=SLOW)
        await both.break_jira("POST", "/rest/api/2/issue")
        process = await home.back_test(snapshot)

        async def cancelled() -> bool:
            return [job["jobStatus"] for job in await both.jobs_of(snapshot["id"])] == ["CANCELLED"]

        await home.until_true(cancelled)
        await both.mend()
        record = await home.until(process, "failed")
        assert "the time for it is over" in (record.reason or "")
        assert [job.status for job in record.jobs] == ["CANCELLED"]
        assert [ticket.kind for ticket in record.tickets] == ["error"]


@pytest.mark.parametrize("model", [{"auc": 0.1}, {"test_data": False}], ids=["alert", "error"])
async def test_a_ticket_whose_opening_a_cancellation_meets_is_closed_as_soon_as_jira_is_back(
    at_home: House, service: str, model: dict[str, object]
) -> None:
    both = at_home.stand_ins
    await both.runtime(service, online=False)
    await both.break_jira("*", "/rest/api/2")
    process = await at_home.back_test(await both.snapshot(service, **model))  # pyright: ignore[reportArgumentType]
    await at_home.until_true(lambda: in_trouble(at_home, process))
    await at_home.client.cancel(process)
    await both.mend()
    record = await at_home.until(process, "cancelled")
    [ticket] = await both.tickets_of(process)
    assert [entry.key for entry in record.tickets] == [ticket["key"]]
    assert await both.status_of(ticket["key"]) == "Rejected"
