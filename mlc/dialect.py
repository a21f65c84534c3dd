"""ModelOp Center's JSON, read and written in this one module.

ModelOp publishes no API description. What its documentation and public samples do not settle (states, job types, how a
deployment is asked for) is a field of `Dialect` with the most plausible default: a user whose installation differs sets it
in the configuration, and no process changes.
"""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import Field

from mlc.contract import Contract
from mlc.digests import digest
from mlc.modelop import Asset, DeploymentOrder, Job, JobKind, JobState, Runtime, Snapshot
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

    def job_body(self, kind: JobKind, key: str, snapshot: Json, inputs: list[Json]) -> Json:
        """The create body of a job whose output comes back embedded."""
        output = {
            "assetType": "FILE",
            "assetRole": "UNKNOWN",
            "name": f"{kind}-output.json",
            "filename": f"{kind}-output.json",
            "fileFormat": "JSON",
            "repositoryInfo": {"repositoryType": "BUILT_IN_REPOSITORY"},
        }
        return {
            "jobType": self.job_types[kind],
            "jobStatus": "CREATED",
            "inputData": inputs,
            "outputData": [output],
            "model": {"deployableModel": snapshot},
            "jobParameters": {self.key_parameter: key},
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
        )

    def runtime(self, body: Json) -> Runtime:
        """A runtime; without endpoints it is one for batch."""
        online = bool(body.get("inputEndpoints") or body.get("outputEndpoints"))
        name = plain(body.get("name") or body["id"], NAME_LENGTH)
        return Runtime(id=str(body["id"]), name=name, type="ONLINE" if online else "BATCH")

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
