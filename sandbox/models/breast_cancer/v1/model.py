"""Version 1: a logistic regression on all thirty measurements of the cell nuclei."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

LABEL = "diagnosis"
POSITIVE = "malignant"
NEGATIVE = "benign"
CUT_OFF = 0.5

MODEL: dict[str, Any] = {}


# modelop.init
def init() -> None:
    """Read weights.json; a model that was never trained has none and can only be trained."""
    weights = Path("weights.json")
    if weights.exists():
        MODEL.update(json.loads(weights.read_text(encoding="utf-8")))


# modelop.train
def train(data: DataFrame) -> Iterator[dict[str, Any]]:
    """Fit the regression on labelled records, write weights.json, yield what was written."""
    # Scoring and testing do without scikit-learn and so start in a fraction of the time.
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    features = [column for column in data.columns if column != LABEL]
    scaler = StandardScaler().fit(data[features].to_numpy())
    standardised = scaler.transform(data[features].to_numpy())
    regression = LogisticRegression(C=1.0, max_iter=1000).fit(standardised, data[LABEL] == POSITIVE)
    MODEL.clear()
    MODEL.update(
        {
            "algorithm": "logistic_regression",
            "intercept": rounded(regression.intercept_[0]),
            "features": {
                name: {"mean": rounded(mean), "scale": rounded(scale), "weight": rounded(weight)}
                for name, mean, scale, weight in zip(
                    features, scaler.mean_, scaler.scale_, regression.coef_[0], strict=True
                )
            },
            "training": {"records": len(data), "deciles": deciles(data, features)},
        }
    )
    Path("weights.json").write_text(json.dumps(MODEL, indent=1) + "\n", encoding="utf-8")
    yield MODEL


# modelop.score
def score(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the record with the probability that the tumour is malignant, and the diagnosis it means."""
    malignant = probability(record)
    yield {**record, "probability": round(malignant, 4), "prediction": diagnosis(malignant)}


# modelop.metrics
def metrics(data: DataFrame) -> Iterator[dict[str, Any]]:
    """Yield how well the model does on labelled records, and how far these lie from the training data."""
    probabilities = [probability(record) for record in data.to_dict("records")]
    truths = [label == POSITIVE for label in data[LABEL]]
    counts = confusion(truths, [diagnosis(malignant) == POSITIVE for malignant in probabilities])
    headline = classification(counts) | {
        "auc": round(area_under_curve(truths, probabilities), 4),
        "brier_score": round(brier_score(truths, probabilities), 4),
    }
    drift = kolmogorov_smirnov(data)
    yield {
        **headline,
        "DataDrift_maxKolmogorov-Smirnov": max(drift.values()),
        "performance": [
            {
                "test_name": "Classification Metrics",
                "test_category": "performance",
                "test_type": "classification_metrics",
                "test_id": "performance_classification_metrics",
                "values": {**headline, "records": len(data), "confusion_matrix": counts},
            }
        ],
        "data_drift": [
            {
                "test_name": "Kolmogorov-Smirnov",
                "test_category": "data_drift",
                "test_type": "Kolmogorov-Smirnov",
                "test_id": "data_drift_kolmogorov-smirnov",
                "values": drift,
            }
        ],
    }


def probability(record: dict[str, Any]) -> float:
    if not MODEL:
        raise RuntimeError("there is no weights.json: train the model first")
    logit = MODEL["intercept"] + sum(
        feature["weight"] * (float(record[name]) - feature["mean"]) / feature["scale"]
        for name, feature in MODEL["features"].items()
    )
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))


def diagnosis(malignant: float) -> str:
    return POSITIVE if malignant >= CUT_OFF else NEGATIVE


def confusion(truths: list[bool], answers: list[bool]) -> dict[str, int]:
    pairs = list(zip(truths, answers, strict=True))
    return {
        "true_positive": pairs.count((True, True)),
        "false_positive": pairs.count((False, True)),
        "false_negative": pairs.count((True, False)),
        "true_negative": pairs.count((False, False)),
    }


def classification(counts: dict[str, int]) -> dict[str, float]:
    hits, false_alarms, misses = counts["true_positive"], counts["false_positive"], counts["false_negative"]
    return {
        "accuracy": ratio(hits + counts["true_negative"], sum(counts.values())),
        "precision": ratio(hits, hits + false_alarms),
        "recall": ratio(hits, hits + misses),
        "f1_score": ratio(2 * hits, 2 * hits + false_alarms + misses),
    }


def area_under_curve(truths: list[bool], probabilities: list[float]) -> float:
    """The chance that a malignant record gets more than a benign one; a tie counts half."""
    malignant = [p for p, truth in zip(probabilities, truths, strict=True) if truth]
    benign = [p for p, truth in zip(probabilities, truths, strict=True) if not truth]
    if not malignant or not benign:
        raise ValueError(f"the area under the curve needs both {POSITIVE} and {NEGATIVE} records")
    wins = sum((m > b) + (m == b) / 2 for m in malignant for b in benign)
    return wins / (len(malignant) * len(benign))


def brier_score(truths: list[bool], probabilities: list[float]) -> float:
    return sum((p - truth) ** 2 for p, truth in zip(probabilities, truths, strict=True)) / len(truths)


def kolmogorov_smirnov(data: DataFrame) -> dict[str, float]:
    """For each measurement, the widest gap between its distribution here and in training, at the deciles."""
    return {
        name: round(
            max(abs(float((data[name] <= limit).mean()) - rank / 10) for rank, limit in enumerate(limits, 1)),
            4,
        )
        for name, limits in MODEL["training"]["deciles"].items()
    }


def deciles(data: DataFrame, features: list[str]) -> dict[str, list[float]]:
    ranks = [rank / 10 for rank in range(1, 10)]
    return {name: [rounded(limit) for limit in data[name].quantile(ranks)] for name in features}


def ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def rounded(number: float) -> float:
    """To six significant digits, so that training anywhere gives the same file."""
    return float(f"{number:.6g}")
