"""What a run does is decided before it starts, and these decisions are plain functions."""

import pytest

from training.recipes import BUNDLED, Phase, Recipe
from training.schedule import one_cycle


def test_epochs_fall_into_phases_in_order():
    recipe = Recipe("x", (Phase(48, 2), Phase(64, 1)))
    assert [recipe.phase_of(epoch).side for epoch in range(recipe.epochs)] == [48, 48, 64]
    with pytest.raises(IndexError):
        recipe.phase_of(3)


@pytest.mark.parametrize("epochs", range(1, 30))
def test_another_length_keeps_the_shares(epochs):
    recipe = BUNDLED.lasting(epochs)
    assert recipe.epochs == epochs
    small = sum(phase.epochs for phase in recipe.phases if phase.side == 48)
    share = BUNDLED.phases[0].epochs / BUNDLED.epochs
    assert abs(small - epochs * share) <= 0.5
    assert all(phase.epochs > 0 for phase in recipe.phases)


def test_the_rate_rises_to_the_peak_and_falls_to_almost_nothing():
    rates = [one_cycle(at / 1000, 0.5) for at in range(1001)]
    top = rates.index(max(rates))
    assert rates[top] == pytest.approx(0.5)
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[0] == pytest.approx(0.02)
    assert rates[-1] == pytest.approx(0.0005)
