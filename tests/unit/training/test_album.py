"""Folders of pictures: what is one, what is left out and named, what is refused."""

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("pyarrow")

from classifier.manifest import Preprocessing
from training import album
from training.errors import PicturesUnfit

SPEC = Preprocessing(side=8)


def fill(folder, **counts):
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for at in range(count):
            Image.new("RGB", (9, 12), (at, 50, 90)).save(folder / name / f"{at}.png")
    return folder


def test_classes_are_folders_in_order(tmp_path):
    read = album.read(fill(tmp_path, wolf=3, ape=2), SPEC)
    assert read.names == ("ape", "wolf")
    assert read.split.labels.tolist() == [0, 0, 1, 1, 1]
    assert read.split.pictures.shape == (5, 8, 8, 3)
    assert [each.truth for each in read.labeled] == [(0,), (0,), (1,), (1,), (1,)]


def test_what_is_no_picture_is_left_out_and_named(tmp_path):
    fill(tmp_path, ape=3, wolf=3)
    whole = (tmp_path / "ape" / "0.png").read_bytes()
    (tmp_path / "ape" / "cut.png").write_bytes(whole[:40])
    (tmp_path / "wolf" / "notes.txt").write_text("no picture, and does not say so")
    (tmp_path / "wolf" / ".hidden.png").write_bytes(b"")
    read = album.read(tmp_path, SPEC)
    assert len(read.paths) == 6
    assert len(read.broken) == 1
    assert "ape/cut.png" in read.broken[0]


def test_a_class_of_broken_pictures_is_refused_with_their_names(tmp_path):
    fill(tmp_path, ape=3, wolf=0)
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "wolf" / name).write_bytes(b"\xff\xd8\xff broken")
    with pytest.raises(PicturesUnfit, match=r"wolf has 0 pictures and needs 2.*wolf/a\.jpg"):
        album.read(tmp_path, SPEC)


@pytest.mark.parametrize("counts", [{}, {"ape": 5}])
def test_a_choice_takes_two(tmp_path, counts):
    with pytest.raises(PicturesUnfit, match=f"has {len(counts)} classes"):
        album.read(fill(tmp_path, **counts), SPEC)


def test_an_empty_class_is_refused_by_name(tmp_path):
    with pytest.raises(PicturesUnfit, match="wolf has 0 pictures"):
        album.read(fill(tmp_path, ape=5, wolf=0), SPEC)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"")
    with pytest.raises(PicturesUnfit, match=r"a\.zip is no folder"):
        album.read(tmp_path / "a.zip", SPEC)


def test_pictures_to_measure_on_have_the_same_classes(tmp_path):
    fill(tmp_path, ape=2, wolf=2)
    with pytest.raises(PicturesUnfit, match="has the classes ape, wolf, not ape, cow"):
        album.read(tmp_path, SPEC, ("ape", "cow"))


def test_a_fifth_of_each_class_is_held_out(tmp_path):
    whole = album.read(fill(tmp_path, ape=20, wolf=2), SPEC)
    learn, held = album.parted(whole, 7)
    assert np.bincount(held.split.labels).tolist() == [4, 1]
    assert set(learn.paths) | set(held.paths) == set(whole.paths)
    assert not set(learn.paths) & set(held.paths)
    again = album.parted(whole, 7)[1]
    assert again.paths == held.paths
    assert album.parted(whole, 8)[1].paths != held.paths
