"""`python -m bench.fleet [models]`: the back-test of a fleet of 300 deployed models, 20 at once.

The models run for real; the runtimes share the machine's cores, so the time is theirs. What is ours is the number of events,
and that each model is tested once.
"""

import asyncio
import sys
import time
from contextlib import suppress
from uuid import uuid4

from rich.progress import Progress

from bench.embedded import Bench, Json, bench, console, figures, run
from mlc.errors import NotFound
from mlc.ids import deploy_workflow_id

MODELS, AT_ONCE, RUNTIMES = 300, 20, 2
MOST_EVENTS = 10_000
SOURCE = "# modelop.metrics\ndef metrics(data):\n    yield {'auc': 0.9}\n"


async def main() -> None:
    models = int(sys.argv[1]) if len(sys.argv) > 1 else MODELS
    async with bench() as stack:
        tag = f"fleet-{uuid4().hex[:6]}"
        await _deploy(stack, tag, models)
        began = time.monotonic()
        process = await stack.client.start_fleet_back_test(tag, at_once=AT_ONCE)
        record = await stack.client.wait(process)
        took = time.monotonic() - began
        events = len((await stack.temporal.get_workflow_handle(process).fetch_history()).events)
        jobs = (await stack.moc.get("/model-manage/api/jobs", params={"size": 1})).json()["page"]
    table = figures(f"{models} back-tests, {AT_ONCE} at once on {RUNTIMES} runtimes", "what", "figure")
    table.add_row("outcome", f"{record.outcome}: {record.reason}")
    table.add_row("time", f"{took:.0f} s, {took / models * 1000:.0f} ms a model")
    table.add_row("events of the last history", f"{events} (at most {MOST_EVENTS})")
    table.add_row("jobs created", str(jobs["totalElements"]))
    console.print(table)


async def _deploy(stack: Bench, tag: str, models: int) -> None:
    """The fleet is deployed as it is in life: each snapshot's signal starts its deploy process."""
    for number in range(RUNTIMES):
        await stack.create(
            "engines", {"name": f"{tag}-{number}", "tags": [tag], "engineType": "MODEL_OP_ENGINE"}
        )
    file = {"assetType": "FILE", "assetRole": "TEST_DATA", "name": "x.csv", "filename": "x.csv"}
    source = {
        "name": "model.py",
        "assetType": "SOURCE_CODE",
        "primaryModelSource": True,
        "sourceCode": SOURCE,
    }
    assets: list[Json] = [source, {**file, "fileFormat": "CSV", "fileContent": "eAoxCg=="}]
    with Progress(console=console, transient=True) as progress:
        processes: list[str] = []
        for number in progress.track(range(models), description="Submitting the fleet"):
            meta = {"name": f"{tag}-model-{number}"}
            stored = await stack.create("storedModels", {"modelMetaData": meta, "modelAssets": assets})
            body: Json = {"storedModel": {"id": stored["id"]}, "metaData": {"tags": [tag]}}
            snapshot = await stack.create("deployableModels", body)
            processes.append(deploy_workflow_id(snapshot["id"]))
        for process in progress.track(processes, description="Deploying the fleet"):
            await _until_deployed(stack, process)


async def _until_deployed(stack: Bench, process: str) -> None:
    while True:
        with suppress(NotFound):  # its signal is still on the way
            record = await stack.client.wait(process)
            if record.outcome != "deployed":
                raise RuntimeError(f"{process} was not deployed")
            return
        await asyncio.sleep(0.2)


if __name__ == "__main__":
    run(main)
