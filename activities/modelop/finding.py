"""Find before create: ModelOp Center knows no idempotency key, so what we create carries ours."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from activities.modelop.client import ModelOpClient
from mlc.dialect import Json

# After a lost answer the create may still be on its way through the server.
LATE_COMMIT_SECONDS = 1.0


async def find_recent(
    client: ModelOpClient, collection: str, fits: Callable[[Json], bool], created_after_ms: int | None = None
) -> Json | None:
    """The newest entity that fits, or None. The search ends at the first one created before the given time."""
    async for entity in client.newest_first(collection):
        if fits(entity):
            return entity
        created = _created_ms(entity)
        if (
            created_after_ms is not None
            and created is not None
            and created < created_after_ms - CLOCKS_APART_MS
        ):
            return None
    return None


async def find(
    client: ModelOpClient,
    collection: str,
    fits: Callable[[Json], bool],
    *,
    tried: bool,
    created_after_ms: int | None = None,
) -> Json | None:
    """The entity that fits, or None; where a create was tried before, what it sent is waited for."""
    found = await find_recent(client, collection, fits, created_after_ms)
    if found is None and tried:
        await asyncio.sleep(LATE_COMMIT_SECONDS)
        found = await find_recent(client, collection, fits, created_after_ms)
    return found


async def find_or_create(
    client: ModelOpClient,
    collection: str,
    fits: Callable[[Json], bool],
    body: Callable[[], Json],
    *,
    attempt: int,
    created_after_ms: int | None = None,
) -> Json:
    """The entity that fits, created now if there is none."""
    found = await find(client, collection, fits, tried=attempt > 1, created_after_ms=created_after_ms)
    return found if found is not None else await client.create(collection, body())


# ModelOp Center's clock and ours.
CLOCKS_APART_MS = 300_000


def _created_ms(entity: Json) -> int | None:
    try:
        return int(datetime.fromisoformat(str(entity["createdDate"])).timestamp() * 1000)
    except (KeyError, ValueError):
        return None
