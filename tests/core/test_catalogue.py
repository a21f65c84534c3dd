"""The catalogue of processes: found by name and by signal; ids that people recognise; what is wrong is said at once."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlc.catalogue import BACK_TEST, BATCH_JOB, BUILT_IN, DEPLOY, FLEET_BACK_TEST, Catalogue
from mlc.errors import InvalidInput
from mlc.processes import BackTestRequest, BatchJobRequest, DeployRequest, FleetBackTestRequest
from mlc.signals import DEPLOYED_BATCH_JOB, MODEL_BACK_TEST, MODEL_DATA_DRIFT_TEST, RUN_BACK_TEST_JIRA


def test_workflow_ids_are_business_ids() -> None:
    assert DEPLOY.workflow_id(DeployRequest(snapshot_id="5a31"), "r1") == "mlc-deploy-5a31"
    assert BACK_TEST.workflow_id(BackTestRequest(snapshot_id="5a31"), "r1") == "mlc-back-test-5a31-r1"
    assert BATCH_JOB.workflow_id(BatchJobRequest(tag="fraud"), "r1") == "mlc-batch-fraud-r1"
    assert FLEET_BACK_TEST.workflow_id(FleetBackTestRequest(tag="a"), "r1") == "mlc-fleet-back-test-a-r1"


def test_a_signal_starts_every_process_that_names_it() -> None:
    drift = dataclasses.replace(BACK_TEST, name="drift", signals=(MODEL_BACK_TEST, MODEL_DATA_DRIFT_TEST))
    catalogue = Catalogue([*BUILT_IN, drift])

    def started(signal: str) -> list[str]:
        return [process.name for process in catalogue.started_by(signal)]

    assert started(MODEL_BACK_TEST) == ["back-test", "drift"]
    assert started(RUN_BACK_TEST_JIRA) == ["back-test"]
    assert started(DEPLOYED_BATCH_JOB) == ["batch-job"]
    assert started(MODEL_DATA_DRIFT_TEST) == ["drift"]
    assert started("com.acme.Unheard") == []


def test_a_signal_may_be_named_without_the_prefix_that_modelop_center_puts_before_it() -> None:
    drift = dataclasses.replace(BACK_TEST, name="drift", signals=("MODEL_DATA_DRIFT_TEST", "com.acme.Drift"))
    assert drift.signals == (MODEL_DATA_DRIFT_TEST, "com.acme.Drift")


def test_an_unknown_process_is_told_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match="no process 'backtest'; there are deploy, back-test, batch-job"):
        Catalogue().process("backtest")


def test_two_processes_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidInput, match="two processes are called deploy"):
        Catalogue([*BUILT_IN, DEPLOY])


@pytest.mark.parametrize("name", ["", "Drift", "drift_test", "drift--test", "-drift", "1drift", "drift "])
def test_a_name_that_makes_no_good_id_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="small letters and digits, joined by single hyphens"):
        dataclasses.replace(BACK_TEST, name=name)


def test_an_id_prefix_that_hides_whose_process_it_is_is_refused() -> None:
    with pytest.raises(InvalidInput, match="begins with mlc-"):
        dataclasses.replace(BACK_TEST, id_prefix="drift")


@pytest.mark.parametrize("name", ["ticket-watch", "job-news"])
def test_a_name_that_a_workflow_of_the_product_has_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"process {name}: mlc has a workflow of that name: take another"):
        dataclasses.replace(BACK_TEST, name=name, id_prefix="mlc-own")


@pytest.mark.parametrize(
    ("name", "id_prefix", "told"),
    [
        ("batch", "", "begin with mlc-batch, those of process batch-job with mlc-batch"),
        ("drift", "mlc-deploy", "begin with mlc-deploy, those of process deploy with mlc-deploy"),
        ("back", "", "begin with mlc-back, those of process back-test with mlc-back-test"),
        ("deploy-slowly", "", "begin with mlc-deploy-slowly, those of process deploy with mlc-deploy"),
        ("ticket", "", "begin with mlc-ticket, those of mlc's own ticket-watch with mlc-ticket-watch"),
        ("drift", "mlc-job-news", "begin with mlc-job-news, those of mlc's own job-news with mlc-job-news"),
    ],
)
def test_processes_that_could_have_the_same_id_are_refused(name: str, id_prefix: str, told: str) -> None:
    own = dataclasses.replace(BACK_TEST, name=name, id_prefix=id_prefix)
    with pytest.raises(InvalidInput) as refused:
        Catalogue([*BUILT_IN, own])
    assert str(refused.value) == (
        f"process {name}: its ids {told}, so both could have the same: rename it, or give it an id_prefix of its own"
    )


@pytest.mark.parametrize(
    ("name", "id_prefix"), [("batches", ""), ("deployer", ""), ("deploy-slowly", "mlc-slow-deploy")]
)
def test_ids_that_only_resemble_each_other_are_taken(name: str, id_prefix: str) -> None:
    own = dataclasses.replace(BACK_TEST, name=name, id_prefix=id_prefix)
    assert Catalogue([*BUILT_IN, own]).process(name) is own


NAMES = st.from_regex(r"[ab](-[ab]){0,3}", fullmatch=True)


@given(NAMES, NAMES, NAMES, NAMES)
def test_whatever_they_are_about_two_processes_never_have_one_id(
    one: str, other: str, this: str, that: str
) -> None:
    first, second = (dataclasses.replace(BACK_TEST, name=name) for name in (one, other))
    try:
        Catalogue([first, second])
    except InvalidInput:
        return
    ids = {p.workflow_id(BackTestRequest(snapshot_id=s), "r") for p, s in ((first, this), (second, that))}
    assert len(ids) == 2


def test_a_process_that_is_no_longer_installed_is_called_by_its_name() -> None:
    assert Catalogue().title("back-test") == "Cron Triggered Back Test"
    assert Catalogue().title("drift") == "drift"
