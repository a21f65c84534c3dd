"""The stack as a whole."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from mlc.contract import Contract
from starter.stack.configuration import configuration, url
from starter.stack.parts import Parts, environment, parts
from starter.stack.ports import HOST, PortChoice, Ports, choose_ports
from starter.stack.readiness import NAMESPACE
from starter.stack.state import (
    Accounts,
    StateFolder,
    StoredAccounts,
    load_accounts,
    state_folder,
    write_private,
)
from starter.stack.supervised import SupervisedPart

ANSWER_SECONDS = 2.0


class StackInfo(Contract):
    """Where everything is: the JSON line of `mlc up --json`. `temporal` is host:port, the others are URLs and paths."""

    temporal: str
    namespace: str
    temporal_ui: str
    moc: str
    jira: str
    gateway: str
    pid: int
    accounts: Accounts
    state: str
    config: str


class Stack:
    """A running stack. `supervised` are its parts as people list them.

    >>> async with Stack.start(Path(".mlc"), "auto") as stack:
    ...     print(stack.info.moc)
    """

    def __init__(
        self, info: StackInfo, members: Parts, folder: StateFolder, variables: dict[str, str]
    ) -> None:
        self.info = info
        by_name = {
            part.name: SupervisedPart(part, variables, folder.log(part.name)) for part in members.in_order()
        }
        self.supervised = tuple(by_name.values())
        self._by_name = by_name

    @classmethod
    @asynccontextmanager
    async def start(cls, state: Path, ports: PortChoice) -> "AsyncGenerator[Stack]":
        """A stack that is ready, on the state folder `state`; leaving the context ends all of it within 15 s.

        Raises CannotStart (a port or the folder is in use) before anything is started, PartFailed after all is ended.
        """
        with state_folder(state) as folder:
            chosen = await choose_ports(ports, folder.ports)
            accounts = load_accounts(folder)
            write_private(folder.configuration, configuration(chosen, accounts))
            variables = environment(os.environ, chosen, folder)
            async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS) as http:
                stack = cls(_info(chosen, accounts, folder), parts(chosen, folder, http), folder, variables)
                try:
                    await stack._start_parts()
                    yield stack
                finally:
                    await stack._stop_parts()

    async def _start_parts(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._by_name["moc"].start())
                group.create_task(self._by_name["jira"].start())
                await self._by_name["temporal"].start()
                group.create_task(self._by_name["gateway"].start())
                group.create_task(self._by_name["worker"].start())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _stop_parts(self) -> None:
        """Those first who would miss the others."""
        for names in (("worker",), ("gateway",), ("moc", "jira"), ("temporal",)):
            await asyncio.gather(*(self._by_name[name].stop() for name in names))


def _info(ports: Ports, accounts: StoredAccounts, folder: StateFolder) -> StackInfo:
    return StackInfo(
        temporal=f"{HOST}:{ports.temporal}",
        namespace=NAMESPACE,
        temporal_ui=url(ports.temporal_ui),
        moc=url(ports.moc),
        jira=url(ports.jira),
        gateway=url(ports.gateway),
        pid=os.getpid(),
        accounts=accounts.people(),
        state=str(folder.path),
        config=str(folder.configuration),
    )
