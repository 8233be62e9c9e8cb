"""A picture within the limits costs its own memory and the result's, not copies of it.

Each is decoded in a process of its own, whose peak Linux keeps; `ru_maxrss` would not do, since
it starts from the peak of the process that forked it.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[3]
MIB = 2**20
WARM, LARGE, MEDIUM = 64, 7000, 3000  # pixels a side
ONE = 4 * MEDIUM**2  # Pillow keeps RGB in four bytes as well
BLOCKS = 28 * MIB
CHILD = """
import sys
from pathlib import Path
from classifier.manifest import Preprocessing
from classifier.preprocess import ImageLimits, prepare

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

def make(path):
    return prepare(Path(path).read_bytes(), Preprocessing(side=64, resize=64), ImageLimits())

make(sys.argv[1])
before = peak()
make(sys.argv[2])
print(peak() - before)
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs the process's peak as Linux keeps it"
)


def gray(side, kind):
    return np.broadcast_to(np.linspace(0, 200, side).astype(kind), (side, side))


def image(mode, side):
    kinds = {"F": np.float32, "I": np.int32}
    if mode in kinds:
        return Image.fromarray(np.ascontiguousarray(gray(side, kinds[mode])))
    return Image.fromarray(np.ascontiguousarray(gray(side, np.uint8))).convert(mode)


def saved(folder, mode, side, **options):
    kind = "TIFF" if mode in "FI" else "PNG"
    how = {"compress_level": 1} if kind == "PNG" else {"compression": "tiff_deflate"}
    path = folder / f"{mode}-{side}.{kind.lower()}"
    image(mode, side).save(path, kind, **how, **options)
    return path


def taken(folder, mode, side, **options):
    """Bytes that the picture adds to the peak of a process that has decoded a small one."""
    paths = [saved(folder, mode, at, **options) for at in (WARM, side)]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, paths)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_the_largest_transparent_picture_stays_under_half_a_gigabyte(tmp_path):
    assert taken(tmp_path, "RGBA", LARGE) < 480 * MIB


@pytest.mark.parametrize("mode", ["LA", "F", "I"])
def test_each_mode_costs_the_picture_and_the_result(tmp_path, mode):
    assert taken(tmp_path, mode, MEDIUM) < 2 * ONE + BLOCKS


def test_a_transparent_palette_costs_no_more(tmp_path):
    assert taken(tmp_path, "P", MEDIUM, transparency=bytes(range(256))) < 2 * ONE + BLOCKS


def test_a_picture_that_is_upright_and_rgb_is_not_copied(tmp_path):
    assert taken(tmp_path, "RGB", MEDIUM) < ONE + BLOCKS


def test_turning_costs_no_third_copy(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert taken(tmp_path, "RGBA", MEDIUM, exif=exif) < 2 * ONE + BLOCKS
