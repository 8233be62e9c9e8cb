"""What is let into service: figures against a least, always saying the same, and what serves."""

import pytest

from classifier.manifest import Manifest, Measurement, Preprocessing
from training.gate import HeldTo, refusals
from training.metrics import Accuracy
from training.publishable import judged

PICTURES = "shapes, 100 pictures not trained on (0123abcd)"


def bundle(version, *metrics, precision="int8"):
    """Of (engine, data, top-1) each."""
    return Manifest(
        name="shapes",
        version=version,
        architecture="dense",
        precision=precision,
        parameters=1,
        classes=2,
        preprocessing=Preprocessing(side=8),
        files={},
        license="-",
        metrics=tuple(
            Measurement(engine=engine, data=data, pictures=100, top1=top1, top5=1.0)
            for engine, data, top1 in metrics
        ),
    )


def at(top1, version="1", data=PICTURES):
    return bundle(version, ("openvino f32", data, 0.99), ("openvino int8", data, top1))


@pytest.mark.parametrize(
    ("top1", "held", "said"),
    [
        (0.5, HeldTo(), []),
        (0.5, HeldTo(least=0.5), []),
        (0.49, HeldTo(least=0.5), ["top-1 is 49.00%, and 50.00% is the least"]),
        (0.51, HeldTo(majority=0.5), []),
        (0.5, HeldTo(majority=0.5), ["always saying the most frequent class is right on 50.00%"]),
        (0.79, HeldTo(replaced=("a 1", Accuracy(0.8, 1, 100))), []),
        (0.78, HeldTo(replaced=("a 1", Accuracy(0.8, 1, 100))), ["a 1, which it would replace"]),
    ],
)
def test_each_measure_refuses_by_itself(top1, held, said):
    found = refusals(Accuracy(top1, 1.0, 100), held)
    assert len(found) == len(said)
    for text, part in zip(found, said, strict=True):
        assert part in text


def test_what_is_worse_than_what_serves_is_refused_by_the_precision_that_is_served():
    (said,) = judged(at(0.7, "2"), None, at(0.8), None).refused
    assert "top-1 is 70.00%; shapes 1, which it would replace, has 80.00%" in said
    assert judged(at(0.8, "2"), None, at(0.8), None).refused == ()


def test_what_was_measured_on_other_pictures_is_not_compared_and_that_is_said():
    found = judged(at(0.7, "2"), None, at(0.8, data="others"), None)
    assert found.refused == ()
    assert "was not measured on shapes" in found.notes[0]


def test_the_report_brings_the_most_frequent_class_and_its_warnings():
    report = {"majority": 0.6, "warnings": ["it turned"], "epoch": 3, "finished": None}
    found = judged(at(0.6), report, None, None)
    assert "always saying the most frequent class" in found.refused[0]
    assert found.notes == ("over-fitting: it turned", "its training has not ended: this is epoch 3")
    assert judged(at(0.7), report | {"finished": "epochs"}, None, None).notes == found.notes[:1]


def test_what_nobody_measured_passes_unless_something_is_asked_of_it():
    assert judged(bundle("1"), None, None, None).refused == ()
    assert "evaluate" in judged(bundle("1"), None, None, 0.5).refused[0]
    noted = judged(bundle("2"), None, at(0.8), None)
    assert noted.refused == ()
    assert "evaluate" in noted.notes[0]
