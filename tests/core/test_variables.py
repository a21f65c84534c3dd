"""Variables of signals, schedules and the command line: what is taken, and what is refused in which words."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mlc.contract import Contract
from mlc.errors import InvalidInput
from mlc.files import LARGEST_EMBEDDED, LARGEST_TOGETHER, MOST_FILES, FileAsset
from mlc.processes import BackTestRequest, BatchJobRequest, DeployRequest, FleetBackTestRequest
from mlc.signals import SIGNALS, full_name, read_signal
from mlc.variables import Variables

DOCUMENTED_OUTPUT: dict[str, Any] = {
    "assetType": "EXTERNAL_FILE",
    "assetRole": "UNKNOWN",
    "fileUrl": "hdfs:///hadoop/demo/drift.csv",
    "filename": "drift.csv",
    "fileFormat": "CSV",
    "repositoryInfo": {"repositoryType": "HDFS_REPOSITORY", "host": "", "port": 0},
}
EXTERNAL = {"assetType": "EXTERNAL_FILE", "fileUrl": "s3://bucket/in.csv"}
EMBEDDED = {"assetType": "FILE", "filename": "in.csv", "fileContent": "eA=="}
HALF_FULL = {**EXTERNAL, "note": "x" * (LARGEST_TOGETHER // 2)}


def refused(kind: type[Variables], **variables: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        kind.from_variables(variables, "the signal")
    told = str(caught.value)
    assert "\n" not in told
    return told


def test_a_field_travels_under_its_name_in_capitals_or_under_the_name_that_modelop_gives_it() -> None:
    assert list(BatchJobRequest.variable_names()) == [
        "TAG",
        "MODEL_STAGE",
        "INPUT_FILE",
        "INPUT_FILES",
        "OUTPUT_FILE",
        "OUTPUT_FILES",
    ]
    assert list(DeployRequest.variable_names()) == ["DEPLOYABLE_MODEL"]
    assert FleetBackTestRequest.from_variables({"TAG": "fraud", "AT_ONCE": 3}, "x").at_once == 3


def test_the_asset_object_of_modelops_documentation_is_taken_whole() -> None:
    request = BackTestRequest.from_variables({"MODEL_ID": "5a31", "OUTPUT_FILE": DOCUMENTED_OUTPUT}, "x")
    [file] = request.output_files
    assert file.model_dump(mode="json", by_alias=True, exclude_unset=True) == DOCUMENTED_OUTPUT


def test_one_file_stands_for_a_list_of_one_and_null_for_none() -> None:
    def files(**variables: Any) -> tuple[str | None, ...]:
        request = BatchJobRequest.from_variables({"TAG": "fraud", **variables}, "x")
        return tuple(file.file_url for file in request.input_files)

    assert files(INPUT_FILE=EXTERNAL) == files(INPUT_FILES=[EXTERNAL]) == ("s3://bucket/in.csv",)
    assert files(INPUT_FILES=[EXTERNAL, EXTERNAL]) == ("s3://bucket/in.csv",) * 2
    assert files() == files(INPUT_FILE=None) == files(INPUT_FILES=[]) == ()


def test_of_a_whole_entity_only_the_id_is_taken() -> None:
    entity = {"id": "5a31", "storedModel": {"id": "other"}}
    assert DeployRequest.from_variables({"DEPLOYABLE_MODEL": entity}, "x").snapshot_id == "5a31"


def test_modelops_own_signal_may_tell_more_and_a_persons_may_not() -> None:
    assert DeployRequest.from_variables({"DEPLOYABLE_MODEL": {"id": "a"}, "MORE": 1}, "x").snapshot_id == "a"
    assert refused(BackTestRequest, MODEL_ID="a", INPUT_FIEL={}) == (
        "the signal: variable INPUT_FIEL is not known; there are"
        " MODEL_ID, INPUT_FILE, INPUT_FILES, OUTPUT_FILE, OUTPUT_FILES"
    )


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "variable MODEL_ID is missing"),
        ({"MODEL_ID": ""}, "variable MODEL_ID: String should have at least 1 character"),
        ({"MODEL_ID": "a b"}, "variable MODEL_ID: String should match pattern"),
        ({"MODEL_ID": {"id": "a"}}, "variable MODEL_ID: Input should be a valid string"),
        ({"MODEL_ID": "x" * 201}, "variable MODEL_ID: String should have at most 200 characters"),
        ({"MODEL_ID": "a", "INPUT_FILE": "in.csv"}, "variable INPUT_FILE.0: "),
        ({"MODEL_ID": "a", "INPUT_FILE": {"assetType": "SQL"}}, "variable INPUT_FILE.0.assetType: "),
        (
            {"MODEL_ID": "a", "INPUT_FILE": {"assetType": "EXTERNAL_FILE"}},
            "an EXTERNAL_FILE needs its fileUrl",
        ),
        ({"MODEL_ID": "a", "INPUT_FILE": {"assetType": "FILE"}}, "a FILE needs its filename"),
        (
            {"MODEL_ID": "a", "INPUT_FILE": {"assetType": "FILE", "filename": "x.csv"}},
            "x.csv is an embedded FILE without fileContent",
        ),
        (
            {"MODEL_ID": "a", "INPUT_FILES": [EXTERNAL] * (MOST_FILES + 1)},
            f"variable INPUT_FILES: Value should have at most {MOST_FILES} items",
        ),
        (
            {"MODEL_ID": "a", "INPUT_FILE": EXTERNAL, "INPUT_FILES": [EXTERNAL]},
            "INPUT_FILE and INPUT_FILES say the same: give one of them",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_variable(variables: dict[str, Any], told: str) -> None:
    assert told in refused(BackTestRequest, **variables)


@pytest.mark.parametrize("scheme", ["ftp", "data", "gopher", "jar", ""])
def test_an_address_of_a_kind_that_no_runtime_reads_is_refused(scheme: str) -> None:
    told = refused(
        BackTestRequest, MODEL_ID="a", INPUT_FILE={**EXTERNAL, "fileUrl": f"{scheme}://host/x.csv"}
    )
    assert "fileUrl: is not an address of one of the kinds file:, http:, https:, hdfs:, s3:, s3a:" in told


def test_a_credential_is_refused_before_it_reaches_a_history_and_is_not_repeated() -> None:
    secret = {**EXTERNAL, "options": [{"headers": {"Authorization": "Bearer hunter2"}}]}
    assert refused(BackTestRequest, MODEL_ID="a", INPUT_FILE=secret) == (
        "the signal: variable INPUT_FILE.0: options.0.headers.Authorization looks like a credential:"
        " it belongs into the runtime, not into a signal"
    )
    signed = {**EXTERNAL, "fileUrl": "https://user:hunter2@host/x.csv"}
    assert refused(BackTestRequest, MODEL_ID="a", OUTPUT_FILE=signed) == (
        "the signal: variable OUTPUT_FILE.0.fileUrl: holds a login, a key or a signature:"
        " credentials belong into the runtime, not into a signal"
    )


@pytest.mark.parametrize("kind", [FileAsset, BackTestRequest])
def test_python_code_that_names_a_credential_does_not_find_it_in_the_error(kind: type[Contract]) -> None:
    file = {**EXTERNAL, "password": "hunter2"}
    with pytest.raises(ValidationError, match="password looks like a credential") as caught:
        kind.model_validate(file if kind is FileAsset else {"snapshotId": "a", "inputFiles": file})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("content", ["%%% not base64", "eA", "eA==eA==", "Zürich==", "_-__"])
def test_content_that_is_not_base64_is_refused_at_the_door(content: str) -> None:
    told = refused(BatchJobRequest, TAG="a", INPUT_FILES=[EXTERNAL, {**EMBEDDED, "fileContent": content}])
    assert told == "the signal: variable INPUT_FILES.1.fileContent: is not base64"


@given(st.binary(min_size=1))
def test_content_is_taken_as_programs_write_base64_and_passed_on_as_it_is(content: bytes) -> None:
    for written in (base64.b64encode(content).decode(), base64.encodebytes(content).decode()):
        assert FileAsset.model_validate({**EMBEDDED, "fileContent": written}).file_content == written


def test_the_largest_file_that_may_be_embedded_is_taken_beside_others() -> None:
    largest = {**EMBEDDED, "fileContent": "A" * LARGEST_EMBEDDED}
    variables = {"MODEL_ID": "a", "INPUT_FILE": largest, "OUTPUT_FILE": DOCUMENTED_OUTPUT}
    assert BackTestRequest.from_variables(variables, "x").input_files
    more = {**EMBEDDED, "fileContent": "A" * (LARGEST_EMBEDDED + 4)}
    told = refused(BackTestRequest, MODEL_ID="a", INPUT_FILE=more)
    assert f"INPUT_FILE.0.fileContent: String should have at most {LARGEST_EMBEDDED} characters" in told


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ([{**EMBEDDED, "fileContent": "AAAA" * (LARGEST_TOGETHER // 8)}] * 2, []),
        ([{**EXTERNAL, "metaData": {"custom": {"note": "é" * (LARGEST_TOGETHER // 2)}}}], []),
        ([], [{**EXTERNAL, "notes": ["x" * (LARGEST_TOGETHER // MOST_FILES)]}] * MOST_FILES),
        ([HALF_FULL], [HALF_FULL]),
    ],
    ids=["content", "another field", "outputs", "inputs and outputs"],
)
def test_files_that_would_fill_the_history_are_refused_whatever_fills_them(
    inputs: list[Any], outputs: list[Any]
) -> None:
    told = refused(BackTestRequest, MODEL_ID="a", INPUT_FILES=inputs, OUTPUT_FILES=outputs)
    assert f"bytes of JSON together, at most {LARGEST_TOGETHER} may be: name an EXTERNAL_FILE instead" in told
    assert len(told) < 300


def test_the_content_of_a_file_is_not_shown_where_the_file_is() -> None:
    assert "eA==" not in repr(FileAsset.model_validate(EMBEDDED))


@given(st.dictionaries(st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text(max_size=8)))
def test_whatever_is_sent_is_read_or_refused_in_one_line(variables: dict[str, Any]) -> None:
    for signal in SIGNALS.values():
        told = "read"
        try:
            assert read_signal(signal.name, variables) is not None
        except InvalidInput as error:
            told = str(error)
        assert "\n" not in told


@given(
    st.builds(
        FleetBackTestRequest, tag=st.from_regex(r"\S{1,20}", fullmatch=True), at_once=st.integers(1, 200)
    )
)
def test_a_request_survives_its_way_through_json(request: FleetBackTestRequest) -> None:
    assert FleetBackTestRequest.model_validate_json(request.model_dump_json()) == request


def test_a_signal_may_be_named_without_its_prefix() -> None:
    assert full_name("MODEL_BACK_TEST") == "com.modelop.mlc.definitions.Signals_MODEL_BACK_TEST"
    assert full_name("com.acme.Nightly") == "com.acme.Nightly"


def test_the_catalogue_holds_the_signals_that_modelop_documents() -> None:
    assert {name.rpartition("Signals_")[2] for name in SIGNALS} == {
        "deployable_model_changed",
        "MODEL_BACK_TEST",
        "Run_Back_Test_Jira",
        "Run_Back_Test_ServiceNow",
        "DEPLOYED_BATCH_JOB",
        "MODEL_DATA_DRIFT_TEST",
        "model_changed",
        "model_created",
        "job_status_changed",
    }
