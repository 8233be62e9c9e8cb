"""Does this person wear glasses? Twelve runs over rates and batch sizes.

The literature's pictures are not public. In their place, out of Tiny ImageNet, as many: 200 and 50 of
sunglasses, and as many of five classes that mostly show people who wear none.
"""

from dataclasses import replace

from training.optimizers import Adam
from training.recipe import Grid, Group, Phase, Published, Recipe
from training.schedule import Constant

_SUNGLASSES = ("n04356056",)
_WITHOUT = (
    "n02669723",  # academic gown
    "n03814639",  # neck brace
    "n02883205",  # bow tie
    "n03763968",  # military uniform
    "n03617480",  # kimono
)

GLASSES = Recipe(
    "glasses",
    (Phase(80, 50),),
    architecture="glasses",
    options={"blocks": 1, "filters": 16},
    batch=16,
    optimizer=Adam(),
    schedule=Constant(1e-3),
    groups=(
        Group("glasses", _SUNGLASSES, train=200, validation=50),
        Group("no glasses", _WITHOUT, train=40, validation=10),
    ),
    grid=Grid(rates=(1e-4, 1e-3, 1e-2, 1e-1), batches=(16, 32, 64)),
    published=(
        Published("rate 0.001, batches of 16, worst of the best", 0.79),
        Published("rate 0.001, batches of 16, best of the best", 0.80),
    ),
)
GLASSES_I = replace(GLASSES, name="glasses-i", options={"blocks": 2, "filters": 16})
GLASSES_II = replace(GLASSES, name="glasses-ii", options={"blocks": 1, "filters": 32})
