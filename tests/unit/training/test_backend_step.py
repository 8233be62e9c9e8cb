"""A step computes in the precision that its recipe says."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

keras = pytest.importorskip("keras")

from training import backend  # noqa: E402
from training.recipes import SMOKE  # noqa: E402


@pytest.mark.parametrize(
    ("precision", "architecture", "expected"),
    [
        ("float32", "tiny-inception", "keras"),
        ("bfloat16", "tiny-inception", "torch"),
        ("bfloat16", "cnn1", "keras"),
    ],
)
def test_pytorchs_own_step_is_for_bfloat16_alone(monkeypatch, precision, architecture, expected):
    fast = SimpleNamespace(TorchStep=lambda *_: "torch")
    monkeypatch.setitem(sys.modules, "training.torch_step", fast)
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    monkeypatch.setattr(backend, "build", lambda *_: None)
    monkeypatch.setattr(backend, "KerasStep", lambda *_: "keras")
    recipe = replace(SMOKE, precision=precision, architecture=architecture)
    assert backend.for_backend(recipe, 4) == expected
