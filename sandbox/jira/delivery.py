"""Brings the outbox's letters to their webhooks, again and again as Jira does, until one is taken or too old."""

import asyncio
import logging
import random

import httpx

from sandbox.jira import clock
from sandbox.jira.webhooks import Letter, Outbox, signature

RETRIED_STATUSES = {408, 409, 425, 429}
CONCURRENCY = 8
TIMEOUT = httpx.Timeout(10.0, connect=2.0)
FIRST_PAUSE = 0.25
"""Seconds; doubles with every failure."""
LONGEST_PAUSE = 60.0
LIFETIME_MS = 30 * 60_000

log = logging.getLogger(__name__)


async def deliver(outbox: Outbox, awake: asyncio.Event) -> None:
    """Runs until cancelled; `awake` is set when there is a new letter."""
    async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
        while True:
            awake.clear()
            letters = outbox.due(CONCURRENCY)
            if letters:
                await asyncio.gather(*(_deliver_one(client, outbox, letter) for letter in letters))
                continue
            try:
                await asyncio.wait_for(awake.wait(), outbox.seconds_until_next())
            except TimeoutError:
                continue


async def _deliver_one(client: httpx.AsyncClient, outbox: Outbox, letter: Letter) -> None:
    headers = {
        "Content-Type": "application/json",
        "X-Atlassian-Webhook-Identifier": letter.identifier,
        "X-Atlassian-Webhook-Retry": str(letter.attempts),
    }
    if letter.secret:
        headers["X-Hub-Signature"] = signature(letter.secret, letter.body)
    try:
        status = (await client.post(letter.url, content=letter.body, headers=headers)).status_code
    except httpx.TransportError as error:
        _retry(outbox, letter, type(error).__name__)
        return
    if status in RETRIED_STATUSES or status >= 500:
        _retry(outbox, letter, f"HTTP {status}")
        return
    if not 200 <= status < 300:
        log.warning("webhook %s was refused by %s: HTTP %s", letter.identifier, letter.url, status)
    outbox.remove(letter)


def _retry(outbox: Outbox, letter: Letter, reason: str) -> None:
    if clock.now() - letter.created > LIFETIME_MS:
        log.warning(
            "webhook %s is given up after %s attempts: %s", letter.identifier, letter.attempts + 1, reason
        )
        outbox.remove(letter)
        return
    pause = min(FIRST_PAUSE * 2**letter.attempts, LONGEST_PAUSE) * random.uniform(0.8, 1.2)  # noqa: S311
    log.info("webhook %s will be retried in %.1f s: %s", letter.identifier, pause, reason)
    outbox.postpone(letter, pause)
