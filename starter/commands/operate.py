"""Commands for whoever runs the product: worker, gateway, settings, and the check before going live."""

import json
import sys
from typing import Annotated, Any, cast

import typer
from rich.table import Table
from rich.text import Text

from mlc.settings import Settings, load_settings
from starter.show import out, tell
from workflows.temporal import run_main

app = typer.Typer()

AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on standard output")]


@app.command()
def worker() -> None:
    """Runs a worker until SIGTERM or Ctrl-C."""
    from worker.main import main

    load_settings()  # so that a mistake in them is told as every command tells it, not as a line of the log
    raise typer.Exit(main())


@app.command()
def gateway() -> None:
    """Runs the REST gateway until SIGTERM or Ctrl-C."""
    from starter.gateway.main import main

    load_settings()
    raise typer.Exit(main())


@app.command()
def config(as_json: AsJson = False) -> None:
    """Prints the settings that hold, secrets masked, and where to change them."""
    settings = load_settings()
    dumped = settings.model_dump(mode="json", by_alias=False)
    if as_json:
        sys.stdout.write(json.dumps(dumped, indent=2) + "\n")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("variable")
    table.add_column("value", overflow="fold")
    for name, value in _flat("MLC", dumped):
        table.add_row(name, Text(value))
    tell(table)
    out.print(
        "Set in the environment, or in the file that MLC_CONFIG names (./mlc.toml). Temporal: TEMPORAL_ADDRESS, …",
        style="dim",
    )


@app.command()
def check(as_json: AsJson = False) -> None:
    """Asks Temporal, ModelOp Center and Jira whether all is ready to go live; exit code 1 when something is not."""
    from worker.check import check as ask_all

    settings: Settings = load_settings()
    findings = run_main(ask_all(settings))
    if as_json:
        sys.stdout.write(json.dumps([f.model_dump(by_alias=True) for f in findings], indent=2) + "\n")
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        for finding in findings:
            mark = Text("ok", "green") if finding.ok else Text("NOT OK", "bold red")
            table.add_row(mark, finding.system, finding.question, Text(finding.detail, overflow="fold"))
        tell(table)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


def _flat(prefix: str, values: dict[str, Any]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in values.items():
        full = f"{prefix}{'_' if prefix == 'MLC' else '__'}{name.upper()}"
        if isinstance(value, dict) and full != "MLC_MODELOP__DIALECT":
            rows += _flat(full, cast(dict[str, Any], value))
        else:
            rows.append((full, value if isinstance(value, str) else json.dumps(value)))
    return rows
