"""`mlc --help`: what a newcomer sees first."""

from tests.cli.shell import Shell


async def test_the_commands_stand_under_what_they_are_about(lonely: Shell) -> None:
    shown = await lonely.with_(COLUMNS="120").mlc("--help")
    assert shown.code == 0
    panels: dict[str, list[str]] = {}
    for line in shown.out.splitlines():
        words = line.strip("╭╮╰╯│─ ").split()
        if line.startswith("╭"):
            panels[" ".join(words)] = commands = []
        elif line.startswith("│ ") and not line.startswith("│  ") and words:
            commands.append(words[0])
    assert list(panels) == ["Options", "Processes", "Schedules", "Signals", "Decision tables", "Running it"]
    assert panels["Processes"][:5] == ["deploy", "back-test", "batch-job", "fleet-back-test", "start"]
    assert panels["Schedules"] == ["schedule"]
    assert panels["Signals"] == ["signal", "signals"]
    assert panels["Decision tables"] == ["decisions"]
    assert {"up", "demo", "worker", "gateway", "check"} <= set(panels["Running it"])
