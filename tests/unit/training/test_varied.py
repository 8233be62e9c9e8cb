"""Augmentation: what is promised of a picture holds whatever chance does to it."""

import numpy as np
import pytest

from training.augmentation import NONE, Augmentation, parsed
from training.errors import WrongRecipe
from training.lab import randaugment
from training.lab.varied import mixed, turned, varied

CLASSES = 4


def pictures(count=16, side=24):
    """Smooth ones, so that half a pixel is not all the difference."""
    ramp = np.linspace(0, 255, side)
    grid = np.stack([ramp[:, None] + 0 * ramp, 0 * ramp[:, None] + ramp, np.full((side, side), 90)])
    return np.repeat(grid.transpose(1, 2, 0)[None].astype(np.uint8), count, axis=0)


def labels(count=16):
    return np.arange(count) % CLASSES


def of(how, seed=0, count=16):
    return varied(pictures(count), labels(count), CLASSES, how, np.random.default_rng(seed))


EVERY = [
    Augmentation(shift=0.2),
    Augmentation(flip=True),
    Augmentation(rotate=20),
    Augmentation(zoom=0.2),
    Augmentation(randaugment=2),
    Augmentation(mixup=0.4),
    Augmentation(randaugment=3, magnitude=20, shift=0.1, rotate=5, zoom=0.1, flip=True, mixup=0.2),
]


@pytest.mark.parametrize("how", EVERY, ids=str)
def test_the_same_chance_does_the_same_and_another_one_does_not(how):
    first, again, other = of(how), of(how), of(how, seed=1)
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not (np.array_equal(first[0], other[0]) and np.array_equal(first[1], other[1]))
    assert (first[0].shape, first[0].dtype) == (pictures().shape, np.uint8)


def test_none_changes_nothing():
    found, said = of(NONE)
    assert np.array_equal(found, pictures())
    assert np.array_equal(said, labels())


def test_a_turn_by_nothing_is_nothing_and_by_half_a_circle_is_upside_down():
    still = turned(pictures(2), Augmentation(rotate=1e-9), np.random.default_rng(0))
    np.testing.assert_allclose(still, pictures(2), atol=1)
    half = [
        turned(pictures(1), Augmentation(rotate=180), Fixed(angle)) for angle in (180.0, -180.0)
    ]
    for each in half:
        np.testing.assert_allclose(each[0], pictures(1)[0, ::-1, ::-1], atol=1)


class Fixed:
    """Chance that gives each angle, and no zoom, shift or mirroring."""

    def __init__(self, angle):
        self.angles = [angle]

    def uniform(self, low, high, size):
        return np.full(size, self.angles.pop() if self.angles else 0.0)

    def random(self, size):
        return np.ones(size)


def test_a_picture_zoomed_in_is_part_of_itself():
    flat = np.zeros((1, 25, 25, 3), np.uint8)
    flat[0, 10:15, 10:15] = 255
    sizes = [
        int((turned(flat, Augmentation(zoom=0.4), np.random.default_rng(seed)) > 127).sum())
        for seed in range(20)
    ]
    assert min(sizes) < 75 * 0.8
    assert max(sizes) > 75 * 1.2


def test_mixup_mixes_pictures_as_it_mixes_labels():
    flat = np.zeros((8, 4, 4, 3), np.uint8)
    flat[4:] = 200
    said = np.array([0] * 4 + [1] * 4)
    found, targets = mixed(flat, said, 2, 0.5, np.random.default_rng(3))
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(found[:, 0, 0, 0], 200 * targets[:, 1], atol=0.5)
    assert (targets.argmax(axis=1) == said).all()  # the larger share is a picture's own
    assert ((targets > 0) & (targets < 1)).any()


@pytest.mark.parametrize("place", range(len(randaugment.OPERATIONS)))
@pytest.mark.parametrize("magnitude", [0, 30])
def test_every_operation_of_randaugment_gives_a_picture(place, magnitude):
    found = randaugment.applied(pictures(1)[0], 1, magnitude, Chosen(place))
    assert (found.shape, found.dtype) == ((24, 24, 3), np.uint8)


class Chosen:
    """Chance that chooses one operation."""

    def __init__(self, place):
        self.place = place

    def integers(self, most):
        assert self.place < most
        return self.place

    def choice(self, signs):
        return signs[0]


def test_the_command_lines_form():
    assert parsed("none") == NONE
    assert parsed("shift=0.1, rotate=10,zoom=.2,flip") == Augmentation(
        shift=0.1, rotate=10, zoom=0.2, flip=True
    )
    assert parsed("randaugment=2,magnitude=12,mixup=0.3") == Augmentation(
        randaugment=2, magnitude=12, mixup=0.3
    )


@pytest.mark.parametrize(
    "text", ["shift", "shift=2", "flip=1", "blur=1", "none,flip", "", "rotate=x", "randaugment=1.5"]
)
def test_what_is_no_augmentation_is_told_what_one_is(text):
    with pytest.raises(WrongRecipe, match=r"give none, or some of shift=0\.1"):
        parsed(text)
