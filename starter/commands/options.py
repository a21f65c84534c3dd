"""Arguments and options that several commands share."""

from typing import Annotated

import typer

from starter.commands import completing

ProcessId = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="workflow id, or snapshot id of a deploy process",
        autocompletion=completing.running_processes,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on standard output")]
Wait = Annotated[bool, typer.Option("--wait", help="until the process has ended, showing its steps")]
RequestId = Annotated[
    str | None, typer.Option("--request-id", metavar="ID", help="the same one twice starts one process")
]
Var = Annotated[
    list[str] | None,
    typer.Option(
        "--var",
        metavar="NAME=VALUE",
        help="a variable, once for each: text, JSON, or @file.json",
        autocompletion=completing.variables,
    ),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="FILE|URL|@asset.json",
        help="what is read, once for each: a file of this machine is sent along",
    ),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        metavar="URL|NAME|@asset.json",
        help="what is written, once for each: to a URL, or under a name inside of the job",
    ),
]
By = Annotated[str, typer.Option("--by", help="who decides")]
Ticket = Annotated[str, typer.Option("--ticket", help="the ticket that is meant; by default the open one")]
Comment = Annotated[str, typer.Option("--comment", help="why")]
