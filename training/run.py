"""A training run's folder: what it is, how far it got, and the weights to go on from.

`run.json` names the recipe and seed, `log.csv` has one row per epoch, `checkpoint.npz` holds
weights, optimizer state and the rows. Only the checkpoint counts: it is replaced atomically
after each epoch, and a run killed anywhere goes on from it.
"""

import csv
import io
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.atomic import sweep, write
from training.errors import RunMismatch
from training.step import Step

CHECKPOINT = "checkpoint.npz"
DESCRIPTION = "run.json"


@dataclass(frozen=True)
class Row:
    """One epoch of `planned`: side in pixels, mean training loss, shares in 0..1, seconds."""

    epoch: int
    planned: int
    side: int
    loss: float
    top1: float
    top5: float
    rate: float
    pictures_per_second: float
    seconds: float


class Run:
    """The folder of one run; `rows` are the epochs done.

    A run may be made longer or shorter when it goes on: the rates then follow the new length.
    """

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        """Opens or starts the run; raises RunMismatch if the folder belongs to another one."""
        self.folder = folder
        self.rows: list[Row] = []
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
        described = folder / DESCRIPTION
        if described.exists() and _fixed(identity_of(folder)) != _fixed(identity):
            raise RunMismatch(f"{folder} holds another run; give a new --out or its own recipe")
        write(described, json.dumps(identity, indent=2).encode())

    @property
    def checkpoint(self) -> Path:
        """Where the last finished epoch's state lies."""
        return self.folder / CHECKPOINT

    def restore(self, step: Step) -> None:
        """Puts the last checkpoint's state into `step`; does nothing in a new run."""
        if not self.checkpoint.exists():
            return
        self.rows = rows_done(self.checkpoint)
        with np.load(self.checkpoint) as state:
            for name, variable in _variables(step):
                variable.assign(state[name])

    def save(self, step: Step, row: Row) -> None:
        """Adds `row` and replaces the checkpoint and the log."""
        self.rows.append(row)
        rows = json.dumps([asdict(row) for row in self.rows])
        state = {name: keras.ops.convert_to_numpy(value) for name, value in _variables(step)}
        buffer = io.BytesIO()
        np.savez(buffer, rows=np.array(rows), **state)
        write(self.checkpoint, buffer.getvalue())
        write(self.folder / "log.csv", self.log().encode())

    def log(self) -> str:
        """The rows as CSV with a header."""
        text = io.StringIO()
        table = csv.DictWriter(text, [field.name for field in fields(Row)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(row) for row in self.rows)
        return text.getvalue()


def identity_of(folder: Path) -> dict[str, Any]:
    """What run.json says; raises RunMismatch if the folder holds no run."""
    try:
        identity: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text())
    except OSError as error:
        raise RunMismatch(f"{folder} holds no run: --run must name the --out of fit") from error
    return identity


def rows_done(checkpoint: Path) -> list[Row]:
    """The epochs that a checkpoint contains; none where there is no checkpoint yet."""
    if not checkpoint.exists():
        return []
    with np.load(checkpoint) as state:
        return [Row(**row) for row in json.loads(str(state["rows"]))]


def weights(checkpoint: Path) -> list[np.ndarray]:
    """The network's weights in the order of `keras.Model.set_weights`."""
    with np.load(checkpoint) as state:
        count = sum(name.startswith("weight-") for name in state.files)
        return [state[f"weight-{at}"] for at in range(count)]


def _variables(step: Step) -> list[tuple[str, keras.Variable]]:
    weights = [(f"weight-{at}", value) for at, value in enumerate(step.model.weights)]
    return weights + [(f"state-{at}", value) for at, value in enumerate(step.optimizer.variables)]


def _fixed(identity: dict[str, Any]) -> dict[str, Any]:
    recipe = {name: value for name, value in identity["recipe"].items() if name != "phases"}
    return identity | {"recipe": recipe}
