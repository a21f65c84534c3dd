"""Makes the demonstration model's files anew: the two CSV files and, by really training, the weights.

Run it as `python -m sandbox.models.breast_cancer.make`.
"""

from __future__ import annotations

import contextlib
import runpy
import shutil
from pathlib import Path

import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent
VERSIONS = ("v1", "v2")
HELD_OUT = 0.3
SEED = 20260101


def make(destination: Path) -> None:
    """Write train.csv and test.csv into the folder, and beside them v1/ and v2/ with code and weights."""
    records = labelled_records()
    train, test = train_test_split(
        records, test_size=HELD_OUT, stratify=records["diagnosis"], random_state=SEED
    )
    for name, part in (("train.csv", train), ("test.csv", test)):
        part.sort_index().to_csv(destination / name, index=False, lineterminator="\n")
    for version in VERSIONS:
        folder = destination / version
        folder.mkdir(exist_ok=True)
        if folder != HERE / version:
            shutil.copy(HERE / version / "model.py", folder)
        fit(folder, destination / "train.csv")


def labelled_records() -> pd.DataFrame:
    """The 569 records: thirty measurements and the column `diagnosis`, either `malignant` or `benign`."""
    bunch = load_breast_cancer(as_frame=True)
    records: pd.DataFrame = bunch.data.rename(columns=lambda name: name.replace(" ", "_"))
    return records.assign(diagnosis=[str(bunch.target_names[target]) for target in bunch.target])


def fit(folder: Path, training_data: Path) -> None:
    """Run the `train` function of the folder's model as a runtime would, inside the folder."""
    model = runpy.run_path(str(folder / "model.py"))
    data = pd.read_csv(training_data)
    with contextlib.chdir(folder):
        list(model["train"](data))


if __name__ == "__main__":
    make(HERE)
