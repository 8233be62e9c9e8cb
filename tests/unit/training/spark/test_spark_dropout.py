"""What dropout draws on an executor: by seed, executor, update and layer."""

import pytest

pytest.importorskip("tensorflow")

import keras

from training.recipe import Phase, Recipe
from training.spark.replica import Replica


def test_each_layer_executor_update_and_seed_draws_another_mask_and_the_same_again():
    layers = keras.layers
    network = [layers.Flatten(), layers.Dropout(0.5), layers.Dropout(0.5), layers.Dense(2)]
    model = keras.Sequential([keras.Input((2, 2, 3)), *network])
    replica = Replica(model, Recipe("small", (Phase(2, 1),)))
    states = [each for each in model.variables if "seed" in each.name]
    assert len(states) == 2

    def drawn(*given):
        replica.dealt(*given)
        return [tuple(state.numpy().tolist()) for state in states]

    told = [(0, 0, 1), (1, 0, 1), (0, 1, 1), (0, 0, 2)]
    every = [mask for each in told for mask in drawn(*each)]
    assert len(set(every)) == len(every) == 8
    assert drawn(*told[0]) == every[:2]
