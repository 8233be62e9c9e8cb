"""What is drawn becomes part of the recipe, whatever its kind."""

import pytest

from training.augmentation import Augmentation
from training.recipes import plain
from training.tuning.messages import Done, Epoch, Order, decoded, encoded
from training.tuning.options import applied
from training.tuning.space import SpaceUnfit

RECIPE = plain("cnn1", 64)


def test_each_option_finds_its_place():
    drawn = {"rate": 0.01, "batch": 8, "dropout": 0.3, "side": 32, "smoothing": 0.1}
    found = applied(RECIPE, drawn)
    assert (found.schedule.rate, found.batch, found.options) == (0.01, 8, {"dropout": 0.3})
    assert (found.phases[0].side, found.smoothing, found.epochs) == (32, 0.1, RECIPE.epochs)
    assert found.optimizer == RECIPE.optimizer


def test_a_single_augmentation_changes_the_one_that_was_drawn_with_it():
    found = applied(RECIPE, {"flip": False, "augment": "flip,shift=0.2", "mixup": 0.4})
    assert found.augmentation == Augmentation(shift=0.2, flip=False, mixup=0.4)


def test_what_there_is_not_is_refused():
    with pytest.raises(SpaceUnfit, match="no option speed"):
        applied(RECIPE, {"speed": 1})


@pytest.mark.parametrize("said", [Order(1, "a", {"x": True}, {}), Epoch(2, 3, 0.5), Done(0.25)])
def test_messages_arrive_as_they_were_sent(said):
    assert encoded(said).count(b"\n") == 1
    assert decoded(encoded(said)) == said


@pytest.mark.parametrize("line", [b"", b"{}", b'["Nothing", {}]', b'["Epoch", {"x": 1}]', b"[1]"])
def test_what_is_no_message_is_refused(line):
    with pytest.raises(ValueError):
        decoded(line)
