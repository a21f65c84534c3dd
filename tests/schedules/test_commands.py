"""`mlc schedule` as a program, and the guide in docs/schedules.md."""

import asyncio
import json
import re
import shlex
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from mlc.errors import NotFound
from mlc.schedules import ScheduleDeclaration
from starter.client import MlcClient
from tests.cli.shell import Said, Shell

GUIDE = Path(__file__).parent.parent.parent / "docs" / "schedules.md"
TIMES = re.compile(r"^    \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?) ([+-]\d\d:\d\d)$", re.MULTILINE)


@pytest.fixture
async def client(temporal: WorkflowEnvironment) -> AsyncGenerator[MlcClient]:
    """A Temporal without any schedule of ours."""
    client = MlcClient(temporal.client)
    await forget_all(client)
    yield client
    await forget_all(client)


async def forget_all(client: MlcClient) -> None:
    """Deletes all schedules, and waits until Temporal's own list, which is late, says so too."""
    for _ in range(100):
        rows = await client.schedules.list()
        if not rows:
            return
        for row in rows:
            with suppress(NotFound):
                await client.schedules.delete(row.name)
        await asyncio.sleep(0.05)
    raise AssertionError(f"still listed: {rows}")


@pytest.fixture
def shell(client: MlcClient, tmp_path: Path) -> Shell:
    return Shell(tmp_path, {"TEMPORAL_ADDRESS": client.temporal.service_client.config.target_host})


@pytest.fixture
def name() -> str:
    return f"cmd-{uuid4().hex[:8]}"


def times_in(text: str) -> list[datetime]:
    return [datetime.fromisoformat(f"{time}{offset}") for time, offset in TIMES.findall(text)]


def creation(name: str, *options: str) -> tuple[str, ...]:
    when = options if {"--cron", "--every", "--calendar"} & {*options} else ("--cron", "0 6 * * *", *options)
    return ("schedule", "create", name, "--process", "back-test", "--var", "MODEL_ID=5f0c", *when)


class TestCreate:
    async def test_shows_the_next_five_times_and_creates(
        self, shell: Shell, client: MlcClient, name: str
    ) -> None:
        said = await shell.mlc(*creation(name, "--time-zone", "Europe/Berlin", "--jitter", "5m"))
        assert said.code == 0, said.err
        declaration = (await client.schedules.describe(name)).declaration
        assert times_in(said.out) == declaration.fire_times(datetime.now(UTC), 5)
        assert "each by chance up to 5m later" in said.out
        assert said.out.endswith(f"{name} is created; see it with: mlc schedule show {name}\n")

    async def test_takes_everything_that_a_declaration_holds(
        self, shell: Shell, client: MlcClient, name: str, tmp_path: Path
    ) -> None:
        asset = {"assetType": "EXTERNAL_FILE", "fileUrl": "file:///new.csv"}
        (tmp_path / "input.json").write_text(json.dumps(asset))
        options = (
            *("--var", "INPUT_FILE=@input.json", "--cron", "0 0 6 L * ?", "--cron", "0 7 * * mon"),
            *("--calendar", '{"hour": "8-18", "dayOfWeek": "mon-fri"}', "--every", "7h/1h", "--every", "9h"),
            *("--time-zone", "America/New_York", "--jitter", "1m", "--overlap", "buffer_one"),
            *("--catch-up", "2h", "--start-at", "2040-01-01T00:00:00Z", "--end-at", "2041-01-01T00:00:00Z"),
            *("--skip", "12-24", "--skip", "2040-12-31", "--paused", "--note", "on trial", "--yes", "--json"),
        )
        said = await shell.mlc(*creation(name, *options))
        wanted = ScheduleDeclaration.model_validate(
            {
                "name": name,
                "process": "back-test",
                "variables": {"MODEL_ID": "5f0c", "INPUT_FILE": [asset]},
                "cron": ["0 0 6 L * ?", "0 7 * * mon"],
                "calendars": {"hour": "8-18", "day_of_week": "mon-fri"},
                "every": ["7h/1h", "9h"],
                "time_zone": "America/New_York",
                "jitter": "1m",
                "overlap": "buffer_one",
                "catch_up": "2h",
                "start_at": "2040-01-01T00:00:00Z",
                "end_at": "2041-01-01T00:00:00Z",
                "skip": ["12-24", "2040-12-31"],
                "paused": True,
                "note": "on trial",
            }
        )
        assert said.document["name"] == name
        assert len(said.document["nextTimes"]) == 5
        assert (await client.schedules.describe(name)).declaration == wanted

    async def test_a_dry_run_creates_nothing_and_needs_no_temporal(self, shell: Shell, name: str) -> None:
        nowhere = shell.with_(TEMPORAL_ADDRESS="127.0.0.1:1")
        said = await nowhere.mlc(*creation(name, "--every", "R/2040-01-01T00:30:00Z/PT6H", "--dry-run"))
        assert (said.code, len(times_in(said.out))) == (0, 5)
        assert times_in(said.out)[0] == datetime(2040, 1, 1, 0, 30, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            (("--cron", "61 6 * * *"), "cron.0: '61 6 * * *': minute: 61 is not between 0 and 59"),
            (("--time-zone", "Berlin"), "time_zone: 'Berlin' is not an IANA time zone"),
            (("--var", "MODEL=x"), "variable MODEL is not known; there are MODEL_ID"),
            (("--var", "MODEL_ID=y"), "--var MODEL_ID is given twice"),
            (("--calendar", "{hour: 6}"), "--calendar {hour: 6}: not JSON"),
            (("--cron", "0 0 6 1 1 ? 2020"), "never fires again: 0 0 6 1 1 ? 2020"),
            (("--cron", "0 0 30 2 *"), "never fires: 0 0 30 2 *"),
            (("--skip", "24.12."), "skip.0: '24.12.' is not a day: write 2026-12-24"),
            (("--start-at", "2040-01-01"), "start_at: '2040-01-01' is not a moment with its offset"),
        ],
    )
    async def test_a_mistake_is_one_line(
        self, shell: Shell, name: str, options: tuple[str, ...], told: str
    ) -> None:
        said = await shell.mlc(*creation(name, *options))
        assert said.code == 2
        assert told in said.complaint

    async def test_a_name_that_is_taken_is_refused(self, shell: Shell, name: str) -> None:
        await shell.mlc(*creation(name, "--json"))
        said = await shell.mlc(*creation(name, "--json"))
        assert (said.code, said.complaint) == (
            4,
            f"there is a schedule {name} already: change it with `mlc schedule apply`",
        )


async def test_a_schedule_from_its_creation_to_its_end(shell: Shell, name: str) -> None:
    async def mlc(*arguments: str) -> Said:
        said = await shell.mlc("schedule", *arguments)
        assert said.code == 0, said.err
        return said

    await shell.mlc(*creation(name, "--every", "7h", "--overlap", "allow_all"))

    paused = await mlc("pause", name, "--note", "the data is late")
    assert paused.out == f"{name} is paused\n"
    assert "the data is late" in (await mlc("show", name)).out
    assert (await mlc("resume", name)).out == f"{name} fires again\n"

    started = (await mlc("trigger", name, "--json")).document["workflowId"]
    assert started.startswith(f"mlc-back-test-5f0c-{name}-")
    backfilled = await mlc(
        "backfill", name, "--from", "2026-03-01", "--to", "2026-03-01", "--overlap", "allow_all"
    )
    assert backfilled.out.startswith(f"{name} starts its process for 3 times, Sun 2026-03-01 ")

    details: dict[str, Any] = {}
    for _ in range(50):
        details = (await mlc("show", name, "--json")).document
        if len(details["runs"]) == 4:
            break
        await asyncio.sleep(0.05)
    assert details["declaration"]["every"] == ["7h"]
    assert len(details["nextTimes"]) == 10
    assert started in [run["workflowId"] for run in details["runs"]]
    assert {run["state"] for run in details["runs"]} == {"running"}

    shown = (await mlc("show", name)).out
    assert times_in(shown)[:10] == [datetime.fromisoformat(time) for time in details["nextTimes"]]
    assert started in shown
    listed = (await mlc("list", "--json")).document
    assert [row["times"] for row in listed if row["name"] == name] == ["every 7h"]
    assert re.search(rf"^{name}\s+back-test\s+every 7h\s+UTC\s", (await mlc("list")).out, re.MULTILINE)

    assert (await mlc("delete", name)).out == f"{name} is deleted\n"
    gone = await shell.mlc("schedule", "show", name)
    assert (gone.code, gone.complaint) == (
        3,
        f"no schedule {name}: `mlc schedule list` shows those there are",
    )


async def test_without_schedules_the_list_says_how_to_make_one(shell: Shell) -> None:
    assert (await shell.mlc("schedule", "list")).out == (
        "No schedule yet: mlc schedule create, or mlc schedule apply FILE\n"
    )


class TestApply:
    async def test_the_difference_is_printed_like_one(self, shell: Shell, name: str, tmp_path: Path) -> None:
        file = tmp_path / "schedules.yaml"
        declared = "schedules:\n  - {name: %s, process: back-test, variables: {MODEL_ID: 5f0c}, cron: '%s'}\n"
        file.write_text(declared % (name, "0 6 * * *"))

        first = await shell.mlc("schedule", "apply", str(file))
        assert first.out.splitlines()[0] == f"+ {name}"
        assert len(times_in(first.out)) == 5
        assert first.out.splitlines()[-1] == "1 created"
        again = await shell.mlc("schedule", "apply", str(file))
        assert again.out.splitlines() == [f"= {name}", "1 unchanged"]

        file.write_text(declared % (name, "0 7 * * *"))
        dry = await shell.mlc("schedule", "apply", str(file), "--dry-run")
        assert dry.out.splitlines()[:2] == [f"~ {name}", "    times: 0 6 * * * -> 0 7 * * *"]
        assert dry.out.splitlines()[-1] == "1 changed; --dry-run: nothing is done"
        changed = await shell.mlc("schedule", "apply", str(file), "--json")
        assert changed.document[0]["changes"] == [{"field": "times", "old": "0 6 * * *", "new": "0 7 * * *"}]

        file.write_text("schedules: []\n")
        pruned = await shell.mlc("schedule", "apply", str(file), "--prune")
        assert pruned.out.splitlines() == [f"- {name}", "1 deleted"]

    async def test_all_mistakes_are_told_and_nothing_is_applied(
        self, shell: Shell, name: str, tmp_path: Path
    ) -> None:
        file = tmp_path / "schedules.yaml"
        good = f"  - {{name: {name}, process: back-test, variables: {{MODEL_ID: x}}, cron: '@daily'}}\n"
        bad = "  - {name: bad, process: deploy}\n  - {name: bad}\n"
        file.write_text(f"schedules:\n{good}{bad}")
        said = await shell.mlc("schedule", "apply", str(file))
        assert (said.code, said.out) == (2, "")
        assert f"{file}:3: schedule bad: process: deploy runs one at a time" in said.err
        assert f"{file}:4: schedule bad: process: is missing" in said.err
        assert "Traceback" not in said.err
        assert (await shell.mlc("schedule", "show", name)).code == 3


async def test_the_guide_s_file_is_applied(shell: Shell, client: MlcClient, tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (tmp_path / "schedules.yaml").write_text(example)
    said = await shell.mlc("schedule", "apply", "schedules.yaml")
    assert said.out.splitlines()[-1] == "3 created"
    fleet = (await client.schedules.describe("fleet")).declaration
    assert fleet.cron == ("0 0 22 ? * FRIL", "0 5 * * sun")
    assert (await shell.mlc("schedule", "apply", "schedules.yaml")).out.splitlines()[-1] == "3 unchanged"


async def test_the_guide_s_commands_work(shell: Shell, client: MlcClient) -> None:
    [commands] = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    for line in commands.splitlines():
        mlc, *arguments = shlex.split(line, comments=True)
        said = await shell.mlc(*arguments)
        assert (mlc, said.code, said.err) == ("mlc", 0, ""), line
    with pytest.raises(NotFound):
        await client.schedules.describe("nightly")
