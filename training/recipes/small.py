"""The small dense network of the original service: two minutes that show whether a new set-up trains."""

from training.optimizers import Adam
from training.recipe import Phase, Recipe
from training.schedule import Constant

CIFAR10 = Recipe(
    "cifar10",
    (Phase(32, 10),),
    architecture="dense",
    batch=32,
    optimizer=Adam(),
    schedule=Constant(1e-3),
    loader="cifar10",
)
FASHION_MNIST = Recipe(
    "fashion-mnist",
    (Phase(28, 10),),
    architecture="dense",
    options={"gray": True},
    batch=32,
    optimizer=Adam(),
    schedule=Constant(1e-3),
    loader="fashion_mnist",
)
