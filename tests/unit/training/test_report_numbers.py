"""The report's figures on cases worked out by hand."""

import numpy as np
import pytest

from training.report.confusion import Pair, confused, confusion
from training.report.mistakes import Mistake, worst
from training.report.overfitting import Epoch, warnings
from training.report.per_class import ClassRow, per_class

NAMES = ("cat", "dog", "owl", "eel")
# Four cats, two of them said to be dogs; three dogs, one an owl; one owl, a cat; no eel, and none said.
LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 2])
SAID = np.array([0, 0, 1, 1, 1, 1, 2, 0])
MATRIX = np.array([[2, 2, 0, 0], [0, 2, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]])


def test_confusion_has_a_row_for_each_true_class():
    np.testing.assert_array_equal(confusion(LABELS, SAID, 4), MATRIX)


def test_the_most_confused_come_by_count_and_then_by_share():
    found = confused(MATRIX, 10)
    assert found == [Pair(0, 1, 2, 0.5), Pair(2, 0, 1, 1.0), Pair(1, 2, 1, 1 / 3)]
    assert confused(MATRIX, 1) == found[:1]
    assert confused(np.diag([3, 4]), 5) == []


def test_precision_and_recall_of_each_class():
    assert per_class(MATRIX, NAMES) == [
        ClassRow(0, "cat", 4, 2 / 3, 0.5, "dog"),
        ClassRow(1, "dog", 3, 0.5, 2 / 3, "owl"),
        ClassRow(2, "owl", 1, 0.0, 0.0, "cat"),
        ClassRow(3, "eel", 0, None, None, None),
    ]


def test_the_worst_errors_are_those_it_was_surest_of():
    rows = np.array([[0.6, 0.4, 0.0], [0.9, 0.1, 0.0], [0.0, 0.3, 0.7], [0.9, 0.0, 0.1]])
    labels = np.array([1, 1, 2, 1])
    assert worst(rows, labels, 2) == [Mistake(3, 1, 0, 0.9, 0.0), Mistake(1, 1, 0, 0.9, 0.1)]
    assert [each.place for each in worst(rows, labels, 9)] == [3, 1, 0]


def curve(*rows):
    """Of (training loss, top-1, validation loss, validation top-1) an epoch."""
    return [Epoch(at + 1, *row) for at, row in enumerate(rows)]


TURNED = curve(
    (2.0, 0.3, 2.1, 0.3), (1.0, 0.5, 1.0, 0.5), (0.8, 0.5, 1.02, 0.5), (0.6, 0.6, 1.04, 0.5)
)


def test_a_validation_loss_that_rises_while_the_other_falls_is_over_fitting():
    run = [*TURNED, Epoch(5, 0.4, 0.6, 1.05, 0.5)]
    (said,) = warnings(run, kept=2)
    assert "lowest in epoch 2 (1.000) and 1.050 in epoch 5" in said
    assert "from 1.000 to 0.400" in said


@pytest.mark.parametrize(
    "last",
    [
        Epoch(5, 0.4, 0.6, 1.049, 0.5),  # less than a twentieth above
        Epoch(5, 1.0, 0.6, 1.5, 0.5),  # the training loss fell no further: it diverged
    ],
)
def test_what_rises_a_little_or_everywhere_is_not(last):
    assert warnings([*TURNED, last], kept=2) == []


def test_a_run_that_ends_soon_after_its_best_epoch_is_not():
    assert (
        warnings(curve((1.0, 0.5, 1.0, 0.5), (0.1, 0.6, 9.0, 0.5), (0.1, 0.6, 9.0, 0.5)), 1) == []
    )


def test_a_network_much_better_on_what_it_has_seen_is_over_fitting():
    apart = curve((1.0, 0.5, 1.0, 0.45), (0.5, 0.9, 0.9, 0.75), (0.4, 0.95, 0.8, 0.81))
    (said,) = warnings(apart, kept=2)
    assert "90.0% of the training pictures" in said
    assert "15 points less" in said
    assert warnings(apart, kept=3) == []


def test_what_was_not_measured_warns_of_nothing():
    assert warnings([], 0) == []
    assert warnings([Epoch(1, 1.0, None, None, None)], 1) == []
