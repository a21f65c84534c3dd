"""`mlc config`: where settings come from, and what a mistake in them looks like."""

import asyncio
from pathlib import Path

import pytest

from tests.cli.shell import Shell

SECRETS = ("password-of-modelop", "token-of-jira", "secret-of-webhooks")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    password, token, webhook = SECRETS
    path.write_text(
        f'[modelop]\nbase_url = "http://from-file"\nusername = "file"\npassword = "{password}"\n'
        f'[jira]\nproject = "FILE"\ntoken = "{token}"\n[gateway]\nwebhook_secret = "{webhook}"\n'
    )
    return path


async def test_secrets_are_masked_also_as_json(lonely: Shell, file: Path) -> None:
    shell = lonely.with_(MLC_CONFIG=str(file))
    shown, as_json = await asyncio.gather(shell.mlc("config"), shell.mlc("config", "--json"))
    assert (shown.code, as_json.code) == (0, 0)
    for secret in SECRETS:
        assert secret not in shown.out + shown.err + as_json.out + as_json.err
    assert set(as_json.document["modelop"]["password"]) == {"*"}
    for variable in ("MLC_MODELOP__PASSWORD", "MLC_JIRA__TOKEN", "MLC_GATEWAY__WEBHOOK_SECRET"):
        assert value_of(variable, shown.out) == "**********"


async def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(
    lonely: Shell, file: Path
) -> None:
    shell = lonely.with_(MLC_CONFIG=str(file), MLC_MODELOP__USERNAME="environment")
    shown = (await shell.mlc("config")).out
    assert value_of("MLC_MODELOP__USERNAME", shown) == "environment"
    assert value_of("MLC_MODELOP__BASE_URL", shown) == "http://from-file"
    assert value_of("MLC_JIRA__PROJECT", shown) == "FILE"
    assert value_of("MLC_JIRA__ISSUE_TYPE", shown) == "Task"


async def test_without_a_variable_the_file_of_this_folder_is_read(lonely: Shell, tmp_path: Path) -> None:
    (tmp_path / "mlc.toml").write_text('[jira]\nproject = "HERE"\n')
    assert (await lonely.mlc("config", "--json")).document["jira"]["project"] == "HERE"


async def test_a_bad_value_is_one_line_that_names_the_variable(lonely: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[worker]\nactivity_threads = 0\n")
    answers = await asyncio.gather(
        lonely.with_(MLC_GATEWAY__PORT="many").mlc("config"),
        lonely.with_(MLC_JIRA__APPROVE_STATUSES="Done").mlc("config"),
        lonely.with_(MLC_POLICY__STEP_DEADLINE="soon").mlc("config"),
        lonely.with_(MLC_POLICY__REVIEW__DEADLINE="soon").mlc("check"),
        lonely.with_(MLC_CONFIG=str(bad)).mlc("worker"),
        lonely.with_(MLC_WORKER__LOG_LEVEL="LOUD").mlc("gateway"),
    )
    variables = (
        "MLC_GATEWAY__PORT",
        "MLC_JIRA__APPROVE_STATUSES",
        "MLC_POLICY__STEP_DEADLINE",
        "MLC_POLICY__REVIEW__DEADLINE",
        "MLC_WORKER__ACTIVITY_THREADS",
        "MLC_WORKER__LOG_LEVEL",
    )
    for said, variable in zip(answers, variables, strict=True):
        assert said.code == 2
        assert said.complaint.startswith(f"setting {variable}: ")


async def test_a_misspelt_name_in_the_environment_is_one_line_that_names_it(lonely: Shell) -> None:
    names = (
        "MLC_JIRA__TOKKEN",
        "MLC_POLICY__STEP_DEADLIN",
        "MLC_POLICY__REVIEW__FOUR_EYE",
        "MLC_MODELOP__DIALECT__PAGE_SIDE",
    )
    answers = await asyncio.gather(*(lonely.with_(**{name: "true"}).mlc("config") for name in names))
    assert [said.code for said in answers] == [2] * len(names)
    for said, name in zip(answers, names, strict=True):
        assert said.complaint.startswith(f"setting {name}: ")


async def test_a_misspelt_name_in_the_file_is_one_line_that_names_it(lonely: Shell, tmp_path: Path) -> None:
    named = {
        '[jira]\nprojekt = "X"\n': "MLC_JIRA__PROJEKT",
        '[foo]\nbar = "X"\n': "MLC_FOO",
        "[policy.review]\nfour_eye = true\n": "MLC_POLICY__REVIEW__FOUR_EYE",
        '[policy]\nstep_deadlin = "PT1H"\n': "MLC_POLICY__STEP_DEADLIN",
    }
    files = [tmp_path / f"{number}.toml" for number in range(len(named))]
    for file, text in zip(files, named, strict=True):
        file.write_text(text)
    answers = await asyncio.gather(*(lonely.with_(MLC_CONFIG=str(file)).mlc("config") for file in files))
    assert [said.code for said in answers] == [2] * len(files)
    for said, name in zip(answers, named.values(), strict=True):
        assert said.complaint.startswith(f"setting {name}: ")


async def test_a_status_that_means_both_go_and_end_is_refused_and_named(lonely: Shell) -> None:
    said = await lonely.with_(MLC_JIRA__REJECT_STATUSES='["Declined", "DONE"]').mlc("config")
    assert said.code == 2
    assert said.complaint.startswith("setting MLC_JIRA: ")
    assert said.complaint.endswith("share no status: DONE")


async def test_every_setting_is_set_by_the_name_that_config_prints(lonely: Shell, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[policy]\nstep_deadline = "PT2H"\n[policy.review]\nfour_eyes = true\n')
    by_file, by_environment = await asyncio.gather(
        lonely.with_(MLC_CONFIG=str(rules)).mlc("config"),
        lonely.with_(
            MLC_POLICY__STEP_DEADLINE="PT3H",
            MLC_POLICY__REVIEW__FOUR_EYES="true",
            MLC_MODELOP__DIALECT__PAGE_SIZE="7",
        ).mlc("config"),
    )
    assert value_of("MLC_POLICY__STEP_DEADLINE", by_file.out) == "PT2H"
    assert value_of("MLC_POLICY__STEP_DEADLINE", by_environment.out) == "PT3H"
    for shown in (by_file, by_environment):
        assert value_of("MLC_POLICY__REVIEW__FOUR_EYES", shown.out) == "true"
    assert '"page_size": 7' in by_environment.out


async def test_a_file_that_is_not_there_or_not_toml_is_named(lonely: Shell, tmp_path: Path) -> None:
    missing, broken = tmp_path / "missing.toml", tmp_path / "broken.toml"
    broken.write_text("[jira\n")
    no_file, no_toml = await asyncio.gather(
        lonely.with_(MLC_CONFIG=str(missing)).mlc("config"),
        lonely.with_(MLC_CONFIG=str(broken)).mlc("config"),
    )
    assert (no_file.code, no_toml.code) == (2, 2)
    assert no_file.complaint == f"MLC_CONFIG names {missing}, which is not a file"
    assert no_toml.complaint.startswith(f"{broken} is not TOML: ")


def value_of(variable: str, shown: str) -> str:
    return next(line.split()[1] for line in shown.splitlines() if line.startswith(f"{variable} "))
