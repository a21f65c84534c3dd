"""From a job and its snapshot to the run of the model's code, and from its outcome back to the job."""

import json
from typing import Any

from sandbox.modelop.assets import UnreadableAssetError, content, file_path, label, with_embedded
from sandbox.modelop.entities import Entity, nested, object_list
from sandbox.modelop.execution import Limits, ModelRun, RunOutcome

_FUNCTIONS = {
    "MODEL_BATCH_JOB": "score",
    "MODEL_BATCH_TEST_JOB": "metrics",
    "MODEL_BATCH_TRAINING_JOB": "train",
}
_NAMED_FUNCTIONS = {
    "init": "initFunction",
    "score": "scoreFunction",
    "metrics": "metricsFunction",
    "train": "trainingFunction",
}


class NotRunnableError(Exception):
    """The job or the model cannot be run at all; the message says why in one line."""


def job_run(job: Entity, snapshot: Entity) -> ModelRun:
    """The run that the job asks for. Raises `NotRunnableError`."""
    function = _FUNCTIONS[job["jobType"]]
    output = _wanted_output(job)
    return _model_run(
        snapshot,
        function,
        raw_json=json.dumps(job),
        inputs=[_input(asset) for asset in _inputs(job)],
        output_format="CSV" if function == "score" and output.get("fileFormat") == "CSV" else "JSON",
        limits=_limits(job),
    )


def online_run(snapshot: Entity) -> ModelRun:
    """The run that keeps the model loaded and scores a record at a time. Raises `NotRunnableError`."""
    return _model_run(snapshot, "serve", raw_json=json.dumps({"model": {"deployableModel": snapshot}}))


def output_data(job: Entity, outcome: RunOutcome) -> list[Entity]:
    """The job's output assets, the first one carrying the result; a training job's written files follow."""
    output = outcome.output or b""
    filled = with_embedded(_wanted_output(job), output)
    assets = [filled, *object_list(job.get("outputData"))[1:]]
    if job["jobType"] == "MODEL_BATCH_TRAINING_JOB":
        assets += [_written_asset(job, name, embedded) for name, embedded in outcome.written.items()]
    return assets


def _model_run(snapshot: Entity, function: str, **details: Any) -> ModelRun:
    assets = object_list(nested(snapshot, "storedModel", "modelAssets"))
    primary = _primary_source(assets)
    try:
        files = {file_path(asset): embedded for asset in assets if (embedded := content(asset)) is not None}
        source = file_path(primary)
    except UnreadableAssetError as error:
        raise NotRunnableError(str(error)) from error
    if source not in files:
        raise NotRunnableError(f"The source asset {label(primary)} has no sourceCode")
    names = {
        role: primary[key] for role, key in _NAMED_FUNCTIONS.items() if isinstance(primary.get(key), str)
    }
    return ModelRun(function=function, source=source, function_names=names, files=files, **details)


def _primary_source(assets: list[Entity]) -> Entity:
    sources = [asset for asset in assets if asset.get("assetType") == "SOURCE_CODE"]
    python = [asset for asset in sources if label(asset).endswith(".py")]
    primary = [asset for asset in sources if asset.get("primaryModelSource") is True] or python
    if not primary:
        raise NotRunnableError("The model has no primary source code asset")
    return primary[0]


def _inputs(job: Entity) -> list[Entity]:
    inputs = object_list(job.get("inputData"))
    if not inputs:
        raise NotRunnableError("The job has no inputData")
    return inputs


def _input(asset: Entity) -> Entity:
    if asset.get("assetType") != "FILE":
        raise NotRunnableError(
            f"Input {label(asset)} is {asset.get('assetType')}: only embedded FILE assets can be read here"
        )
    if not isinstance(asset.get("fileContent"), str):
        raise NotRunnableError(f"Input {label(asset)} has no fileContent")
    try:
        content(asset)
    except UnreadableAssetError as error:
        raise NotRunnableError(str(error)) from error
    is_csv = asset.get("fileFormat") == "CSV" or (
        asset.get("fileFormat") != "JSON" and label(asset).lower().endswith(".csv")
    )
    return {"name": label(asset), "format": "CSV" if is_csv else "JSON", "content": asset["fileContent"]}


def _wanted_output(job: Entity) -> Entity:
    wanted = object_list(job.get("outputData"))
    if not wanted:
        return {"assetType": "FILE", "assetRole": "UNKNOWN", "filename": "output.json", "fileFormat": "JSON"}
    if wanted[0].get("assetType") != "FILE":
        raise NotRunnableError(
            f"Output {label(wanted[0])} is {wanted[0].get('assetType')}: only embedded FILE assets can be written here"
        )
    return wanted[0]


def _limits(job: Entity) -> Limits:
    usual = Limits()
    seconds = nested(job, "jobParameters", "timeoutSeconds")
    if seconds is None:
        return usual
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds <= 0:
        raise NotRunnableError(f"jobParameters.timeoutSeconds is {seconds!r}, not a positive number")
    return Limits(seconds=min(float(seconds), usual.seconds))


def _written_asset(job: Entity, name: str, embedded: bytes) -> Entity:
    snapshot_assets = object_list(nested(job, "model", "deployableModel", "storedModel", "modelAssets"))
    known = {label(asset): asset.get("assetRole") for asset in snapshot_assets}
    asset = {
        "assetType": "FILE",
        "assetRole": known.get(name) or "WEIGHTS_FILE",
        "name": name,
        "filename": name,
        "fileFormat": {"json": "JSON", "csv": "CSV"}.get(name.rpartition(".")[2].lower(), "UNKNOWN"),
    }
    return with_embedded(asset, embedded)
