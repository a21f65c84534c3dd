"""Errors of `mlc.errors`, raised by an activity of another package, as the failures that processes and Temporal tell apart."""

from typing import Any

from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.failures import async_failures


class Failures(Interceptor):
    """Lets an activity raise our errors as they are: what can go away is tried again, the rest is not."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        return _Translating(super().intercept_activity(next))


class _Translating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        async with async_failures():
            return await self.next.execute_activity(input)
