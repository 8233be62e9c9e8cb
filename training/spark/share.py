"""A task's share of the training pictures: some shards, on the disk of the machine that it runs on."""

import os
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from training.batches import Batch
from training.decoded import Split
from training.errors import DataMissing
from training.lab.data import Lessons, Wanted, opened
from training.recipe import Recipe
from training.spark.deal import Deal, together
from training.spark.errors import ExecutorsUnfit


@dataclass(frozen=True)
class Pictures:
    """What every executor is told of a run's pictures; small, and pickled.

    Args:
        run: names this attempt at a run.
        wanted: with places as they are called on every machine.
        fingerprint: of the driver's pictures, see `training.lab.source.Source`.
    """

    run: str
    wanted: Wanted
    recipe: Recipe
    seed: int
    deal: Deal
    fingerprint: str

    def part(self, shards: tuple[int, ...], epoch: int, step: int, side: int) -> Batch:
        """The shards' part of an update; decoded on this machine unless it has been already."""
        return together(
            [self.deal.part(_shard(self, shard, side), shard, epoch, step) for shard in shards]
        )

    def __hash__(self) -> int:
        return hash(self.run)


@cache
def _shard(pictures: Pictures, shard: int, side: int) -> Split:
    lessons = _lessons(pictures)
    if lessons.source.fingerprint != pictures.fingerprint:
        raise ExecutorsUnfit(
            f"an executor sees other pictures than the driver: {pictures.wanted.data} must be the same "
            "on every machine, file for file"
        )
    whole = lessons.split("train", side)
    if len(whole.labels) != pictures.deal.pictures:
        raise ExecutorsUnfit(
            f"an executor sees {len(whole.labels)} pictures to train on and the driver "
            f"{pictures.deal.pictures}: {pictures.wanted.data} must be the same on every machine"
        )
    return whole.chosen(pictures.deal.members(shard))


@cache
def _lessons(pictures: Pictures) -> Lessons:
    wanted, recipe = pictures.wanted, pictures.recipe
    try:
        source = opened(replace(wanted, cache=_writable(wanted.cache)), recipe, pictures.seed)
    except DataMissing as error:
        raise ExecutorsUnfit(
            f"an executor does not see the pictures ({error}): give a folder that all machines "
            "share, or s3://"
        ) from error
    return Lessons(source, recipe.pictures)


def _writable(asked: Path) -> Path:
    """The folder for decoded pictures, where it can be made; else one that Spark removes in the end."""
    try:
        asked.mkdir(parents=True, exist_ok=True)
    except OSError:
        places = os.environ.get("SPARK_LOCAL_DIRS") or tempfile.gettempdir()
        return Path(places.split(",")[0]) / "classifycloud"
    return asked
