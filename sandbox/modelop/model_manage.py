"""The model-manage service: what may be written into which collection, and who hears of it."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from sandbox.modelop.assets import UnreadableAssetError, with_content_hash
from sandbox.modelop.entities import Entity, nested, object_list, timestamp
from sandbox.modelop.signals import JOB_SIGNAL, is_told, job_signal, snapshot_signal
from sandbox.modelop.store import Store

COLLECTIONS = (
    "storedModels",
    "deployableModels",
    "deployedModels",
    "jobs",
    "engines",
    "modelTestResults",
    "modelTestResultSummaries",
    "notifications",
    "modelMLCs",
    "auditRecords",
)
JOB_TYPES = ("MODEL_BATCH_JOB", "MODEL_BATCH_TEST_JOB", "MODEL_BATCH_TRAINING_JOB")
JOB_STATUSES = ("CREATED", "WAITING", "RUNNING", "COMPLETE", "ERROR", "CANCELLED")
ENDED_JOB_STATUSES = ("COMPLETE", "ERROR", "CANCELLED")
ENGINE_STATES = ("INIT", "RUNNING", "ERROR")
DEPLOYED_STATES = ("DEPLOYED", "UNDEPLOYED", "ERROR")
DEPLOYMENT_TYPES = ("ONLINE", "BATCH")

# The service sets these itself; what a client sends for them is ignored.
_OWN_FIELDS = ("id", "version", "createdDate", "createdBy", "lastModifiedDate", "lastModifiedBy", "_links")


class RefusedError(Exception):
    """A request the service turns down; `status` is the HTTP status, the message says why in one line."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Change:
    """One committed write: `before` is None for a new entity, `after` for a deleted one."""

    collection: str
    before: Entity | None
    after: Entity | None


class ModelManage:
    """Writes entities, keeps their `version`, and tells listeners after each commit.

    Every method raises `RefusedError`: 400 for a body that is wrong, 404 for an unknown id, 409 for a conflict.
    With `signals_wanted`, a new snapshot and a job's new status put their signals into the outbox in the same transaction.
    """

    def __init__(self, store: Store, *, signals_wanted: bool) -> None:
        self.store = store
        self.listeners: list[Callable[[Change], None]] = []
        self._signals_wanted = signals_wanted

    def get(self, collection: str, entity_id: str) -> Entity:
        entity = self.store.get(collection, entity_id)
        if entity is None:
            raise RefusedError(404, f"{collection} has no entity with id {entity_id}")
        return entity

    def create(self, collection: str, body: Entity, user: str) -> Entity:
        complete = _COMPLETE.get(collection)
        fields = {key: value for key, value in body.items() if key not in _OWN_FIELDS}
        if complete is not None:
            fields = complete(self, fields)
        now = timestamp()
        entity: Entity = {
            "id": str(uuid.uuid4()),
            "group": "default",
            **fields,
            "version": 0,
            "createdDate": now,
            "lastModifiedDate": now,
            "createdBy": user,
            "lastModifiedBy": user,
        }
        with self.store.transaction():
            self.store.insert(collection, entity)
            if collection == "deployableModels" and self._signals_wanted:
                self.store.post(snapshot_signal(entity))
        self._tell(Change(collection, None, entity))
        return entity

    def patch(self, collection: str, entity_id: str, changes: Entity, user: str) -> Entity:
        """Replaces the top-level fields that `changes` names."""
        before = self.get(collection, entity_id)
        _check_version(before, changes)
        return self._write(collection, before, {**before, **_without_own(changes)}, user)

    def replace(self, collection: str, entity_id: str, body: Entity, user: str) -> Entity:
        before = self.get(collection, entity_id)
        _check_version(before, body)
        own = {key: before[key] for key in _OWN_FIELDS if key in before}
        fields = {"group": before.get("group"), **_without_own(body)}
        return self._write(collection, before, {**fields, **own}, user)

    def delete(self, collection: str, entity_id: str) -> None:
        before = self.get(collection, entity_id)
        self.store.delete(collection, entity_id)
        self._tell(Change(collection, before, None))

    def _write(self, collection: str, before: Entity, after: Entity, user: str) -> Entity:
        check = _CHECK.get(collection)
        if check is not None:
            check(before, after)
        after = {
            **after,
            "version": before["version"] + 1,
            "lastModifiedDate": timestamp(),
            "lastModifiedBy": user,
        }
        with self.store.transaction():
            self.store.save(collection, after)
            if collection == "jobs" and self._signals_wanted and is_told(before, after):
                # Of one job only the newest status is worth telling.
                self.store.withdraw(JOB_SIGNAL, after["id"])
                self.store.post(job_signal(after))
        self._tell(Change(collection, before, after))
        return after

    def _tell(self, change: Change) -> None:
        for listener in self.listeners:
            listener(change)


def _without_own(body: Entity) -> Entity:
    return {key: value for key, value in body.items() if key not in _OWN_FIELDS}


def _check_version(before: Entity, changes: Entity) -> None:
    version = changes.get("version")
    if version is not None and version != before["version"]:
        raise RefusedError(
            409, f"Entity {before['id']} has version {before['version']}, the request was made for {version}"
        )


def _refuse_unknown(field: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise RefusedError(400, f"{field} is {value!r}, known are {', '.join(known)}")


def _complete_stored_model(manage: ModelManage, body: Entity) -> Entity:
    assets = body.get("modelAssets", [])
    if object_list(assets) != assets:
        raise RefusedError(400, "modelAssets is not an array of objects")
    try:
        hashed = [with_content_hash(asset) for asset in assets]
    except UnreadableAssetError as error:
        raise RefusedError(400, str(error)) from error
    return {"modelMetaData": {}, "associatedModels": [], "gitDifferences": [], **body, "modelAssets": hashed}


def _complete_snapshot(manage: ModelManage, body: Entity) -> Entity:
    model_id = nested(body, "storedModel", "id")
    if not isinstance(model_id, str):
        raise RefusedError(400, "storedModel.id is missing")
    model = manage.store.get("storedModels", model_id)
    if model is None:
        raise RefusedError(400, f"storedModel.id {model_id} is unknown")
    meta_data = body.get("metaData", {})
    if not isinstance(meta_data, dict):
        raise RefusedError(400, "metaData is not an object")
    number = len(manage.store.find("deployableModels", "storedModel.id", [model_id])) + 1
    name = f"{nested(model, 'modelMetaData', 'name') or 'model'} v{number}"
    return {
        "group": model.get("group", "default"),
        "associatedModels": [],
        "modelDocuments": [],
        "targetRuntimes": [],
        **body,
        "storedModel": model,
        "metaData": {"custom": {}, "tags": [], "name": name, **cast("Entity", meta_data)},
    }


def _complete_engine(manage: ModelManage, body: Entity) -> Entity:
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise RefusedError(400, "name is missing")
    if manage.store.find("engines", "name", [name]):
        raise RefusedError(409, f"an engine with the name {name} exists")
    engine: Entity = {
        "engineType": "MODEL_OP_ENGINE",
        "release": "sandbox",
        "state": "RUNNING",
        "tags": [],
        "environmentName": "",
        "inputEndpoints": [],
        "outputEndpoints": [],
        "inProduction": False,
        **body,
    }
    _refuse_unknown("state", engine["state"], ENGINE_STATES)
    return engine


def _complete_job(manage: ModelManage, body: Entity) -> Entity:
    job: Entity = {
        "jobStatus": "CREATED",
        "jobResult": "UNKNOWN",
        "jobMessages": [],
        "inputData": [],
        "outputData": [],
        "jobParameters": {},
        **body,
    }
    _refuse_unknown("jobType", job.get("jobType"), JOB_TYPES)
    _refuse_unknown("jobStatus", job["jobStatus"], JOB_STATUSES)
    if not isinstance(nested(job, "model", "deployableModel", "id"), str):
        raise RefusedError(400, "model.deployableModel.id is missing")
    return job


def _complete_deployment(manage: ModelManage, body: Entity) -> Entity:
    deployment: Entity = {"state": "DEPLOYED", "engine": None, "undeployTime": None, "schedules": [], **body}
    _refuse_unknown("state", deployment["state"], DEPLOYED_STATES)
    _refuse_unknown("deploymentType", deployment.get("deploymentType"), DEPLOYMENT_TYPES)
    snapshot = _referred(manage, "deployableModels", "deployableModel", deployment.get("deployableModel"))
    engine = deployment["engine"]
    if engine is not None:
        engine = _referred(manage, "engines", "engine", engine)
    elif deployment["deploymentType"] == "ONLINE":
        raise RefusedError(400, "an ONLINE deployment needs engine.id")
    return {
        **deployment,
        "deployTime": deployment.get("deployTime") or timestamp(),
        "deployableModel": snapshot,
        "engine": engine,
    }


def _referred(manage: ModelManage, collection: str, field: str, reference: Any) -> Entity:
    """What the body refers to: its copy is kept as it came, and what the copy lacks is filled in from the book."""
    entity_id = nested(reference, "id")
    if not isinstance(entity_id, str):
        raise RefusedError(400, f"{field}.id is missing")
    known = manage.store.get(collection, entity_id)
    if known is None:
        raise RefusedError(400, f"{field}.id {entity_id} is unknown")
    return {**known, **reference}


def _check_snapshot(before: Entity, after: Entity) -> None:
    if before["storedModel"] != after.get("storedModel"):
        raise RefusedError(400, "a snapshot's storedModel cannot be changed: take a new snapshot")


def _check_engine(before: Entity, after: Entity) -> None:
    _refuse_unknown("state", after.get("state"), ENGINE_STATES)


def _check_job(before: Entity, after: Entity) -> None:
    status = after.get("jobStatus")
    _refuse_unknown("jobStatus", status, JOB_STATUSES)
    if before["jobStatus"] in ENDED_JOB_STATUSES and status != before["jobStatus"]:
        raise RefusedError(409, f"job {before['id']} has ended with status {before['jobStatus']}")
    if status == "CANCELLED" and before["jobStatus"] != "CANCELLED":
        after["jobEndTime"] = round(time.time() * 1000)


def _check_deployment(before: Entity, after: Entity) -> None:
    _refuse_unknown("state", after.get("state"), DEPLOYED_STATES)
    if after["state"] == "UNDEPLOYED" and not after.get("undeployTime"):
        after["undeployTime"] = timestamp()


_COMPLETE: dict[str, Callable[[ModelManage, Entity], Entity]] = {
    "storedModels": _complete_stored_model,
    "deployableModels": _complete_snapshot,
    "engines": _complete_engine,
    "jobs": _complete_job,
    "deployedModels": _complete_deployment,
}
_CHECK: dict[str, Callable[[Entity, Entity], None]] = {
    "deployableModels": _check_snapshot,
    "engines": _check_engine,
    "jobs": _check_job,
    "deployedModels": _check_deployment,
}
