"""Two plain convolutional networks on Tiny ImageNet.

With and without (`--augment none`) augmentation; what the literature's was is not stated, so it is shifting,
rotating, zooming and mirroring by a little.
"""

from training.augmentation import Augmentation
from training.optimizers import Adam
from training.recipe import Phase, Published, Recipe
from training.schedule import InverseTime

_PHASES = (Phase(64, 200),)
_SCHEDULE = InverseTime(rate=1e-4, decay=1e-6)
_VARIED = Augmentation(shift=0.1, rotate=10, zoom=0.1, flip=True)

CNN1 = Recipe(
    "tiny-imagenet-cnn1",
    _PHASES,
    architecture="cnn1",
    batch=128,
    optimizer=Adam(),
    schedule=_SCHEDULE,
    augmentation=_VARIED,
    patience=30,
    interpolation="nearest",
    detail=3,
    published=(
        Published("without augmentation", 0.1767, 0.3974),
        Published("with augmentation", 0.3200, 0.5918),
    ),
)
CNN2 = Recipe(
    "tiny-imagenet-cnn2",
    _PHASES,
    architecture="cnn2",
    batch=128,
    optimizer=Adam(),
    schedule=_SCHEDULE,
    augmentation=_VARIED,
    patience=30,
    interpolation="nearest",
    detail=3,
    published=(
        Published("without augmentation", 0.3475, 0.6086),
        Published("with augmentation", 0.2981, 0.5674),
    ),
)
