"""Drawn pictures to train on: `python -m tests.patterns FOLDER [COUNT]` makes a folder for each pattern.

Two random colors, a random size, turn and place, and noise: what tells the classes apart is the pattern, and
a little the color, which is more often of one kind. With much noise some cannot be told apart by anybody.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 64
KINDS = ("checks", "dots", "rings", "stripes", "waves")
USUAL = dict(
    zip(
        KINDS,
        ((190, 70, 60), (70, 160, 80), (70, 90, 190), (190, 170, 60), (150, 80, 170)),
        strict=True,
    )
)
SPREAD = 45.0  # of a color around the usual one of its kind, in levels


def drawn(kind: str, random: np.random.Generator, noise: float = 12.0) -> Image.Image:
    """A picture of SIDE pixels; `noise` is a standard deviation in levels of brightness."""
    grid = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    turn = random.uniform(0, np.pi)
    x = grid[1] * np.cos(turn) + grid[0] * np.sin(turn) + random.uniform(0, SIDE)
    y = grid[0] * np.cos(turn) - grid[1] * np.sin(turn) + random.uniform(0, SIDE)
    far = np.hypot(*(grid - random.uniform(-8, 8, (2, 1, 1))))
    period = 2 * np.pi / random.uniform(8, 16)
    wave = {
        "checks": np.sin(period * x) * np.sin(period * y),
        "dots": np.sin(period * x) + np.sin(period * y) - 1.0,
        "rings": np.sin(period * far),
        "stripes": np.sin(period * x),
        "waves": np.sin(period * (x + 3 * np.sin(period * y / 2))),
    }[kind]
    one, two = random.normal(USUAL[kind], SPREAD), random.uniform(0, 255, 3)
    picture = np.where((wave > 0)[..., None], one, two) + random.normal(0, noise, (SIDE, SIDE, 3))
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def drawings(
    folder: Path, count: int, seed: int, kinds: tuple[str, ...] = KINDS, noise: float = 12.0
) -> Path:
    """The folder, with so many pictures of each kind in folders of their own."""
    random = np.random.default_rng(seed)
    for kind in kinds:
        (folder / kind).mkdir(parents=True)
        for at in range(count):
            drawn(kind, random, noise).save(folder / kind / f"{kind}-{at:03d}.png")
    return folder


if __name__ == "__main__":
    made = drawings(Path(sys.argv[1]), int((*sys.argv[2:], 100)[0]), seed=0, noise=40.0)
    print(made)
