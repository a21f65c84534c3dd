"""Starting processes from Python: one process for one request, and nothing for a wrong one."""

import asyncio
import dataclasses
from typing import Any

import pytest
from temporalio.client import (
    Client,
    Interceptor,
    ListWorkflowsInput,
    OutboundInterceptor,
    WorkflowExecutionAsyncIterator,
)

from mlc.catalogue import BACK_TEST, BATCH_JOB, DEPLOY, Catalogue, ProcessDefinition
from mlc.errors import Conflict, InvalidInput
from mlc.processes import BackTestRequest, BatchJobRequest, DeployRequest, ProcessRequest
from starter.client import MlcClient
from starter.starting import Started
from tests.house import House
from tests.stand_ins import Json


@pytest.fixture
async def snapshot(at_home: House, service: str) -> Json:
    """A snapshot that is deployed, tested and scored at once."""
    await at_home.stand_ins.runtime(service)
    return await at_home.stand_ins.snapshot(service)


async def run_of(home: House, workflow_id: str) -> str:
    return str((await home.handle(workflow_id).describe()).run_id)


async def test_a_back_test_without_a_request_id_is_a_new_process_each_time(
    at_home: House, snapshot: Json
) -> None:
    first, second = [await at_home.client.start_back_test(snapshot["id"]) for _ in range(2)]
    assert first != second
    assert {(await at_home.client.wait(process)).outcome for process in (first, second)} == {"passed"}
    assert first.startswith(f"mlc-back-test-{snapshot['id']}-")


async def test_the_same_request_id_is_the_same_back_test_also_after_its_end(
    at_home: House, snapshot: Json
) -> None:
    request = BackTestRequest(snapshot_id=snapshot["id"])
    started = await at_home.client.start("back-test", request, request_id="monday")
    name = f"mlc-back-test-{snapshot['id']}-monday"
    assert started == Started(process="back-test", workflow_id=name, joined=False)
    joined = await at_home.client.start("back-test", request, request_id="monday")
    record = await at_home.client.wait(name)
    late = await at_home.client.start("back-test", request, request_id="monday")

    assert joined == late == Started(process="back-test", workflow_id=name, joined=True)
    assert await run_of(at_home, name) == record.run_id
    assert len(await at_home.stand_ins.jobs_of(snapshot["id"])) == 1


async def test_many_at_once_with_one_request_id_are_one_process(at_home: House, snapshot: Json) -> None:
    request = BackTestRequest(snapshot_id=snapshot["id"])
    all_of_them = await asyncio.gather(
        *(at_home.client.start("back-test", request, request_id="rush") for _ in range(10))
    )
    assert sorted(started.joined for started in all_of_them) == [False] + [True] * 9
    (name,) = {started.workflow_id for started in all_of_them}
    await at_home.client.wait(name)


async def test_a_deploy_is_joined_while_it_runs_and_is_a_new_run_afterwards(
    at_home: House, snapshot: Json
) -> None:
    request = DeployRequest(snapshot_id=snapshot["id"])
    first = await at_home.client.start("deploy", request)
    joined = await at_home.client.start("deploy", request, request_id="other")
    ended = await at_home.client.wait(first.workflow_id)
    again = await at_home.client.start("deploy", request)

    assert (first.joined, joined.joined, again.joined) == (False, True, False)
    assert first.workflow_id == joined.workflow_id == again.workflow_id
    assert (await at_home.client.wait(again.workflow_id)).run_id != ended.run_id


async def test_the_same_request_id_is_the_same_deploy_also_after_its_end(
    at_home: House, snapshot: Json
) -> None:
    request = DeployRequest(snapshot_id=snapshot["id"])
    first = await at_home.client.start("deploy", request, request_id="push-1")
    ended = await at_home.client.wait(first.workflow_id)
    repeated = await at_home.client.start("deploy", request, request_id="push-1")
    assert repeated.joined
    assert await run_of(at_home, first.workflow_id) == ended.run_id

    other = await at_home.client.start("deploy", request, request_id="push-2")
    assert not other.joined
    assert (await at_home.client.wait(other.workflow_id)).run_id != ended.run_id


class LateSearch(Interceptor):
    """Temporal's search as it may be: nothing new is found yet."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's name
        return LateFinding(next)


class LateFinding(OutboundInterceptor):
    def list_workflows(
        self,
        input: ListWorkflowsInput,  # noqa: A002 - the SDK's name
    ) -> WorkflowExecutionAsyncIterator:
        return super().list_workflows(dataclasses.replace(input, query="WorkflowId = 'not yet'"))


async def test_the_latest_deploy_is_known_although_a_search_does_not_find_it_yet(
    at_home: House, snapshot: Json
) -> None:
    config = at_home.temporal.config()
    config["interceptors"] = [LateSearch()]
    client = MlcClient(Client(**config), at_home.settings.worker.task_queue)
    request = DeployRequest(snapshot_id=snapshot["id"])
    first = await client.start("deploy", request, request_id="push-1")
    await client.wait(first.workflow_id)
    assert (await client.start("deploy", request, request_id="push-1")).joined


async def test_an_earlier_request_id_is_the_same_deploy_also_after_a_later_one(
    at_home: House, snapshot: Json
) -> None:
    request = DeployRequest(snapshot_id=snapshot["id"])
    pushes: list[str] = []
    for push in ("push-1", "push-2", "push-3"):
        started = await at_home.client.start("deploy", request, request_id=push)
        assert not started.joined
        pushes.append((await at_home.client.wait(started.workflow_id)).run_id)

    async def found() -> bool:
        runs = at_home.temporal.list_workflows(f"WorkflowId = '{started.workflow_id}'")
        return {run.run_id async for run in runs} == set(pushes)

    await at_home.until_true(found)
    for push in ("push-1", "push-2", "push-3"):
        assert (await at_home.client.start("deploy", request, request_id=push)).joined
    assert await run_of(at_home, started.workflow_id) == pushes[-1]


async def test_a_request_that_joined_the_deploy_of_another_starts_one_after_its_end(
    at_home: House, snapshot: Json
) -> None:
    """The joined process remembers the request that started it, and no other."""
    request = DeployRequest(snapshot_id=snapshot["id"])
    first = await at_home.client.start("deploy", request, request_id="push-1")
    assert (await at_home.client.start("deploy", request, request_id="push-2")).joined
    await at_home.client.wait(first.workflow_id)
    assert not (await at_home.client.start("deploy", request, request_id="push-2")).joined
    await at_home.client.wait(first.workflow_id)


async def test_a_request_id_with_other_variables_is_refused_and_names_the_process_that_has_it(
    at_home: House, service: str
) -> None:
    started = await at_home.client.start_batch_job(service, request_id="r")
    assert await at_home.client.start_batch_job(service, model_stage=None, request_id="r") == started
    for _ in range(2):  # while it runs, and after its end
        with pytest.raises(
            Conflict, match=f"the request id was used for another start, which made {started}"
        ):
            await at_home.client.start_batch_job(service, model_stage="PROD", request_id="r")
        await at_home.client.wait(started)


async def test_two_starts_that_come_to_one_workflow_id_are_told_apart(at_home: House, service: str) -> None:
    """A tag and a request id are joined by a hyphen, and both may hold one."""
    process = await at_home.client.start_batch_job(service, request_id="fraud-1")
    with pytest.raises(Conflict, match=process):
        await at_home.client.start_batch_job(f"{service}-fraud", request_id="1")
    with pytest.raises(Conflict, match=process):
        await at_home.client.signal("DEPLOYED_BATCH_JOB", {"TAG": f"{service}-fraud"}, request_id="1")
    await at_home.client.wait(process)


async def test_a_process_that_no_request_started_is_joined_by_none(at_home: House, service: str) -> None:
    """As the children of a fleet, and what a schedule starts."""
    elsewhere = BATCH_JOB.workflow_id(BatchJobRequest(tag=service), "tonight")
    await at_home.temporal.start_workflow(
        "batch-job", BatchJobRequest(tag=service), id=elsewhere, task_queue=at_home.settings.worker.task_queue
    )
    with pytest.raises(Conflict, match=elsewhere):
        await at_home.client.start_batch_job(service, request_id="tonight")
    await at_home.client.wait(elsewhere)


async def test_the_temporal_ui_says_in_a_line_what_a_process_is(at_home: House, snapshot: Json) -> None:
    process = await at_home.client.start_deploy(snapshot["id"])
    described = await at_home.handle(process).describe()
    assert await described.static_summary() == f"deploy of {snapshot['id']}"
    await at_home.client.wait(process)


@pytest.mark.parametrize(
    ("start", "arguments", "complaint"),
    [
        ("start_deploy", {"snapshot_id": "a b"}, "snapshot_id 'a b': 1 to 200 characters without blanks"),
        ("start_deploy", {"snapshot_id": ""}, "snapshot_id '': 1 to 200 characters without blanks"),
        ("start_back_test", {"snapshot_id": "x" * 201}, "snapshot_id 'xxx"),
        ("start_back_test", {"snapshot_id": "s", "request_id": "a b"}, "request id 'a b': 1 to 200"),
        ("start_back_test", {"snapshot_id": "s", "request_id": ""}, "request id '': 1 to 200"),
        ("start_batch_job", {"tag": "t", "model_stage": ""}, "model_stage '': 1 to 200"),
        ("start_batch_job", {"tag": None}, "tag None: 1 to 200"),
        ("start_fleet_back_test", {"tag": "t", "at_once": 0}, "at_once: Input should be greater than"),
        (
            "start_batch_job",
            {"tag": "t", "input_files": [{"assetType": "FILE", "filename": "in.csv"}]},
            "input_files: in.csv is an embedded FILE without fileContent",
        ),
        (
            "start_batch_job",
            {"tag": "t", "output_files": [{"assetType": "EXTERNAL_FILE", "fileUrl": "ftp://x/y"}]},
            "output_files.0.fileUrl: is not an address of one of the kinds file:, ",
        ),
    ],
)
async def test_a_wrong_argument_is_named(
    at_home: House, start: str, arguments: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await getattr(at_home.client, start)(**arguments)
    assert str(refused.value).startswith(complaint)


async def test_an_unknown_process_and_the_request_of_another_one_are_refused(at_home: House) -> None:
    with pytest.raises(InvalidInput, match="there is no process 'undeploy'; there are deploy, "):
        await at_home.client.start("undeploy", DeployRequest(snapshot_id="s"))
    with pytest.raises(InvalidInput, match="back-test is started with a BackTestRequest, not with a DeployR"):
        await at_home.client.start("back-test", DeployRequest(snapshot_id="s"))


async def test_what_can_be_started_is_what_the_catalogue_says(at_home: House) -> None:
    only = MlcClient(at_home.temporal, at_home.settings.worker.task_queue, catalogue=Catalogue((DEPLOY,)))
    assert only.catalogue.processes == (DEPLOY,)
    with pytest.raises(InvalidInput, match="there is no process 'back-test'; there are deploy"):
        await only.start_back_test("s")
    assert BACK_TEST in at_home.client.catalogue.processes


class LetterRequest(ProcessRequest):
    """The request of somebody's own process."""

    text: str

    urgent: bool = False


LETTER = ProcessDefinition(name="letter", title="Letter", request=LetterRequest, workflow="nowhere:Letter")
POST = ProcessDefinition(
    name="post", title="Post", request=LetterRequest, workflow="nowhere:Post", id_prefix="mlc-letter"
)


async def test_where_one_runs_at_a_time_any_request_joins_but_not_its_own_id_with_other_variables(
    at_home: House, service: str
) -> None:
    one = dataclasses.replace(LETTER, one_at_a_time=True)
    post = dataclasses.replace(POST, one_at_a_time=True)
    queue = at_home.settings.worker.task_queue
    client = MlcClient(at_home.temporal, queue, catalogue=Catalogue((one,)))
    first = await client.start("letter", LetterRequest(text=service), request_id="r-1")
    try:
        urgent = LetterRequest(text=service, urgent=True)
        assert (await client.start("letter", urgent, request_id="r-2")).joined
        assert (await client.start("letter", urgent)).joined
        assert (await client.start("letter", LetterRequest(text=service), request_id="r-1")).joined
        with pytest.raises(Conflict, match="used for another start"):
            await client.start("letter", urgent, request_id="r-1")
        poster = MlcClient(at_home.temporal, queue, catalogue=Catalogue((post,)))
        with pytest.raises(Conflict, match=first.workflow_id):
            await poster.start("post", urgent, request_id="r-3")
    finally:
        await at_home.handle(first.workflow_id).terminate("its code is nowhere")


class LaterLetterRequest(LetterRequest):
    """The same request in a later version."""

    language: str | None = None


async def test_a_request_is_known_again_by_a_later_version_but_not_by_another_process(
    at_home: House, service: str
) -> None:
    queue, request = at_home.settings.worker.task_queue, LetterRequest(text=service)
    client = MlcClient(at_home.temporal, queue, catalogue=Catalogue((LETTER,)))
    started = await client.start("letter", request, request_id="r")
    try:
        later = Catalogue((dataclasses.replace(LETTER, request=LaterLetterRequest),))
        client = MlcClient(at_home.temporal, queue, catalogue=later)
        assert (await client.start("letter", LaterLetterRequest(text=service), request_id="r")).joined
        other = MlcClient(at_home.temporal, queue, catalogue=Catalogue((POST,)))
        with pytest.raises(Conflict, match=started.workflow_id):
            await other.start("post", request, request_id="r")
    finally:
        await at_home.handle(started.workflow_id).terminate("its code is nowhere")


async def test_what_temporal_does_not_take_is_wrong_input(at_home: House) -> None:
    client = MlcClient(at_home.temporal, at_home.settings.worker.task_queue, catalogue=Catalogue((LETTER,)))
    with pytest.raises(InvalidInput, match="Temporal refuses mlc-letter-xxx"):
        await client.start("letter", LetterRequest(text="x" * 2000))
