"""Runs cases in processes of their own, which may die: of a crash, of too much time, of too much memory."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import resource
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import IO, Any, cast

from tests.dmn.fuzz.cases import Case, case_of
from tests.dmn.fuzz.examination import Finding, Outcome, examine

MAX_MEMORY = 200 * 2**20

_BATCH = 50
_FORK = multiprocessing.get_context("fork")

Examine = Callable[[Case], Outcome]


@dataclass(frozen=True)
class Report:
    """What a stretch of cases gave; findings with the index of their case.

    slowest: the most CPU seconds that a step took, with the index of its case.
    """

    counts: Counter[str]
    slowest: tuple[float, int]
    findings: tuple[tuple[int, Finding], ...]


def run(seed: int, indexes: range, processes: int) -> Iterator[Report]:
    """Examines the cases of the seed; a process that dies is a finding, and another goes on behind its case."""
    workers = [
        _Worker(seed, indexes[offset::processes]) for offset in range(min(processes, len(indexes)) or 1)
    ]
    try:
        while workers:
            ready = wait([worker.receiver for worker in workers])
            for worker in [each for each in workers if each.receiver in ready]:
                report = worker.report()
                if report is not None:
                    yield report
                if worker.done:
                    workers.remove(worker)
    finally:
        for worker in workers:
            worker.stop()


def examine_apart(case: Case) -> Outcome:
    """Examines one case in a process of its own."""
    receiver, sender = _FORK.Pipe(duplex=False)
    with tempfile.TemporaryFile("w+") as trace:
        child = _FORK.Process(target=_examine_once, args=(case, sender, trace), daemon=True)
        child.start()
        sender.close()
        try:
            outcome = cast("Outcome", receiver.recv())
        except EOFError:
            outcome = None
        child.join()
        receiver.close()
        return outcome or Outcome(False, 0, 0, 0.0, _death(child.exitcode, trace))


def _examine_once(case: Case, sender: Connection, trace: IO[str]) -> None:
    _limit(trace)
    sender.send(examine(case))


class _Worker:
    def __init__(self, seed: int, indexes: range) -> None:
        self._seed = seed
        self._left = indexes
        # Files and shared memory outlive the process that dies.
        self._trace = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._current = _FORK.RawValue("q", -1)
        self.done = False
        self._start()

    def _start(self) -> None:
        self._told = 0
        self.receiver, sender = _FORK.Pipe(duplex=False)
        self._trace.seek(0)
        self._trace.truncate()
        self._process = _FORK.Process(
            target=_work, args=(self._seed, self._left, self._current, sender, self._trace), daemon=True
        )
        self._process.start()
        sender.close()

    def report(self) -> Report | None:
        try:
            report = cast("Report", self.receiver.recv())
        except EOFError:
            return self._buried()
        self._told += report.counts["cases"]
        return report

    def _buried(self) -> Report | None:
        self._process.join()
        self.receiver.close()
        if self._process.exitcode == 0:
            self.done = True
            return None
        died = self._current.value
        finding = _death(self._process.exitcode, self._trace)
        examined = self._left.index(died) + 1
        counts = Counter(cases=examined - self._told, findings=1)
        self._left = self._left[examined:]
        self.done = len(self._left) == 0
        if not self.done:
            self._start()
        return Report(counts, (0.0, died), ((died, finding),))

    def stop(self) -> None:
        self._process.kill()


def _work(seed: int, indexes: range, current: Any, sender: Connection, trace: IO[str]) -> None:
    _limit(trace)
    counts, slowest, findings = Counter[str](), (0.0, 0), list[tuple[int, Finding]]()
    for done, index in enumerate(indexes, start=1):
        current.value = index
        outcome = examine(case_of(seed, index))
        counts.update(_counted(outcome))
        slowest = max(slowest, (outcome.slowest, index))
        if outcome.finding:
            findings.append((index, outcome.finding))
        # A finding is told at once: the next case may end the process.
        if outcome.finding or done % _BATCH == 0 or done == len(indexes):
            sender.send(Report(counts, slowest, tuple(findings)))
            counts, slowest, findings = Counter[str](), (0.0, 0), []


def _counted(outcome: Outcome) -> dict[str, int]:
    return {
        "cases": 1,
        "loaded": int(outcome.loaded),
        "evaluated": outcome.evaluated,
        "refused": outcome.refused,
        "findings": int(outcome.finding is not None),
    }


def _limit(trace: IO[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # The stack of whatever runs too long, or crashes, is written before the process ends.
    faulthandler.enable(trace, all_threads=False)
    faulthandler.register(signal.SIGPROF, trace, all_threads=False, chain=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = Path("/proc/self/statm")
    if size.exists():
        held = int(size.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (held + MAX_MEMORY, resource.RLIM_INFINITY))


def _death(exit_code: int | None, trace: IO[str]) -> Finding:
    trace.seek(0)
    stack = [line.strip() for line in trace if line.strip().startswith("File ")]
    inside = [line for line in stack if "/mlc/dmn/" in line]
    where = inside[0].rpartition("/mlc/")[2].replace('"', "") if inside else ""
    kind = "too much time" if exit_code == -signal.SIGPROF else f"the process died ({exit_code})"
    return Finding(kind, where, "\n".join(stack[:12]))
