"""`mlc demo` from start to end."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from temporalio.client import Client

from mlc.record import Outcome, ProcessRecord, TicketEntry
from starter.client import MlcClient
from starter.demo.data_scientist import DataScientist
from starter.demo.errors import DemoFailed
from starter.demo.reviewer import Reviewer
from starter.demo.screen import Screen
from starter.demo.story import Story
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

DEPLOYED: frozenset[Outcome] = frozenset({"deployed"})
REJECTED: frozenset[Outcome] = frozenset({"rejected"})

Decide = Callable[[TicketEntry], Awaitable[None]]


async def demo(*, state: Path, by_hand: bool, once: bool, as_json: bool) -> int:
    """Shows a deployment and a rejection on a stack of its own; answers the exit code.

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
                records = await (_by_hand if by_hand else _by_itself)(info, screen)
                screen.summary(info, records)
                if as_json:
                    print_document(info, records)
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


async def _by_itself(info: StackInfo, screen: Screen) -> list[ProcessRecord]:
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


async def _by_hand(info: StackInfo, screen: Screen) -> list[ProcessRecord]:
    """A person decides, and may take their time."""

    async def ask(ticket: TicketEntry) -> None:
        screen.say(f"  Open {ticket.url} and press Approve or Reject: the process waits for you.")

    return await _story(info, screen, ask, DEPLOYED | REJECTED)


async def _story(
    info: StackInfo, screen: Screen, decide: Decide, expected: frozenset[Outcome]
) -> list[ProcessRecord]:
    # Named outright: TEMPORAL_ADDRESS may be set for a server elsewhere.
    temporal = await Client.connect(info.temporal, namespace=info.namespace, plugins=[mlc_plugin()])
    async with _door(info.moc) as moc:
        story = Story(DataScientist(moc, info.accounts.moc), MlcClient(temporal), screen, decide)
        return [await story.tell(1, expected), await story.tell(2, REJECTED)]


@asynccontextmanager
async def _door(base_url: str) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=ANSWER_SECONDS) as http:
        yield http


def print_document(info: StackInfo, records: list[ProcessRecord]) -> None:
    """The JSON document on stdout."""
    document = {
        "stack": info.model_dump(mode="json", by_alias=True),
        "processes": [record.model_dump(mode="json", by_alias=True) for record in records],
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    sys.stdout.flush()
