"""Schedules declared in YAML: what is read, and how mistakes are told."""

from pathlib import Path

import pytest

from mlc.catalogue import Catalogue
from mlc.errors import InvalidInput
from mlc.schedules import ScheduleDeclaration
from starter.schedules.files import read_schedules
from starter.schedules.yaml_reader import LARGEST_FILE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "schedules.yaml"


def read(file: Path, text: str) -> list[ScheduleDeclaration]:
    file.write_text(text)
    return read_schedules(file, Catalogue())


def complaint(file: Path, text: str) -> list[str]:
    """What is told of a file, line by line, without the file's folder."""
    with pytest.raises(InvalidInput) as refused:
        read(file, text)
    return [line.strip().replace(f"{file.parent}/", "") for line in str(refused.value).splitlines()]


NIGHTLY = """\
schedules:
  - name: nightly
    process: back-test
    variables:
      MODEL_ID: 5f0c
      INPUT_FILE: {assetType: EXTERNAL_FILE, fileUrl: "file:///new.csv"}
    cron: "0 6 * * *"
"""


def test_a_file_holds_a_list_of_declarations(file: Path) -> None:
    text = NIGHTLY + (
        "  - name: fleet\n"
        "    process: fleet-back-test\n"
        "    variables: {TAG: credit, AT_ONCE: 5}\n"
        "    calendars:\n"
        "      - hour: [8, 18]\n"
        "        day_of_week: mon-fri\n"
        "    every: 6h/30m\n"
        "    time_zone: Europe/Berlin\n"
        "    jitter: PT5M\n"
        "    overlap: allow_all\n"
        "    catch_up: 2h\n"
        "    start_at: 2040-01-01T06:00:00+01:00\n"
        "    endAt: 2050-01-01 06:00:00+01:00\n"
        "    skip: [2040-12-24, 12-31, {month: aug}]\n"
        "    paused: true\n"
        "    note: on trial\n"
    )
    variables = {
        "MODEL_ID": "5f0c",
        "INPUT_FILE": {"assetType": "EXTERNAL_FILE", "fileUrl": "file:///new.csv"},
    }
    assert read(file, text) == [
        ScheduleDeclaration.model_validate(
            {"name": "nightly", "process": "back-test", "variables": variables, "cron": "0 6 * * *"}
        ),
        ScheduleDeclaration.model_validate(
            {
                "name": "fleet",
                "process": "fleet-back-test",
                "variables": {"TAG": "credit", "AT_ONCE": 5},
                "calendars": [{"hour": "8,18", "dayOfWeek": "1-5"}],
                "every": "6h/30m",
                "timeZone": "Europe/Berlin",
                "jitter": "5m",
                "overlap": "allow_all",
                "catchUp": "2h",
                "startAt": "2040-01-01T05:00:00Z",
                "endAt": "2050-01-01T05:00:00Z",
                "skip": ["2040-12-24", "12-31", {"month": 8}],
                "paused": True,
                "note": "on trial",
            }
        ),
    ]


def test_all_mistakes_of_a_file_are_told_at_once_each_with_its_line(file: Path) -> None:
    told = complaint(
        file,
        "schedules:\n"
        "  - name: nightly\n"
        "    process: back-test\n"
        "    variables: {MODEL: 5f0c}\n"
        '    cron: "61 6 * * *"\n'
        "    time_zone: Europe/Berln\n"
        "    jiter: 5m\n"
        "  - name: nightly\n"
        "    process: back-tests\n"
        "    cron:\n"
        '      - "0 6 * * *"\n'
        '      - "0 6 * *"\n'
        "    catch_up: 5\n"
        "    skip: [2026-13-24]\n"
        "  - process: fleet-back-test\n"
        "    variables:\n"
        "      TAG: x\n"
        "      AT_ONCE: 1000\n"
        "    every: 1h\n"
        "    every: 2h\n"
        "    overlap: never\n"
        "    calendars:\n"
        "      - hour: 25\n"
        "        hours: 3\n"
        "  - nightly\n"
        "version: 2\n",
    )
    assert told[0] == "schedules.yaml: 17 mistakes, nothing is applied"
    wanted = [
        "4: schedule nightly: variable MODEL is not known; there are MODEL_ID, INPUT_FILE",
        "5: schedule nightly: cron: '61 6 * * *': minute: 61 is not between 0 and 59",
        "6: schedule nightly: time_zone: 'Europe/Berln' is not an IANA time zone; did you mean Europe/Berlin",
        "7: schedule nightly: jiter: is not known; there are name, process, variables, cron, calendars,",
        "8: schedule nightly stands in line 2 already",
        "9: schedule nightly: process: there is no process 'back-tests'; there are deploy, back-test,",
        "12: schedule nightly: cron.1: '0 6 * *': 4 fields; write five fields (minute, hour, day of month,",
        "13: schedule nightly: catch_up: 5 is not a duration such as 30s, 5m, 1h30m, 2d or PT1H",
        "14: schedule nightly: skip.0: '2026-13-24' is not a day: write 2026-12-24, 12-24 for every year,",
        "15: schedule number 3: name: is missing",
        "18: schedule number 3: variable AT_ONCE: Input should be less than or equal to 200",
        "20: every stands twice",
        "21: schedule number 3: overlap: Input should be 'skip', 'buffer_one', 'buffer_all',",
        "23: schedule number 3: calendars.0.hour: 25 is not between 0 and 23",
        "24: schedule number 3: calendars.0.hours: is not known; there are second, minute, hour,",
        "25: a schedule is a mapping that begins with its name",
        "26: version is not known; there is schedules alone",
    ]
    assert len(told) == len(wanted) + 1
    for line, start in zip(told[1:], wanted, strict=True):
        assert line.startswith(f"schedules.yaml:{start}")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("cron: * * * * *", "8: not YAML: while scanning an alias expected alphabetic or numeric character"),
        ("cron: */5 * * * *", "put a text that begins with * in quotes"),
        (
            "cron: @daily",
            "8: not YAML: while scanning for the next token found character '@' that cannot start",
        ),
        ("cron: @daily", "put a text that begins with @ in quotes"),
        ("note: &n x\n    process: *n", "9: aliases are not taken: write it out"),
        (
            "note: !!python/object/apply:os.system [x]",
            "8: schedule nightly: note: Input should be a valid string",
        ),
        ("note: !secret x", "8: not YAML: could not determine a constructor for the tag '!secret'"),
        ("  note: x", "8: not YAML: while parsing a block mapping"),
        ("note: 'x", "not YAML: while scanning a quoted scalar"),
        ("paused: [", "not YAML: while parsing a flow node"),
        ("paused: maybe", "8: schedule nightly: paused: Input should be a valid boolean"),
        ("variables: 5", "8: variables stands twice"),
        ("note: {a: 1, a: 2}", "8: a stands twice"),
        (
            "start_at: 2040-01-01 06:00:00",
            "8: schedule nightly: start_at: '2040-01-01 06:00:00' is not a moment with",
        ),
        (
            "start_at: tomorrow",
            "8: schedule nightly: start_at: 'tomorrow' is not a moment with its offset, such as",
        ),
        ("start_at: 2040-01-01T06:00:00.5Z", "8: schedule nightly: start_at: whole seconds only"),
        (
            "end_at: 2020-01-01T00:00:00Z\n    start_at: 2021-01-01T00:00:00Z",
            "2: schedule nightly: never fires",
        ),
        ("skip: {hours: 3}", "8: schedule nightly: skip.hours: is not known; there are second,"),
        ("jitter: 1 hour", "8: schedule nightly: jitter: '1 hour' is not a duration such as"),
        ("catch_up: 1s", "8: schedule nightly: catch_up: at least 10s"),
    ],
)
def test_each_mistake_is_told_with_its_line(file: Path, line: str, told: str) -> None:
    said = complaint(file, f"{NIGHTLY}    {line}\n")
    assert any(told in one for one in said), said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "schedules.yaml:1: a mapping with the key schedules is expected"),
        ("- name: nightly\n", "schedules.yaml:1: a mapping with the key schedules is expected"),
        ("schedules: nightly\n", "schedules.yaml:1: schedules: a list is expected"),
        ("[" * 5000, "schedules.yaml: nested too deeply"),
        ("#" * (LARGEST_FILE + 1), "schedules.yaml: larger than 1024 KiB"),
        ("a: b: c\n", "schedules.yaml:1: not YAML: mapping values are not allowed here"),
        ("a: \x01\n", "schedules.yaml: not YAML"),
    ],
)
def test_what_is_no_list_of_schedules_is_refused(file: Path, text: str, told: str) -> None:
    assert complaint(file, text)[0].startswith(told)


def test_a_billion_laughs_are_not_laughed(file: Path) -> None:
    laughs = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10))
    assert complaint(file, f"l0: &l0 lol\n{laughs}\n") == [
        "schedules.yaml:2: aliases are not taken: write it out"
    ]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere.yaml cannot be read: No such file or directory"):
        read_schedules(tmp_path / "nowhere.yaml", Catalogue())
    (tmp_path / "latin.yaml").write_bytes("schedules: [Übung]".encode("latin-1"))
    with pytest.raises(InvalidInput, match=r"latin.yaml: not UTF-8 at byte 12"):
        read_schedules(tmp_path / "latin.yaml", Catalogue())
