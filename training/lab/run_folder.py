"""A training run's folder, and how to read it. Needs numpy alone: no Keras, no TensorFlow.

| file | what | written |
|---|---|---|
| `run.json` | what the run is, see below | at its start |
| `checkpoint.npz` | rows, progress in the epoch, all state: **the only truth** | within epochs and after |
| `log.csv` | the rows, one an epoch | after each epoch's checkpoint |
| `best.keras` | of the lowest validation loss: bytes 0..255 to logits | after such an epoch's checkpoint |
| `worst.npz` | its most confident errors, with their pixels | after it |
| `predictions.npz` | what that network says of the validation pictures | last of the three |
| `classes.json` | the classes in the order of outputs, as a bundle's `labels.json` | at its start |
| `summary.json` | why and how it ended; a run without it has not | at its end, last of all |
| `events/` | TensorBoard's files: `tensorboard --logdir RUN/events` | each epoch |

`run.json`: `recipe` (an object: `name`, `architecture`, `options`, `phases`, `batch`, `optimizer`,
`schedule`, `augmentation`, `patience`, `published` (the literature's results) and more), `seed`, `data` (as
it was named), `fingerprint` (of the data's files and classes), `backend` (Keras'), `classes` (how many),
`pictures` (`{"train": n, "validation": m}`), `preprocessing` (`classifier.manifest.Preprocessing`) and
`parameters`.

`predictions.npz`: `epoch`; `scores` float32 (n, classes), probabilities; `labels` int32 (n,); `pictures` str
(n,), each picture's file, or its name in a table. `worst.npz`: `places` int32 (k,), rows of the former;
`pictures` uint8 (k, side, side, 3).

Every file is whole or absent. `best.keras`, `worst.npz` and `predictions.npz` are written in this order after
the checkpoint that has their epoch: a kill in between leaves older ones, and the next attempt, before it
trains, writes them from the checkpoint's network.
"""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from training.errors import RunMismatch

DESCRIPTION = "run.json"
CHECKPOINT = "checkpoint.npz"
LOG = "log.csv"
BEST = "best.keras"
PREDICTIONS = "predictions.npz"
WORST = "worst.npz"
CLASSES = "classes.json"
SUMMARY = "summary.json"
EVENTS = "events"
UNKNOWN = math.nan


@dataclass(frozen=True)
class Row:
    """One epoch, from 1, of `planned`. Shares in 0..1; what is not known is NaN.

    Args:
        side: of its pictures, in pixels.
        steps: updates since the run began.
        loss, top1, top5: means over the epoch's training batches, augmented, each before its update.
        validation_loss, validation_top1, validation_top5: of the network at the epoch's end; the loss without
            label smoothing.
        rate: the last step's learning rate.
        seconds: of training, validation not counted; `waiting_seconds` of them for data, `computing_seconds`
            for everything else.
    """

    epoch: int
    planned: int
    side: int
    steps: int
    loss: float
    top1: float
    top5: float
    validation_loss: float
    validation_top1: float
    validation_top5: float
    rate: float
    pictures_per_second: float
    seconds: float
    waiting_seconds: float
    computing_seconds: float

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Row":
        """From a checkpoint or a log; older ones knew the validation's accuracy alone."""
        if "validation_top1" not in said:
            before = {"validation_top1": said["top1"], "validation_top5": said["top5"]}
            said = {**said, **before, "top1": UNKNOWN, "top5": UNKNOWN}
        whole = {"epoch", "planned", "side", "steps"}
        found: dict[str, Any] = {
            field.name: int(said.get(field.name, 0))
            if field.name in whole
            else float(said.get(field.name, UNKNOWN))
            for field in fields(cls)
        }
        return cls(**found)


@dataclass(frozen=True)
class Predictions:
    """What the best network says of the validation pictures; shapes as this module's text says."""

    epoch: int
    scores: np.ndarray
    labels: np.ndarray
    pictures: list[str]


class RunFolder:
    """Reads a run, finished or not, while it is written or after."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def identity(self) -> dict[str, Any]:
        """run.json; raises RunMismatch where the folder holds no run."""
        try:
            found: dict[str, Any] = json.loads((self.folder / DESCRIPTION).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise RunMismatch(
                f"{self.folder} holds no run: name the --out of a training"
            ) from error
        return found

    @property
    def rows(self) -> list[Row]:
        """The epochs done, in order."""
        return rows_done(self.folder / CHECKPOINT)

    @property
    def classes(self) -> list[dict[str, Any]]:
        """As in a bundle's labels.json: `classId`, `name`."""
        found: list[dict[str, Any]] = json.loads((self.folder / CLASSES).read_text("utf-8"))
        return found

    @property
    def summary(self) -> dict[str, Any] | None:
        """How it ended: `reason` (`epochs`, `early stop`), `epochs`, `best_epoch`, `steps`; None before."""
        try:
            found: dict[str, Any] = json.loads((self.folder / SUMMARY).read_text("utf-8"))
        except FileNotFoundError:
            return None
        return found

    @property
    def best(self) -> Path:
        """The best network's file, there after the first epoch."""
        return self.folder / BEST

    @property
    def best_row(self) -> Row | None:
        """The best epoch, which `best` is of; None before the first."""
        return best_of(self.rows)

    def predictions(self) -> Predictions:
        """Raises RunMismatch before the first epoch's end."""
        with _opened(self.folder / PREDICTIONS) as found:
            return Predictions(
                int(found["epoch"]), found["scores"], found["labels"], found["pictures"].tolist()
            )

    @property
    def kept_epoch(self) -> int | None:
        """The epoch that `best`, `worst` and `predictions` are all of; None before the first."""
        try:
            with _opened(self.folder / PREDICTIONS) as found:
                return int(found["epoch"])
        except RunMismatch:
            return None

    def worst(self) -> tuple[np.ndarray, np.ndarray]:
        """Places in `predictions` and pictures; raises RunMismatch before the first epoch's end."""
        with _opened(self.folder / WORST) as found:
            return found["places"], found["pictures"]


def best_of(rows: Sequence[Row]) -> Row | None:
    """The epoch with the lowest validation loss, the first of several; the last where none is known."""
    known = [row for row in rows if not math.isnan(row.validation_loss)]
    return min(known, key=lambda row: row.validation_loss) if known else rows[-1] if rows else None


def rows_done(checkpoint: Path) -> list[Row]:
    """The epochs that a checkpoint contains; none where there is no checkpoint yet."""
    if not checkpoint.exists():
        return []
    with np.load(checkpoint) as state:
        return [Row.of(row) for row in json.loads(str(state["rows"]))]


def as_csv(rows: Sequence[Row]) -> str:
    """log.csv."""
    text = StringIO()
    table = csv.DictWriter(text, [field.name for field in fields(Row)], lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(row) for row in rows)
    return text.getvalue()


def _opened(path: Path) -> Any:
    try:
        return np.load(path)
    except FileNotFoundError as error:
        raise RunMismatch(f"{path} is missing: the run has not ended its first epoch") from error
