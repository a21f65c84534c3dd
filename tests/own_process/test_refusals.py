"""A package that is at fault keeps the worker from starting, and one line says which package and what to do."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from mlc.catalogue import ProcessDefinition
from mlc.errors import InvalidInput
from mlc.processes import BackTestRequest
from tests.own_process.conftest import Hosted

WORKFLOW = """
from temporalio import activity, workflow
{imports}

@workflow.defn(name="own")
class Own:
    @workflow.run
    async def run(self, request: dict) -> None: ...

class NoWorkflow: ...

@activity.defn
async def own_activity() -> None: ...

@activity.defn
async def read_snapshot() -> None: ...

def activities(settings): return [own_activity]
def taken(settings): return [read_snapshot]
def no_activities(settings): return [len]
def no_list(settings): return None
def broken(settings): raise KeyError("no such setting")
"""


def definition(workflow: str, activities: str | None = None, name: str = "own") -> ProcessDefinition:
    return ProcessDefinition(
        name=name, title="Own", request=BackTestRequest, workflow=workflow, activities=activities
    )


@pytest.mark.parametrize(
    ("workflow", "why"),
    [
        ("no_such_package.workflow:Own", "cannot be loaded: No module named 'no_such_package'"),
        ("{module}:Owm", "cannot be loaded: module '{module}' has no attribute 'Owm'"),
        ("{module}", "code is named as package.module:Name"),
        ("{module}:NoWorkflow", "no workflow: decorate it with @workflow.defn"),
        ("{module}:own_activity", "no workflow"),
    ],
)
async def test_a_workflow_that_is_not_there_or_is_none(
    hosted: Hosted, module: Callable[[str], str], workflow: str, why: str
) -> None:
    own = module(WORKFLOW.format(imports=""))
    named = workflow.format(module=own)
    complaint = await refusal(hosted, definition(named))
    assert complaint.startswith(f"process own ({named}): ")
    assert why.format(module=own) in complaint


async def test_a_workflow_type_that_is_not_the_name_of_its_process(
    hosted: Hosted, module: Callable[[str], str]
) -> None:
    complaint = await refusal(hosted, definition(f"{module(WORKFLOW.format(imports=''))}:Own", name="other"))
    assert complaint.endswith("its workflow type is own: write @workflow.defn(name='other')")


async def test_a_workflow_module_that_loads_an_io_library(
    hosted: Hosted, module: Callable[[str], str]
) -> None:
    own = module(WORKFLOW.format(imports="import httpx"))
    complaint = await refusal(hosted, definition(f"{own}:Own"))
    assert complaint.startswith(f"process own ({own}:Own): the workflow sandbox does not load it, ")


@pytest.mark.parametrize(
    ("activities", "why"),
    [
        ("no_such", "cannot be loaded"),
        ("broken", "does not make a list of activities: 'no such setting'"),
        ("no_list", "does not make a list of activities"),
        ("no_activities", "<built-in function len> is no activity: decorate it with @activity.defn"),
        ("taken", "its activity read_snapshot is called like one of mlc itself: rename it"),
    ],
)
async def test_activities_that_cannot_be_hosted(
    hosted: Hosted, module: Callable[[str], str], activities: str, why: str
) -> None:
    own = module(WORKFLOW.format(imports=""))
    complaint = await refusal(hosted, definition(f"{own}:Own", f"{own}:{activities}"))
    assert complaint.startswith(f"process own ({own}:{activities}): ")
    assert why in complaint


async def test_two_packages_whose_activities_have_one_name(
    hosted: Hosted, module: Callable[[str], str]
) -> None:
    first = module(WORKFLOW.format(imports=""))
    second = module(WORKFLOW.format(imports="").replace('"own"', '"second"'))
    complaint = await refusal(
        hosted,
        definition(f"{first}:Own", f"{first}:activities"),
        definition(f"{second}:Own", f"{second}:activities", "second"),
    )
    assert complaint.startswith(f"process second ({second}:activities): its activity own_activity")
    assert complaint.endswith("is called like one of own: rename it")


async def test_the_worker_program_ends_with_2_and_one_line(
    temporal: WorkflowEnvironment, tmp_path: Path
) -> None:
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mlc.processes]\nbroken = broken_process:PROCESS\n")
    (tmp_path / "broken_process.py").write_text(
        "from mlc.catalogue import ProcessDefinition\nfrom mlc.processes import BackTestRequest\n"
        "PROCESS = ProcessDefinition('broken', 'Broken', BackTestRequest, 'broken_process:Missing')\n"
    )
    variables = {
        "PYTHONPATH": str(tmp_path),
        "TEMPORAL_ADDRESS": temporal.client.service_client.config.target_host,
        "MLC_WORKER__HEALTH_PORT": "0",
    }
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "worker"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert "process broken (broken_process:Missing): it cannot be loaded" in line


async def refusal(hosted: Hosted, *definitions: ProcessDefinition) -> str:
    """The one line with which the worker refuses to start."""
    with pytest.raises(InvalidInput) as refused:
        async with hosted(*definitions):
            pass
    assert "\n" not in str(refused.value)
    return str(refused.value)
