"""What is wrong with pictures, labels or the disk is said in one line that names the file or the remedy."""

import resource
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("keras")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from training.errors import TrainingError  # noqa: E402
from training.lab.choice import Choice  # noqa: E402
from training.lab.data import Wanted, opened  # noqa: E402

COUNT = 6


def pictures(folder, *kinds):
    random = np.random.default_rng(0)
    for kind in kinds:
        (folder / kind).mkdir(parents=True)
        for at in range(COUNT):
            noise = random.integers(0, 256, (20, 20, 3), np.uint8)
            Image.fromarray(noise).save(folder / kind / f"{at}.png")
    return folder


def jpegs(folder, labels, broken=(), columns=("image", "label")):
    folder.mkdir()
    (folder / "classes.txt").write_text("n0\tred\nn1\tblue\n")
    Image.new("RGB", (8, 8)).save(folder / "x.jpg")
    good = (folder / "x.jpg").read_bytes()
    images = [b"no picture" if at in broken else good for at in range(len(labels))]
    table = pyarrow.table(dict(zip(columns, (images, labels), strict=True)))
    parquet.write_table(table, folder / "train-00000-of-00001.parquet")
    return folder


def corrupt(folder):
    pictures(folder, "cat", "dog")
    (folder / "dog" / "3.png").write_bytes(b"\x89PNG but cut short")


def cut_short(folder):
    pictures(folder, "cat", "dog")
    whole = (folder / "dog" / "4.png").read_bytes()
    (folder / "dog" / "4.png").write_bytes(whole[: len(whole) // 2])


def empty_class(folder):
    pictures(folder, "cat", "dog")
    (folder / "fish").mkdir()


def other_classes(folder):
    pictures(folder / "train", "cat", "dog")
    pictures(folder / "val", "cat", "fish")


def cut_table(folder):
    jpegs(folder, [0, 1] * 3)
    shard = folder / "train-00000-of-00001.parquet"
    shard.write_bytes(shard.read_bytes()[:-20])


BAD = {
    "corrupt picture": (corrupt, ["dog/3.png", "--skip-broken"]),
    "picture cut short": (cut_short, ["dog/4.png"]),
    "empty class": (empty_class, ["fish holds no pictures", "remove the folder"]),
    "one class only": (lambda folder: pictures(folder, "cat"), ["1 class", "a choice takes two"]),
    "no class": (lambda folder: folder.mkdir(), ["0 classes", "a folder for each class"]),
    "no folder": (lambda folder: None, ["is not there", "--data"]),
    "other classes to measure on": (other_classes, ["not the same classes: dog, fish"]),
    "a label too high": (
        lambda folder: jpegs(folder, [0, 1, 2, 0]),
        ["train-00000-of-00001.parquet, row 2: label 2 is none of the 2 classes"],
    ),
    "a label below": (lambda folder: jpegs(folder, [0, -1]), ["row 1: label -1"]),
    "a class without rows": (lambda folder: jpegs(folder, [0] * 4), ["to learn from of blue"]),
    "a row without picture": (
        lambda folder: jpegs(folder, [0, 1] * 3, broken={4}),
        ["train-00000-of-00001.parquet#4", "--skip-broken"],
    ),
    "a table cut short": (cut_table, ["train-00000-of-00001.parquet", "cut short"]),
    "other columns": (
        lambda folder: jpegs(folder, [0, 1], columns=("picture", "label")),
        ["has no column image"],
    ),
}


def open_(folder, cache, lenient=False):
    recipe = Choice(model="dense", side=16).made()
    return opened(Wanted(str(folder), cache, lenient=lenient), recipe, 0)


@pytest.mark.parametrize("case", BAD)
def test_the_error_names_what_is_wrong(case, tmp_path):
    make, said = BAD[case]
    make(tmp_path / "data")
    with pytest.raises(TrainingError) as raised:
        open_(tmp_path / "data", tmp_path / "cache")
    text = str(raised.value)
    assert "\n" not in text
    for part in said:
        assert part in text
    assert not list((tmp_path / "cache").rglob("*.partial"))


def test_a_picture_that_is_mended_is_read_the_next_time(tmp_path):
    corrupt(tmp_path / "data")
    with pytest.raises(TrainingError):
        open_(tmp_path / "data", tmp_path / "cache")
    Image.new("RGB", (20, 20)).save(tmp_path / "data" / "dog" / "3.png")
    source = open_(tmp_path / "data", tmp_path / "cache")
    split = [source.split(part, 16) for part in ("train", "validation")]
    assert sum(len(each.labels) for each in split) == 2 * COUNT


def test_what_is_broken_can_be_left_out(tmp_path, capsys):
    corrupt(tmp_path / "data")
    source = open_(tmp_path / "data", tmp_path / "cache", lenient=True)
    names = [name for part in ("train", "validation") for name in source.split(part, 16).names]
    assert sorted(names) == sorted(
        f"{kind}/{at}.png"
        for kind in ("cat", "dog")
        for at in range(COUNT)
        if (kind, at) != ("dog", 3)
    )
    assert "left out: dog/3.png" in capsys.readouterr().err


def limited(size):
    """No file may be longer: what a full disk says to a writer, this does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


WRITE = """
import sys
from pathlib import Path
from training.atomic import write
from training.errors import OutOfSpace
try:
    write(Path(sys.argv[1]), b"x" * 9000)
except OutOfSpace as error:
    print(error)
"""
DECODE = """
import sys
from pathlib import Path
import numpy as np
from training.decoded import Decoding, Entry
from training.errors import OutOfSpace
place = Path(sys.argv[1]).with_suffix(".npy")
pixels = lambda data: np.zeros((32, 32, 3), np.uint8)
try:
    Decoding(place, 32, pixels).load(9, lambda: [Entry("x", 0, bytes)] * 9)
except OutOfSpace as error:
    print(error)
"""


@pytest.mark.parametrize("code", [WRITE, DECODE], ids=["checkpoint", "decoded pictures"])
def test_a_full_disk_loses_nothing(code, tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(b"before")
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        preexec_fn=limited(4096),
        check=False,
    )
    assert "cannot be written" in done.stdout, done.stderr
    assert "the same command again" in done.stdout
    assert path.read_bytes() == b"before"
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]
