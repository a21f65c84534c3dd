"""The step Approval: what the reviewer is shown, and what an approval is bound to."""

from collections.abc import Awaitable, Callable

import pytest

from tests.house import House
from tests.stand_ins import TABLE, Json

Change = Callable[[House, Json, str], Awaitable[None]]


async def tags_change(home: House, snapshot: Json, service: str) -> None:
    meta = {**snapshot["metaData"], "tags": [*snapshot["metaData"]["tags"], "another"]}
    await home.stand_ins.change("deployableModels", snapshot["id"], {"metaData": meta})


async def results_change(home: House, snapshot: Json, service: str) -> None:
    stored = await home.stand_ins.all("modelTestResults")
    mine = next(result for result in stored if result["deployableModel"]["id"] == snapshot["id"])
    await home.stand_ins.change(
        "modelTestResults", mine["id"], {"testResults": {"auc": 0.99, "f1_score": 0.9}}
    )


async def table_changes(home: House, snapshot: Json, service: str) -> None:
    home.stand_ins.rewrite_asset(snapshot, "thresholds.dmn", sourceCode=TABLE.replace("0.8", "0.85"))


async def runtimes_change(home: House, snapshot: Json, service: str) -> None:
    await home.stand_ins.runtime(service, online=False, name=f"second-{service}")


async def in_review(home: House, service: str) -> tuple[str, Json]:
    """A process that waits for approval, and its snapshot."""
    await home.stand_ins.runtime(service, online=False, name=f"first-{service}")
    snapshot = await home.stand_ins.snapshot("run_test", "jira", service)
    process = await home.deploy(snapshot)
    await home.until(process, "review")
    return process, snapshot


async def next_review(home: House, process: str) -> str:
    """The key of the second review's ticket, once the process waits on it."""

    async def begun() -> bool:
        record = await home.client.status(process)
        reviews = [ticket.key for ticket in record.tickets if ticket.kind == "review"]
        return len(reviews) == 2 and record.waiting_for == reviews[1]

    await home.until_true(begun)
    return (await home.client.status(process)).waiting_for or ""


async def test_the_review_ticket_shows_model_decision_evidence_and_consequences(
    at_home: House, service: str
) -> None:
    process, snapshot = await in_review(at_home, service)
    record = await at_home.client.status(process)

    text = await at_home.stand_ins.description(record.waiting_for or "")
    assert f"||Model|{record.model_name}|" in text
    assert f"({snapshot['id']})|" in text
    assert f"Move to *Done*: The model is deployed on: first-{service}." in text
    assert "Move to *Rejected*: The model is not deployed; a rejection ticket says why." in text
    assert "|auc|0.95|< 0.8|" in text
    assert "This is the first snapshot of the model to be deployed." in text
    assert f"http://temporal.example/namespaces/default/workflows/{process}" in text
    labels = (await at_home.stand_ins.issue(record.waiting_for or ""))["fields"]["labels"]
    assert {"modelop-mlc", "review"} <= set(labels)


async def test_the_review_ticket_shows_what_changed_since_the_last_deployed_snapshot(
    at_home: House, service: str
) -> None:
    await at_home.stand_ins.runtime(service, online=False)
    earlier = await at_home.stand_ins.snapshot(service)
    await at_home.until(await at_home.deploy(earlier), "deployed")
    stored = earlier["storedModel"]
    assets = [
        {**asset, "sourceCode": asset["sourceCode"] + "\n# better"} if asset["name"] == "model.py" else asset
        for asset in stored["modelAssets"]
    ]
    metadata = {**stored["modelMetaData"], "modelRisk": "high"}
    changed = await at_home.stand_ins.change(
        "storedModels", stored["id"], {"modelAssets": assets, "modelMetaData": metadata}
    )

    process = await at_home.deploy(await at_home.stand_ins.snapshot_of(changed, "jira", service))
    waiting = await at_home.until(process, "review")
    text = await at_home.stand_ins.description(waiting.waiting_for or "")
    assert f"Since the last deployed snapshot {earlier['id']}:" in text
    assert "* changed: model.py" in text
    assert "* modelRisk: none → high" in text
    assert "test.csv" not in text


async def test_a_rejected_review_opens_a_rejection_ticket_and_nothing_is_deployed(
    at_home: House, service: str
) -> None:
    process, snapshot = await in_review(at_home, service)
    await at_home.answer(await at_home.client.status(process), "Rejected", "too risky")
    record = await at_home.until(process, "rejected")

    assert [(ticket.kind, ticket.step) for ticket in record.tickets] == [
        ("review", "Approval"),
        ("rejection", "Approval"),
    ]
    assert "rejected by reviewer: too risky" in await at_home.stand_ins.description(record.tickets[1].key)
    assert [(made.decision, made.by, made.comment) for made in record.decisions] == [
        ("reject", "reviewer", "too risky")
    ]
    assert await at_home.stand_ins.deployments_of(snapshot["id"]) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (tags_change, "the snapshot"),
        (results_change, "the test results"),
        (table_changes, "the decision table"),
        (runtimes_change, "the target runtimes"),
    ],
    ids=["snapshot tags", "test results", "decision table", "runtimes"],
)
async def test_an_approval_is_void_when_what_was_approved_changed_and_the_review_begins_again(
    at_home: House, service: str, change: Change, named: str
) -> None:
    process, snapshot = await in_review(at_home, service)
    first = await at_home.client.status(process)
    await change(at_home, snapshot, service)
    await at_home.answer(first, "Done")
    second = await next_review(at_home, process)

    [said] = [
        text
        for text in await at_home.stand_ins.comments(first.waiting_for or "")
        if "approval is void" in text
    ]
    assert named in said
    assert await at_home.stand_ins.deployments_of(snapshot["id"]) == []

    assert second != first.waiting_for
    await at_home.answer(await at_home.client.status(process), "Done")
    record = await at_home.until(process, "deployed")
    assert [(t.kind, t.cycle) for t in record.tickets] == [("review", 1), ("review", 2)]
    assert [made.decision for made in record.decisions] == ["approve", "approve"]


async def test_an_approval_whose_test_results_now_fail_the_table_ends_in_a_rejection(
    at_home: House, service: str
) -> None:
    process, snapshot = await in_review(at_home, service)
    waiting = await at_home.client.status(process)
    stored = await at_home.stand_ins.all("modelTestResults")
    mine = next(result for result in stored if result["deployableModel"]["id"] == snapshot["id"])
    await at_home.stand_ins.change(
        "modelTestResults", mine["id"], {"testResults": {"auc": 0.5, "f1_score": 0.9}}
    )
    await at_home.answer(waiting, "Done")

    record = await at_home.until(process, "rejected")
    assert record.reason == "AUC is below 0.8"
    assert await at_home.stand_ins.deployments_of(snapshot["id"]) == []
