"""Online runtimes: each keeps one deployed model loaded in a process and scores a record at a time."""

import asyncio
import json
import logging
import tempfile
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from sandbox.modelop.accounts import SERVICE_USER
from sandbox.modelop.entities import Entity, nested
from sandbox.modelop.execution import Tail, started
from sandbox.modelop.model_manage import Change, ModelManage, RefusedError
from sandbox.modelop.model_run import NotRunnableError, online_run

_LOAD_SECONDS = 30.0
_SCORE_SECONDS = 30.0

_log = logging.getLogger(__name__)


class ModelBrokenError(Exception):
    """The model could not be loaded, or died; the message carries its traceback."""


class OnlineModel:
    """A model loaded in its own process."""

    def __init__(self, process: Process, cleanup: AsyncExitStack) -> None:
        self._process = process
        self._cleanup = cleanup
        self._tail = Tail()
        self._one_record = asyncio.Lock()
        assert process.stderr is not None  # noqa: S101 it was asked for as a pipe
        self._draining = asyncio.create_task(self._tail.drain(process.stderr))

    @classmethod
    async def load(cls, snapshot: Entity, work: Path) -> "OnlineModel":
        """Imports the model and calls its `init`. Raises `ModelBrokenError` or `NotRunnableError`."""
        run = online_run(snapshot)
        async with AsyncExitStack() as opening:
            folder = opening.enter_context(tempfile.TemporaryDirectory(dir=work, ignore_cleanup_errors=True))
            process = await opening.enter_async_context(started(run, Path(folder)))
            model = cls(process, opening)
            await model._answer(_LOAD_SECONDS)
            model._cleanup = opening.pop_all()
        return model

    async def score(self, record: Any) -> Entity:
        """`{"scores": [...]}`, or `{"error": message}` where the model refuses the record. Raises `ModelBrokenError`."""
        assert self._process.stdin is not None  # noqa: S101 it was asked for as a pipe
        async with self._one_record:
            self._process.stdin.write(json.dumps(record).encode() + b"\n")
            return await self._answer(_SCORE_SECONDS)

    async def close(self) -> None:
        await self._cleanup.aclose()
        self._draining.cancel()

    async def _answer(self, seconds: float) -> Entity:
        assert self._process.stdout is not None  # noqa: S101 it was asked for as a pipe
        try:
            async with asyncio.timeout(seconds):
                line = await self._process.stdout.readline()
                if not line:
                    await self._draining
        except TimeoutError:
            raise ModelBrokenError(f"The model gave no answer within {seconds:g} s") from None
        except ValueError as error:
            raise ModelBrokenError(f"The model's answer is too long: {error}") from error
        if not line:
            raise ModelBrokenError("\n".join(self._tail.lines()) or "The model's process ended")
        return json.loads(line)


class OnlineRuntimes:
    """Carries out ONLINE deployments and answers the runtimes' scoring endpoints."""

    def __init__(self, manage: ModelManage, work: Path) -> None:
        self._manage = manage
        self._work = work
        self._models: dict[str, OnlineModel] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        manage.listeners.append(self._hear)

    def resume_interrupted(self) -> None:
        """Starts the deployments over that an ended process left half done."""
        for engine in self._manage.store.find("engines", "state", ["INIT"]):
            deployment = self._current_deployment(engine["id"])
            if deployment is not None:
                self._start(self._deploy(deployment["id"], engine["id"]))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(model.close() for model in self._models.values()))

    async def score(self, name: str, record: Any) -> Any:
        """The deployed model's score of one record: the value it yields, an array where it yields several.

        Raises `RefusedError`: 404 unknown runtime or nothing deployed, 503 not RUNNING, 400 the model refuses the record,
        500 the model is broken.
        """
        engines = self._manage.store.find("engines", "name", [name])
        if not engines:
            raise RefusedError(404, f"there is no runtime with the name {name}")
        engine = engines[0]
        if engine["state"] != "RUNNING":
            raise RefusedError(503, f"runtime {name} is in state {engine['state']}")
        try:
            answer = await (await self._loaded(engine)).score(record)
        except (ModelBrokenError, NotRunnableError) as error:
            await self._unload(engine["id"])
            raise RefusedError(500, str(error)) from error
        if "error" in answer:
            raise RefusedError(400, answer["error"])
        scores = answer["scores"]
        return scores[0] if len(scores) == 1 else scores

    def _hear(self, change: Change) -> None:
        before, after = change.before, change.after
        if change.collection == "engines" and after is None and before is not None:
            self._start(self._unload(before["id"]))
        if change.collection != "deployedModels":
            return
        entity = after or before
        engine_id = nested(entity, "engine", "id")
        if engine_id is None or entity is None or entity.get("deploymentType") != "ONLINE":
            return
        if before is None and entity["state"] == "DEPLOYED":
            self._set_engine(engine_id, "INIT")
            self._start(self._deploy(entity["id"], engine_id))
        elif after is None or after["state"] == "UNDEPLOYED":
            self._start(self._unload(engine_id))

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deploy(self, deployment_id: str, engine_id: str) -> None:
        async with self._locks.setdefault(engine_id, asyncio.Lock()):
            deployment = self._manage.store.get("deployedModels", deployment_id)
            engine = self._manage.store.get("engines", engine_id)
            if deployment is None or engine is None:
                return
            self._set_engine(engine_id, "INIT")
            try:
                await asyncio.sleep(float(nested(engine, "sandbox", "startSeconds") or 0))
                await self._load(engine, deployment)
            except (ModelBrokenError, NotRunnableError, OSError) as error:
                self._conclude(deployment_id, engine_id, "ERROR", str(error))
            else:
                self._conclude(deployment_id, engine_id, "RUNNING", None)

    async def _load(self, engine: Entity, deployment: Entity) -> OnlineModel:
        await self._unload(engine["id"])
        if nested(engine, "sandbox", "fails") == "deploy":
            raise ModelBrokenError(f"Runtime {engine['name']} could not start")
        snapshot_id = deployment["deployableModel"]["id"]
        snapshot = self._manage.store.get("deployableModels", snapshot_id)
        if snapshot is None:
            raise NotRunnableError(f"The deployment's snapshot {snapshot_id} is unknown")
        model = await OnlineModel.load(snapshot, self._work)
        self._models[engine["id"]] = model
        return model

    async def _unload(self, engine_id: str) -> None:
        model = self._models.pop(engine_id, None)
        if model is not None:
            await model.close()

    async def _loaded(self, engine: Entity) -> OnlineModel:
        """The engine's model; after a restart of the stand-in it is loaded at the first record."""
        async with self._locks.setdefault(engine["id"], asyncio.Lock()):
            if engine["id"] not in self._models:
                deployment = self._current_deployment(engine["id"])
                if deployment is None:
                    raise RefusedError(404, f"runtime {engine['name']} has no deployed model")
                await self._load(engine, deployment)
            return self._models[engine["id"]]

    def _current_deployment(self, engine_id: str) -> Entity | None:
        deployments = self._manage.store.find("deployedModels", "engine.id", [engine_id])
        online = [
            entry
            for entry in deployments
            if entry["deploymentType"] == "ONLINE" and entry["state"] == "DEPLOYED"
        ]
        return online[-1] if online else None

    def _conclude(self, deployment_id: str, engine_id: str, state: str, message: str | None) -> None:
        engine = self._set_engine(engine_id, state)
        if self._manage.store.get("deployedModels", deployment_id) is None:
            return
        changes: Entity = {"engine": engine} if engine is not None else {}
        if message is not None:
            changes |= {"state": "ERROR", "stateMessage": message}
            _log.warning("deployment %s failed", deployment_id)
        self._manage.patch("deployedModels", deployment_id, changes, SERVICE_USER)

    def _set_engine(self, engine_id: str, state: str) -> Entity | None:
        engine = self._manage.store.get("engines", engine_id)
        if engine is None or engine["state"] == state:
            return engine
        return self._manage.patch("engines", engine_id, {"state": state}, SERVICE_USER)
