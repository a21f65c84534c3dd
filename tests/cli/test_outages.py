"""When Temporal is down."""

import asyncio

from tests.cli.shell import Shell, ended

NOWHERE = "127.0.0.1:1"


async def test_every_client_command_says_so_in_one_line(lonely: Shell) -> None:
    shell = lonely.with_(TEMPORAL_ADDRESS=NOWHERE)
    commands = (
        ("deploy", "a-snapshot"),
        ("back-test", "a-snapshot", "--wait"),
        ("signal", "MODEL_BACK_TEST", "--var", "MODEL_ID=a-snapshot", "--json"),
        ("status", "a-snapshot", "--json"),
        ("list",),
        ("approve", "a-snapshot", "--by", "ann"),
        ("reject", "a-snapshot", "--by", "ann", "--json"),
        ("cancel", "a-snapshot"),
    )
    for said in await asyncio.gather(*(shell.mlc(*command) for command in commands)):
        assert said.code == 1
        assert said.complaint == (
            f"Temporal does not answer at {NOWHERE}: is it up? Start it with `mlc up`, or set TEMPORAL_ADDRESS"
        )


async def test_a_namespace_that_is_not_there_is_named(shell: Shell) -> None:
    elsewhere = shell.with_(TEMPORAL_NAMESPACE="nowhere")
    commands = (
        ("deploy", "a-snapshot"),
        ("deploy", "a-snapshot", "--request-id", "once"),
        ("signal", "DEPLOYED_BATCH_JOB", "--var", "TAG=a-tag"),
        ("status", "a-snapshot"),
        ("list",),
        ("cancel", "a-snapshot"),
    )
    for said in await asyncio.gather(*(elsewhere.mlc(*command) for command in commands)):
        assert said.code == 1
        assert "Namespace nowhere is not found" in said.complaint


async def test_the_worker_keeps_trying_and_ends_on_sigterm_with_0(lonely: Shell) -> None:
    shell = lonely.with_(TEMPORAL_ADDRESS=NOWHERE)
    async with shell.started("mlc", "worker") as worker:
        assert worker.stderr
        for _ in range(2):
            line = (await asyncio.wait_for(worker.stderr.readline(), 10)).decode()
            assert f"Temporal does not answer at {NOWHERE}" in line
        worker.terminate()
        said = await ended(worker)
    assert said.code == 0
    assert "Traceback" not in said.err
