"""Commands about the processes there are: listing them, and writing one of one's own."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from mlc.catalogue import BUILT_IN, ENTRY_POINTS, ProcessDefinition, installed
from mlc.contract import Contract
from mlc.signals import PREFIX
from starter.commands.options import AsJson
from starter.new_process.writing import write_process
from starter.show import out, tell, tell_json

app = typer.Typer()


class InstalledProcess(Contract):
    """A process that can be started. `optional` are those of its variables that may be left out."""

    name: str
    title: str
    signals: tuple[str, ...]
    variables: tuple[str, ...]
    optional: tuple[str, ...]
    package: str
    workflow: str


@app.command("new-process")
def new_process(
    name: Annotated[str, typer.Argument(help="small letters and digits, joined by hyphens")],
    into: Annotated[Path, typer.Option(help="the folder in which a folder of that name is made")] = Path(),
) -> None:
    """Writes a package with a working process of your own, and its test."""
    folder = write_process(name, into)
    out.print(f"{folder} holds a working process. Try it:", markup=False)
    out.print(f"  cd {folder}\n  pip install -e '.[test]'\n  pytest", markup=False)


@app.command()
def processes(as_json: AsJson = False) -> None:
    """Lists the processes there are, what starts each, and the package it comes from."""
    definitions = installed().processes
    packages = _packages()
    rows = [_described(definition, packages[definition.name]) for definition in definitions]
    if as_json:
        tell_json(rows)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("process", "variables", "signals", "package", "title"):
        table.add_column(title)
    for row in rows:
        variables = (f"{name}?" if name in row.optional else name for name in row.variables)
        signals = (signal.removeprefix(PREFIX) for signal in row.signals)
        table.add_row(row.name, ", ".join(variables), ", ".join(signals), row.package, Text(row.title))
    tell(table)


def _described(definition: ProcessDefinition, package: str) -> InstalledProcess:
    variables = definition.request.preferred_names()
    return InstalledProcess(
        name=definition.name,
        title=definition.title,
        signals=definition.signals,
        variables=tuple(variables),
        optional=tuple(name for name, needed in variables.items() if not needed),
        package=package,
        workflow=definition.workflow,
    )


def _packages() -> dict[str, str]:
    """The distribution that each process comes from."""
    ours = {definition.name: "mlc" for definition in BUILT_IN}
    points = entry_points(group=ENTRY_POINTS)
    return ours | {point.load().name: point.dist.name if point.dist else point.value for point in points}
