"""The demonstration model as ModelOp Center stores models, the bodies to POST to `storedModels`, and data for its jobs."""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
from pathlib import Path
from typing import Any, Literal

Version = Literal[1, 2]

FOLDER = Path(__file__).parent / "breast_cancer"
GROUP = "data-science"
CHANGES: dict[Version, str] = {
    1: "Logistic regression on all thirty measurements of the cell nuclei.",
    2: "One limit on the mean texture instead of thirty measurements: faster in the laboratory.",
}


def stored_model(version: Version) -> dict[str, Any]:
    """The JSON body to POST to `/model-manage/api/storedModels`, with every asset embedded.

    Both versions carry the same name. `modelMetaData.description` says what changed, and `gitDifferences` of
    version 2 shows it. The body is about 180 kB, most of it the training and test data.
    """
    metadata = json.loads((FOLDER / "metadata.json").read_text(encoding="utf-8"))
    return {
        "group": GROUP,
        "modelMetaData": {
            **metadata,
            "description": CHANGES[version],
            "repositoryInfo": {"repositoryType": "BUILT_IN_REPOSITORY"},
        },
        "modelAssets": [
            model_source(version),
            decision_table(),
            embedded_file(FOLDER / "train.csv", "TRAINING_DATA"),
            usual_data(),
            embedded_file(FOLDER / f"v{version}" / "weights.json", "WEIGHTS_FILE"),
            embedded_file(FOLDER / "metadata.json", "MODEL_METADATA"),
            embedded_file(FOLDER / "README.md", "README_FILE"),
        ],
        "associatedModels": [],
        "gitDifferences": [source_difference()] if version == 2 else [],
    }


def model_source(version: Version) -> dict[str, Any]:
    """The model's code. `trainingFunction` is inferred from its three documented siblings."""
    path = FOLDER / f"v{version}" / "model.py"
    return {
        **asset(path, "MODEL_SOURCE"),
        "assetType": "SOURCE_CODE",
        "sourceCode": path.read_text(encoding="utf-8"),
        "primaryModelSource": True,
        "initFunction": "init",
        "scoreFunction": "score",
        "metricsFunction": "metrics",
        "trainingFunction": "train",
    }


def decision_table() -> dict[str, Any]:
    path = FOLDER / "thresholds.dmn"
    return {
        **asset(path, "TEST_RESULT_COMPARATOR"),
        "assetType": "SOURCE_CODE",
        "sourceCode": path.read_text(encoding="utf-8"),
        "primaryModelSource": False,
    }


def usual_data() -> dict[str, Any]:
    """The held-out records: version 1 passes on them."""
    return embedded_file(FOLDER / "test.csv", "TEST_DATA")


def drifted_data() -> dict[str, Any]:
    """The held-out records as an instrument shows them that measures too long: version 1 fails on them."""
    return embedded_file(FOLDER / "drifted.csv", "COMPARATOR_DATA")


def scoring_data() -> dict[str, Any]:
    """A hundred records without a diagnosis, to be scored."""
    return embedded_file(FOLDER / "scoring.csv", "UNKNOWN")


def embedded_file(path: Path, role: str) -> dict[str, Any]:
    content = path.read_bytes()
    return {
        **asset(path, role),
        "assetType": "FILE",
        "filename": path.name,
        "fileFormat": {".csv": "CSV", ".json": "JSON"}.get(path.suffix, "UNKNOWN"),
        "fileSize": len(content),
        "fileContent": base64.b64encode(content).decode("ascii"),
    }


def asset(path: Path, role: str) -> dict[str, Any]:
    """What assets of every type have in common."""
    return {
        "name": path.name,
        "assetRole": role,
        "metaData": {"custom": {}, "tags": [], "description": ""},
        "repositoryInfo": {"repositoryType": "BUILT_IN_REPOSITORY"},
        "contentHash": {"hashType": "SHA-256", "hexString": hashlib.sha256(path.read_bytes()).hexdigest()},
    }


def source_difference() -> dict[str, str]:
    """What version 2 changed in the model's code. The field names are inferred: ModelOp documents none."""
    before, after = (
        (FOLDER / version / "model.py").read_text(encoding="utf-8").splitlines(keepends=True)
        for version in ("v1", "v2")
    )
    difference = difflib.unified_diff(before, after, "a/model.py", "b/model.py", n=1)
    return {
        "changeType": "MODIFY",
        "oldPath": "model.py",
        "newPath": "model.py",
        "diff": "".join(difference),
    }
