"""What the command line says of a recipe, and what a grid makes of it; pure."""

from pathlib import Path

import pytest

pytest.importorskip("keras")

from training.augmentation import NONE, Augmentation
from training.errors import WrongRecipe
from training.lab.choice import Choice
from training.lab.data import Wanted
from training.lab.grid import orders, point, shown, table
from training.lab.run_folder import Row, best_of
from training.order import Order
from training.recipes import CNN1, GLASSES


def test_a_recipe_stays_as_it_is_unless_told():
    assert Choice(recipe="tiny-imagenet-cnn1").made() == CNN1


def test_each_option_changes_its_part_alone():
    made = Choice(
        "tiny-imagenet-cnn1", epochs=3, batch=16, rate=1e-3, augment="none", patience=0
    ).made()
    assert (made.epochs, made.batch, made.schedule.rate) == (3, 16, 1e-3)
    assert (made.augmentation, made.patience) == (NONE, None)
    assert made.schedule.decay == CNN1.schedule.decay
    assert made.published == CNN1.published


def test_a_network_alone_has_a_plain_recipe_at_its_own_side():
    made = Choice(model="glasses").made()
    assert (made.phases[-1].side, made.architecture) == (80, "glasses")
    assert made.augmentation == Augmentation(shift=0.1, flip=True)
    assert Choice(model="glasses", side=48).made().phases[-1].side == 48


def test_a_recipe_may_have_another_network():
    assert Choice("bundled", model="cnn2").made().architecture == "cnn2"


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(), "say what to train: --model NETWORK, or --recipe NAME"),
        (Choice("x"), "no recipe named 'x'; there are: bundled"),
        (Choice(model="x"), "no network named 'x'; there are: tiny-inception"),
        (Choice("bundled", model="x"), "no network named 'x'"),
    ],
)
def test_what_there_is_not_is_said(choice, said):
    with pytest.raises(WrongRecipe) as raised:
        choice.made()
    assert said in str(raised.value)


def row(epoch, loss, top1):
    return Row(epoch, 3, 80, epoch, 1, 0.5, 1, loss, top1, 1, 1e-3, 10, 1, 0, 1)


def test_a_grid_is_a_run_of_its_own_for_each_pair():
    order = Order(Wanted(None, Path("c")), GLASSES, Path("o"))
    asked = orders(order)
    assert len(asked) == len({each.out for each in asked}) == 12
    assert {(each.recipe.schedule.rate, each.recipe.batch) for each in asked} == {
        (rate, batch) for rate in (1e-4, 1e-3, 1e-2, 1e-1) for batch in (16, 32, 64)
    }
    with pytest.raises(WrongRecipe, match="has no grid"):
        orders(Order(Wanted(None, Path("c")), CNN1, Path("o")))


def test_the_table_has_the_kept_epoch_the_highest_and_the_literature():
    rows = [row(1, 0.9, 0.5), row(2, 0.5, 0.7), row(3, 0.6, 0.8)]
    one = point(1e-3, 16, rows, best_of(rows))
    assert table([one]).splitlines()[1] == "0.001,16,3,2,0.5000,0.7000,0.8000,3"
    said = shown([one], GLASSES.published).splitlines()
    assert said[2] == "| 0.001 | 16 | 70.0% | 2 | 80.0% | 3 |"
    assert "literature" in said[3]
    assert "79.0%" in said[3]
