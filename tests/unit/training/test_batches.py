"""Batches: the same for the same seed and epoch, each picture once, only shifted and mirrored."""

import threading

import numpy as np

from training import batches
from training.augmentation import Augmentation
from training.decoded import Split
from training.lab.varied import shifted


def split(count=40, side=16):
    random = np.random.default_rng(3)
    pictures = random.integers(0, 256, (count, side, side, 3), np.uint8)
    return Split(pictures, np.arange(count))


def shuffle(seed=0, padding=4):
    return batches.Shuffle(8, seed, Augmentation(shift=padding / 16, flip=True), 43)


def test_the_same_seed_and_epoch_give_the_same_batches_from_any_place():
    first, again = (list(shuffle(1).epoch(split(), 2)) for _ in range(2))
    assert len(first) == 5
    again = first[:2] + list(shuffle(1).epoch(split(), 2, first=2))
    for (pictures, labels), (pictures2, labels2) in zip(first, again, strict=True):
        assert np.array_equal(pictures, pictures2)
        assert np.array_equal(labels, labels2)


def test_another_epoch_gives_other_batches():
    one, two = (next(shuffle(1).epoch(split(), number)) for number in (0, 1))
    assert not np.array_equal(one[1], two[1])


def test_each_picture_comes_once_the_rest_in_a_smaller_batch():
    labels = [labels for _, labels in shuffle().epoch(split(43), 0)]
    assert [len(each) for each in labels] == [8, 8, 8, 8, 8, 3]
    assert len(set(np.concatenate(labels).tolist())) == 43


def test_without_padding_a_picture_is_itself_or_its_mirror():
    data = split()
    seen = set()
    for pictures, labels in shuffle(padding=0).epoch(data, 0):
        for picture, label in zip(pictures, labels, strict=True):
            original = data.pictures[label]
            mirrored = np.array_equal(picture, original[:, ::-1])
            assert mirrored or np.array_equal(picture, original)
            seen.add(mirrored)
    assert seen == {True, False}


def test_shifts_stay_within_the_padding():
    ramp = np.broadcast_to(np.arange(16, dtype=np.uint8)[None, None, :, None] * 10, (64, 16, 16, 3))
    moved = shifted(ramp, np.random.default_rng(0), 2)
    centers = {int(picture[0, 8, 0]) for picture in moved}
    assert centers <= {60, 70, 80, 90, 100} | {50, 60, 70, 80, 90}  # as they are, and mirrored
    assert len(centers) > 3


def test_plain_keeps_order_and_the_last_short_batch():
    sizes = [len(labels) for _, labels in batches.plain(split(43), 20)]
    assert sizes == [20, 20, 3]


def test_preparing_ahead_changes_nothing_but_the_thread():
    threads = set()

    def source():
        for at in range(10):
            threads.add(threading.get_ident())
            yield np.array([at]), np.array([at])

    assert [int(labels[0]) for _, labels in batches.ahead(source())] == list(range(10))
    assert threading.get_ident() not in threads
