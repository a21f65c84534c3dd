"""A changed decision table over the test results of the past: which decisions would come out otherwise."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from mlc.contract import Contract
from mlc.digests import digest
from mlc.dmn import DmnError, Verdict, judge
from mlc.dmn.checking import did_you_mean, refuse_unusable
from mlc.dmn.demand import lacking
from mlc.dmn.imports import TO_BE_GIVEN
from mlc.errors import InvalidInput, MlcError, Unauthorized, Unavailable
from mlc.record import Outcome, ProcessRecord, TestResult
from mlc.verdict import JUDGING_STEP
from starter.past_processes import READ_AT_ONCE, PastProcesses, Progress, Unread, Wanted
from starter.stored_results import StoredResults

ONE_FILE = "a process judges by one file, so put all of it into this one"

JudgedOn = Literal["record", "stored result"]

NO_METRIC = "the test result has no metric "


class Deciding(Contract):
    """A metric that fails by one of the tables alone: its value, and when each fails it (None: it does not ask for it)."""

    metric: str
    value: JsonValue
    failed_when: str | None
    fails_when: str | None


class Replayed(Contract):
    """A process whose test result was judged again. `before` is the verdict in its record, `after` that of the new table.

    `before` is None where the table of then could not judge the result, and an error ticket said so. `after` is None where
    the new table cannot, for which `problem` is the reason. `judged_on`: the metrics that the record keeps, or the whole
    result as ModelOp Center stores it.
    """

    workflow_id: str
    run_id: str
    process: str
    model_id: str | None
    model_name: str | None
    snapshot_id: str | None
    started_at: datetime
    outcome: Outcome | None
    judged_on: JudgedOn
    before: Verdict | None
    after: Verdict | None
    problem: str | None = None
    deciding: tuple[Deciding, ...] = ()

    @property
    def flips(self) -> bool:
        """Whether the decision is another one; a verdict where there was none is."""
        if self.after is None:
            return False
        return self.before is None or self.after.passed is not self.before.passed


class Replay(Contract):
    """What a changed table would have decided. Each list is newest first.

    looked_at: how many processes of the model Temporal still keeps, the `oldest` of which started then. judged_nothing: how
    many of them had nothing to judge, or no table to judge it by. unread: those whose record could not be read. stopped: how
    many more were stopped from outside, which leaves no record. modelop_refusal: why ModelOp Center could not be asked, where
    it had to be, and what to do.
    """

    table: str
    model: str
    process: str | None
    since: datetime | None
    looked_at: int
    oldest: datetime | None
    flips: tuple[Replayed, ...]
    not_judged: tuple[Replayed, ...]
    unchanged: tuple[Replayed, ...]
    judged_nothing: int
    unread: tuple[Unread, ...]
    stopped: int
    modelop_refusal: str | None


class NewTable:
    """A decision table that gives verdicts. Raises InvalidInput where it is broken or gives none."""

    def __init__(self, file: str, xml: bytes) -> None:
        self.file = file
        self._xml = xml
        self._enough: dict[frozenset[str], bool] = {}
        try:
            refuse_unusable(xml, file=file)
        except DmnError as error:
            raise InvalidInput(str(error).replace(TO_BE_GIVEN, ONE_FILE)) from None

    def needs_more(self, known: Iterable[str]) -> bool:
        """Whether a verdict may look up more than these names."""
        names = frozenset(known)
        if names not in self._enough:  # as a rule the results of one model hold the same metrics
            try:
                self._enough[names] = not lacking(self._xml, names, file=self.file)
            except DmnError:  # read beside these names the table is broken, which its verdict will tell
                self._enough[names] = True
        return not self._enough[names]

    def verdict(self, metrics: Mapping[str, object], metadata: Mapping[str, object]) -> Verdict:
        """Raises DmnError."""
        return judge(self._xml, metrics, metadata, file=self.file)


async def replay(
    past: PastProcesses, wanted: Wanted, table: NewTable, stored: StoredResults, progress: Progress
) -> Replay:
    """Judges again what was judged. Raises MlcError where there is nothing of the kind."""
    if not past.looked_at and not past.stopped:
        raise MlcError(f"Temporal knows no {wanted.told()}: `mlc list` shows the processes it knows")
    judged = [
        (record, record.verdict, record.test_result)
        for record in past.records
        if record.test_result is not None and (record.verdict is not None or _could_not_be_judged(record))
    ]
    if not judged and not past.unread:
        raise MlcError(f"no {wanted.told()} has judged a test result, of {past.looked_at} looked at")
    turns, done = asyncio.Semaphore(READ_AT_ONCE), 0

    async def one(record: ProcessRecord, before: Verdict | None, result: TestResult) -> Replayed:
        nonlocal done
        async with turns:
            again = await replayed(record, before, result, table, stored)
        done += 1
        progress("Judging", done, len(judged))
        return again

    decisions = await asyncio.gather(*(one(*each) for each in judged))
    starts = [each.started_at for each in (*past.records, *past.unread)]
    return Replay(
        table=table.file,
        model=wanted.model,
        process=wanted.process,
        since=wanted.since,
        looked_at=past.looked_at,
        oldest=min(starts, default=None),
        flips=tuple(each for each in decisions if each.flips),
        not_judged=tuple(each for each in decisions if each.after is None),
        unchanged=tuple(each for each in decisions if each.after is not None and not each.flips),
        judged_nothing=len(past.records) - len(judged),
        unread=past.unread,
        stopped=past.stopped,
        modelop_refusal=_refusal(stored.refusal) if stored.refusal else None,
    )


async def replayed(
    record: ProcessRecord, before: Verdict | None, result: TestResult, table: NewTable, stored: StoredResults
) -> Replayed:
    """One process judged again, on what it was judged on: its record and, where that is not enough, ModelOp Center."""
    evidence = await _evidence(record, result, table, stored)
    after, problem = None, None
    try:
        after = table.verdict(evidence.metrics, evidence.metadata)
    except DmnError as error:
        problem = _problem(error, evidence)
    return Replayed(
        workflow_id=record.workflow_id,
        run_id=record.run_id,
        process=record.process,
        model_id=record.model_id,
        model_name=record.model_name,
        snapshot_id=record.snapshot_id,
        started_at=record.started_at,
        outcome=record.outcome,
        judged_on=evidence.source,
        before=before,
        after=after,
        problem=problem,
        deciding=deciding(before, after) if after is not None else (),
    )


def deciding(before: Verdict | None, after: Verdict) -> tuple[Deciding, ...]:
    """The metrics that decide a flip: those on which the failing one of the two verdicts fails. Else none."""
    if before is None or before.passed is after.passed:
        return ()
    failing = before if after.passed else after
    return tuple(
        Deciding(
            metric=compared.metric,
            value=compared.value,
            failed_when=_threshold(before, compared.metric),
            fails_when=_threshold(after, compared.metric),
        )
        for compared in failing.comparisons
        if not compared.passed
    )


def _threshold(verdict: Verdict, metric: str) -> str | None:
    """What the table says of the metric, in all its columns: of one that fails, what it fails on."""
    of_it = [compared for compared in verdict.comparisons if compared.metric == metric]
    failed = [compared for compared in of_it if not compared.passed]
    return "; ".join(dict.fromkeys(compared.threshold for compared in failed or of_it)) or None


@dataclass(frozen=True)
class _Evidence:
    """What a process is judged on. `unknown` is why no more is known than the record keeps, where more was asked for."""

    source: JudgedOn
    metrics: Mapping[str, object]
    metadata: Mapping[str, object] = field(default_factory=dict[str, object])
    unknown: MlcError | None = None


async def _evidence(
    record: ProcessRecord, result: TestResult, table: NewTable, stored: StoredResults
) -> _Evidence:
    if not table.needs_more(_certain(result)):
        return _Evidence("record", result.metrics)
    try:
        metrics = await stored.whole(result)
        if record.snapshot_id is None or not table.needs_more(metrics):
            return _Evidence("stored result", metrics)
        return _Evidence("stored result", metrics, await stored.metadata(record.snapshot_id))
    except MlcError as error:
        return _Evidence("record", result.metrics, unknown=error)


def _certain(result: TestResult) -> Mapping[str, object]:
    """The metrics that the record keeps as they were: it shortens long texts, of which the digest tells."""
    if digest(result.metrics) == result.digest:
        return result.metrics
    return {name: value for name, value in result.metrics.items() if not isinstance(value, str)}


def _could_not_be_judged(record: ProcessRecord) -> bool:
    """Whether there was a table that gave no verdict; without a table there is no such step."""
    return any(ticket.kind == "error" and ticket.step == JUDGING_STEP for ticket in record.tickets)


def _problem(error: DmnError, evidence: _Evidence) -> str:
    """Why there is no verdict. That ModelOp Center cannot be asked is told once of the whole replay, and not here."""
    unknown = evidence.unknown
    where = " in its record" if unknown is not None else ""
    why = "" if unknown is None or isinstance(unknown, Unavailable | Unauthorized) else f"; {unknown}"
    return f"{error}{where}{_meant(error, evidence.metrics)}{why}"


def _meant(error: DmnError, metrics: Iterable[str]) -> str:
    """The end of an error about a metric that is missing: the one that may be meant, or nothing."""
    _, _, missing = error.message.partition(NO_METRIC)
    return did_you_mean(missing.strip('"'), metrics) if missing else ""


def _refusal(refusal: MlcError) -> str:
    return (
        f"{refusal}: set MLC_MODELOP__BASE_URL, __USERNAME and __PASSWORD, or MLC_CONFIG to the file of the installation"
        " (.mlc/mlc.toml of an embedded stack)"
    )
