"""People at a real browser: they submit a model, read the ticket, click, and the process goes on."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright
from temporalio.client import Client

from mlc.errors import NotFound
from mlc.ids import deploy_workflow_id
from mlc.record import ProcessRecord
from starter.client import MlcClient
from starter.demo.command import runtime_files
from starter.demo.data_scientist import DataScientist
from starter.stack.supervisor import Stack
from workflows.temporal import mlc_plugin

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("MLC_REQUIRE_BROWSER"),
    reason="no chromium: apt-get install chromium",
)


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    async with Stack.start(Path(tmp_path_factory.mktemp("browser")) / "state", "auto") as running:
        yield running


@pytest.fixture(scope="module")
async def browser() -> AsyncGenerator[Browser]:
    assert CHROMIUM, "chromium is required here and is not installed"
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        await opened.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncGenerator[Page]:
    context = await browser.new_context(locale="en-GB", timezone_id="UTC")
    opened = await context.new_page()
    opened.set_default_timeout(10_000)
    yield opened
    await context.close()


@pytest.fixture(scope="module")
async def client(stack: Stack) -> MlcClient:
    temporal = await Client.connect(
        stack.info.temporal, namespace=stack.info.namespace, plugins=[mlc_plugin()]
    )
    return MlcClient(temporal)


async def test_a_click_on_approve_in_jira_deploys_the_model(
    stack: Stack, client: MlcClient, page: Page
) -> None:
    process = await _submitted(stack)
    waiting = await _waiting(client, process)

    await page.goto(f"{stack.info.jira}/browse/{waiting.waiting_for}")
    evidence = await page.locator("#description").inner_text()
    assert "auc" in evidence
    assert "passed" in evidence
    await page.locator("#user").select_option("reviewer")
    await page.locator("#comment").fill("Read and approved.")
    await page.locator("#approve").click()

    record = await asyncio.wait_for(client.wait(process), 20)
    assert record.outcome == "deployed"
    assert [(made.by, made.decision, made.comment, made.via) for made in record.decisions] == [
        ("reviewer", "approve", "Read and approved.", "jira")
    ]


async def test_a_click_on_reject_in_jira_ends_with_a_rejection_ticket(
    stack: Stack, client: MlcClient, page: Page
) -> None:
    process = await _submitted(stack)
    waiting = await _waiting(client, process)

    await page.goto(f"{stack.info.jira}/browse/{waiting.waiting_for}")
    await page.locator("#user").select_option("reviewer")
    await page.locator("#comment").fill("Not before the holidays.")
    await page.locator("#reject").click()

    record = await asyncio.wait_for(client.wait(process), 20)
    assert record.outcome == "rejected"
    assert [ticket.kind for ticket in record.tickets] == ["review", "rejection"]
    assert record.deployments == ()
    await page.goto(record.tickets[-1].url)
    assert "Not before the holidays." in await page.locator("#description").inner_text()


async def test_the_button_create_new_snapshot_starts_a_deploy_process(
    stack: Stack, client: MlcClient, page: Page
) -> None:
    submitted = await _waiting(client, await _submitted(stack))
    await page.goto(stack.info.moc)
    await page.locator("[id^=tags-]").first.fill("run_test breast-cancer")
    await page.locator("[id^=snapshot-]").first.click()

    process = await _another_process_of(client, submitted)
    record = await asyncio.wait_for(client.wait(process), 20)
    assert record.outcome == "deployed"
    assert record.tickets == ()


async def test_the_temporal_ui_tells_the_story(stack: Stack, client: MlcClient, page: Page) -> None:
    process = await _submitted(stack)
    waiting = await _waiting(client, process)
    await page.goto(f"{stack.info.temporal_ui}/namespaces/default/workflows/{process}")
    await page.get_by_text("testing job, attempt 1").first.wait_for()
    await page.get_by_text(f"Patience with {waiting.waiting_for}").first.wait_for()
    run = f"{stack.info.temporal_ui}/namespaces/default/workflows/{process}/{waiting.run_id}"
    await page.goto(f"{run}/user-metadata")
    # The UI shows markdown in frames of its own: the summary's first, the current details' last.
    details = page.locator("iframe").last.content_frame
    await details.get_by_text(f"Waiting for {waiting.waiting_for}").wait_for()
    await page.goto(f"{run}/search-attributes")
    await page.get_by_text("MlcTicket").first.wait_for()
    assert waiting.waiting_for in await page.locator("body").inner_text()


async def _submitted(stack: Stack) -> str:
    """A data scientist submits the demonstration model; answers the id of its process."""
    async with httpx.AsyncClient(base_url=stack.info.moc, trust_env=False, timeout=20) as http:
        snapshot = await DataScientist(http, stack.info.accounts.moc, runtime_files(stack.info)).submit(1)
    return deploy_workflow_id(snapshot)


async def _waiting(client: MlcClient, process: str) -> ProcessRecord:
    """The record as soon as the process waits for a ticket; the signal that starts it may still be on its way."""
    async with asyncio.timeout(20):
        while True:
            with suppress(NotFound):
                record = await client.status(process)
                if record.waiting_for in {ticket.key for ticket in record.tickets}:
                    return record
            await asyncio.sleep(0.1)


async def _another_process_of(client: MlcClient, record: ProcessRecord) -> str:
    """The process of the model that is listed beside the known ones and has no ticket: it carries no tag `jira`."""
    async with asyncio.timeout(20):
        while True:
            rows = await client.list(model=record.model_name)
            newer = [row for row in rows if row.started_at > record.started_at]
            if newer:
                return newer[0].workflow_id
            await asyncio.sleep(0.1)
