"""`mlc new-process` and `mlc processes`: what is written, what is refused, what is listed."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {})


async def test_what_is_written_is_complete_clean_and_formatted(shell: Shell, tmp_path: Path) -> None:
    said = await shell.mlc("new-process", "drift-watch")
    assert (said.code, said.err) == (0, "")
    assert "cd drift-watch" in said.out
    written = texts(tmp_path)
    assert sorted(written) == [
        "drift-watch/README.md",
        "drift-watch/drift_watch/__init__.py",
        "drift-watch/drift_watch/activities.py",
        "drift-watch/drift_watch/definition.py",
        "drift-watch/drift_watch/signatures.py",
        "drift-watch/drift_watch/workflow.py",
        "drift-watch/pyproject.toml",
        "drift-watch/tests/conftest.py",
        "drift-watch/tests/test_process.py",
    ]
    assert not [name for name, text in written.items() if "$" in text]
    ruff = Path(sys.executable).with_name("ruff")
    for check in (["check", "--select", "E,F,W,I,UP,B,RUF"], ["format", "--check"]):
        checking = await asyncio.create_subprocess_exec(
            ruff, *check, "--isolated", cwd=tmp_path / "drift-watch"
        )
        assert await checking.wait() == 0


async def test_another_folder_can_be_named(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    said = await shell.mlc("new-process", "drift-watch", "--into", "elsewhere")
    assert said.code == 0
    assert (tmp_path / "elsewhere" / "drift-watch" / "pyproject.toml").is_file()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (
            "Drift Watch",
            "'Drift Watch': at most 60 small letters and digits, in words joined by single hyphens",
        ),
        ("drift_watch", "'drift_watch': at most 60 small letters and digits"),
        ("a" * 300, "at most 60 small letters and digits"),
        ("deploy", "there is a process deploy already: `mlc processes` lists them"),
        ("job-news", "process job-news: mlc has a workflow of that name"),
        ("ticket-watch", "process ticket-watch: mlc has a workflow of that name"),
        ("batch", "process batch: its ids begin with mlc-batch, those of process batch-job with mlc-batch"),
        ("back-test-slowly", "those of process back-test with mlc-back-test, so both could have the same"),
        ("model-back-test", "the signal com.modelop.mlc.definitions.Signals_MODEL_BACK_TEST is in use"),
        ("class", "a Python package cannot be called class"),
        ("statistics", "a Python package cannot be called statistics"),
        ("tests", "a Python package cannot be called tests"),
        ("workflows", "there is an installed package workflows"),
        ("typing-extensions", "there is an installed package typing_extensions"),
        ("pydantic-settings", "there is an installed package pydantic_settings"),
    ],
)
async def test_a_name_that_cannot_be_used_is_refused(
    shell: Shell, tmp_path: Path, name: str, why: str
) -> None:
    said = await shell.mlc("new-process", name)
    assert said.code == 2
    assert why in said.complaint
    assert names(tmp_path) == []


async def test_a_folder_that_exists_or_cannot_be_written_is_refused(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "drift-watch").mkdir()
    (tmp_path / "file").touch()
    exists, missing, no_folder, unwritable = await asyncio.gather(
        shell.mlc("new-process", "drift-watch"),
        shell.mlc("new-process", "drift-watch", "--into", "nowhere"),
        shell.mlc("new-process", "drift-watch", "--into", "file"),
        shell.mlc("new-process", "drift-watch", "--into", "/proc"),
    )
    assert [said.code for said in (exists, missing, no_folder, unwritable)] == [2, 2, 2, 2]
    assert exists.complaint == "drift-watch exists: take another name, or another folder with --into"
    assert missing.complaint.startswith("there is no folder nowhere")
    assert no_folder.complaint.startswith("there is no folder file")
    assert unwritable.complaint.startswith("/proc/drift-watch cannot be written: ")
    assert names(tmp_path) == ["drift-watch", "file"]
    assert names(tmp_path / "drift-watch") == []


async def test_the_processes_are_listed_with_what_starts_them(shell: Shell) -> None:
    shown, as_json = await asyncio.gather(shell.mlc("processes"), shell.mlc("processes", "--json"))
    back_test = next(row for row in as_json.document if row["name"] == "back-test")
    assert back_test == {
        "name": "back-test",
        "title": "Cron Triggered Back Test",
        "signals": [
            "com.modelop.mlc.definitions.Signals_MODEL_BACK_TEST",
            "com.modelop.mlc.definitions.Signals_Run_Back_Test_Jira",
        ],
        "variables": ["MODEL_ID", "INPUT_FILE", "OUTPUT_FILE"],
        "optional": ["INPUT_FILE", "OUTPUT_FILE"],
        "package": "mlc",
        "workflow": "workflows.back_test:BackTest",
    }
    line = next(line for line in shown.out.splitlines() if line.startswith("back-test"))
    assert "MODEL_ID, INPUT_FILE?, OUTPUT_FILE?" in line
    assert "MODEL_BACK_TEST, Run_Back_Test_Jira" in line


async def test_a_package_whose_definition_cannot_be_loaded_is_named(shell: Shell, tmp_path: Path) -> None:
    info = tmp_path / "torn-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torn\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mlc.processes]\ntorn = torn.definition:PROCESS\n")
    said = await shell.with_(PYTHONPATH=str(tmp_path)).mlc("processes")
    assert said.code == 2
    assert "process torn (torn.definition:PROCESS) cannot be loaded" in said.complaint


def texts(folder: Path) -> dict[str, str]:
    """The files below the folder, by their path in it."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in found}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
