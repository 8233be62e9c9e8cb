"""From a run's folder to `report.html` and `report.json` beside its other files."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training import ordered
from training.atomic import write
from training.lab.run_folder import RunFolder
from training.report.figures import FILE, Figures, figures
from training.report.page import page

PAGE = "report.html"


@dataclass(frozen=True)
class Made:
    """What was written."""

    page: Path
    figures: Figures


def make(folder: Path) -> Made:
    """Writes both files, each whole or not at all; safe to call again, and while the run goes on.

    Raises:
        RunMismatch: the folder holds no run.
        RunUnfinished: it has not done an epoch.
    """
    run = RunFolder(folder)
    found = figures(run)
    places, pixels = run.worst()
    pictures = {int(at): np.asarray(each) for at, each in zip(places, pixels, strict=True)}
    written = folder / PAGE
    write(folder / FILE, json.dumps(found.as_json(), indent=2, allow_nan=False).encode())
    write(written, page(found, pictures, command(found, folder)).encode())
    return Made(written, found)


def command(found: Figures, run: Path) -> str:
    """What makes the run again: as it was given, where that is known."""
    identity = found.identity
    return ordered.command(run) or (
        f"classifycloud train --recipe {found.recipe.get('name')} --data {identity.get('data')} "
        f"--seed {identity.get('seed')}"
    )
