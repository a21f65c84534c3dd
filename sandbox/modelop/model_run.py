"""From a job and its snapshot to the run of the model's code, and from its outcome back to the job."""

import base64
import json
from typing import Any

from sandbox.modelop.assets import (
    UnreadableAssetError,
    content,
    data_format,
    file_content,
    file_path,
    is_external,
    label,
)
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


def input_assets(job: Entity) -> list[Entity]:
    """The job's inputs, all of a kind that can be read. Raises `NotRunnableError`."""
    inputs = object_list(job.get("inputData"))
    if not inputs:
        raise NotRunnableError("The job has no inputData")
    for asset in inputs:
        _refuse_other_types("Input", asset)
    return inputs


def output_assets(job: Entity) -> list[Entity]:
    """The job's outputs, an embedded one where it asks for none. Raises `NotRunnableError`."""
    outputs = object_list(job.get("outputData"))
    for asset in outputs:
        _refuse_other_types("Output", asset)
    embedded = {"assetType": "FILE", "assetRole": "UNKNOWN", "filename": "output.json", "fileFormat": "JSON"}
    return outputs or [embedded]


def embedded_content(asset: Entity) -> bytes:
    """What an input of type FILE carries. Raises `NotRunnableError`."""
    try:
        embedded = file_content(asset)
    except UnreadableAssetError as error:
        raise NotRunnableError(str(error)) from error
    if embedded is None:
        raise NotRunnableError(f"Input {label(asset)} has no fileContent")
    return embedded


def job_run(job: Entity, snapshot: Entity, contents: list[bytes]) -> ModelRun:
    """The run that the job asks for; `contents` are those of its inputs. Raises `NotRunnableError`."""
    inputs = [
        {"name": label(asset), "format": data_format(asset), "content": base64.b64encode(data).decode()}
        for asset, data in zip(input_assets(job), contents, strict=True)
    ]
    return _model_run(
        snapshot,
        _FUNCTIONS[job["jobType"]],
        raw_json=json.dumps(job),
        inputs=inputs,
        outputs=_wanted_results(job),
        limits=_limits(job),
    )


def online_run(snapshot: Entity) -> ModelRun:
    """The run that keeps the model loaded and scores a record at a time. Raises `NotRunnableError`."""
    return _model_run(snapshot, "serve", raw_json=json.dumps({"model": {"deployableModel": snapshot}}))


def filled_outputs(job: Entity, outcome: RunOutcome) -> list[tuple[Entity, bytes]]:
    """What each output asset is to hold: its own scores, or the one result that a job of another type has.

    The files that a training job wrote follow as outputs of their own.
    """
    outputs, results = output_assets(job), outcome.results or []
    if len(results) == 1:
        results = results * len(outputs)
    filled = list(zip(outputs, results, strict=True))
    if job["jobType"] == "MODEL_BATCH_TRAINING_JOB":
        filled += [(_written_asset(job, name), embedded) for name, embedded in outcome.written.items()]
    return filled


def _wanted_results(job: Entity) -> list[Entity]:
    if job["jobType"] != "MODEL_BATCH_JOB":
        # The result of a test or of a training is one JSON object, whatever is to hold it.
        return [{"format": "JSON", "input": None}]
    outputs, inputs = output_assets(job), input_assets(job)
    if len(outputs) == 1:
        return [{"format": data_format(outputs[0]), "input": None}]
    if len(outputs) != len(inputs):
        raise NotRunnableError(
            f"{len(inputs)} input{'s' if len(inputs) > 1 else ''} and {len(outputs)} outputs: "
            "a scoring job writes one output with all scores, or one output for each input"
        )
    return [{"format": data_format(asset), "input": index} for index, asset in enumerate(outputs)]


def _refuse_other_types(kind: str, asset: Entity) -> None:
    if asset.get("assetType") != "FILE" and not is_external(asset):
        raise NotRunnableError(
            f"{kind} {label(asset)} is {asset.get('assetType')}: a job's files are FILE or EXTERNAL_FILE"
        )


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


def _limits(job: Entity) -> Limits:
    usual = Limits()
    seconds = nested(job, "jobParameters", "timeoutSeconds")
    if seconds is None:
        return usual
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds <= 0:
        raise NotRunnableError(f"jobParameters.timeoutSeconds is {seconds!r}, not a positive number")
    return Limits(seconds=min(float(seconds), usual.seconds))


def _written_asset(job: Entity, name: str) -> Entity:
    snapshot_assets = object_list(nested(job, "model", "deployableModel", "storedModel", "modelAssets"))
    known = {label(asset): asset.get("assetRole") for asset in snapshot_assets}
    return {
        "assetType": "FILE",
        "assetRole": known.get(name) or "WEIGHTS_FILE",
        "name": name,
        "filename": name,
        "fileFormat": {"json": "JSON", "csv": "CSV"}.get(name.rpartition(".")[2].lower(), "UNKNOWN"),
    }
