"""`mlc demo` from start to end."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from temporalio.client import Client

from mlc.record import Outcome, TicketEntry
from starter.client import MlcClient
from starter.demo.data_scientist import DataScientist
from starter.demo.errors import DemoFailed
from starter.demo.following import Decide, Follower
from starter.demo.reviewer import Reviewer
from starter.demo.screen import Chapter, Screen
from starter.demo.story import DEPLOYED, REJECTED, Story
from starter.stack.errors import StackError
from starter.stack.interruption import until_signal
from starter.stack.ports import default_ports_if_free
from starter.stack.supervisor import Stack, StackInfo
from starter.stack.up import STARTING, log_restarts, report
from workflows.temporal import mlc_plugin

ANSWER_SECONDS = 20.0
# Far more than the story takes; it ends a demonstration that hangs where nobody looks on.
LONGEST_SECONDS = 180.0
COMMENT = "The test results are well within the thresholds."


async def demo(*, state: Path, by_hand: bool, once: bool, as_json: bool) -> int:
    """Shows all three processes on a stack of its own; answers the exit code.

    The stack takes the default ports where all are free, else free ones. `by_hand`: the review waits for a person in the
    browser, who may refuse too. At a terminal the stack stays up until Ctrl-C, unless `once`. With `as_json` stdout gets
    `{"stack", "processes"}` and the story goes to stderr. 0: all went as it should. 1: a process or a part did not.
    2: the state folder is in use. 128 + the signal's number: interrupted before the end.
    """
    log_restarts()
    told = False
    try:
        with until_signal() as received, Screen(sys.stderr if as_json else sys.stdout) as screen:
            screen.busy(STARTING)
            async with Stack.start(state, await default_ports_if_free()) as stack:
                info = stack.info
                screen.say(
                    f"The stack is up. ModelOp Center: {info.moc}  Jira: {info.jira}  Temporal: {info.temporal_ui}"
                )
                chapters = await (_by_hand if by_hand else _by_itself)(info, screen)
                screen.summary(info, chapters)
                if as_json:
                    print_document(info, chapters)
                told = True
                if sys.stdout.isatty() and not once:
                    screen.say(
                        f"The stack stays up until Ctrl-C. In another terminal: export TEMPORAL_ADDRESS={info.temporal}"
                    )
                    screen.busy("Ctrl-C ends the stack")
                    await asyncio.Event().wait()
    except StackError as error:
        report(error)
        return error.exit_code
    except DemoFailed as error:
        sys.stderr.write(f"mlc: {error}. Logs are in {state / 'logs'}\n")
        return 1
    return 0 if told else 128 + (received[0] if received else signal.SIGINT)


async def _by_itself(info: StackInfo, screen: Screen) -> list[Chapter]:
    """The reviewer of the stand-in approves."""
    async with _door(info.jira) as jira:
        reviewer = Reviewer(jira, info.accounts.jira_reviewer)

        async def approve(ticket: TicketEntry) -> None:
            await reviewer.approve(ticket, COMMENT)
            screen.say(f"  {reviewer.name} moves {ticket.key} to Done: “{COMMENT}”")

        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await _story(info, screen, approve, DEPLOYED)
        except TimeoutError:
            raise DemoFailed(f"no end after {LONGEST_SECONDS:g} s") from None


async def _by_hand(info: StackInfo, screen: Screen) -> list[Chapter]:
    """A person decides, and may take their time."""

    async def ask(ticket: TicketEntry) -> None:
        screen.say(f"  Open {ticket.url} and press Approve or Reject: the process waits for you.")

    return await _story(info, screen, ask, DEPLOYED | REJECTED)


async def _story(
    info: StackInfo, screen: Screen, decide: Decide, expected: frozenset[Outcome]
) -> list[Chapter]:
    # Named outright: TEMPORAL_ADDRESS may be set for a server elsewhere.
    temporal = await Client.connect(info.temporal, namespace=info.namespace, plugins=[mlc_plugin()])
    client = MlcClient(temporal)
    async with _door(info.moc) as moc:
        who = DataScientist(moc, info.accounts.moc, runtime_files(info))
        return await Story(who, client, Follower(client, screen, decide), screen, expected).tell()


def runtime_files(info: StackInfo) -> Path:
    """The folder that the stand-in's runtimes know as `file:///`."""
    return Path(info.state) / "modelop" / "files"


@asynccontextmanager
async def _door(base_url: str) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=ANSWER_SECONDS) as http:
        yield http


def print_document(info: StackInfo, chapters: list[Chapter]) -> None:
    """The JSON document on stdout."""
    document = {
        "stack": info.model_dump(mode="json", by_alias=True),
        "processes": [chapter.record.model_dump(mode="json", by_alias=True) for chapter in chapters],
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    sys.stdout.flush()
