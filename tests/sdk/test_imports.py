"""The SDK is used without the code of the processes."""

import asyncio
import json
import os
import subprocess
import sys

from tests.house import House
from tests.stand_ins import ROOT

PROGRAM = """
import asyncio, json, sys
from starter.client import MlcClient

async def look():
    client = await MlcClient.connect()
    return await client.status(sys.argv[1])

def workflows_loaded():
    return sorted(
        f"{name}.{thing.__name__}"
        for name, module in list(sys.modules.items())
        for thing in vars(module).values()
        if isinstance(thing, type) and "__temporal_workflow_definition" in vars(thing)
    )

record = asyncio.run(look())
found = workflows_loaded()
import workflows.deploy
seen = "workflows.deploy.Deploy" in workflows_loaded()
print(json.dumps({"waitingFor": record.waiting_for, "workflows": found, "seen when loaded": seen}))
"""


async def test_a_program_that_queries_a_process_loads_no_workflow(at_home: House, service: str) -> None:
    process = await at_home.deploy(await at_home.stand_ins.snapshot("jira", service))
    record = await at_home.until(process, "review")
    said = await asyncio.to_thread(run, PROGRAM, process, at_home.temporal.service_client.config.target_host)
    assert json.loads(said) == {"waitingFor": record.waiting_for, "workflows": [], "seen when loaded": True}


def run(program: str, process: str, address: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run(
        [sys.executable, "-c", program, process],
        env={**os.environ, "TEMPORAL_ADDRESS": address},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
