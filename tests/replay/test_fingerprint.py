"""The order of the commands in the source of the workflows changes on purpose only."""

import difflib
import json

import pytest

from tests.replay.fingerprint import BASELINE, commands_of, fingerprint

HELP = """
The commands of the workflows changed:

{difference}

A process that is under way replays its history against the new code. If the change can reach it, put it behind
`workflow.patched("<name of the change>")`. Then renew the baseline: `python -m tests.replay.fingerprint`.
See docs/determinism.md.
"""
PROCESS = """
@workflow.defn
class Greeting:
    @workflow.run
    async def run(self):
        await self.read(ModelOp.read_snapshot, ref)
        await workflow.wait_condition(lambda: self.done, timeout=left)
        asyncio.create_task(self.wave())

    @workflow.signal
    def wake(self):
        self.done = True
"""


def test_the_commands_of_the_workflows_are_those_of_the_baseline() -> None:
    before, now = _lines(json.loads(BASELINE.read_text())), _lines(fingerprint())
    if before != now:
        difference = "\n".join(difflib.unified_diff(before, now, "baseline", "now", lineterm="", n=1))
        pytest.fail(HELP.format(difference=difference), pytrace=False)


def test_handlers_activities_timers_and_tasks_are_read_in_the_order_of_the_source() -> None:
    assert commands_of(PROCESS) == [
        "Greeting: @workflow.defn",
        "Greeting.run: @workflow.run",
        "Greeting.run: await self.read(ModelOp.read_snapshot)",
        "Greeting.run: await workflow.wait_condition(timeout)",
        "Greeting.run: asyncio.create_task()",
        "Greeting.wake: @workflow.signal",
    ]


def _lines(of_modules: dict[str, list[str]]) -> list[str]:
    return [f"{module}: {command}" for module, commands in of_modules.items() for command in commands]
