"""The examples in the docstring of `Schedules`, run on the real server."""

import doctest

import pytest
from temporalio.testing import WorkflowEnvironment

import starter
from starter.schedules import Schedules
from tests.sdk.test_examples import FLAGS, examples_of, run, wanted


async def test_the_examples_show_what_happens(
    temporal: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.client.service_client.config.target_host)
    names = {**vars(starter), "snapshot_id": "5f0c"}
    for example in examples_of(Schedules):
        shown = await run(example.source, names)
        right = doctest.OutputChecker().check_output(wanted(example), shown, FLAGS)
        assert right, f"line {example.lineno}: {example.source}{shown}instead of\n{example.want}"
