"""Delivers signals to the gateway at least once, over restarts of either side."""

import asyncio
import logging
import time

import httpx

from sandbox.modelop.accounts import SERVICE_USER, Accounts
from sandbox.modelop.entities import Entity
from sandbox.modelop.store import Store

SIGNAL_PATH = "/mlc-service/rest/signal"
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0
_ANSWER_SECONDS = 10.0
# A token that the gateway cannot check yet, because it does not know the key, says nothing against the signal.
_TRY_AGAIN_STATUSES = (401, 408, 425, 429)

_log = logging.getLogger(__name__)


class Outbox:
    """Sends what the store's outbox holds under one signal name, so that signals of other names never wait for these.

    A 2xx answer settles a signal, and so does a 4xx one that means "never"; anything else is tried again. After a crash
    between the gateway's answer and the settling, a signal goes out a second time.
    """

    def __init__(self, store: Store, accounts: Accounts, gateway: str, name: str) -> None:
        self._store = store
        self._accounts = accounts
        self._name = name
        self._url = gateway.rstrip("/") + SIGNAL_PATH
        self._wake = asyncio.Event()
        self._due: dict[int, float] = {}
        self._token = ""
        self._renew_token_at = 0.0

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Delivers until cancelled."""
        async with httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False) as client:
            while True:
                self._wake.clear()
                pause = await self._deliver_due(client)
                try:
                    await asyncio.wait_for(self._wake.wait(), pause)
                except TimeoutError:
                    continue

    async def _deliver_due(self, client: httpx.AsyncClient) -> float | None:
        """Seconds until the next attempt is due; None when nothing waits."""
        posted = self._store.posted(self._name)
        self._due = {number: self._due[number] for number, _ in posted if number in self._due}
        for number, attempts in posted:
            if self._due.get(number, 0.0) > time.monotonic():
                continue
            signal = self._store.signal(number)
            if signal is None or await self._deliver(client, number, signal):
                self._store.settle(number)
                self._due.pop(number, None)
            else:
                self._store.retry_later(number)
                pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(attempts, 10))
                self._due[number] = time.monotonic() + pause
        return max(0.0, min(self._due.values()) - time.monotonic()) if self._due else None

    async def _deliver(self, client: httpx.AsyncClient, number: int, signal: Entity) -> bool:
        # The same at each delivery of this signal, and at no other's: sent twice it starts one process.
        headers = {**self._authorization(), "X-Request-Id": f"{number}-{_subject(signal)}"}
        try:
            answer = await client.post(self._url, json=signal, headers=headers)
        except httpx.HTTPError as error:
            _log.info("signal %s not delivered, the gateway does not answer: %s", signal["name"], error)
            return False
        if answer.is_client_error and answer.status_code not in _TRY_AGAIN_STATUSES:
            _log.warning(
                "signal %s refused by the gateway: %s %s", signal["name"], answer.status_code, answer.text
            )
            return True
        if not answer.is_success:
            _log.info("signal %s not delivered, the gateway answers %s", signal["name"], answer.status_code)
        return answer.is_success

    def _authorization(self) -> dict[str, str]:
        # Half its life at most, so that it does not end on the way, and not a new one for each of many attempts.
        if time.monotonic() >= self._renew_token_at:
            self._token = self._accounts.issue_token(SERVICE_USER)
            self._renew_token_at = time.monotonic() + self._accounts.token_seconds / 2
        return {"Authorization": f"Bearer {self._token}"}


def _subject(signal: Entity) -> str:
    """The id of the entity that the signal tells of."""
    return next(str(variable["value"]["id"]) for variable in signal["variables"].values())
