"""docs/own-process.md, followed step by step in an empty folder outside of the repository, in an environment of its own."""

import asyncio
import os
import re
import site
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import pytest

from mlc.record import ProcessRecord
from starter.stack.supervisor import StackInfo
from starter.testing import RunningStack, signed_in
from tests.stack.programs import until
from tests.stand_ins import ROOT

GUIDE = (ROOT / "docs" / "own-process.md").read_text()
WRITE, STACK, START = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
[TAKE_SNAPSHOT] = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
SCRIPT = "#!{python}\nimport sys\nfrom {module} import {name}\nsys.exit({name}())\n"
FOREIGN = ("TEMPORAL_", "MLC_", "COV_", "PYTEST_")


@dataclass(frozen=True)
class Reader:
    """Somebody who follows the guide."""

    folder: Path
    environment: Path

    def run(self, block: str, **variables: str) -> str:
        """Runs the lines of a block as one shell script, which ends at the first line that fails."""
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=self.folder,
            env=self._variables(variables),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, f"{block}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    @contextmanager
    def running(self, block: str, **variables: str) -> Generator[None]:
        """Runs a block in a terminal of its own, until the context ends."""
        command = ["bash", "-c", f"exec {block}"]
        with subprocess.Popen(command, cwd=self.folder, env=self._variables(variables)) as process:
            try:
                yield
            finally:
                process.terminate()

    def _variables(self, more: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        return {
            **kept,
            "PATH": f"{self.environment / 'bin'}:{os.environ['PATH']}",
            # What pip would fetch is there already: the build backend, as in the lock, and the packages of the extra.
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **more,
        }


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """An environment that has what ours has, and what is installed into it does not reach ours."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python, [ours] = environment / "bin" / "python", site.getsitepackages()
    purelib = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.check_output(purelib, text=True).strip())
    (packages / "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    programs = {
        "mlc": "starter.cli:main",
        "pip": "pip._internal.cli.main:main",
        "pytest": "pytest:console_main",
    }
    for program, code in programs.items():
        module, _, name = code.partition(":")
        script = python.with_name(program)
        script.write_text(SCRIPT.format(python=python, module=module, name=name))
        script.chmod(0o755)
    python.with_name("temporal").symlink_to(Path(sys.executable).with_name("temporal"))
    return Reader(tmp_path_factory.mktemp("empty"), environment)


def test_the_guide_works_as_it_stands(reader: Reader) -> None:
    assert "5 passed" in reader.run(WRITE)
    inside = Reader(reader.folder / "drift-watch", reader.environment)
    (inside.folder / "take_snapshot.py").write_text(TAKE_SNAPSHOT)
    line = inside.folder / "stack.json"
    # Beside other tests the usual ports may be taken: that is all that differs from the guide.
    with inside.running(STACK.replace("mlc up", "mlc up --ports auto")):
        info = StackInfo.model_validate_json(
            until(lambda: line.exists() and line.read_text(), "the line of the stack", within=60)
        )
        said = inside.run(START, TEMPORAL_ADDRESS=info.temporal)
        assert re.search(r"drift-watch +MODEL_ID +DRIFT_WATCH +drift-watch +Drift Watch\n", said)
        asyncio.run(what_came_of_it(info))
    # What the guide installs stays in its environment.
    assert "drift-watch" not in {distribution.name for distribution in distributions()}


async def what_came_of_it(info: StackInfo) -> None:
    """One process passed. Those on the other snapshot, by signal, by schedule, and by REST, have raised their alerts."""
    async with signed_in(info) as stack, asyncio.timeout(30):
        snapshot = (await ended(stack, "rejected", 2))[0].snapshot_id
        variables = {"MODEL_ID": {"value": snapshot}}
        signal = {"name": "com.modelop.mlc.definitions.Signals_DRIFT_WATCH", "variables": variables}
        assert (await stack.modelop.post("/mlc-service/rest/signal", json=signal)).status_code == 204
        alerted = await ended(stack, "rejected", 3)
        for record in alerted:
            [ticket] = record.tickets
            assert (ticket.kind, record.reason) == ("alert", "auc is 0.6, at least 0.7 is expected")
            assert "auc is 0.6" in (await stack.issue(ticket.key))["summary"]
        lineage = {one["processInstance"]["processDefinitionId"]: one for one in await stack.all("modelMLCs")}
        for record in [*alerted, *await ended(stack, "passed", 1)]:
            instance = lineage[record.workflow_id]["processInstance"]
            assert (instance["processDefinitionName"], instance["state"]) == ("Drift Watch", "COMPLETED")


async def ended(stack: RunningStack, outcome: str, count: int) -> list[ProcessRecord]:
    """So many processes with this outcome, as soon as there are."""
    while True:
        rows = [row for row in await stack.client.list(process="drift-watch") if row.outcome == outcome]
        if len(rows) == count:
            return [await stack.client.wait(row.workflow_id) for row in rows]
        await asyncio.sleep(0.1)
