"""ModelOp Center's JSON, read and written in this one module.

ModelOp publishes no API description. What its documentation and public samples do not settle (states, job types, how a
deployment is asked for) is a field of `Dialect` with the most plausible default: a user whose installation differs sets it
in the configuration, and no process changes.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

from pydantic import Field

from mlc.contract import Contract
from mlc.digests import digest
from mlc.files import FileAsset
from mlc.modelop import (
    Asset,
    BatchDeploymentQuery,
    DeployedModel,
    DeploymentOrder,
    Job,
    JobKind,
    JobOrder,
    JobState,
    Runtime,
    Snapshot,
)
from mlc.text import plain

Json = dict[str, Any]

MESSAGE_LINES, MESSAGE_LENGTH = 40, 500
NAME_LENGTH, DESCRIPTION_LENGTH = 200, 1000
# Fields that ModelOp changes without changing what is deployed.
VOLATILE = frozenset(
    {
        "version",
        "createdDate",
        "lastModifiedDate",
        "createdBy",
        "lastModifiedBy",
        "targetRuntimes",
        "modelDocuments",
        "_links",
    }
)


class Dialect(Contract, extra="forbid"):
    """Names and values of one ModelOp Center installation. Paths are below the base URL."""

    token_path: str = "/gocli/token"  # noqa: S105 - a path
    api_path: str = "/model-manage/api"
    jobs: str = "jobs"
    snapshots: str = "deployableModels"
    deployments: str = "deployedModels"
    runtimes: str = "engines"
    test_results: str = "modelTestResults"
    notifications: str = "notifications"
    lineage: str = "modelMLCs"
    newest_first: str = "createdDate,desc"
    page_size: int = Field(default=200, ge=1, le=1000)
    job_types: dict[JobKind, str] = {
        "training": "MODEL_BATCH_TRAINING_JOB",
        "testing": "MODEL_BATCH_TEST_JOB",
        "scoring": "MODEL_BATCH_JOB",
    }
    job_states: dict[str, JobState] = {
        "CREATED": "waiting",
        "WAITING": "waiting",
        "RUNNING": "running",
        "COMPLETE": "complete",
        "ERROR": "error",
        "CANCELLED": "cancelled",
    }
    job_cancelled: str = "CANCELLED"
    deployed: str = "DEPLOYED"
    deployment_error: str = "ERROR"
    undeployed: str = "UNDEPLOYED"
    deployment_type_field: str = "deploymentType"
    runtime_running: str = "RUNNING"
    runtime_error: str = "ERROR"
    stages: tuple[str, ...] = ("DEV", "SIT", "UAT", "PROD")
    key_parameter: str = "mlcKey"
    process_parameter: str = "mlcProcess"
    record_count_pattern: str = r"[Ss]cored (\d+) records?"

    def snapshot(self, body: Json, control_tags: frozenset[str]) -> Snapshot:
        """A deployableModel. Tags that are neither control tags nor stages are service tags."""
        stored, meta = _object(body, "storedModel"), _object(body, "metaData")
        model = _object(stored, "modelMetaData")
        tags = _tags(meta.get("tags"))
        stage = meta.get("modelStage") or next((tag for tag in tags if tag.upper() in self.stages), None)
        return Snapshot(
            id=str(body["id"]),
            name=plain(meta.get("name") or model.get("name") or body["id"], NAME_LENGTH),
            model_id=str(stored.get("id") or ""),
            model_name=plain(model.get("name") or meta.get("name") or "", NAME_LENGTH),
            description=plain(model.get("description") or "", DESCRIPTION_LENGTH),
            owner=plain(model.get("modelOrganization") or "", NAME_LENGTH),
            risk=plain(model.get("modelRisk") or "", NAME_LENGTH),
            author=plain(body.get("createdBy") or "", NAME_LENGTH),
            tags=tags,
            service_tags=tuple(t for t in tags if t not in control_tags and t.upper() not in self.stages),
            stage=plain(stage, NAME_LENGTH).upper() if stage else None,
            assets=tuple(self.asset(asset, place) for place, asset in enumerate(self.assets(body))),
            digest=self.snapshot_digest(body),
        )

    def asset(self, body: Json, place: int) -> Asset:
        """An asset; one without an id is named by its place."""
        return Asset(
            asset_id=str(body.get("assetId") or f"#{place}"),
            name=plain(body.get("name") or body.get("filename") or f"asset {place + 1}", NAME_LENGTH),
            role=str(body.get("assetRole") or "UNKNOWN"),
            type=str(body.get("assetType") or ""),
        )

    def assets(self, snapshot: Json) -> list[Json]:
        """The asset objects of a deployableModel, in order."""
        return cast(list[Json], _object(snapshot, "storedModel").get("modelAssets") or [])

    def asset_body(self, snapshot: Json, asset_id: str) -> Json | None:
        """The whole asset object with this id, or None."""
        for place, body in enumerate(self.assets(snapshot)):
            if self.asset(body, place).asset_id == asset_id:
                return body
        return None

    def snapshot_digest(self, body: Json) -> str:
        """Over everything that a deployment would take along: model, assets with their content, tags, stage."""
        return digest(
            {"storedModel": _settled(body.get("storedModel")), "metaData": _settled(body.get("metaData"))}
        )

    def job_body(self, order: JobOrder, snapshot: Json, assets: list[Json]) -> Json:
        """The create body of a job. `assets` are those of the snapshot that it reads, before the files of the order."""
        inputs = [*assets, *(_asset_object(file) for file in order.inputs)]
        target = order.runtime
        engine = {"targetEngine": {"engineType": target.engine_type, "name": target.name}} if target else {}
        return {
            "jobType": self.job_types[order.kind],
            "jobStatus": "CREATED",
            "inputData": inputs,
            "outputData": _outputs(order),
            "model": {"deployableModel": snapshot},
            "jobParameters": {self.key_parameter: order.key, self.process_parameter: order.workflow_id},
            **engine,
        }

    def job_key(self, body: Json) -> str | None:
        """The key that `job_body` wrote, or None for a job of somebody else."""
        return cast(str | None, _object(body, "jobParameters").get(self.key_parameter))

    def job(self, body: Json) -> Job:
        """A job; a status that the dialect does not name counts as still waiting."""
        status = str(body.get("jobStatus") or "")
        lines = [str(line)[:MESSAGE_LENGTH] for line in _lines(body.get("jobMessages"))]
        return Job(
            id=str(body["id"]),
            type=str(body.get("jobType") or ""),
            state=self.job_states.get(status, "waiting"),
            status=status,
            messages=tuple(lines[-MESSAGE_LINES:]),
            outputs=tuple(_address(str(body["id"]), asset) for asset in _objects(body.get("outputData"))),
            record_count=self._record_count(lines),
            workflow_id=cast(str | None, _object(body, "jobParameters").get(self.process_parameter)),
        )

    def _record_count(self, lines: list[str]) -> int | None:
        """The number that the last message of this kind tells."""
        found = (re.search(self.record_count_pattern, line) for line in reversed(lines))
        counted = next((match for match in found if match), None)
        return int(counted.group(1)) if counted else None

    def runtime(self, body: Json) -> Runtime:
        """A runtime; without endpoints it is one for batch."""
        online = bool(body.get("inputEndpoints") or body.get("outputEndpoints"))
        name = plain(body.get("name") or body["id"], NAME_LENGTH)
        return Runtime(
            id=str(body["id"]),
            name=name,
            type="ONLINE" if online else "BATCH",
            engine_type=str(body.get("engineType") or "MODEL_OP_ENGINE"),
            running=body.get("state") == self.runtime_running,
        )

    def runtime_tags(self, body: Json) -> frozenset[str]:
        """The tags that a runtime answers to; its environment name counts as one, as stages are written either way."""
        tags = {str(tag) for tag in body.get("tags") or ()}
        environment = body.get("environmentName")
        return frozenset(tags | ({str(environment)} if environment else set()))

    def runtime_digest(self, bodies: list[Json]) -> str:
        """Over identity, tags and endpoints; the state changes by itself and is left out."""
        fields = (
            "id",
            "name",
            "engineType",
            "tags",
            "environmentName",
            "inputEndpoints",
            "outputEndpoints",
            "inProduction",
        )
        return digest(sorted(([body.get(field) for field in fields] for body in bodies), key=str))

    def deployment_body(self, order: DeploymentOrder, snapshot: Json, engine: Json) -> Json:
        """The create body of a deployedModel."""
        stored = _object(snapshot, "storedModel")
        # The files stay in the snapshot: a deployment names it.
        model = {"id": stored.get("id"), "modelMetaData": stored.get("modelMetaData")}
        return {
            "deployableModel": {
                "id": snapshot["id"],
                "storedModel": model,
                "metaData": snapshot.get("metaData"),
            },
            "engine": engine,
            "state": self.deployed,
            self.deployment_type_field: order.runtime.type,
            self.key_parameter: order.key,
        }

    def is_deployment_of(self, body: Json, order: DeploymentOrder) -> bool:
        """Whether this deployedModel answers the order: made for it, or standing there already."""
        if body.get(self.key_parameter) == order.key:
            return True
        same = str(_object(body, "deployableModel").get("id")) == order.snapshot_id
        same = same and str(_object(body, "engine").get("id")) == order.runtime.id
        return same and body.get("state") not in (self.deployment_error, self.undeployed)

    def is_batch_deployment(self, body: Json, query: BatchDeploymentQuery) -> bool:
        """Whether this deployedModel scores in batch for the tag, on a runtime of the stage where one is given."""
        if body.get("state") != self.deployed or body.get(self.deployment_type_field) != "BATCH":
            return False
        if query.tag not in self._snapshot_tags(body):
            return False
        stages = {tag.upper() for tag in self.runtime_tags(_object(body, "engine"))}
        return query.stage is None or query.stage.upper() in stages

    def deployed_with_tag(self, body: Json, tag: str) -> DeployedModel | None:
        """The snapshot of this deployedModel, if it stands and carries the tag."""
        if body.get("state") != self.deployed or tag not in self._snapshot_tags(body):
            return None
        snapshot = _object(body, "deployableModel")
        name = _object(_object(snapshot, "storedModel"), "modelMetaData").get("name")
        return DeployedModel(
            snapshot_id=str(snapshot["id"]), model_name=plain(name or snapshot["id"], NAME_LENGTH)
        )

    def deploy_time(self, body: Json) -> str:
        """When it was deployed, as a text that sorts."""
        return str(body.get("deployTime") or body.get("createdDate") or "")

    def _snapshot_tags(self, deployed: Json) -> tuple[str, ...]:
        return _tags(_object(_object(deployed, "deployableModel"), "metaData").get("tags"))


def _asset_object(file: FileAsset) -> Json:
    """The asset object that the starter wrote, without what stands there empty."""
    return file.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _outputs(order: JobOrder) -> list[Json]:
    """The outputs that are asked for; of a test the result comes back embedded as well, because it is read here."""
    outputs = [_asset_object(file) for file in order.outputs]
    wanted = order.kind != "scoring" and all(output["assetType"] != "FILE" for output in outputs)
    return [*outputs, _embedded_output(order.kind)] if wanted or not outputs else outputs


def _embedded_output(kind: JobKind) -> Json:
    return {
        "assetType": "FILE",
        "assetRole": "UNKNOWN",
        "name": f"{kind}-output.json",
        "filename": f"{kind}-output.json",
        "fileFormat": "JSON",
        "repositoryInfo": {"repositoryType": "BUILT_IN_REPOSITORY"},
    }


def _address(job_id: str, asset: Json) -> str:
    """Where an output is: its own address, or its place in the job that carries it."""
    name = asset.get("filename") or asset.get("name") or "output"
    return str(asset.get("fileUrl") or f"modelop:jobs/{job_id}/outputData/{name}")


def _objects(value: object) -> list[Json]:
    return [cast(Json, item) for item in cast(list[object], value or []) if isinstance(item, dict)]


def _object(body: Mapping[str, Any], field: str) -> Json:
    value = body.get(field)
    return cast(Json, value) if isinstance(value, dict) else {}


def _settled(value: object) -> object:
    if isinstance(value, dict):
        return {k: _settled(v) for k, v in cast(Json, value).items() if k not in VOLATILE}
    if isinstance(value, list):
        return [_settled(item) for item in cast(list[object], value)]
    return value


def _tags(tags: object) -> tuple[str, ...]:
    """Tags as a list, or as one text with commas, which is no list of letters."""
    found = tags.split(",") if isinstance(tags, str) else cast(list[object], tags or [])
    named = (plain(tag, NAME_LENGTH) for tag in found)
    return tuple(tag for tag in named if tag)


def _lines(messages: object) -> list[str]:
    lines: list[str] = []
    for message in cast(list[object], messages or []):
        text = cast(Json, message).get("message", message) if isinstance(message, dict) else message
        lines.extend(str(text).splitlines())
    return lines
