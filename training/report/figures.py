"""All figures of a report, as they stand in `report.json` and on the page."""

import json
import math
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from training.errors import RunUnfinished
from training.lab.run_folder import Predictions, Row, RunFolder
from training.metrics import accuracy
from training.report.confusion import Pair, confused, confusion
from training.report.mistakes import Mistake, worst
from training.report.overfitting import Epoch, warnings
from training.report.per_class import ClassRow, per_class

FILE = "report.json"
SCHEMA = 1
MISTAKES = 24
PAIRS = 20
PACKAGES = ("classifycloud", "keras", "tensorflow", "jax", "torch", "numpy", "pillow")


@dataclass(frozen=True, slots=True)
class Time:
    """Seconds of all epochs' training, those of them spent waiting for data, computing and in neither."""

    training: float
    waiting: float
    computing: float

    @property
    def waiting_share(self) -> float:
        """Of the training, in 0..1."""
        return self.waiting / self.training if self.training else 0.0


@dataclass(frozen=True)
class Figures:
    """What a run came to.

    Args:
        kept: the epoch whose network is kept and that all but the curves speak of.
        finished: why the run ended; None while it goes on.
        top1, top5: of the kept network on the validation pictures, shares in 0..1.
        loss: mean negative log likelihood of the same, natural logarithm.
        majority: the share right for who always says the most frequent class.
    """

    identity: dict[str, Any]
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    kept: int
    finished: str | None
    pictures: int
    top1: float
    top5: float
    loss: float
    majority: float
    warnings: tuple[str, ...]
    matrix: np.ndarray
    classes: tuple[ClassRow, ...]
    pairs: tuple[Pair, ...]
    mistakes: tuple[Mistake, ...]
    files: tuple[str, ...]
    time: Time
    versions: dict[str, str]

    @property
    def recipe(self) -> dict[str, Any]:
        """As run.json has it."""
        found: dict[str, Any] = self.identity.get("recipe", {})
        return found

    def as_json(self) -> dict[str, Any]:
        """`report.json`; classes by their names, no matrix."""
        return {
            "schema": SCHEMA,
            "recipe": self.recipe.get("name"),
            "architecture": self.recipe.get("architecture"),
            "data": self.identity.get("data"),
            "fingerprint": self.identity.get("fingerprint"),
            "seed": self.identity.get("seed"),
            "backend": self.identity.get("backend"),
            "classes": len(self.names),
            "pictures": self.pictures,
            "epoch": self.kept,
            "epochs": len(self.rows),
            "finished": self.finished,
            "top1": self.top1,
            "top5": self.top5,
            "loss": self.loss,
            "majority": self.majority,
            "warnings": list(self.warnings),
            "perClass": [_camel(asdict(each)) for each in self.classes],
            "confused": [
                {
                    "true": self.names[pair.true],
                    "said": self.names[pair.said],
                    "count": pair.count,
                    "share": pair.share,
                }
                for pair in self.pairs
            ],
            "seconds": {**asdict(self.time), "waitingShare": self.time.waiting_share},
            "versions": self.versions,
        }


def figures(run: RunFolder) -> Figures:
    """Of a run with one epoch or more; it need not have ended.

    Raises:
        RunMismatch: the folder holds no run.
        RunUnfinished: it has not done an epoch.
    """
    identity, rows = run.identity, tuple(run.rows)
    if not rows or not (run.folder / "predictions.npz").exists():
        raise RunUnfinished(
            f"{run.folder} has not ended its first epoch: there is nothing to report"
        )
    said = run.predictions()
    names = tuple(str(each["name"]) for each in run.classes)
    shares = np.nan_to_num(said.scores.astype(np.float64))
    labels = said.labels.astype(np.int64)
    matrix = confusion(labels, shares.argmax(axis=1), len(names))
    right = accuracy(shares, labels)
    return Figures(
        identity=identity,
        names=names,
        rows=rows,
        kept=said.epoch,
        finished=(run.summary or {}).get("reason"),
        pictures=len(labels),
        top1=right.top1,
        top5=right.top5,
        loss=_loss(shares, labels),
        majority=float(matrix.sum(axis=1).max() / max(1, len(labels))),
        warnings=tuple(warnings([_epoch(row) for row in rows], said.epoch)),
        matrix=matrix,
        classes=tuple(per_class(matrix, names)),
        pairs=tuple(confused(matrix, PAIRS)),
        mistakes=tuple(_pictured(run, shares, labels)),
        files=_files(said),
        time=_time(rows),
        versions=_versions(),
    )


def read(folder: Path) -> dict[str, Any] | None:
    """`report.json` in a folder; None where there is none that can be read."""
    try:
        found = json.loads((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("schema") == SCHEMA else None


def _pictured(run: RunFolder, shares: np.ndarray, labels: np.ndarray) -> list[Mistake]:
    """The worst of those whose pixels are kept."""
    places, _ = run.worst()
    kept = np.asarray(places, np.int64)
    return [
        Mistake(int(kept[each.place]), each.true, each.said, each.surety, each.given)
        for each in worst(shares[kept], labels[kept], MISTAKES)
    ]


def _files(said: Predictions) -> tuple[str, ...]:
    return tuple(str(name) for name in said.pictures)


def _loss(shares: np.ndarray, labels: np.ndarray) -> float:
    given = shares[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(given, np.finfo(np.float64).tiny)).mean())


def _time(rows: Sequence[Row]) -> Time:
    def total(values: list[float]) -> float:
        return math.fsum(value for value in values if math.isfinite(value))

    return Time(
        total([row.seconds for row in rows]),
        total([row.waiting_seconds for row in rows]),
        total([row.computing_seconds for row in rows]),
    )


def _epoch(row: Row) -> Epoch:
    def known(value: float) -> float | None:
        return value if math.isfinite(value) else None

    return Epoch(
        row.epoch, row.loss, known(row.top1), known(row.validation_loss), known(row.validation_top1)
    )


def _versions() -> dict[str, str]:
    found = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _camel(said: dict[str, Any]) -> dict[str, Any]:
    return {"takenFor" if name == "taken_for" else name: value for name, value in said.items()}
