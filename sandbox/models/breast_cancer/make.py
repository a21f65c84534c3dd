"""Makes the demonstration model's files anew: the four CSV files and, by really training, the weights.

Run it as `python -m sandbox.models.breast_cancer.make`.
"""

from __future__ import annotations

import contextlib
import runpy
import shutil
from pathlib import Path
from typing import Any, cast

import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split  # pyright: ignore[reportUnknownVariableType] - untyped

HERE = Path(__file__).parent
VERSIONS = ("v1", "v2")
HELD_OUT = 0.3
SEED = 20260101
ENLARGEMENT = 1.25
"""How much too long the instrument of the drifted data measures."""
TO_SCORE = 100


def make(destination: Path) -> None:
    """Write the CSV files into the folder, and beside them v1/ and v2/ with code and weights."""
    records = labelled_records()

    train, test = cast(
        list[pd.DataFrame],
        train_test_split(records, test_size=HELD_OUT, stratify=records["diagnosis"], random_state=SEED),
    )
    tables = {
        "train.csv": train.sort_index(),
        "test.csv": test.sort_index(),
        "drifted.csv": drifted(test.sort_index()),
        "scoring.csv": test.sample(TO_SCORE, random_state=SEED).drop(columns="diagnosis"),
    }
    for name, table in tables.items():
        table.to_csv(destination / name, index=False, lineterminator="\n")
    for version in VERSIONS:
        folder = destination / version
        folder.mkdir(exist_ok=True)
        if folder != HERE / version:
            shutil.copy(HERE / version / "model.py", folder)
        fit(folder, destination / "train.csv")


def labelled_records() -> pd.DataFrame:
    """The 569 records: thirty measurements and the column `diagnosis`, either `malignant` or `benign`."""
    bunch = cast(Any, load_breast_cancer(as_frame=True))
    measured = cast(pd.DataFrame, bunch.data)
    records = measured.rename(columns={name: str(name).replace(" ", "_") for name in measured.columns})
    return records.assign(diagnosis=[str(bunch.target_names[target]) for target in bunch.target])


def drifted(records: pd.DataFrame) -> pd.DataFrame:
    """The records as an instrument shows them whose images are enlarged too much, since it was serviced, say.

    Radius and perimeter grow with the enlargement, areas with its square; what is a ratio or a shade of grey stays.
    """
    factors = {"radius": ENLARGEMENT, "perimeter": ENLARGEMENT, "area": ENLARGEMENT**2}
    scaled = {
        str(column): (records[column] * factors[quantity]).map(six_digits)
        for column in records.columns
        for quantity in factors.keys() & set(str(column).split("_"))
    }
    return records.assign(**scaled)


def six_digits(number: float) -> float:
    return float(f"{number:.6g}")


def fit(folder: Path, training_data: Path) -> None:
    """Run the `train` function of the folder's model as a runtime would, inside the folder."""
    model = runpy.run_path(str(folder / "model.py"))
    data = pd.read_csv(training_data)
    with contextlib.chdir(folder):
        list(model["train"](data))


if __name__ == "__main__":
    make(HERE)
