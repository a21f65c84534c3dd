"""Gives jobs to runtimes, one job at a time each, and keeps the book about them."""

import asyncio
import logging
import time
from datetime import datetime
from pathlib import Path

from sandbox.modelop.accounts import SERVICE_USER, Settings
from sandbox.modelop.assets import is_external, with_content
from sandbox.modelop.entities import Entity, nested
from sandbox.modelop.execution import RunOutcome, run_model
from sandbox.modelop.files import Files, UnusableFileError
from sandbox.modelop.model_manage import ENDED_JOB_STATUSES, ENGINE_STATES, Change, ModelManage
from sandbox.modelop.model_run import (
    NotRunnableError,
    embedded_content,
    filled_outputs,
    input_assets,
    job_run,
    output_assets,
)

BUILT_IN_RUNTIME = "sandbox-runtime"
"""Runs jobs as long as no engine is registered."""
_OPEN_STATUSES = ["CREATED", "WAITING"]

_log = logging.getLogger(__name__)


class JobScheduler:
    """Runs CREATED jobs in the order of their creation on free RUNNING engines.

    A job that names a `targetEngine` waits for that one, and ends in ERROR where there is none of that name; others take
    any, engines without endpoints first.
    """

    def __init__(self, manage: ModelManage, settings: Settings, files: Files, work: Path) -> None:
        self._manage = manage
        self._settings = settings
        self._files = files
        self._work = work
        self._wake = asyncio.Event()
        self._runs: dict[str, asyncio.Task[None]] = {}
        self._busy: set[str] = set()
        manage.listeners.append(self._hear)

    def requeue_interrupted(self) -> None:
        """Puts the jobs that an ended process left behind back to CREATED."""
        for job in self._manage.store.find("jobs", "jobStatus", ["WAITING", "RUNNING"]):
            self._amend(job["id"], {"jobStatus": "CREATED"})

    async def run(self) -> None:
        """Assigns jobs until cancelled; then kills those that run, which stay RUNNING in the book."""
        try:
            while True:
                self._assign()
                await self._wake.wait()
                self._wake.clear()
        finally:
            runs = list(self._runs.values())
            for run in runs:
                run.cancel()
            await asyncio.gather(*runs, return_exceptions=True)

    def _hear(self, change: Change) -> None:
        if change.collection not in ("jobs", "engines"):
            return
        self._wake.set()
        entity = change.after or change.before
        ended = change.after is None or change.after.get("jobStatus") in ENDED_JOB_STATUSES
        if ended and entity is not None and entity["id"] in self._runs:
            self._runs[entity["id"]].cancel()

    def _assign(self) -> None:
        engines = self._engines()
        self._refuse_unknown_targets([engine["name"] for engine in engines])
        free = [
            engine for engine in engines if engine["state"] == "RUNNING" and engine["name"] not in self._busy
        ]
        if not free:
            return
        for job in self._manage.store.find("jobs", "jobStatus", _OPEN_STATUSES):
            target = nested(job, "targetEngine", "name")
            engine = next((engine for engine in free if target in (None, engine["name"])), None)
            if engine is None or job["id"] in self._runs:
                continue
            free.remove(engine)
            self._busy.add(engine["name"])
            self._amend(job["id"], {"jobStatus": "WAITING", "sandbox": {"runtime": engine["name"]}})
            task = asyncio.create_task(self._execute(job["id"], engine))
            self._runs[job["id"]] = task
            task.add_done_callback(lambda _, job_id=job["id"], name=engine["name"]: self._free(job_id, name))

    def _refuse_unknown_targets(self, names: list[str]) -> None:
        for job_id, target in self._manage.store.jobs_for_other_engines(_OPEN_STATUSES, names):
            if job_id not in self._runs:
                self._end(job_id, _error([f"Runtime {target} is unknown"]))

    def _free(self, job_id: str, runtime: str) -> None:
        self._runs.pop(job_id, None)
        self._busy.discard(runtime)
        self._wake.set()

    def _engines(self) -> list[Entity]:
        engines = self._manage.store.find("engines", "state", list(ENGINE_STATES))
        if not engines:
            return [{"name": BUILT_IN_RUNTIME, "state": "RUNNING"}]
        return sorted(
            engines, key=lambda engine: bool(engine.get("inputEndpoints") or engine.get("outputEndpoints"))
        )

    async def _execute(self, job_id: str, engine: Entity) -> None:
        await asyncio.sleep(self._settings.job_delay_seconds)
        job = self._amend(job_id, {"jobStatus": "RUNNING", "jobWaitTime": self._age_milliseconds(job_id)})
        started = time.monotonic()
        changes = await self._outcome(job, engine)
        # Whoever else ends the job ends this run; its own end must not.
        del self._runs[job_id]
        self._end(job_id, {**changes, "jobRunTime": round((time.monotonic() - started) * 1000)})
        _log.info("job %s on %s: %s", job_id, engine["name"], changes["jobStatus"])

    async def _outcome(self, job: Entity, engine: Entity) -> Entity:
        """What becomes of the job. Once its files are written this waits for nothing more, nor may its caller."""
        if nested(engine, "sandbox", "fails") == "jobs":
            return _error([f"Runtime {engine['name']} failed"])
        try:
            self._files.check([asset for asset in output_assets(job) if is_external(asset)])
            contents = [await self._content(asset) for asset in input_assets(job)]
            outcome = await run_model(job_run(job, self._snapshot(job), contents), self._work)
        except (NotRunnableError, UnusableFileError) as error:
            return _error([str(error)])
        except OSError as error:
            return _error([f"Runtime {engine['name']} could not run the model: {error}"])
        except Exception:
            _log.exception("job %s could not be run", job["id"])
            return _error(["The stand-in failed to run this job; its log has the reason"])
        if outcome.results is None:
            return _error(outcome.messages)
        return self._complete(job, outcome)

    async def _content(self, asset: Entity) -> bytes:
        return await self._files.read(asset) if is_external(asset) else embedded_content(asset)

    def _complete(self, job: Entity, outcome: RunOutcome) -> Entity:
        outputs = filled_outputs(job, outcome)
        try:
            self._files.write([(asset, content) for asset, content in outputs if is_external(asset)])
        except UnusableFileError as error:
            return _error([*outcome.messages, str(error)])
        return {
            "jobStatus": "COMPLETE",
            "jobResult": "SUCCESS",
            "jobMessages": outcome.messages,
            "outputData": [with_content(asset, content) for asset, content in outputs],
        }

    def _snapshot(self, job: Entity) -> Entity:
        carried = job["model"]["deployableModel"]
        snapshot = self._manage.store.get("deployableModels", carried["id"])
        if snapshot is not None:
            return snapshot
        if "storedModel" in carried:
            return carried
        raise NotRunnableError(f"The job's snapshot {carried['id']} is unknown")

    def _age_milliseconds(self, job_id: str) -> int:
        created = datetime.fromisoformat(self._manage.get("jobs", job_id)["createdDate"])
        return max(0, round((time.time() - created.timestamp()) * 1000))

    def _amend(self, job_id: str, changes: Entity) -> Entity:
        return self._manage.patch("jobs", job_id, changes, SERVICE_USER)

    def _end(self, job_id: str, changes: Entity) -> None:
        self._amend(job_id, {**changes, "jobEndTime": round(time.time() * 1000)})


def _error(messages: list[str]) -> Entity:
    return {"jobStatus": "ERROR", "jobResult": "UNKNOWN", "jobMessages": messages}
