"""The engines that every peer is measured with; each call takes a batch and uses all cores."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from bench.peers.servers.task import BUNDLE, CACHE, ENGINE, SIDE

Predict: TypeAlias = Callable[[Any], Any]
"""uint8 (N, SIDE, SIDE, 3) -> probabilities float32 (N, classes)."""


def load() -> Predict:
    """The engine that was asked for, after its first prediction."""
    predict = {"tensorflow": _tensorflow, "openvino": _openvino}[ENGINE]()
    predict(np.zeros((1, SIDE, SIDE, 3), np.uint8))
    return predict


def _tensorflow() -> Predict:
    import keras
    import tensorflow as tf

    model = keras.models.load_model(f"{BUNDLE}/model.keras", compile=False)

    # One signature for every size of batch: without it each new size is traced anew, for seconds.
    @tf.function(input_signature=[tf.TensorSpec((None, SIDE, SIDE, 3), tf.uint8)])  # type: ignore[untyped-decorator]
    def probabilities(pictures: Any) -> Any:
        return tf.nn.softmax(model(tf.cast(pictures, tf.float32), training=False))

    return lambda pictures: probabilities(pictures).numpy()


def _openvino() -> Predict:
    import openvino

    core = openvino.Core()
    core.set_property({"CACHE_DIR": CACHE})
    model = core.compile_model(f"{BUNDLE}/model.xml", "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    request = model.create_infer_request()
    return lambda pictures: request.infer([pictures])[0]
