"""Processes that wait for nobody: they end, and the ticket stays."""

from workflows.process import Ended, Process


class Unattended(Process):
    """Base of the processes that run by the clock or for a program: a failed step ends them, and no person is waited for."""

    async def tell_failure(self, problem: str, messages: tuple[str, ...] = ()) -> None:
        """Opens an error ticket and ends the process as failed."""
        step = self.current_step
        await self.leave_no_job()
        await self.once(
            self.tickets.open("error", summary=f"{step} failed: {problem}", lead=problem, messages=messages)
        )
        raise Ended("failed", f"{step}: {problem}")

    async def alert(self, what: str, why: str) -> None:
        """Opens an alert ticket and ends the process as rejected. `what` is the ticket's title."""
        await self.once(self.tickets.open("alert", summary=f"{what}: {why}", lead=f"{what}: {why}"))
        raise Ended("rejected", why)
