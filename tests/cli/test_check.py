"""`mlc check`: what is not ready is told before going live, a line for each."""

import asyncio
from typing import Any

import pytest

from tests.cli.shell import Said, Shell
from tests.stack.programs import RunningStack
from tests.stand_ins import StandIns

NOWHERE = "127.0.0.1:1"
WRONG = "a-wrong-secret"


async def test_when_all_is_ready_every_line_is_ok(shell: Shell, stack: RunningStack, world: StandIns) -> None:
    shown, as_json = await asyncio.gather(shell.mlc("check"), shell.mlc("check", "--json"))
    assert (shown.code, as_json.code) == (0, 0)
    assert all(line.startswith("ok ") for line in shown.out.splitlines())
    findings: list[dict[str, Any]] = as_json.document
    assert all(finding["ok"] for finding in findings)
    assert set(findings[0]) == {"system", "question", "ok", "detail"}
    assert {finding["system"] for finding in findings} == {"Temporal", "ModelOp Center", "Jira", "Gateway"}
    assert stack.info["accounts"]["jiraService"]["token"] not in shown.out + as_json.out


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        pytest.param(
            {
                "TEMPORAL_ADDRESS": NOWHERE,
                "MLC_MODELOP__BASE_URL": f"http://{NOWHERE}",
                "MLC_JIRA__BASE_URL": f"http://{NOWHERE}",
            },
            {
                "Temporal reachable": f"Temporal does not answer at {NOWHERE}",
                "ModelOp Center login": f"ModelOp Center does not answer at http://{NOWHERE}",
                "Jira login": f"Jira at http://{NOWHERE}, ask who we are: no answer",
            },
            id="all are down",
        ),
        pytest.param(
            {"TEMPORAL_NAMESPACE": "nowhere", "MLC_MODELOP__PASSWORD": WRONG, "MLC_JIRA__TOKEN": WRONG},
            {
                "Temporal reachable": "there is no namespace nowhere",
                "ModelOp Center login": "refuses the login of modelop",
                "Jira login": "the login is refused",
            },
            id="all refuse",
        ),
        pytest.param(
            {"MLC_GATEWAY__AUTH__JWKS_URL": f"http://{NOWHERE}/jwks"},
            {"Gateway keys": f"MLC_GATEWAY__AUTH__JWKS_URL http://{NOWHERE}/jwks gives no keys"},
            id="the issuer of tokens is down",
        ),
        pytest.param(
            {"MLC_GATEWAY__AUTH__ISSUER": "", "MLC_GATEWAY__AUTH__AUDIENCE": ""},
            {
                "Gateway tokens": "the gateway takes no calls as long as these are not set:"
                " MLC_GATEWAY__AUTH__ISSUER, MLC_GATEWAY__AUTH__AUDIENCE"
            },
            id="no tokens are taken",
        ),
        pytest.param(
            {"MLC_JIRA__PROJECT": "NONE"},
            {"Jira project": "project NONE (MLC_JIRA__PROJECT)"},
            id="the project is missing",
        ),
        pytest.param(
            {"MLC_JIRA__REJECT_STATUSES": '["Refused"]'},
            {"Jira statuses": "none of Refused (reject): add one, or set MLC_JIRA__REJECT_STATUSES"},
            id="a status is missing",
        ),
    ],
)
async def test_what_is_wrong_is_one_line_each(
    shell: Shell, stack: RunningStack, variables: dict[str, str], told: dict[str, str]
) -> None:
    shown = await shell.with_(**variables).mlc("check")
    assert (shown.code, shown.err) == (1, "")
    for line, (question, detail) in zip(not_ok(shown), told.items(), strict=True):
        assert " ".join(line.split()).startswith(f"NOT OK {question} ")
        assert detail in line
    accounts = stack.info["accounts"]
    for secret in (WRONG, accounts["moc"]["password"], accounts["jiraService"]["token"]):
        assert secret not in shown.out


async def test_attachments_that_are_off_are_told_with_the_permission_that_goes_with_them(
    shell: Shell, world: StandIns
) -> None:
    await world.set_jira(attachmentsEnabled=False)
    try:
        shown = await shell.mlc("check")
    finally:
        await world.set_jira(attachmentsEnabled=True)
    assert shown.code == 1
    attachments, permissions = not_ok(shown)
    assert "attachments are off: turn them on" in attachments
    assert "CREATE_ATTACHMENTS" in permissions


async def test_missing_search_attributes_come_with_the_command_that_makes_them(shell: Shell) -> None:
    made = await shell.temporal("operator", "namespace", "create", "--namespace", "bare")
    assert made.code == 0, made.err
    async with asyncio.timeout(20):
        while True:
            shown = await shell.with_(TEMPORAL_NAMESPACE="bare").mlc("check")
            (line,) = not_ok(shown)
            if "there is no namespace" not in line:
                break
    assert shown.code == 1
    assert "temporal operator search-attribute create --namespace bare --name MlcProcess" in line


def not_ok(shown: Said) -> list[str]:
    return [line for line in shown.out.splitlines() if not line.startswith("ok ")]
