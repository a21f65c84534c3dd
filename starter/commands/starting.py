"""Commands that start processes."""

from typing import Annotated

import typer

from mlc.catalogue import installed
from mlc.processes import (
    BackTestRequest,
    BatchJobRequest,
    DeployRequest,
    FleetBackTestRequest,
    ProcessRequest,
)
from mlc.record import ProcessRecord
from starter.client import MlcClient
from starter.commands import completing
from starter.commands.files import input_files, output_files
from starter.commands.following import finish, follow
from starter.commands.options import AsJson, Inputs, Outputs, RequestId, Var, Wait
from starter.commands.session import with_client
from starter.commands.variables import read_variables
from starter.show import tell_json, tell_started
from starter.starting import Started, read_request

app = typer.Typer()

Snapshot = Annotated[str, typer.Argument(help="id of the snapshot (deployable model)")]


@app.command()
def deploy(
    snapshot: Snapshot, request_id: RequestId = None, wait: Wait = False, as_json: AsJson = False
) -> None:
    """Starts the deploy process of a snapshot, or joins the one that runs."""
    _start("deploy", read_request(DeployRequest, snapshot_id=snapshot), request_id, wait, as_json)


@app.command("back-test")
def back_test(
    snapshot: Snapshot,
    inputs: Inputs = None,
    outputs: Outputs = None,
    request_id: RequestId = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Tests a snapshot, by default on its TEST_DATA asset, against its decision table."""
    request = read_request(
        BackTestRequest,
        snapshot_id=snapshot,
        input_files=input_files(inputs or ()),
        output_files=output_files(outputs or ()),
    )
    _start("back-test", request, request_id, wait, as_json)


@app.command("batch-job")
def batch_job(
    tag: Annotated[str, typer.Argument(help="service tag of a model that is deployed for batch")],
    stage: Annotated[str | None, typer.Option(help="stage of the runtime that it is deployed on")] = None,
    inputs: Inputs = None,
    outputs: Outputs = None,
    request_id: RequestId = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Scores files with the most recent batch deployment that carries a tag."""
    request = read_request(
        BatchJobRequest,
        tag=tag,
        model_stage=stage,
        input_files=input_files(inputs or ()),
        output_files=output_files(outputs or ()),
    )
    _start("batch-job", request, request_id, wait, as_json)


@app.command("fleet-back-test")
def fleet_back_test(
    tag: Annotated[str, typer.Argument(help="tag of the deployed models")],
    at_once: Annotated[int, typer.Option(help="how many back-tests run at a time, at most 200")] = 20,
    request_id: RequestId = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Back-tests every deployed model that carries a tag."""
    request = read_request(FleetBackTestRequest, tag=tag, at_once=at_once)
    _start("fleet-back-test", request, request_id, wait, as_json)


@app.command()
def start(
    process: Annotated[
        str,
        typer.Argument(
            help="name of a process; `mlc processes` lists them", autocompletion=completing.processes
        ),
    ],
    var: Var = None,
    request_id: RequestId = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Starts any process by its name, your own ones too."""
    definition = installed().process(process)
    request = definition.request.from_variables(read_variables(var or ()), process)
    _start(process, request, request_id, wait, as_json)


def _start(process: str, request: ProcessRequest, request_id: str | None, wait: bool, as_json: bool) -> None:
    async def begin(client: MlcClient) -> ProcessRecord | Started:
        started = await client.start(process, request, request_id=request_id)
        return await follow(client, started.workflow_id, quiet=as_json) if wait else started

    answer = with_client(begin)
    if isinstance(answer, ProcessRecord):
        finish(answer, as_json)
    elif as_json:
        tell_json(answer)
    else:
        tell_started(answer)
