"""Six tables in the manner of model owners' own, each on a deploy process that passes and on one that fails."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from mlc.record import ProcessRecord
from tests.house import House, house
from tests.judged_models import TABLES, judged_model
from tests.stand_ins import Json, StandIns

KS = "DataDrift_maxKolmogorov-SmirnovPValue"


@dataclass(frozen=True)
class Case:
    """rules: those that match, in order. reasons: why the model is refused. ticket: what stands in the ticket."""

    table: str
    passes: bool
    rules: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    ticket: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.table} {'passes' if self.passes else 'fails'}"

    @property
    def results(self) -> Json:
        return json.loads((TABLES / f"{str(self).replace(' ', '-')}.json").read_text())


CASES = [
    Case(
        "performance",
        passes=True,
        ticket=("|auc|0.86|<= 0.70|", "|auc|0.86|> 0.995|", "|f1_score|0.74|[0..0.6[|", "|recall|0.79|"),
    ),
    Case(
        "performance",
        passes=False,
        rules=(1, 3),
        reasons=("AUC is 0.70 or less", "F1 score is below 0.6"),
        ticket=(
            "|auc|0.64|<= 0.70|",
            "Matched rule 1: auc <= 0.70 (was 0.64) → passes false, reason AUC is 0.70 or less",
            "Matched rule 3: f1_score [0..0.6[ (was 0.52) → passes false",
        ),
    ),
    Case(
        "drift",
        passes=True,
        rules=(3,),
        ticket=(
            f"|{KS}|-99|]-99..0.1[; -99|",
            "|Volumetric_recordsPerSecond|2.1|>=3,]-99..1]|",
            f"Matched rule 3: {KS} -99 (was -99) → passes true, reason No drift test could be computed",
        ),
    ),
    Case(
        "drift",
        passes=False,
        rules=(1, 2),
        reasons=("The data have drifted from the training data", "The volume of records is unusual"),
        ticket=(
            f"Matched rule 1: {KS} ]-99..0.1[ (was 0.03) → passes false",
            "Matched rule 2: Volumetric_recordsPerSecond >=3,]-99..1] (was 0.4) → passes false",
        ),
    ),
    Case(
        "bias",
        passes=True,
        ticket=("|Bias_maxPPRDisparityValue|1.08|", '|protected_class|age|"gender","age"|'),
    ),
    Case(
        "bias",
        passes=False,
        rules=(3,),
        reasons=("The stricter limit for gender and age is exceeded",),
        ticket=(
            (
                'Matched rule 3: Bias_maxPPRDisparityValue [1.1..1.25] (was 1.15); protected_class "gender","age" '
                "(was gender) → passes false"
            ),
        ),
    ),
    Case(
        "dashboard",
        passes=True,
        rules=(1, 8),
        ticket=(
            (
                'Matched rule 1: modelMethodology.equalsIgnoreCase("regression") && r2_score>=0.7 '
                "(modelMethodology was Regression, r2_score was 0.81) → monitor_name Performance, color Green"
            ),
            f"Matched rule 8: {KS} -99 (was -99) → monitor_name Data drift, color Gray (Not computed)",
        ),
    ),
    Case(
        "dashboard",
        passes=False,
        rules=(3, 6),
        reasons=("Performance is Red",),
        ticket=(
            (
                'Matched rule 3: modelMethodology.equalsIgnoreCase("regression") && r2_score<0.5 '
                "(modelMethodology was Regression, r2_score was 0.42) → monitor_name Performance, color Red"
            ),
        ),
    ),
    Case("daily-rates", passes=True, ticket=("|previousDay_ActualRate|0.31|[0..0.1[|",)),
    Case(
        "daily-rates",
        passes=False,
        rules=(1,),
        reasons=("The approval rate of the day is below its threshold",),
        ticket=(
            (
                "Matched rule 1: ${currentDay_ActualRate < currentDay_Threshold} "
                "(currentDay_ActualRate was 0.27, currentDay_Threshold was 0.3) → passes false"
            ),
        ),
    ),
    Case(
        "risk-tiers",
        passes=True,
        rules=(3,),
        ticket=(
            'Matched rule 3: modelRisk "Medium","Low" (was Medium); auc >= 0.70 (was 0.78) → passes true',
        ),
    ),
    Case(
        "risk-tiers",
        passes=False,
        rules=(2,),
        reasons=("A model of high risk needs an AUC of 0.85",),
        ticket=('Matched rule 2: modelRisk "High" (was High); auc < 0.85 (was 0.78) → passes false',),
    ),
]
PASSING = [case for case in CASES if case.passes]
FAILING = [case for case in CASES if not case.passes]


@dataclass(frozen=True)
class Judged:
    """A process that has ended, and the text of the one ticket that it opened."""

    record: ProcessRecord
    ticket: str


@pytest.fixture(scope="module")
async def home(temporal: WorkflowEnvironment, outside: StandIns) -> AsyncGenerator[House]:
    await outside.reset()
    await outside.runtime("jobs-alone", online=False)  # a second one: the jobs of this file share them
    async with house(temporal, outside) as one:
        yield one


@pytest.fixture(scope="module")
async def judged(home: House) -> dict[str, Judged]:
    """All cases at once, by name; a person approves what passes."""
    service = f"svc-{uuid4().hex[:8]}"
    await home.stand_ins.runtime(service, online=False)
    ended = await asyncio.gather(*(run(home, case, service) for case in CASES))
    return {str(case): one for case, one in zip(CASES, ended, strict=True)}


async def run(home: House, case: Case, service: str) -> Judged:
    xml = (TABLES / f"{case.table}.dmn").read_bytes()
    process = await home.deploy(
        await judged_model(home.stand_ins, xml, case.results, "run_test", "jira", service)
    )
    record = await home.until(process, "review" if case.passes else "rejected")
    text = await home.stand_ins.description(record.tickets[0].key)
    if case.passes:
        await home.decide(process, "approve")
        record = await home.until(process, "deployed")
    return Judged(record, text)


@pytest.mark.parametrize("case", PASSING, ids=str)
async def test_a_model_that_passes_is_deployed_after_a_person_saw_the_evidence(
    judged: dict[str, Judged], case: Case
) -> None:
    record = judged[str(case)].record
    assert [(ticket.kind, ticket.step) for ticket in record.tickets] == [("review", "Approval")]
    assert record.verdict is not None
    assert (record.verdict.passed, record.verdict.reasons) == (True, [])
    assert len(record.deployments) == 1


@pytest.mark.parametrize("case", FAILING, ids=str)
async def test_a_model_that_fails_is_refused_for_each_reason_before_anybody_is_asked(
    judged: dict[str, Judged], case: Case
) -> None:
    record = judged[str(case)].record
    assert [(ticket.kind, ticket.step) for ticket in record.tickets] == [("rejection", "Analysis")]
    assert record.verdict is not None
    assert (record.verdict.passed, tuple(record.verdict.reasons)) == (False, case.reasons)
    assert record.reason == "; ".join(case.reasons)
    assert record.deployments == ()


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_record_holds_the_matched_rules_and_the_ticket_shows_them_with_values_and_thresholds(
    judged: dict[str, Judged], case: Case
) -> None:
    one = judged[str(case)]
    assert one.record.verdict is not None
    assert tuple(rule.number for rule in one.record.verdict.matched_rules) == case.rules
    assert one.ticket.count("Matched rule") == len(case.rules)
    for line in case.ticket:
        assert line in one.ticket


PERFORMANCE = (TABLES / "performance.dmn").read_text()
GOOD = Case("performance", passes=True).results
DECISION = 'decision "Model performance"'


@pytest.mark.parametrize(
    ("xml", "results", "said"),
    [
        pytest.param(
            PERFORMANCE,
            {"auc": 0.86},
            f'{DECISION}, column "f1_score": the test result has no metric "f1_score"',
            id="a metric is missing",
        ),
        pytest.param(
            PERFORMANCE.replace("&gt; 0.995", "=&gt; 0.995"),
            GOOD,
            f'{DECISION}, rule 2, column "auc", character',
            id="a cell is broken",
        ),
    ],
)
async def test_what_cannot_be_judged_is_an_error_that_names_the_place_and_never_a_pass(
    home: House, service: str, xml: str, results: Json, said: str
) -> None:
    await home.stand_ins.runtime(service, online=False)
    snapshot = await judged_model(home.stand_ins, xml.encode(), results, "run_test", "jira", service)
    process = await home.deploy(snapshot)
    waiting = await home.until(process, "error")
    assert said in await home.stand_ins.description(waiting.waiting_for or "")
    await home.decide(process, "stop")
    record = await home.until(process, "failed")
    assert [(ticket.kind, ticket.step) for ticket in record.tickets] == [("error", "Analysis")]
    assert (record.verdict, await home.stand_ins.deployments_of(snapshot["id"])) == (None, [])
