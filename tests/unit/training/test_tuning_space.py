"""A space out of YAML, and what is no space."""

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from training.tuning.space import SpaceUnfit, parsed

OPTIONS = ("rate", "batch", "dropout", "flip", "model")


def test_ranges_and_choices_keep_their_kinds():
    text = (
        "rate: {from: 1e-4, to: 1e-1, scale: log}\nbatch: [16, 32, 64]\n"
        "dropout: {from: 0, to: 0.6, step: 0.1}\nflip: [true, false]\nmodel: [no, cnn1]\n"
    )
    found = parsed(text, OPTIONS)
    assert found == {
        "rate": FloatDistribution(1e-4, 1e-1, log=True),
        "batch": CategoricalDistribution([16, 32, 64]),
        "dropout": FloatDistribution(0.0, 0.6, step=0.1),
        "flip": CategoricalDistribution([True, False]),
        "model": CategoricalDistribution(["no", "cnn1"]),
    }
    assert parsed("batch: {from: 8, to: 64, scale: log}", OPTIONS) == {
        "batch": IntDistribution(8, 64, log=True)
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rates: [1, 2]", "no option rates to search; did you mean rate"),
        ("rate: 0.1", "rate needs a list of values"),
        ("rate: []", "rate needs a list of values"),
        ("rate: [[1], 2]", "rate needs a list of values"),
        ("rate: [1, 1]", "rate: a value stands there twice"),
        ("rate: {from: 1, upto: 2}", "rate: no upto; "),
        ("rate: {from: 1}", "rate: to has to be a number"),
        ("rate: {from: low, to: 2}", "rate: from has to be a number"),
        ("rate: {from: nan, to: 2}", "rate: from has to be a number"),
        ("rate: {from: 2, to: 1}", "rate: from has to be less than to"),
        ("rate: {from: 0, to: 1, scale: log}", "above 0 where the scale is log"),
        ("rate: {from: 1, to: 2, scale: logarithmic}", "rate: scale is log or linear"),
        ("rate: {from: 1, to: 2, step: 0}", "rate: from has to be"),
        ("", "a space has lines"),
        ("- rate", "a space has lines"),
        ("rate: [1", "expected"),
    ],
)
def test_what_is_no_space_is_refused_with_the_option_named(text, reason):
    with pytest.raises(SpaceUnfit, match=reason.replace("[", r"\[")):
        parsed(text, OPTIONS)
