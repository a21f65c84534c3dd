"""The examples in the docstrings of the SDK: each is run on the real stack, and what it shows is compared."""

import ast
import asyncio
import contextlib
import doctest
import inspect
import io
import traceback
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

import starter
import starter.files
from mlc.catalogue import Catalogue
from starter.blocking import BlockingSignals
from starter.client import TASK_QUEUE, MlcClient
from starter.signals import Signals
from tests.house import House, settings_for
from tests.stand_ins import StandIns
from worker.hosting import hosting

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
Names = dict[str, Any]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drifted.csv").write_text("auc,f1_score\n0.51,0.48\n")
    (tmp_path / "customers.csv").write_text("id,x\n1,2.0\n2,4.5\n")


@pytest.fixture
async def names(
    temporal: WorkflowEnvironment, systems: StandIns, files: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Names]:
    """What the examples speak of: two snapshots, a tag, and a Temporal that is found."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.client.service_client.config.target_host)
    tag = f"svc-{uuid4().hex[:8]}"
    await systems.runtime(tag, online=False)
    snapshot = await systems.snapshot("run_test", tag)
    submitted = await systems.snapshot("jira", tag)
    settings = settings_for(systems, TASK_QUEUE)
    async with hosting(temporal.client, settings, catalogue=Catalogue()):
        home = House(temporal, systems, settings)
        process = await home.deploy(submitted)
        await home.until(process, "review")

        async def found() -> bool:
            return any(row.waiting_for for row in await home.client.list(snapshot=submitted["id"]))

        await home.until_true(found)
        yield {
            **vars(starter),
            "client": MlcClient(temporal.client),
            "snapshot_id": snapshot["id"],
            "submitted_id": submitted["id"],
            "tag": tag,
            "timedelta": timedelta,
        }
        await home.leave()


@pytest.mark.parametrize(
    "documented",
    [starter.MlcClient, starter.BlockingMlcClient, starter.files, Signals, BlockingSignals],
    ids=lambda it: it.__name__,
)
async def test_the_examples_show_what_happens(names: Names, documented: object) -> None:
    for example in examples_of(documented):
        shown = await run(example.source, names)
        right = doctest.OutputChecker().check_output(wanted(example), shown, FLAGS)
        assert right, f"line {example.lineno}: {example.source}{shown}instead of\n{example.want}"


async def test_an_example_that_shows_something_else_is_noticed() -> None:
    example = doctest.Example("await asyncio.sleep(0, 'one')", "'another'\n")
    shown = await run(example.source, {"asyncio": asyncio})
    assert shown == "'one'\n"
    assert not doctest.OutputChecker().check_output(example.want, shown, FLAGS)


def examples_of(documented: object) -> list[doctest.Example]:
    examples = doctest.DocTestParser().get_examples(inspect.getdoc(documented) or "")
    assert examples
    return examples


def wanted(example: doctest.Example) -> str:
    """The output; of an exception its last line, as tracebacks differ from machine to machine."""
    return example.exc_msg or example.want


async def run(source: str, names: Names) -> str:
    """What an interpreter with top-level `await` would print."""
    code = compile(source, "example", "single", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        try:
            if code.co_flags & inspect.CO_COROUTINE:
                await eval(code, names)  # noqa: S307 - our own docstrings
            else:
                # In a thread: what blocks must not stop the worker, which lives on this loop.
                await asyncio.to_thread(exec, code, names)
        except Exception as error:
            return traceback.format_exception_only(error)[-1]
    return said.getvalue()
