"""Takes the pictures of the documentation from the running product: `.venv/bin/python docs/screenshots.py`.

Starts a stack of its own on free ports, submits the demonstration model, and photographs what a person sees while the
review waits, after it is approved, and where a worse version is refused. Commands are photographed as a terminal shows
them: `.venv/bin/python docs/screenshots.py terminal` takes those pictures alone, without a stack. Needs chromium.
"""

import asyncio
import io
import os
import pty
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
from playwright.async_api import Page, async_playwright
from rich.console import Console
from rich.text import Text
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
TABLES = Path(__file__).parent.parent / "sandbox" / "tables"
CHECKING = "mlc decisions check drift.dmn --against drift-fails.json"
COLUMNS = 120


async def main() -> None:
    """Writes the pictures into docs/pictures."""
    async with _browser() as page:
        await _terminal(page, CHECKING, TABLES, "decisions-check")
        if sys.argv[1:] == ["terminal"]:
            return
        with tempfile.TemporaryDirectory() as folder:
            async with Stack.start(Path(folder) / "state", "auto") as stack:
                await _tour(stack, page)


@asynccontextmanager
async def _browser() -> AsyncGenerator[Page]:
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=QUIET)
        context = await browser.new_context(locale="en-GB", timezone_id="UTC")
        yield await context.new_page()
        await browser.close()


async def _tour(stack: Stack, page: Page) -> None:
    temporal = await Client.connect(stack.info.temporal, plugins=[mlc_plugin()])
    client = MlcClient(temporal)
    async with httpx.AsyncClient(base_url=stack.info.moc, trust_env=False, timeout=20) as http:
        who = DataScientist(http, stack.info.accounts.moc, runtime_files(stack.info))
        await _first_version(stack, page, client, who)
        await _second_version(stack, page, client, who)


async def _first_version(stack: Stack, page: Page, client: MlcClient, who: DataScientist) -> None:
    """A version that is approved and goes live, and its nightly back-test."""
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


async def _second_version(stack: Stack, page: Page, client: MlcClient, who: DataScientist) -> None:
    """A worse version: its rejection ticket."""
    process = deploy_workflow_id(await who.submit(2))
    record = await _ended(client, process)
    await page.goto(f"{stack.info.jira}/browse/{record.tickets[0].key}")
    await _shoot(page, "jira-rejection", height=1320)


async def _ended(client: MlcClient, process: str) -> ProcessRecord:
    """The record of a process that a signal has started, or is about to."""
    async with asyncio.timeout(60):
        while True:
            with suppress(NotFound):
                return await client.wait(process)
            await asyncio.sleep(0.2)


async def _until_review(client: MlcClient, process: str) -> ProcessRecord:
    async with asyncio.timeout(30):
        while True:
            with suppress(NotFound):
                record = await client.status(process)
                if record.tickets:
                    return record
            await asyncio.sleep(0.2)


async def _terminal(page: Page, command: str, folder: Path, name: str) -> None:
    """A command as a terminal shows it: run in one, and drawn with the colours that it wrote."""
    await page.set_viewport_size({"width": WIDTH, "height": 400})
    await page.set_content(_drawn(command, _said(command, folder)))
    await page.locator("svg").screenshot(path=PICTURES / f"{name}.png")


def _said(command: str, folder: Path) -> str:
    """What the command writes to a terminal of its own, control codes and all."""
    mlc, *arguments = shlex.split(command)
    ours, theirs = pty.openpty()
    screen = {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": "60"}
    program = Path(sys.executable).with_name(mlc)
    with subprocess.Popen(
        [program, *arguments], cwd=folder, stdout=theirs, stderr=theirs, env={**os.environ, **screen}
    ):
        os.close(theirs)
        said = io.BytesIO()
        with suppress(OSError):  # how a terminal says that nobody writes any more
            while part := os.read(ours, 4096):
                said.write(part)
    os.close(ours)
    return said.getvalue().decode().replace("\r\n", "\n")


def _drawn(command: str, said: str) -> str:
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text.assemble(("$ ", "bold green"), command))
    console.print(Text.from_ansi(said.rstrip()))
    drawing = console.export_svg(title="", font_aspect_ratio=0.602)
    return f"<body style='margin: 0'>{drawing.replace('Fira Code', 'DejaVu Sans Mono')}</body>"


async def _shoot(page: Page, name: str, height: int) -> None:
    await page.set_viewport_size({"width": WIDTH, "height": height})
    await asyncio.sleep(0.5)
    await page.screenshot(path=PICTURES / f"{name}.png")


asyncio.run(main())
