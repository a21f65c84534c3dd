"""What the shell offers on Tab, asked as bash asks."""

import asyncio
import shutil
import socket
from pathlib import Path

from mlc.record import ProcessRecord
from tests.cli.shell import PROGRAMS, WITHIN_SECONDS, Shell, ended

# A client that waits for an answer waits longer than this; a start on a busy machine takes a part of it.
QUICK_SECONDS = 15


async def offered(shell: Shell, line: str) -> list[str]:
    """What bash would offer after this line."""
    words = line.split(" ")
    asking = shell.with_(_MLC_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    said = await asking.mlc()
    assert said.err == ""
    return said.out.split()


async def test_commands_processes_signals_and_variables_are_offered(lonely: Shell) -> None:
    offers = {
        "mlc back": ["back-test"],
        "mlc start ba": ["back-test", "batch-job"],
        "mlc start batch-job --var ": [
            *("TAG=", "MODEL_STAGE=", "INPUT_FILE=", "INPUT_FILES=", "OUTPUT_FILE=", "OUTPUT_FILES="),
        ],
        "mlc start batch-job --var TAG=x --var MODEL_S": ["MODEL_STAGE="],
        "mlc start nothing --var ": [],
        "mlc signal MODEL_": ["MODEL_BACK_TEST", "MODEL_DATA_DRIFT_TEST"],
        "mlc signal MODEL_BACK_TEST --var MO": ["MODEL_ID="],
        "mlc list --process fl": ["fleet-back-test"],
    }
    assert {line: await offered(lonely, line) for line in offers} == offers


async def test_running_processes_are_offered(shell: Shell, reviewed: ProcessRecord) -> None:
    commands = ("status", "watch", "approve", "cancel")
    for command in commands:
        assert (
            await until_offered(shell, f"mlc {command} {reviewed.workflow_id[:-4]}") == reviewed.workflow_id
        )


async def until_offered(shell: Shell, line: str) -> str:
    """The one offer, once the search has found it, which may be late."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while True:
            if offers := await offered(shell, line):
                (offer,) = offers
                return offer


async def test_without_temporal_nothing_is_offered_and_nothing_is_said(lonely: Shell) -> None:
    assert await offered(lonely.with_(TEMPORAL_ADDRESS="127.0.0.1:1"), "mlc status ") == []


async def test_a_temporal_that_keeps_silent_is_not_waited_for(lonely: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        async with asyncio.timeout(QUICK_SECONDS):
            assert await offered(lonely.with_(TEMPORAL_ADDRESS=address), "mlc status ") == []


async def test_completion_is_installed_for_the_shell_at_hand(lonely: Shell, tmp_path: Path) -> None:
    typed = f"{PROGRAMS / 'mlc'} --install-completion; cat ~/.bash_completions/*"
    async with lonely.with_(HOME=str(tmp_path)).started(str(shutil.which("bash")), "-c", typed) as bash:
        said = await ended(bash)
    assert "bash completion installed in " in said.out
    assert "_MLC_COMPLETE=complete_bash" in said.out
