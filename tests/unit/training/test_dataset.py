"""Parquet becomes arrays once; the second reading comes from the cache."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training import dataset
from training.digests import digests
from training.errors import DataMissing
from training.lab.tables import Tables

parquet = pytest.importorskip("pyarrow.parquet")
pyarrow = pytest.importorskip("pyarrow")


def jpeg(gray, color=True):
    picture = Image.new("RGB", (64, 64), (gray,) * 3) if color else Image.new("L", (64, 64), gray)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "classes.txt").write_text("n1\tEgyptian cat\nn2\tsofa, couch\n", encoding="utf-8")
    for shard in range(2):
        rows = {
            "image": [jpeg(shard * 100 + at, at % 2 == 0) for at in range(3)],
            "label": [0, 1, 0],
        }
        parquet.write_table(pyarrow.table(rows), folder / f"train-0000{shard}-of-00002.parquet")
    return folder


def test_pictures_and_labels_come_in_the_shards_order(data, tmp_path):
    split = dataset.load(data, tmp_path / "cache", "train")
    assert (split.pictures.shape, split.pictures.dtype) == ((6, 64, 64, 3), np.uint8)
    assert split.labels.tolist() == [0, 1, 0, 0, 1, 0]
    means = split.pictures.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(means, [0, 1, 2, 100, 101, 102], atol=1.5)


def test_pictures_are_scaled_to_the_phase(data, tmp_path):
    assert dataset.load(data, tmp_path / "cache", "train", 48).pictures.shape == (6, 48, 48, 3)


def test_the_second_reading_decodes_nothing(data, tmp_path, monkeypatch):
    before = dataset.load(data, tmp_path / "cache", "train")
    monkeypatch.setattr(dataset, "_pixels", lambda *_: pytest.fail("decoded again"))
    after = dataset.load(data, tmp_path / "cache", "train")
    assert np.array_equal(before.pictures, after.pictures)
    assert list(before.names) == list(after.names)


def test_other_data_never_meet_the_cache(data, tmp_path):
    dataset.load(data, tmp_path / "cache", "train")
    (data / "train-00001-of-00002.parquet").unlink()
    assert len(dataset.load(data, tmp_path / "cache", "train").labels) == 3


def test_other_pictures_of_the_same_size_are_noticed(data, tmp_path):
    def read():
        cache = tmp_path / "cache"
        split = dataset.load(data, cache, "train")
        return Tables(data, cache).fingerprint, float(split.pictures[0].mean())

    first = min(data.glob("*.parquet"))
    before, size = read(), first.stat().st_size
    rows = parquet.read_table(first).to_pydict()
    parquet.write_table(pyarrow.table({**rows, "image": rows["image"][::-1]}), first)
    assert first.stat().st_size == size
    after = read()
    assert after[0] != before[0]
    assert after[1] == pytest.approx(before[1] + 2, abs=1)


def test_other_classes_are_other_data(data, tmp_path):
    before = Tables(data, tmp_path / "cache").fingerprint
    (data / "classes.txt").write_text("n1\tsofa, couch\nn2\tEgyptian cat\n", encoding="utf-8")
    assert Tables(data, tmp_path / "cache").fingerprint != before


def test_it_is_known_by_the_same_on_another_machine(data, tmp_path):
    copy = Path(shutil.copytree(data, tmp_path / "copy", copy_function=shutil.copyfile))
    there = Tables(copy, tmp_path / "there").fingerprint
    assert there == Tables(data, tmp_path / "cache").fingerprint


def test_files_are_read_again_only_when_they_changed(data, tmp_path, monkeypatch):
    files, memory = sorted(data.iterdir()), tmp_path / "memory.json"
    before = digests(files, memory)
    files[0].write_text("n1\tcat\nn2\tsofa\n", encoding="utf-8")
    opened, real = [], Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, *how, **more: opened.append(path) or real(path, *how, **more)
    )
    after = digests(files, memory)
    assert [path for path in opened if path in files] == files[:1]
    assert (after[0] != before[0], after[1:]) == (True, before[1:])


def test_a_decoding_that_was_killed_leaves_no_cache(data, tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "_pixels", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        dataset.load(data, tmp_path / "cache", "train")
    monkeypatch.undo()
    assert not list((tmp_path / "cache").rglob("*.npy"))
    assert not list((tmp_path / "cache").rglob("*.partial"))
    assert len(dataset.load(data, tmp_path / "cache", "train").labels) == 6


def test_classes_are_in_the_order_of_their_index(data):
    assert dataset.classes(data) == [("n1", "Egyptian cat"), ("n2", "sofa, couch")]


def test_missing_files_are_named(data, tmp_path):
    with pytest.raises(DataMissing, match=r"validation-\*\.parquet"):
        dataset.load(data, tmp_path / "cache", "validation")
    with pytest.raises(DataMissing, match=r"classes\.txt"):
        dataset.classes(tmp_path)
    (data / "classes.txt").unlink()
    with pytest.raises(DataMissing, match=r"classes\.txt"):
        dataset.load(data, tmp_path / "cache", "train")


def test_of_some_classes_only_their_pictures_are_decoded(data, tmp_path, monkeypatch):
    decoded, pixels = [], dataset._pixels
    monkeypatch.setattr(dataset, "_pixels", lambda *given: decoded.append(1) or pixels(*given))
    split = dataset.load(data, tmp_path / "cache", "train", only=frozenset({1}))
    assert split.labels.tolist() == [1, 1]
    assert len(split.pictures) == len(decoded) == 2
    np.testing.assert_allclose(split.pictures.mean(axis=(1, 2, 3)), [1, 101], atol=1.5)
    assert len(dataset.load(data, tmp_path / "cache", "train").labels) == 6
