"""Splits, groups and the small formats: which pictures are learned from, and which are measured on."""

import gzip

import numpy as np
import pytest

from classifier.classes import ClassName
from training.decoded import Split
from training.errors import PicturesUnfit
from training.lab import arrays
from training.lab.course import patient
from training.lab.source import Grouped, Parted, checked, held_out
from training.recipe import Group


class Whole:
    """Thirty pictures of three classes, each of its number's shade."""

    classes = tuple(ClassName(class_id=f"n{at}", name=f"class {at}") for at in range(3))
    fingerprint = "whole"
    parts = frozenset(("train",))

    def split(self, part, side):
        shades = np.arange(30, dtype=np.uint8)
        pictures = np.broadcast_to(shades[:, None, None, None], (30, side, side, 3))
        return Split(pictures, np.arange(30) % 3, [f"p{at}" for at in range(30)])


def shades(split):
    return split.pictures[:][:, 0, 0, 0].tolist()


def test_a_share_of_each_class_is_held_out_and_nothing_is_in_both():
    source = Parted(Whole(), 0.2, seed=4)
    learn, held = source.split("train", 8), source.split("validation", 8)
    assert sorted(shades(learn) + shades(held)) == list(range(30))
    assert np.bincount(held.labels).tolist() == [2, 2, 2]
    for split in (learn, held):
        assert [f"p{shade}" for shade in shades(split)] == split.names
        assert [shade % 3 for shade in shades(split)] == split.labels.tolist()


def test_the_seed_decides_what_is_held_out():
    labels = np.arange(300) % 3
    assert held_out(labels, 0.2, 1).tolist() == held_out(labels, 0.2, 1).tolist()
    assert held_out(labels, 0.2, 1).tolist() != held_out(labels, 0.2, 2).tolist()
    assert Parted(Whole(), 0.2, 1).fingerprint != Parted(Whole(), 0.2, 2).fingerprint


def test_a_class_of_two_pictures_keeps_one_for_each_part():
    assert held_out(np.array([0, 0, 1, 1]), 0.2, 0).size == 2


GROUPS = (Group("odd", ("n1",), train=4, validation=1), Group("rest", ("n0", "n2"), 2, 1))


def test_groups_take_so_many_of_each_member_and_are_the_classes():
    source = Grouped(Parted(Whole(), 0.2, 0), GROUPS)
    assert [each.name for each in source.classes] == ["odd", "rest"]
    learn, held = source.split("train", 4), source.split("validation", 4)
    assert np.bincount(learn.labels).tolist() == [4, 4]
    assert np.bincount(held.labels).tolist() == [1, 2]
    for split in (learn, held):
        assert [0 if shade % 3 == 1 else 1 for shade in shades(split)] == split.labels.tolist()
    assert not set(shades(learn)) & set(shades(held))


def test_groups_of_classes_that_are_not_there_are_not_used():
    assert Grouped.fits(Whole(), GROUPS)
    assert not Grouped.fits(Whole(), (Group("x", ("n7",), 1, 1),))
    assert not Grouped.fits(Whole(), ())


def test_a_class_without_pictures_is_named():
    split = Whole().split("train", 4)
    with pytest.raises(PicturesUnfit, match="no pictures to learn from of class 2"):
        checked(Whole(), "x", Split(split.pictures, np.minimum(split.labels, 1)))


@pytest.mark.parametrize(
    ("losses", "patience", "on"),
    [
        ([], 2, True),
        ([3, 2, 1], 2, True),
        ([1, 2], 2, True),
        ([1, 2, 3], 2, False),
        ([3, 1, 1, 1], 2, False),
        ([1, 2, 3], None, True),
        ([float("inf"), 5, 6], 2, True),
    ],
)
def test_patience_is_counted_from_the_lowest_loss(losses, patience, on):
    assert patient(losses, patience) is on


def ubyte(folder, packed):
    """Fashion-MNIST's four files with a few pictures."""
    random = np.random.default_rng(0)
    for name, count in (("train", 20), ("t10k", 10)):
        pictures = random.integers(0, 256, (count, 28, 28), np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        files = (
            (f"{name}-images-idx3-ubyte", bytes(16) + pictures.tobytes()),
            (f"{name}-labels-idx1-ubyte", bytes(8) + labels.tobytes()),
        )
        for file, data in files:
            path = folder / (file + (".gz" if packed else ""))
            path.write_bytes(gzip.compress(data) if packed else data)
    return folder


@pytest.mark.parametrize("packed", [True, False])
def test_ubyte_files(tmp_path, packed):
    found = arrays.of_files(ubyte(tmp_path, packed), "fashion_mnist")
    split = found.split("validation", 28)
    assert split.pictures.shape == (10, 28, 28, 3)
    assert split.labels.tolist() == list(range(10))
    assert found.classes[9].name == "ankle boot"
    assert found.split("train", 14).pictures.shape == (20, 14, 14, 3)


def test_binary_cifar_files(tmp_path):
    row = np.concatenate([[3], np.full(1024, 200), np.full(1024, 100), np.full(1024, 50)])
    for name in ("data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"):
        (tmp_path / name).write_bytes(row.astype(np.uint8).tobytes())
    split = arrays.of_files(tmp_path, "cifar10").split("train", 32)
    assert split.pictures.shape == (2, 32, 32, 3)
    assert split.pictures[0, 0, 0].tolist() == [200, 100, 50]
    assert split.labels.tolist() == [3, 3]


def test_a_file_that_is_cut_short_is_named(tmp_path):
    (tmp_path / "data_batch_1.bin").write_bytes(b"x" * 5000)
    (tmp_path / "test_batch.bin").write_bytes(b"")
    with pytest.raises(PicturesUnfit, match=str(tmp_path)):
        arrays.of_files(tmp_path, "cifar10")
