"""The network that ships, and the same over few pictures to try a new set-up with."""

from training.augmentation import Augmentation
from training.optimizers import Sgd
from training.recipe import Phase, Recipe
from training.schedule import OneCycle

BUNDLED = Recipe(
    "bundled",
    (Phase(48, 4), Phase(64, 4)),
    architecture="tiny-inception",
    batch=256,
    optimizer=Sgd(momentum=0.9, decay=2e-3),
    schedule=OneCycle(0.5),
    smoothing=0.05,
    augmentation=Augmentation(shift=0.09, flip=True),
)
SMOKE = Recipe(
    "smoke",
    (Phase(32, 1), Phase(48, 1)),
    batch=32,
    optimizer=Sgd(decay=2e-3),
    schedule=OneCycle(0.1),
    smoothing=0.05,
    augmentation=Augmentation(shift=0.07, flip=True),
    pictures=512,
)
