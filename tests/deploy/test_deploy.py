"""The deploy process, branch by branch."""

from tests.house import House


async def test_a_model_that_passes_its_test_and_is_approved_in_jira_is_deployed(at_home: House) -> None:
    await at_home.stand_ins.runtime("svc-happy", name="happy")
    snapshot = await at_home.stand_ins.snapshot("run_test", "jira", "svc-happy")
    process = await at_home.deploy(snapshot)

    waiting = await at_home.until(process, "review")
    await at_home.answer(waiting, "Done", "looks right")
    record = await at_home.until(process, "deployed")

    assert [step.name for step in record.steps] == [
        "Model submitted",
        "Testing",
        "Analysis",
        "Approval",
        "Deployment",
    ]
    assert [(made.by, made.decision, made.comment, made.via) for made in record.decisions] == [
        ("reviewer", "approve", "looks right", "jira")
    ]
    assert [(made.runtime, made.type) for made in record.deployments] == [("happy", "ONLINE")]
    print(await at_home.events(process))
