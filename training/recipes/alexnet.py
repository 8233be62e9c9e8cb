"""The network of 2012 as its paper trains it, and a form of it for pictures of 64 pixels.

Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", sections
3.5 and 5. The rate falls along one cycle instead of by hand; crops are shifts, and colors are not varied.
"""

from dataclasses import replace

from training.augmentation import Augmentation
from training.optimizers import Sgd
from training.recipe import Phase, Recipe
from training.schedule import OneCycle

ALEXNET = Recipe(
    "alexnet",
    (Phase(227, 90),),
    architecture="alexnet",
    batch=128,
    optimizer=Sgd(momentum=0.9, decay=5e-4),
    schedule=OneCycle(0.01),
    augmentation=Augmentation(shift=0.06, flip=True),
)
ALEXNET_64 = replace(ALEXNET, name="alexnet-64", phases=(Phase(64, 30),), architecture="alexnet-64")
