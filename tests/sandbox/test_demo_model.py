"""The demonstration model: version 1 deserves to be deployed, version 2 does not."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
import sklearn.metrics

from sandbox.models.breast_cancer.make import make
from sandbox.models.catalogue import FOLDER, Version, drifted_data, scoring_data, stored_model
from tests.sandbox.modelop_server import modelop, output_text

VERSIONS: tuple[Version, ...] = (1, 2)
SCORE, METRICS = "MODEL_BATCH_JOB", "MODEL_BATCH_TEST_JOB"
HEADLINE = ("auc", "f1_score", "accuracy", "precision", "recall", "brier_score")
# scikit-learn is untyped; what it measures is a number.
REFERENCE: Any = sklearn.metrics

DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
CAMUNDA = "{http://camunda.org/schema/1.0/dmn}"

# What a runtime does with a job, in a clean interpreter: load the code, init, call one function.
RUN = """
import json, runpy, sys
model = runpy.run_path("model.py")
model["init"]()
if sys.argv[1] == "score":
    data = json.load(sys.stdin)
    results = [result for record in data for result in model["score"](record)]
else:
    import pandas
    results = list(model[sys.argv[1]](pandas.read_csv(sys.stdin)))
for result in results:
    print(json.dumps(result, allow_nan=False))
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def unpacked(body: dict[str, Any], folder: Path) -> Path:
    """The assets of a stored model as files, the way a runtime lays them out."""
    for asset in body["modelAssets"]:
        if asset["assetType"] == "SOURCE_CODE":
            (folder / asset["name"]).write_text(asset["sourceCode"], encoding="utf-8")
        else:
            (folder / asset["filename"]).write_bytes(base64.b64decode(asset["fileContent"]))
    return folder


def run(function: str, folder: Path, data: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The results of one function of the model, and the modules that were imported meanwhile."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN, function],
        cwd=folder,
        input=data,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()], json.loads(done.stderr)


def metrics_of(folder: Path) -> dict[str, Any]:
    results, _ = run("metrics", folder, (folder / "test.csv").read_text(encoding="utf-8"))
    (result,) = results
    return result


def fires(entry: str, value: float) -> bool:
    """Whether a cell of the table matches: the three forms that the table uses, and nothing else."""
    if not entry:
        return True
    if match := re.fullmatch(r"\[([\d.]+)\.\.([\d.]+)\[", entry):
        return float(match[1]) <= value < float(match[2])
    operator, limit = entry.split()
    return {"<": value < float(limit), ">": value > float(limit)}[operator]


def reasons_to_refuse(table: str, metrics: dict[str, Any]) -> list[str]:
    root = ElementTree.fromstring(table)  # noqa: S314 -- our own file
    variables = [column.attrib[f"{CAMUNDA}inputVariable"] for column in root.iter(f"{DMN}input")]
    return [
        [output.findtext(f"{DMN}text", "") for output in rule.iter(f"{DMN}outputEntry")][1]
        for rule in root.iter(f"{DMN}rule")
        if all(
            fires(entry.findtext(f"{DMN}text", ""), metrics[variable])
            for variable, entry in zip(variables, rule.iter(f"{DMN}inputEntry"), strict=True)
        )
    ]


def asset_of(body: dict[str, Any], role: str) -> dict[str, Any]:
    (asset,) = [asset for asset in body["modelAssets"] if asset["assetRole"] == role]
    return asset


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[Version, Path]:
    return {
        version: unpacked(stored_model(version), tmp_path_factory.mktemp("model")) for version in VERSIONS
    }


@pytest.fixture(scope="module")
def results(folders: dict[Version, Path]) -> dict[Version, dict[str, Any]]:
    return {version: metrics_of(folder) for version, folder in folders.items()}


def test_version_1_passes_every_threshold(results: dict[Version, dict[str, Any]]) -> None:
    assert reasons_to_refuse((FOLDER / "thresholds.dmn").read_text(encoding="utf-8"), results[1]) == []
    assert results[1]["auc"] > 0.99


def test_version_2_is_refused_for_what_it_does_worse(results: dict[Version, dict[str, Any]]) -> None:
    reasons = reasons_to_refuse((FOLDER / "thresholds.dmn").read_text(encoding="utf-8"), results[2])
    assert reasons == [
        '"AUC is below 0.95"',
        '"F1 score is below 0.90"',
        '"Recall is below 0.95"',
        '"Brier score is above 0.10"',
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_metrics_agree_with_scikit_learn(
    version: Version, folders: dict[Version, Path], results: dict[Version, dict[str, Any]]
) -> None:
    data = pd.read_csv(folders[version] / "test.csv")
    scored, _ = run("score", folders[version], data.to_json(orient="records"))
    truths = data["diagnosis"] == "malignant"
    answers = [score["prediction"] == "malignant" for score in scored]
    probabilities = [score["probability"] for score in scored]
    expected: dict[str, float] = {
        "auc": REFERENCE.roc_auc_score(truths, probabilities),
        "f1_score": REFERENCE.f1_score(truths, answers),
        "recall": REFERENCE.recall_score(truths, answers),
        "brier_score": REFERENCE.brier_score_loss(truths, probabilities),
    }
    assert {name: results[version][name] for name in expected} == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_test_result_holds_flat_metrics_and_sections(
    version: Version, results: dict[Version, dict[str, Any]]
) -> None:
    result = results[version]
    assert all(isinstance(result[name], float) and math.isfinite(result[name]) for name in HEADLINE)
    for section in ("performance", "data_drift"):
        (test,) = result[section]
        assert set(test) == {"test_name", "test_category", "test_type", "test_id", "values"}
        assert test["test_category"] == section
    assert result["DataDrift_maxKolmogorov-Smirnov"] == max(result["data_drift"][0]["values"].values())


@pytest.mark.parametrize("version", VERSIONS)
def test_testing_and_scoring_do_without_scikit_learn(version: Version, folders: dict[Version, Path]) -> None:
    data = (folders[version] / "test.csv").read_text(encoding="utf-8")
    _, modules = run("metrics", folders[version], data)
    assert "sklearn" not in modules
    record = pd.read_csv(folders[version] / "test.csv").iloc[0].to_dict()
    (score,), modules = run("score", folders[version], json.dumps([record]))
    assert score["prediction"] in ("malignant", "benign")
    assert not {"sklearn", "pandas", "numpy"} & set(modules)


def test_drift_shows_when_the_data_moves_away_from_training(folders: dict[Version, Path]) -> None:
    shifted = pd.read_csv(folders[1] / "test.csv").assign(mean_radius=lambda data: data["mean_radius"] * 2)
    (result,), _ = run("metrics", folders[1], shifted.to_csv(index=False))
    assert result["DataDrift_maxKolmogorov-Smirnov"] > 0.7


@pytest.mark.parametrize("version", VERSIONS)
def test_training_needs_no_weights_and_writes_them(version: Version, tmp_path: Path) -> None:
    folder = unpacked(stored_model(version), tmp_path)
    (folder / "weights.json").unlink()
    with pytest.raises(subprocess.CalledProcessError) as untrained:
        metrics_of(folder)
    assert "there is no weights.json: train the model first" in untrained.value.stderr
    (summary,), _ = run("train", folder, (folder / "train.csv").read_text(encoding="utf-8"))
    assert json.loads((folder / "weights.json").read_text(encoding="utf-8")) == summary
    assert metrics_of(folder)["auc"] > 0.7


def test_making_the_files_anew_gives_the_same_metrics(
    tmp_path: Path, results: dict[Version, dict[str, Any]]
) -> None:
    make(tmp_path)
    for name in ("train.csv", "test.csv", "drifted.csv", "scoring.csv"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()
    for version in VERSIONS:
        folder = tmp_path / f"v{version}"
        (folder / "test.csv").write_bytes((tmp_path / "test.csv").read_bytes())
        remade = metrics_of(folder)
        assert {name: remade[name] for name in HEADLINE} == pytest.approx(
            {name: results[version][name] for name in HEADLINE}, abs=1e-3
        )


async def test_a_runtime_shows_that_version_1_fails_on_drifted_data(tmp_path: Path) -> None:
    table = (FOLDER / "thresholds.dmn").read_text(encoding="utf-8")
    async with modelop(tmp_path) as user:
        model = await user.create("storedModels", stored_model(1))
        snapshot = await user.create("deployableModels", {"storedModel": {"id": model["id"]}})
        usual = await user.run_job(METRICS, snapshot, asset_of(stored_model(1), "TEST_DATA"))
        drifted = await user.run_job(METRICS, snapshot, drifted_data())
    assert reasons_to_refuse(table, json.loads(output_text(usual))) == []
    assert reasons_to_refuse(table, json.loads(output_text(drifted))) == [
        '"F1 score is below 0.90"',
        '"Brier score is above 0.10"',
        '"A measurement has drifted from the training data (Kolmogorov-Smirnov above 0.30)"',
    ]


async def test_a_runtime_scores_the_records_without_a_diagnosis(tmp_path: Path) -> None:
    output = {"assetType": "FILE", "filename": "scores.csv", "fileFormat": "CSV"}
    async with modelop(tmp_path) as user:
        model = await user.create("storedModels", stored_model(1))
        snapshot = await user.create("deployableModels", {"storedModel": {"id": model["id"]}})
        job = await user.run_job(SCORE, snapshot, scoring_data(), outputData=[output])
    assert job["jobMessages"] == ["Scored 100 records"]
    scores = pd.read_csv(io.StringIO(output_text(job)))
    assert list(scores.columns[-2:]) == ["probability", "prediction"]
    assert len(scores) == 100
    assert scores["prediction"].value_counts().to_dict() == {"benign": 60, "malignant": 40}


def test_the_data_for_jobs_are_assets_with_their_hash() -> None:
    for asset, columns in ((drifted_data(), 31), (scoring_data(), 30)):
        content = base64.b64decode(asset["fileContent"], validate=True)
        assert (asset["assetType"], asset["fileFormat"], asset["fileSize"]) == ("FILE", "CSV", len(content))
        assert asset["contentHash"]["hexString"] == hashlib.sha256(content).hexdigest()
        header = content.decode().splitlines()[0].split(",")
        assert (len(header), "diagnosis" in header) == (columns, columns == 31)


def test_drifted_records_are_the_held_out_ones_measured_too_long() -> None:
    test, drifted = (pd.read_csv(FOLDER / name) for name in ("test.csv", "drifted.csv"))
    ratios = (drifted.drop(columns="diagnosis") / test.drop(columns="diagnosis")).median().round(4)
    expected = {"radius": 1.25, "perimeter": 1.25, "area": 1.5625}
    assert ratios.to_dict() == {
        name: next((factor for part, factor in expected.items() if part in name), 1.0)
        for name in ratios.index
    }
    assert (drifted["diagnosis"] == test["diagnosis"]).all()


def test_held_out_records_were_never_trained_on() -> None:
    train, test = (set((FOLDER / name).read_text().splitlines()[1:]) for name in ("train.csv", "test.csv"))
    assert (len(train), len(test), len(train & test)) == (398, 171, 0)
    shares = [sum(line.endswith("malignant") for line in part) / len(part) for part in (train, test)]
    assert shares[0] == pytest.approx(shares[1], abs=0.005)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stored_model_carries_everything_a_process_looks_for(version: Version) -> None:
    body = stored_model(version)
    assert json.loads(json.dumps(body)) == body
    source = asset_of(body, "MODEL_SOURCE")
    assert source["primaryModelSource"] is True
    for key, function in (
        ("initFunction", "init"),
        ("scoreFunction", "score"),
        ("metricsFunction", "metrics"),
    ):
        assert f"# modelop.{function}\ndef {source[key]}(" in source["sourceCode"]
    assert asset_of(body, "TEST_RESULT_COMPARATOR")["name"].endswith(".dmn")
    for role, file_format in (("TRAINING_DATA", "CSV"), ("TEST_DATA", "CSV"), ("WEIGHTS_FILE", "JSON")):
        asset = asset_of(body, role)
        content = base64.b64decode(asset["fileContent"], validate=True)
        assert (asset["assetType"], asset["fileFormat"], asset["fileSize"]) == (
            "FILE",
            file_format,
            len(content),
        )
        assert asset["contentHash"] == {
            "hashType": "SHA-256",
            "hexString": hashlib.sha256(content).hexdigest(),
        }


def test_version_2_is_the_same_model_and_tells_its_change() -> None:
    first, second = (stored_model(version) for version in VERSIONS)
    assert first["modelMetaData"]["name"] == second["modelMetaData"]["name"]
    assert first["modelMetaData"]["description"] != second["modelMetaData"]["description"]
    assert first["gitDifferences"] == []
    (difference,) = second["gitDifferences"]
    assert '+MEASUREMENT = "mean_texture"\n' in difference["diff"]
    assert asset_of(first, "WEIGHTS_FILE")["contentHash"] != asset_of(second, "WEIGHTS_FILE")["contentHash"]


def test_the_catalogue_needs_the_standard_library_alone() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, sandbox.models.catalogue as c; c.stored_model(2); print(*sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=FOLDER.parents[2],
    )
    assert not {"pandas", "numpy", "sklearn", "mlc"} & set(done.stdout.split())
