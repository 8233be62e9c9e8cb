"""Scores become labels in the right order, with the right names."""

import numpy as np
import pytest

from classifier.labels import ClassName, Label, ranked, top

NAMES = [ClassName(class_id=f"n{at}", name=name) for at, name in enumerate(("cat", "dog", "tea"))]


def test_the_best_come_first():
    labels = top(np.array([0.2, 0.1, 0.7], np.float32), NAMES, 2)
    assert [(label.name, label.class_id) for label in labels] == [("tea", "n2"), ("cat", "n0")]
    assert labels[0].confidence == pytest.approx(0.7)
    assert type(labels[0].confidence) is float


def test_ties_keep_the_classes_order():
    assert [label.name for label in top(np.full(3, 1 / 3), NAMES, 3)] == ["cat", "dog", "tea"]


@pytest.mark.parametrize("count", [1, 5, 999, 1000])
@pytest.mark.parametrize("steps", [3, 100, 10**6])
def test_the_order_is_that_of_a_stable_sort_of_all(count, steps):
    scores = np.random.default_rng(steps).integers(0, steps, 1000).astype(np.float32) / steps
    expected = np.argsort(-scores, kind="stable")[:count].tolist()
    assert ranked(scores, count) == [(at, float(scores[at])) for at in expected]


def test_scores_that_are_no_numbers_come_last():
    scores = np.array([np.nan, 0.2, np.nan, 0.7], np.float32)
    assert [at for at, _ in ranked(scores, 2)] == [3, 1]
    assert [at for at, _ in ranked(np.full(3, np.nan), 2)] == []


def test_more_than_there_are_gives_all():
    assert len(top(np.array([0.2, 0.1, 0.7]), NAMES, 1000)) == 3


@pytest.mark.parametrize(
    ("scores", "count"), [([0.5, 0.5], 1), ([[0.2, 0.1, 0.7]], 1), ([0, 0, 1], 0)]
)
def test_what_does_not_fit_is_refused(scores, count):
    with pytest.raises(ValueError, match=r"classes|count"):
        top(np.array(scores), NAMES, count)


def test_labels_are_values():
    assert Label("cat", "n0", 0.5) == Label("cat", "n0", 0.5)


def test_class_names_read_camel_case_and_pass_over_unknown_fields():
    text = '{"classId": "n1", "name": "dog", "kind": "animal", "color": "brown"}'
    assert ClassName.model_validate_json(text) == ClassName(
        class_id="n1", name="dog", kind="animal"
    )
