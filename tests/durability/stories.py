"""The processes as they go undisturbed: what they change outside, and each moment at which their worker may die."""

import base64
from collections import Counter
from uuid import uuid4

from mlc.catalogue import BACK_TEST, BATCH_JOB, DEPLOY, FLEET_BACK_TEST
from mlc.files import FileAsset
from mlc.processes import BackTestRequest, BatchJobRequest, DeployRequest, FleetBackTestRequest
from tests.durability.scenario import Scenario, Story
from tests.stand_ins import MODEL, StandIns

RECORDS = FileAsset(
    asset_type="FILE",
    filename="records.json",
    file_format="JSON",
    file_content=base64.b64encode(b'{"x": 1}\n{"x": 2}\n').decode(),
)
UNABLE_TO_SCORE = MODEL.replace("yield datum", 'raise RuntimeError("the model is broken on purpose")')


def _tag() -> str:
    return f"svc-{uuid4().hex[:8]}"


async def _to_deploy(both: StandIns) -> DeployRequest:
    """Everything: training, test, review, two runtimes."""
    tag = _tag()
    await both.runtime(tag, name=f"a-{tag}")
    await both.runtime(tag, name=f"b-{tag}", online=False)
    snapshot = await both.snapshot("train", "run_test", "jira", tag, training_data=True)
    return DeployRequest(snapshot_id=snapshot["id"])


DEPLOYED = Story(
    name="deploy",
    process=DEPLOY,
    prepare=_to_deploy,
    people=Scenario.approve,
    outcome="deployed",
    effects=[
        "POST modelMLCs",
        "POST jobs",
        "POST jobs",
        "POST modelTestResults",
        "POST issue",
        "POST issue/…/attachments",
        "POST notifications",
        "PATCH notifications/…",
        "POST deployedModels",
        "POST deployedModels",
        "PATCH modelMLCs/…",
        "POST notifications",
    ],
    once_each=Counter(
        {
            "MODEL_BATCH_TRAINING_JOB COMPLETE": 1,
            "MODEL_BATCH_TEST_JOB COMPLETE": 1,
            "modelTestResults": 1,
            "modelMLCs": 1,
            "ticket review Done": 1,
            "attachments": 1,
            "notification TICKET open=False": 1,
            "notification PROCESS open=False": 1,
            "deployment ONLINE DEPLOYED": 1,
            "deployment BATCH DEPLOYED": 1,
        }
    ),
    moments={
        "Model submitted: the snapshot is read": ("GET deployableModels/…", 0),
        "Model submitted: the lineage is begun": ("POST modelMLCs", 1),
        "Training: the job is created": ("POST jobs", 2),
        "Training: the job is waited for": ("GET jobs/…", 2),
        "Testing: the job is created": ("POST jobs", 3),
        "Testing: the job is waited for": ("GET jobs/…", 3),
        "Testing: the result is stored": ("POST modelTestResults", 4),
        "Analysis: the result is judged": ("GET modelTestResults/…", 4),
        "Approval: the ticket is created": ("POST issue", 5),
        "Approval: the results are attached": ("POST issue/…/attachments", 6),
        "Approval: the ticket is mirrored": ("POST notifications", 7),
        "Approval: the decision is read": ("GET issue/…", 7),
        "Approval: the decision is mirrored": ("PATCH notifications/…", 8),
        "Deployment: on the first runtime": ("POST deployedModels", 9),
        "Deployment: the first runtime is waited for": ("GET engines/…", 9),
        "Deployment: on the second runtime": ("POST deployedModels", 10),
        "The end: the lineage is closed": ("PATCH modelMLCs/…", 11),
        "The end: the outcome is told": ("POST notifications", 12),
    },
)


async def _to_pass(both: StandIns) -> BackTestRequest:
    tag = _tag()
    await both.runtime(tag, online=False)
    return BackTestRequest(snapshot_id=(await both.snapshot(tag))["id"])


PASSED = Story(
    name="back-test that passes",
    process=BACK_TEST,
    prepare=_to_pass,
    outcome="passed",
    effects=[
        "POST modelMLCs",
        "POST jobs",
        "POST modelTestResults",
        "PATCH modelMLCs/…",
        "POST notifications",
    ],
    once_each=Counter(
        {
            "MODEL_BATCH_TEST_JOB COMPLETE": 1,
            "modelTestResults": 1,
            "modelMLCs": 1,
            "notification PROCESS open=False": 1,
        }
    ),
    moments={
        "Get model: the lineage is begun": ("POST modelMLCs", 1),
        "Testing: the job is created": ("POST jobs", 2),
        "Testing: the job is waited for": ("GET jobs/…", 2),
        "Testing: the result is stored": ("POST modelTestResults", 3),
        "The end: the lineage is closed": ("PATCH modelMLCs/…", 4),
        "The end: the outcome is told": ("POST notifications", 5),
    },
)


async def _to_break_a_threshold(both: StandIns) -> BackTestRequest:
    tag = _tag()
    await both.runtime(tag, online=False)
    return BackTestRequest(snapshot_id=(await both.snapshot(tag, auc=0.1))["id"])


ALERTED = Story(
    name="back-test that alerts",
    process=BACK_TEST,
    prepare=_to_break_a_threshold,
    outcome="rejected",
    effects=[
        "POST modelMLCs",
        "POST jobs",
        "POST modelTestResults",
        "POST issue",
        "POST issue/…/attachments",
        "POST notifications",
        "PATCH modelMLCs/…",
        "POST notifications",
    ],
    once_each=Counter(
        {
            "MODEL_BATCH_TEST_JOB COMPLETE": 1,
            "modelTestResults": 1,
            "modelMLCs": 1,
            "ticket alert To Do": 1,
            "attachments": 1,
            "notification TICKET open=True": 1,
            "notification PROCESS open=False": 1,
        }
    ),
    moments={
        "Analysis: the alert ticket is created": ("POST issue", 4),
        "Analysis: the results are attached": ("POST issue/…/attachments", 5),
        "Analysis: the ticket is mirrored": ("POST notifications", 6),
        "The end: the lineage is closed": ("PATCH modelMLCs/…", 7),
        "The end: the outcome is told": ("POST notifications", 8),
    },
)


async def _to_score(both: StandIns) -> BatchJobRequest:
    return await _deployed_for_batch(both, MODEL)


async def _to_fail(both: StandIns) -> BatchJobRequest:
    return await _deployed_for_batch(both, UNABLE_TO_SCORE)


async def _deployed_for_batch(both: StandIns, code: str) -> BatchJobRequest:
    tag = _tag()
    runtime = await both.runtime(tag, online=False)
    await both.batch_deployment(await both.snapshot(tag, code=code), runtime)
    return BatchJobRequest(tag=tag, input_files=(RECORDS,))


SCORED = Story(
    name="batch job that scores",
    process=BATCH_JOB,
    prepare=_to_score,
    outcome="scored",
    effects=["POST modelMLCs", "POST jobs", "PATCH modelMLCs/…", "POST notifications"],
    once_each=Counter(
        {
            "deployment BATCH DEPLOYED": 1,
            "MODEL_BATCH_JOB COMPLETE": 1,
            "modelMLCs": 1,
            "notification PROCESS open=False": 1,
        }
    ),
    moments={
        "Find model: the lineage is begun": ("POST modelMLCs", 1),
        "Scoring: the job is created": ("POST jobs", 2),
        "Scoring: the job is waited for": ("GET jobs/…", 2),
        "The end: the lineage is closed": ("PATCH modelMLCs/…", 3),
        "The end: the outcome is told": ("POST notifications", 4),
    },
)

FAILED = Story(
    name="batch job that fails",
    process=BATCH_JOB,
    prepare=_to_fail,
    outcome="failed",
    effects=[
        "POST modelMLCs",
        "POST jobs",
        "POST issue",
        "POST notifications",
        "PATCH modelMLCs/…",
        "POST notifications",
    ],
    once_each=Counter(
        {
            "deployment BATCH DEPLOYED": 1,
            "MODEL_BATCH_JOB ERROR": 1,
            "modelMLCs": 1,
            "ticket error To Do": 1,
            "notification TICKET open=True": 1,
            "notification PROCESS open=False": 1,
        }
    ),
    moments={
        "Scoring: the error ticket is created": ("POST issue", 3),
        "Scoring: the ticket is mirrored": ("POST notifications", 4),
        "The end: the lineage is closed": ("PATCH modelMLCs/…", 5),
        "The end: the outcome is told": ("POST notifications", 6),
    },
)


async def _fleet(both: StandIns) -> FleetBackTestRequest:
    """Four models, of which one breaks a threshold; they share two runtimes."""
    tag = _tag()
    runtimes = [await both.runtime(tag, online=False) for _ in range(2)]
    for auc in (0.95, 0.1, 0.95, 0.95):
        await both.batch_deployment(await both.snapshot(tag, auc=auc), runtimes[0])
    return FleetBackTestRequest(tag=tag, at_once=2)


FLEET = Story(
    name="fleet",
    process=FLEET_BACK_TEST,
    prepare=_fleet,
    outcome="rejected",
    # The fleet's own lineage is written when it has ended. Which back-test comes first is left to chance.
    effects=[*PASSED.effects * 3, *ALERTED.effects, "POST modelMLCs", "POST notifications"],
    once_each=Counter(
        {
            "deployment BATCH DEPLOYED": 4,
            "MODEL_BATCH_TEST_JOB COMPLETE": 4,
            "modelTestResults": 4,
            "modelMLCs": 5,
            "ticket alert To Do": 1,
            "attachments": 1,
            "notification TICKET open=True": 1,
            "notification PROCESS open=False": 5,
        }
    ),
    moments={
        "Back-tests: two run": ("POST jobs", 3),
        "Back-tests: one has ended, others run": ("POST jobs", 8),
        "The end: the fleet's lineage is written": ("POST modelMLCs", 24),
    },
)
