"""`python -m bench.schedules`: 500 schedules are created by one `apply`, applied once more, and listed.

Beside it stands Temporal's own listing of the same schedules, without what is read out of them.
"""

import time
from collections.abc import Awaitable

from temporalio.client import Client

from bench.embedded import bench, console, figures, run
from mlc.schedules import ScheduleDeclaration

SCHEDULES, TIMES = 500, 5


async def main() -> None:
    declarations = [
        ScheduleDeclaration(
            name=f"nightly-{number:03}",
            process="back-test",
            variables={"MODEL_ID": f"snapshot-{number}"},
            cron=(f"{number % 60} {number % 24} * * *",),
            time_zone="Europe/Berlin",
            paused=True,
        )
        for number in range(SCHEDULES)
    ]
    table = figures(f"{SCHEDULES} schedules", "what", "seconds")
    async with bench() as stack:
        schedules = stack.client.schedules
        table.add_row("apply: created", await _seconds(schedules.apply(declarations)))
        table.add_row("apply again: unchanged", await _seconds(schedules.apply(declarations)))
        ours = min([await _taken(schedules.list()) for _ in range(TIMES)])
        bare = min([await _taken(_bare(stack.temporal)) for _ in range(TIMES)])
        rows = len(await schedules.list())
    table.add_row(f"listed: {rows} rows, best of {TIMES}", f"{ours:.2f}")
    table.add_row("Temporal's own listing", f"{bare:.2f} (ratio {ours / bare:.1f})")
    console.print(table)


async def _bare(temporal: Client) -> int:
    return len([schedule async for schedule in await temporal.list_schedules()])


async def _seconds(work: Awaitable[object]) -> str:
    return f"{await _taken(work):.1f}"


async def _taken(work: Awaitable[object]) -> float:
    began = time.monotonic()
    await work
    return time.monotonic() - began


if __name__ == "__main__":
    run(main)
