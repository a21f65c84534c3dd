"""`python -m tests.replay.record [branch …]`: lives every branch on a real server and writes its history.

When to do this, and when not: docs/determinism.md.
"""

import argparse
import asyncio
import base64
import json
import logging
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

from temporalio.testing import WorkflowEnvironment

from tests.house import house, temporal_server
from tests.replay.branches import BRANCHES, Branch, service_tag
from tests.stand_ins import StandIns, stand_ins
from workflows.temporal import run_main

HISTORIES = Path(__file__).parent / "histories"
# What belongs to the machine that recorded, and what stands in its place.
MACHINE = (
    (re.compile(r"(127\.0\.0\.1|localhost):\d+"), "127.0.0.1:8080"),
    # The name of a worker's own queue, and its identity: process id and host.
    (re.compile(r"\d+@[\w.-]+"), "1@recorder"),
)

# What the JSON form of a payload has; its data is base64.
PAYLOAD = {"metadata", "data"}

logger = logging.getLogger("tests.replay.record")


def main() -> int:
    parser = argparse.ArgumentParser(description="Records the histories that test_replay.py replays.")
    parser.add_argument("branch", nargs="*", choices=[[], *BRANCHES], help="all when none is named")
    names = parser.parse_args().branch or list(BRANCHES)
    logging.basicConfig(level=logging.WARNING)
    logger.setLevel(logging.INFO)
    run_main(_record(names))
    return 0


async def _record(names: list[str]) -> None:
    HISTORIES.mkdir(exist_ok=True)
    lengths = sorted({BRANCHES[name].new_history_after for name in names}, key=lambda length: length or 0)
    with tempfile.TemporaryDirectory() as folder:
        async with stand_ins(Path(folder)) as both:
            await both.runtime("jobs-alone", online=False, name="runtime-for-jobs")
            for length in lengths:
                suggest = ["--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={length}"]
                async with temporal_server(more_arguments=suggest if length else ()) as environment:
                    for name in names:
                        if BRANCHES[name].new_history_after == length:
                            await _write(name, await recorded(environment, both, BRANCHES[name]))


async def _write(name: str, history: dict[str, Any]) -> None:
    text = json.dumps(history, indent=1, ensure_ascii=False) + "\n"
    await asyncio.to_thread((HISTORIES / f"{name}.json").write_text, text)
    logger.info("%s: %s events, %s bytes", name, len(history["events"]), len(text))


async def recorded(environment: WorkflowEnvironment, both: StandIns, branch: Branch) -> dict[str, Any]:
    """The history of one branch, without a trace of the machine it was recorded on."""
    await both.reset()
    async with house(environment, both, branch.policy) as home:
        workflow_id, _, run_id = (await branch.story(home, service_tag())).partition("/")
        handle = home.temporal.get_workflow_handle(workflow_id, run_id=run_id or None)
        history = await handle.fetch_history()
    return {"workflowId": workflow_id, **_neutral(history.to_json_dict())}


def _neutral(node: Any) -> Any:
    """Identities, addresses and stack traces taken out, in plain text and inside of payloads."""
    if isinstance(node, list):
        return [_neutral(item) for item in cast(list[Any], node)]
    if isinstance(node, dict):
        fields = cast(dict[str, Any], node)
        if fields.keys() >= PAYLOAD:
            return {**fields, "data": _neutral_payload(fields["data"])}
        return {key: _neutral(value) for key, value in fields.items() if key != "stackTrace"}
    return _neutral_text(node) if isinstance(node, str) else node


def _neutral_payload(data: str) -> str:
    text = base64.b64decode(data).decode()
    return base64.b64encode(_neutral_text(text).encode()).decode()


def _neutral_text(text: str) -> str:
    for pattern, word in MACHINE:
        text = pattern.sub(word, text)
    return text


if __name__ == "__main__":
    sys.exit(main())
