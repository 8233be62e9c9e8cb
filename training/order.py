"""What a training is asked for."""

from dataclasses import dataclass
from pathlib import Path

from training.lab.data import Wanted
from training.recipe import Recipe

EVERY = 30.0  # seconds


@dataclass(frozen=True)
class Order:
    """What is asked for: pictures, a recipe and a seed, and the folder of the run.

    Args:
        every: seconds between checkpoints within an epoch, at least; 0: one after each batch.
    """

    wanted: Wanted
    recipe: Recipe
    out: Path
    seed: int = 0
    devices: int = 1
    every: float = EVERY
