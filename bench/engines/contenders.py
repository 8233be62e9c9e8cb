"""What is compared: an engine, how it is called, and the bundle that it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from classifier.bundle import Bundle

Predict: TypeAlias = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class Way:
    """A call, made by so many threads at once, each with batches of its own."""

    predict: Predict
    callers: int = 1


@dataclass(frozen=True, slots=True)
class Contender:
    """`stored` is the precision of the bundle it takes, `computes` the number format that it computes in."""

    name: str
    stored: str
    computes: str
    load: Callable[[Bundle, int], Way]


def _keras(bundle: Bundle, _largest: int) -> Way:
    from classifier.engines.tensorflow import TensorFlowEngine

    return Way(TensorFlowEngine.load(bundle).predict)


def _xla(bundle: Bundle, largest: int) -> Way:
    from classifier.engines.keras import KerasEngine

    return Way(KerasEngine.load(bundle, portion=largest).predict)


def _openvino(precision: str) -> Callable[[Bundle, int], Way]:
    def load(bundle: Bundle, _largest: int) -> Way:
        from classifier.engines.openvino import OpenVinoEngine

        return Way(OpenVinoEngine.load(bundle, precision=precision).predict)

    return load


def _lanes(bundle: Bundle, _largest: int) -> Way:
    from classifier.engines.openvino import OpenVinoEngine

    engine = OpenVinoEngine.load(bundle)
    return Way(engine.predict_beside, engine.lanes)


CONTENDERS = {
    each.name: each
    for each in (
        Contender("TensorFlow predict_on_batch", "f16", "f32", _keras),
        Contender("TensorFlow XLA", "f16", "f32", _xla),
        Contender("OpenVINO f32", "f16", "f32", _openvino("f32")),
        Contender("OpenVINO bf16", "f16", "bf16", _openvino("bf16")),
        Contender("OpenVINO int8", "int8", "int8", _openvino("int8")),
        Contender("OpenVINO int8, a batch on each core", "int8", "int8", _lanes),
    )
}
