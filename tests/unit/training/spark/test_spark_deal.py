import numpy as np
import pytest

from tests.dealt import batches
from training.augmentation import Augmentation
from training.decoded import Split
from training.spark.deal import Deal
from training.spark.errors import TooFewPictures

SIZES = [(400, 40, 2), (97, 8, 3), (10_000, 33, 2), (100_000, 256, 2), (101, 100, 3), (7, 7, 7)]


def deal(pictures: int, batch: int, shards: int, how: Augmentation | None = None) -> Deal:
    return Deal(pictures, batch, shards, 5, 2, how or Augmentation())


@pytest.mark.parametrize(("pictures", "batch", "shards"), SIZES)
def test_an_epoch_has_no_picture_twice_and_every_update_some_of_each_shard(pictures, batch, shards):
    dealt = deal(pictures, batch, shards)
    for epoch in (0, 1):
        seen = []
        for step in range(dealt.steps):
            parts = [dealt.chosen(shard, epoch, step) for shard in range(shards)]
            assert min(map(len, parts)) > 0
            assert sum(map(len, parts)) == dealt.count(step) <= batch
            seen += [dealt.members(shard)[part] for shard, part in enumerate(parts)]
        every = np.concatenate(seen)
        assert len(set(every.tolist())) == len(every)
        assert len(every) > pictures - 2 * batch


def test_the_parts_of_two_executors_are_the_batch_of_one_process():
    dealt = deal(20, 6, 2, Augmentation(shift=0.2, flip=True))
    random = np.random.default_rng(0)
    whole = Split(random.integers(0, 256, (20, 8, 8, 3), np.uint8), np.arange(20) % 2)
    shards = [whole.chosen(dealt.members(shard)) for shard in range(2)]
    for step, (pictures, labels) in enumerate(batches(dealt, shards, 3)):
        parts = [dealt.part(shards[shard], shard, 3, step) for shard in range(2)]
        np.testing.assert_array_equal(pictures, np.concatenate([part[0] for part in parts]))
        np.testing.assert_array_equal(labels, np.concatenate([part[1] for part in parts]))


@pytest.mark.parametrize(("pictures", "batch", "shards"), [(10, 2, 3), (10, 12, 2)])
def test_what_cannot_be_shared_out_is_refused(pictures, batch, shards):
    with pytest.raises(TooFewPictures, match="--batch"):
        deal(pictures, batch, shards)
