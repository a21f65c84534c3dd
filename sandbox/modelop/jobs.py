"""Gives jobs to runtimes, one job at a time each, and keeps the book about them."""

import asyncio
import logging
import time
from datetime import datetime
from pathlib import Path

from sandbox.modelop.accounts import SERVICE_USER, Settings
from sandbox.modelop.entities import Entity, nested
from sandbox.modelop.execution import RunOutcome, run_model
from sandbox.modelop.model_manage import ENGINE_STATES, Change, ModelManage
from sandbox.modelop.model_run import NotRunnableError, job_run, output_data

BUILT_IN_RUNTIME = "sandbox-runtime"
"""Runs jobs as long as no engine is registered."""

_log = logging.getLogger(__name__)


class JobScheduler:
    """Runs CREATED jobs in the order of their creation on free RUNNING engines.

    A job that names a `targetEngine` waits for that one; others take any, engines without endpoints first.
    """

    def __init__(self, manage: ModelManage, settings: Settings, work: Path) -> None:
        self._manage = manage
        self._settings = settings
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
        ended = change.after is None or change.after.get("jobStatus") == "CANCELLED"
        if ended and entity is not None and entity["id"] in self._runs:
            self._runs[entity["id"]].cancel()

    def _assign(self) -> None:
        free = self._free_engines()
        if not free:
            return
        for job in self._manage.store.find("jobs", "jobStatus", ["CREATED", "WAITING"]):
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

    def _free(self, job_id: str, runtime: str) -> None:
        self._runs.pop(job_id, None)
        self._busy.discard(runtime)
        self._wake.set()

    def _free_engines(self) -> list[Entity]:
        engines = self._manage.store.find("engines", "state", list(ENGINE_STATES))
        if not engines:
            engines = [{"name": BUILT_IN_RUNTIME, "state": "RUNNING"}]
        engines.sort(key=lambda engine: bool(engine.get("inputEndpoints") or engine.get("outputEndpoints")))
        return [
            engine for engine in engines if engine["state"] == "RUNNING" and engine["name"] not in self._busy
        ]

    async def _execute(self, job_id: str, engine: Entity) -> None:
        await asyncio.sleep(self._settings.job_delay_seconds)
        job = self._amend(job_id, {"jobStatus": "RUNNING", "jobWaitTime": self._age_milliseconds(job_id)})
        started = time.monotonic()
        changes = await self._outcome(job, engine)
        self._amend(
            job_id,
            {
                **changes,
                "jobRunTime": round((time.monotonic() - started) * 1000),
                "jobEndTime": round(time.time() * 1000),
            },
        )
        _log.info("job %s on %s: %s", job_id, engine["name"], changes["jobStatus"])

    async def _outcome(self, job: Entity, engine: Entity) -> Entity:
        if nested(engine, "sandbox", "fails") == "jobs":
            return _error([f"Runtime {engine['name']} failed"])
        try:
            run = job_run(job, self._snapshot(job))
            outcome = await run_model(run, self._work)
        except NotRunnableError as error:
            return _error([str(error)])
        except OSError as error:
            return _error([f"Runtime {engine['name']} could not run the model: {error}"])
        except Exception:
            _log.exception("job %s could not be run", job["id"])
            return _error(["The stand-in failed to run this job; its log has the reason"])
        if outcome.output is None:
            return _error(outcome.messages)
        return _complete(job, outcome)

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


def _error(messages: list[str]) -> Entity:
    return {"jobStatus": "ERROR", "jobResult": "UNKNOWN", "jobMessages": messages}


def _complete(job: Entity, outcome: RunOutcome) -> Entity:
    return {
        "jobStatus": "COMPLETE",
        "jobResult": "SUCCESS",
        "jobMessages": outcome.messages,
        "outputData": output_data(job, outcome),
    }
