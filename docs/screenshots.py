"""Takes the pictures of the documentation from the running product: `.venv/bin/python docs/screenshots.py`.

Starts a stack of its own on free ports, submits the demonstration model, and photographs what a person sees while the
review waits and after it is approved. Needs chromium.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

import httpx
from playwright.async_api import Page, async_playwright
from temporalio.client import Client

from mlc.errors import NotFound
from mlc.ids import deploy_workflow_id
from mlc.record import ProcessRecord
from sandbox.models.catalogue import drifted_data
from starter.client import MlcClient
from starter.demo.command import runtime_files
from starter.demo.data_scientist import DataScientist
from starter.demo.story import NEWEST, NIGHTLY, nightly
from starter.stack.supervisor import Stack
from workflows.temporal import mlc_plugin

PICTURES = Path(__file__).parent / "pictures"
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WIDTH = 1280


async def main() -> None:
    """Writes the pictures into docs/pictures."""
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed")
    with tempfile.TemporaryDirectory() as folder:
        async with Stack.start(Path(folder) / "state", "auto") as stack, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=QUIET)
            context = await browser.new_context(locale="en-GB", timezone_id="UTC")
            await _tour(stack, await context.new_page())
            await browser.close()


async def _tour(stack: Stack, page: Page) -> None:
    temporal = await Client.connect(stack.info.temporal, plugins=[mlc_plugin()])
    client = MlcClient(temporal)
    async with httpx.AsyncClient(base_url=stack.info.moc, trust_env=False, timeout=20) as http:
        who = DataScientist(http, stack.info.accounts.moc, runtime_files(stack.info))
        snapshot_id = await who.submit(1)
        process = deploy_workflow_id(snapshot_id)
        waiting = await _until_review(client, process)
    await page.goto(f"{stack.info.jira}/browse/{waiting.waiting_for}")
    await _shoot(page, "jira-review", height=1250)
    await page.locator("#user").select_option("reviewer")
    await page.locator("#comment").fill("Results are well within the thresholds.")
    await page.locator("#approve").click()
    await asyncio.wait_for(client.wait(process), 30)
    await page.goto(stack.info.moc)
    await _shoot(page, "modelop-models", height=400)
    await page.goto(f"{stack.info.temporal_ui}/namespaces/default/workflows/{process}")
    await page.wait_for_load_state("networkidle")
    await asyncio.sleep(3)
    await _shoot(page, "temporal-process", height=1250)
    await _night(stack, page, client, who, snapshot_id)


async def _night(stack: Stack, page: Page, client: MlcClient, who: DataScientist, snapshot_id: str) -> None:
    """A nightly back-test on drifted data: the alert ticket, and the schedule."""
    who.put(NEWEST, drifted_data())
    await client.schedules.create(nightly(snapshot_id, who.file(NEWEST)))
    fired = await client.schedules.trigger(NIGHTLY)
    record = await client.wait(str(fired))
    await page.goto(f"{stack.info.jira}/browse/{record.tickets[0].key}")
    await _shoot(page, "jira-alert", height=1000)
    await page.goto(f"{stack.info.temporal_ui}/namespaces/default/schedules/{NIGHTLY}")
    await page.wait_for_load_state("networkidle")
    await asyncio.sleep(3)
    await _shoot(page, "temporal-schedule", height=900)


async def _until_review(client: MlcClient, process: str) -> ProcessRecord:
    async with asyncio.timeout(30):
        while True:
            try:
                record = await client.status(process)
                if record.tickets:
                    return record
            except NotFound:
                pass
            await asyncio.sleep(0.2)


async def _shoot(page: Page, name: str, height: int) -> None:
    await page.set_viewport_size({"width": WIDTH, "height": height})
    await asyncio.sleep(0.5)
    await page.screenshot(path=PICTURES / f"{name}.png")


asyncio.run(main())
