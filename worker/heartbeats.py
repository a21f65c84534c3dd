"""A sign of life for every activity, so that a worker that dies is missed within seconds, not at the end of a timeout."""

import asyncio
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

# These tell more than that they live: their heartbeat carries how far they are.
SPEAK_FOR_THEMSELVES = frozenset({"watch_tickets"})
BEATS_PER_TIMEOUT = 4


class Heartbeats(Interceptor):
    """Heartbeats for activities that were started with a heartbeat timeout, while they run on this worker."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        return _Beating(super().intercept_activity(next))


class _Beating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        info = activity.info()
        if info.is_local or info.heartbeat_timeout is None or info.activity_type in SPEAK_FOR_THEMSELVES:
            return await self.next.execute_activity(input)
        pause = info.heartbeat_timeout.total_seconds() / BEATS_PER_TIMEOUT
        beating = asyncio.create_task(_beat_on_a_thread(pause) if input.executor else _beat(pause))
        try:
            return await self.next.execute_activity(input)
        finally:
            beating.cancel()


async def _beat(seconds: float) -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(seconds)


async def _beat_on_a_thread(seconds: float) -> None:
    """For a synchronous activity: its heartbeat waits for the loop, so calling it on the loop would wait for itself."""
    while True:
        await asyncio.to_thread(activity.heartbeat)
        await asyncio.sleep(seconds)
