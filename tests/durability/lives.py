"""A story lived many times over: in a storm, undisturbed, and each time with the worker killed at another moment.

All run beside one another, because most of their time is waiting; the tests then look at one each.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from temporalio.client import Client

from mlc.record import ProcessRecord
from tests.durability.programs import TemporalServer
from tests.durability.scenario import IN_TIME, Scenario, Story, at_work
from tests.durability.tally import tally
from tests.stand_ins import StandIns

AT_A_TIME = 4
STORM, UNDISTURBED = "storm", "undisturbed"

Life = Callable[[Scenario], Awaitable[ProcessRecord]]
Lives = Mapping[tuple[Story, str], Life]


@dataclass
class Run:
    """What came of one life."""

    record: ProcessRecord
    tally: Counter[str]
    effects: list[str]
    struck: Counter[str]


class Runs:
    """What came of all of them."""

    def __init__(self, ended: Mapping[tuple[Story, str], Run | BaseException]) -> None:
        self._ended = ended

    def of(self, story: Story, name: str) -> Run:
        """Raises what kept this one from its end."""
        run = self._ended[story, name]
        if isinstance(run, BaseException):
            raise run
        return run


def lives_of(*stories: Story) -> dict[tuple[Story, str], Life]:
    """Each story in a storm, undisturbed, and killed at each of its moments; the longest come first."""
    lives: dict[tuple[Story, str], Life] = {(story, STORM): _in_a_storm for story in stories}
    lives |= {(story, UNDISTURBED): Scenario.lived for story in stories}
    return lives | {(story, moment): _killed_at(moment) for story in stories for moment in story.moments}


async def live(lives: Lives, server: TemporalServer, client: Client, both: StandIns) -> Runs:
    """A few workers share the lives among them, because it is their starts that take the time."""
    ended: dict[tuple[Story, str], Run | BaseException] = {}
    waiting = iter(lives.items())

    async def lives_on_one_worker() -> bool:
        """Whether nothing is left to live; a failure ends it before, because it may leave the worker in disorder."""
        async with at_work(server, both) as (worker, between):
            for (story, name), life in waiting:
                between.forget()
                one = Scenario(story, client, both, worker, between)
                try:
                    record = await life(one)
                    counts = await tally(both, record)
                    ended[story, name] = Run(record, counts, between.effects, between.struck)
                except Exception as error:
                    ended[story, name] = error
                    return False
        return True

    async def lane() -> None:
        while not await lives_on_one_worker():
            pass

    await asyncio.gather(*(lane() for _ in range(AT_A_TIME)))
    return Runs(ended)


async def _in_a_storm(one: Scenario) -> ProcessRecord:
    one.wires.stormy = True
    return await one.lived()


def _killed_at(moment: str) -> Life:
    async def life(one: Scenario) -> ProcessRecord:
        request, effects = one.story.moments[moment]
        killed = one.wires.when(
            lambda seen: seen == request and len(one.wires.effects) >= effects, one.worker.kill
        )
        await one.begin()
        async with asyncio.timeout(IN_TIME), asyncio.TaskGroup() as around:
            around.create_task(one.story.people(one))
            await killed.wait()
            await one.recover()
        return await one.result()

    return life
