"""The catalogue of processes: found by name and by signal; ids that people recognise; what is wrong is said at once."""

import dataclasses

import pytest

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


def test_a_process_that_is_no_longer_installed_is_called_by_its_name() -> None:
    assert Catalogue().title("back-test") == "Cron Triggered Back Test"
    assert Catalogue().title("drift") == "drift"
