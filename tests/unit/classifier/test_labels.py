"""Scores become labels in the right order, with the right names."""

import numpy as np
import pytest

from classifier.labels import ClassName, Label, top

NAMES = [ClassName(class_id=f"n{at}", name=name) for at, name in enumerate(("cat", "dog", "tea"))]


def test_the_best_come_first():
    labels = top(np.array([0.2, 0.1, 0.7], np.float32), NAMES, 2)
    assert [(label.name, label.class_id) for label in labels] == [("tea", "n2"), ("cat", "n0")]
    assert labels[0].confidence == pytest.approx(0.7)
    assert type(labels[0].confidence) is float


def test_ties_keep_the_classes_order():
    assert [label.name for label in top(np.full(3, 1 / 3), NAMES, 3)] == ["cat", "dog", "tea"]


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
