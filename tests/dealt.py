"""Updates of a training on Spark as one process makes them that holds every shard."""

from collections.abc import Iterator, Sequence

from training.decoded import Split
from training.spark.deal import Batch, Deal, together


def batches(deal: Deal, shards: Sequence[Split], epoch: int) -> Iterator[Batch]:
    """Whole updates of an epoch."""
    for step in range(deal.steps):
        yield together([deal.part(split, at, epoch, step) for at, split in enumerate(shards)])
