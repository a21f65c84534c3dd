"""`python -m bench.signal_latency`: from a signal by REST to the first activity, beside a bare workflow on the same server.

Both are started in the same even rhythm, one after the other. The moment is that at which the worker schedules the first
local activity (the reading of the rules) and, further on, that at which Temporal tells that the first ordinary activity (the
creation of the job) started. The bare workflow has one local and one ordinary activity, is started by the SDK, and runs on a
worker of its own.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import uuid4

from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType
from temporalio.worker import Worker

from bench.embedded import Bench, Json, bench, console, figures, milliseconds, run

SIGNALS_A_SECOND, SIGNALS = 5, 150
QUEUE = "bench-bare"
BACK_TEST = "com.modelop.mlc.definitions.Signals_MODEL_BACK_TEST"
SOURCE = "# modelop.metrics\ndef metrics(data):\n    yield {'rows': len(data)}\n"

Moments = tuple[float, float]


@activity.defn
async def nothing() -> None:
    """Does nothing."""


@workflow.defn(sandboxed=False)
class Bare:
    """One local and one ordinary activity."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_local_activity(nothing, start_to_close_timeout=timedelta(seconds=5))
        await workflow.execute_activity(nothing, start_to_close_timeout=timedelta(seconds=5))


async def main() -> None:
    async with bench() as stack:
        snapshot = await _snapshot(stack)
        async with Worker(stack.temporal, task_queue=QUEUE, workflows=[Bare], activities=[nothing]):
            await _warm_up(stack, snapshot)
            ours = await _measured(lambda name: _signal(stack, snapshot, name), stack)
            bare = await _measured(lambda name: _bare(stack, name), stack)
    table = figures(f"{SIGNALS} starts, {SIGNALS_A_SECOND} a second; milliseconds", "", "p50", "p99", "most")
    for place, what in enumerate(("first local activity scheduled", "first ordinary activity started")):
        mine, theirs = [pair[place] for pair in ours], [pair[place] for pair in bare]
        table.add_row(f"signal by REST: {what}", *milliseconds(mine))
        table.add_row(f"bare workflow:  {what}", *milliseconds(theirs))
        ratio = sorted(mine)[len(mine) // 2] / sorted(theirs)[len(theirs) // 2]
        table.add_row("  ratio of the medians", f"{ratio:.1f}", "", "")
    console.print(table)


async def _snapshot(stack: Bench) -> str:
    """A snapshot whose back-test comes as far as its job; the jobs themselves are left to wait."""
    data = {"assetType": "FILE", "assetRole": "TEST_DATA", "name": "x.csv", "filename": "x.csv"}
    assets: list[Json] = [
        {
            "name": "model.py",
            "assetType": "SOURCE_CODE",
            "assetRole": "MODEL_SOURCE",
            "primaryModelSource": True,
            "sourceCode": SOURCE,
        },
        {**data, "fileFormat": "CSV", "fileContent": "eAoxCg=="},
    ]
    await stack.moc.patch("/sandbox/settings", json={"jobDelaySeconds": 3600})
    await stack.create("engines", {"name": "bench", "tags": ["bench"], "engineType": "MODEL_OP_ENGINE"})
    stored = await stack.create("storedModels", {"modelMetaData": {"name": "bench"}, "modelAssets": assets})
    body: Json = {"storedModel": {"id": stored["id"]}, "metaData": {"tags": ["bench"]}}
    return str((await stack.create("deployableModels", body))["id"])


async def _warm_up(stack: Bench, snapshot: str) -> None:
    for number in range(10):
        await _signal(stack, snapshot, f"warm-{number}")
        await _bare(stack, f"warm-{number}")
    await asyncio.sleep(1)


async def _measured(start: Callable[[str], Awaitable[str]], stack: Bench) -> list[Moments]:
    """Seconds from each start to the two moments, the starts in an even rhythm."""
    began: dict[str, float] = {}

    async def one() -> None:
        at = time.time()
        began[await start(uuid4().hex[:8])] = at

    async with asyncio.TaskGroup() as group:
        for _ in range(SIGNALS):
            group.create_task(one())
            await asyncio.sleep(1 / SIGNALS_A_SECOND)
    await asyncio.sleep(2)
    return [await _moments(stack, workflow_id, at) for workflow_id, at in began.items()]


async def _signal(stack: Bench, snapshot: str, name: str) -> str:
    body = {"name": BACK_TEST, "variables": {"MODEL_ID": {"value": snapshot}}}
    headers = {"Authorization": stack.moc.headers["Authorization"], "X-Request-Id": name}
    url = f"{stack.info.gateway}/mlc-service/rest/signal"
    (await stack.moc.post(url, json=body, headers=headers)).raise_for_status()
    return f"mlc-back-test-{snapshot}-{name}"


async def _bare(stack: Bench, name: str) -> str:
    await stack.temporal.start_workflow(Bare.run, id=f"bare-{name}", task_queue=QUEUE)
    return f"bare-{name}"


async def _moments(stack: Bench, workflow_id: str, began: float) -> Moments:
    history = await stack.temporal.get_workflow_handle(workflow_id).fetch_history()
    local = started = None
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED and local is None:
            data = json.loads(event.marker_recorded_event_attributes.details["data"].payloads[0].data)
            local = _seconds(data["original_schedule_time"])
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED and started is None:
            started = event.event_time.ToNanoseconds() / 1e9
    if started is None:  # an activity that has not ended is told by the description alone
        described = await stack.temporal.get_workflow_handle(workflow_id).describe()
        started = described.raw_description.pending_activities[0].last_started_time.ToNanoseconds() / 1e9
    if local is None:
        raise RuntimeError(f"{workflow_id} has no local activity")
    return local - began, started - began


def _seconds(time_of: Json | str) -> float:
    """A protobuf timestamp as JSON holds it."""
    if isinstance(time_of, str):
        return datetime.fromisoformat(time_of).timestamp()
    return float(time_of["seconds"]) + float(time_of["nanos"]) / 1e9


if __name__ == "__main__":
    run(main)
