"""The first precision that costs no more than a point is served."""

import pytest

from training.gate import first_good
from training.metrics import Accuracy


def of(top1):
    return Accuracy(top1, 1.0, 1000)


@pytest.mark.parametrize(
    ("int8", "bf16", "served", "measured"),
    [
        (0.80, 0.80, "int8", ["int8"]),
        (0.79, 0.80, "int8", ["int8"]),
        (0.789, 0.80, "bf16", ["int8", "bf16"]),
        (0.70, 0.78, "f32", ["int8", "bf16", "f32"]),
    ],
)
def test_it_goes_on_until_one_is_good(int8, bf16, served, measured):
    found = {"int8": of(int8), "bf16": of(bf16), "f32": of(0.8)}
    asked = []

    def measure(precision):
        asked.append(precision)
        return found[precision]

    assert first_good(("int8", "bf16", "f32"), measure, of(0.8)) == (served, found[served])
    assert asked == measured
