"""What a process judged on beside its record: the whole test result and the model's metadata, in ModelOp Center."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from mlc.dialect import Json
from mlc.digests import digest
from mlc.errors import Conflict, MlcError, Unauthorized, Unavailable
from mlc.record import TestResult
from mlc.settings import ModelOpSettings

if TYPE_CHECKING:
    from activities.modelop.client import ModelOpClient


class StoredResults:
    """Reads ModelOp Center, and nothing but reads. One that cannot be asked is not asked again."""

    def __init__(self, client: ModelOpClient, settings: ModelOpSettings) -> None:
        self._client = client
        self._dialect = settings.dialect
        self._metadata: dict[str, asyncio.Task[Json]] = {}
        self.refusal: MlcError | None = None

    async def whole(self, result: TestResult) -> Mapping[str, object]:
        """All that the test yielded. Raises Conflict when it is no longer what was judged, or what reading it raises."""
        stored = await self._get(self._dialect.test_results, result.id)
        results = cast(Json, stored.get("testResults") or {})
        if digest(results) != result.digest:
            raise Conflict(f"test result {result.id} in ModelOp Center is no longer the one that was judged")
        return results

    async def metadata(self, snapshot_id: str) -> Mapping[str, object]:
        """What the snapshot's model says of itself. Raises what reading it raises."""
        # Many back-tests are of one snapshot, which may be large.
        if snapshot_id not in self._metadata:
            self._metadata[snapshot_id] = asyncio.create_task(self._read_metadata(snapshot_id))
        return await self._metadata[snapshot_id]

    async def _read_metadata(self, snapshot_id: str) -> Json:
        snapshot = await self._get(self._dialect.snapshots, snapshot_id)
        stored = cast(Json, snapshot.get("storedModel") or {})
        return cast(Json, stored.get("modelMetaData") or {})

    async def _get(self, collection: str, entity_id: str) -> Json:
        if self.refusal is not None:
            raise self.refusal
        try:
            return await self._client.get(collection, entity_id)
        except (Unavailable, Unauthorized) as error:
            self.refusal = error
            raise


@asynccontextmanager
async def stored_results(settings: ModelOpSettings) -> AsyncGenerator[StoredResults]:
    """ModelOp Center as the settings say; nothing is asked before the first question."""
    from activities.modelop.client import (
        ModelOpClient,
    )  # its HTTP library is slow to load for every other command

    client = ModelOpClient(settings)
    try:
        yield StoredResults(client, settings)
    finally:
        await client.close()
