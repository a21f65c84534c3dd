"""The story of the demonstration: a model goes live, is tested every night, scores a file, and a worse version is refused."""

import csv
from datetime import UTC, datetime
from typing import Any

from mlc.ids import deploy_workflow_id
from mlc.record import Outcome
from mlc.schedules import ScheduleDeclaration
from sandbox.models.catalogue import CHANGES, Version, drifted_data, scoring_data, usual_data
from starter.client import MlcClient
from starter.demo.data_scientist import BATCH_TAG, DataScientist
from starter.demo.errors import DemoFailed
from starter.demo.following import Follower
from starter.demo.screen import Chapter, Screen

DEPLOYED: frozenset[Outcome] = frozenset({"deployed"})
PASSED: frozenset[Outcome] = frozenset({"passed"})
REJECTED: frozenset[Outcome] = frozenset({"rejected"})
SCORED: frozenset[Outcome] = frozenset({"scored"})

NIGHTLY, CRON, ZONE = "breast-cancer-nightly", "0 6 * * *", "Europe/Berlin"
NEWEST, TO_SCORE, SCORES = (
    "breast-cancer/newest.csv",
    "breast-cancer/patients.csv",
    "breast-cancer/scores.csv",
)
SHOWN_ROWS = 3


class Story:
    """Plays the data scientist, and tells what becomes of it. `first_may_end` is how version 1 may end."""

    def __init__(
        self,
        who: DataScientist,
        client: MlcClient,
        follower: Follower,
        screen: Screen,
        first_may_end: frozenset[Outcome],
    ) -> None:
        self._who = who
        self._client = client
        self._follower = follower
        self._screen = screen
        self._first_may_end = first_may_end

    async def tell(self) -> list[Chapter]:
        """All of it. Raises DemoFailed."""
        first = await self._version(1, self._first_may_end)
        chapters = [first]
        if first.record.outcome == "deployed":
            chapters += await self._nights(str(first.record.snapshot_id))
        chapters += await self._batch()
        return [*chapters, await self._version(2, REJECTED)]

    async def _version(self, version: Version, expected: frozenset[Outcome]) -> Chapter:
        self._screen.headline(f"Version {version}: {CHANGES[version]}")
        self._screen.busy(f"Submitting version {version}")
        process = deploy_workflow_id(await self._who.submit(version))
        self._screen.say(f"  The new snapshot's signal starts {process}")
        return Chapter(f"Version {version}", await self._follower.follow(process, expected))

    async def _nights(self, snapshot_id: str) -> list[Chapter]:
        self._screen.headline("Every night: the deployed model is tested on the newest data")
        declaration = nightly(snapshot_id, self._who.file(NEWEST))
        await self._client.schedules.apply([declaration])
        [following] = declaration.fire_times(datetime.now(UTC), 1)
        self._screen.say(
            f"  Schedule {NIGHTLY}: back-test at {CRON}, {ZONE}; next on {following:%a %d %b %H:%M %Z}"
        )
        return [
            await self._night("Back-test, usual data", usual_data(), PASSED),
            await self._night("Back-test, drifted data", drifted_data(), REJECTED),
        ]

    async def _night(self, title: str, data: dict[str, str], expected: frozenset[Outcome]) -> Chapter:
        self._who.put(NEWEST, data)
        process = await self._client.schedules.trigger(NIGHTLY)
        if process is None:
            raise DemoFailed(f"the schedule {NIGHTLY} starts nothing")
        self._screen.say(f"  {title}: the schedule starts {process}")
        return Chapter(title, await self._follower.follow(process, expected))

    async def _batch(self) -> list[Chapter]:
        self._screen.headline("In batch: the same model scores a file")
        deploying = deploy_workflow_id(await self._who.submit_for_batch())
        deployed = Chapter("Batch deployment", await self._follower.follow(deploying, DEPLOYED))
        self._who.put(TO_SCORE, scoring_data())
        inputs, outputs = self._who.file(TO_SCORE), self._who.file(SCORES)
        process = await self._who.score(BATCH_TAG, inputs, outputs)
        self._screen.say(f"  signalResponsive starts {process}")
        scored = await self._follower.follow(process, SCORED)
        for row in list(csv.DictReader(self._who.read(SCORES).splitlines()))[:SHOWN_ROWS]:
            self._screen.say(f"    {row['prediction']}, probability {row['probability']}")
        return [deployed, Chapter("Batch job", scored)]


def nightly(snapshot_id: str, newest: dict[str, Any]) -> ScheduleDeclaration:
    """A back-test of the snapshot on the newest data, every morning."""
    return ScheduleDeclaration(
        name=NIGHTLY,
        process="back-test",
        variables={"MODEL_ID": snapshot_id, "INPUT_FILE": newest},
        cron=(CRON,),
        time_zone=ZONE,
    )
