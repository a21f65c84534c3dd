"""A ticket's notification in ModelOp Center is open as long as the ticket is, after its process has ended too."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from temporalio.testing import WorkflowEnvironment

from mlc.record import ProcessRecord
from tests.gateway.watching import watched
from tests.house import House, HouseWith
from tests.stand_ins import Json

NOTIFICATIONS = "/model-manage/api/notifications"
SEARCH = "GET /rest/api/2/search"


@pytest.fixture
async def by_watching(temporal: WorkflowEnvironment, house_with: HouseWith) -> AsyncGenerator[House]:
    async with watched(temporal, house_with, 0.5) as home:
        yield home


@asynccontextmanager
async def silence() -> AsyncGenerator[str]:
    """The address of a ModelOp Center that takes every request and answers none."""
    taken: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: taken.append(writer), "127.0.0.1", 0)
    try:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"
    finally:
        server.close()
        for writer in taken:
            writer.close()


async def with_alert(home: House, service: str) -> ProcessRecord:
    """A back-test that broke a threshold."""
    await home.stand_ins.runtime(service, online=False)
    snapshot = await home.stand_ins.snapshot(service, auc=0.1)
    return await home.until(await home.back_test(snapshot), "rejected")


async def with_rejection(home: House, service: str) -> ProcessRecord:
    """A deploy whose model failed its decision table."""
    await home.stand_ins.runtime(service, online=False)
    snapshot = await home.stand_ins.snapshot("run_test", service, auc=0.1)
    return await home.until(await home.deploy(snapshot), "rejected")


async def with_error(home: House, service: str) -> ProcessRecord:
    """A back-test without data."""
    await home.stand_ins.runtime(service, online=False)
    snapshot = await home.stand_ins.snapshot(service, test_data=False)
    return await home.until(await home.back_test(snapshot), "failed")


ENDINGS = {"alert": with_alert, "rejection": with_rejection, "error": with_error}


def ticket_of(record: ProcessRecord) -> str:
    """The key of the one ticket."""
    [ticket] = record.tickets
    return ticket.key


async def notes_on(home: House, ticket: str) -> list[Json]:
    def is_on_it(note: Json) -> bool:
        assignment: Json = note.get("assignment") or {}
        return assignment.get("jiraIssueKey") == ticket

    return [note for note in await home.stand_ins.all("notifications") if is_on_it(note)]


async def until_told(home: House, ticket: str, *, is_open: bool) -> Json:
    """The one notification of the ticket, as soon as it is open or closed."""

    async def told() -> bool:
        return [note["open"] for note in await notes_on(home, ticket)] == [is_open]

    await home.until_true(told)
    [note] = await notes_on(home, ticket)
    return note


async def looked(home: House, times: int = 2) -> None:
    """Until the watcher has asked Jira some more times."""
    before = (await home.stand_ins.jira_requests()).get(SEARCH, 0)

    async def asked() -> bool:
        return (await home.stand_ins.jira_requests()).get(SEARCH, 0) >= before + times

    await home.until_true(asked)


async def in_review(home: House, service: str) -> tuple[str, str]:
    """A process that waits for approval, and the key of its ticket."""
    await home.stand_ins.runtime(service, online=False)
    process = await home.deploy(await home.stand_ins.snapshot("jira", service))
    record = await home.until(process, "review")
    return process, record.waiting_for or ""


async def until_decided(home: House, process: str, within: float = 15) -> None:
    async def decided() -> bool:
        return bool((await home.client.status(process)).decisions)

    await home.until_true(decided, within)


@pytest.mark.parametrize("status", ["Done", "Rejected"])
@pytest.mark.parametrize("kind", list(ENDINGS))
async def test_the_notification_of_a_ticket_that_nobody_waits_for_is_open_until_a_person_closes_the_ticket(
    by_watching: House, service: str, kind: str, status: str
) -> None:
    record = await ENDINGS[kind](by_watching, service)
    assert [ticket.kind for ticket in record.tickets] == [kind]
    ticket = ticket_of(record)
    await looked(by_watching)
    opened = await until_told(by_watching, ticket, is_open=True)
    assert (opened["assignment"]["jiraCurrentStatus"], opened["assignment"]["closedBy"]) == ("To Do", None)

    await by_watching.stand_ins.move(ticket, status)
    closed = await until_told(by_watching, ticket, is_open=False)
    assert closed["assignment"] == opened["assignment"] | {
        "jiraCurrentStatus": status,
        "closedBy": "reviewer",
    }
    assert (closed["id"], closed["message"]) == (opened["id"], opened["message"])


async def test_a_closed_notification_is_left_alone_whatever_is_said_on_its_ticket(
    by_watching: House, service: str
) -> None:
    ticket = ticket_of(await with_alert(by_watching, service))
    await by_watching.stand_ins.move(ticket, "Done")
    closed = await until_told(by_watching, ticket, is_open=False)
    answer = await by_watching.stand_ins.reviewer.post(
        f"/rest/api/2/issue/{ticket}/comment", json={"body": "mended"}
    )
    answer.raise_for_status()
    await looked(by_watching, 3)
    assert await notes_on(by_watching, ticket) == [closed]


async def test_a_ticket_that_is_opened_anew_opens_its_notification_anew(
    by_watching: House, service: str
) -> None:
    ticket = ticket_of(await with_alert(by_watching, service))
    await by_watching.stand_ins.move(ticket, "Done")
    await until_told(by_watching, ticket, is_open=False)
    await by_watching.stand_ins.move(ticket, "To Do")
    opened = await until_told(by_watching, ticket, is_open=True)
    assert (opened["assignment"]["jiraCurrentStatus"], opened["assignment"]["closedBy"]) == ("To Do", None)
    await by_watching.stand_ins.move(ticket, "Rejected")
    await until_told(by_watching, ticket, is_open=False)


async def test_a_modelop_center_that_is_down_gets_the_note_later_and_holds_up_no_decision(
    by_watching: House, service: str
) -> None:
    ticket = ticket_of(await with_alert(by_watching, service))
    process, review = await in_review(by_watching, service)
    await until_told(by_watching, review, is_open=True)
    await by_watching.stand_ins.break_moc("*", NOTIFICATIONS)
    await by_watching.stand_ins.move(ticket, "Done")
    await looked(by_watching)
    await by_watching.stand_ins.move(review, "Done")
    await until_decided(by_watching, process)

    await by_watching.stand_ins.mend()
    await until_told(by_watching, ticket, is_open=False)
    await until_told(by_watching, review, is_open=False)


async def test_a_modelop_center_that_never_answers_the_watcher_holds_up_no_decision(
    temporal: WorkflowEnvironment, at_home: House, house_with: HouseWith, service: str
) -> None:
    ticket = ticket_of(await with_alert(at_home, service))
    process, review = await in_review(at_home, service)
    async with (
        silence() as address,
        watched(temporal, house_with, 0.5, modelop={"base_url": address}) as watching,
    ):
        await at_home.stand_ins.move(ticket, "Done")
        await looked(watching)
        await at_home.stand_ins.move(review, "Done")
        await until_decided(at_home, process, within=5)
    await until_told(at_home, ticket, is_open=True)

    async with watched(temporal, house_with, 0.5):
        await until_told(at_home, ticket, is_open=False)


async def test_a_notification_that_comes_after_its_ticket_was_closed_is_closed_too(
    by_watching: House, service: str
) -> None:
    """ModelOp Center refuses to write at first; meanwhile the process is on its way to its end."""
    await by_watching.stand_ins.break_moc("POST", NOTIFICATIONS)
    await by_watching.stand_ins.runtime(service, online=False)
    process = await by_watching.back_test(await by_watching.stand_ins.snapshot(service, auc=0.1))

    async def alerted() -> bool:
        return bool((await by_watching.client.status(process)).tickets)

    await by_watching.until_true(alerted)
    ticket = ticket_of(await by_watching.client.status(process))
    await by_watching.stand_ins.move(ticket, "Done")
    await looked(by_watching)
    assert await notes_on(by_watching, ticket) == []
    await by_watching.stand_ins.mend()
    await until_told(by_watching, ticket, is_open=False)


async def test_the_notification_of_a_process_that_was_stopped_from_outside_closes_with_its_ticket(
    by_watching: House, service: str
) -> None:
    process, ticket = await in_review(by_watching, service)
    await until_told(by_watching, ticket, is_open=True)
    await by_watching.handle(process).terminate("an administrator was here")
    await by_watching.stand_ins.move(ticket, "Rejected")
    closed = await until_told(by_watching, ticket, is_open=False)
    assert closed["assignment"]["closedBy"] == "reviewer"
