"""Serves a bundle's network on CPUs through OpenVINO."""

import threading
from pathlib import Path

import numpy as np
import openvino

from classifier.bundle import Bundle
from classifier.errors import BundleBroken


class OpenVinoEngine:
    """A compiled network; batches of any size. Safe to call from several threads."""

    def __init__(self, compiled: openvino.CompiledModel) -> None:
        self._request = compiled.create_infer_request()
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls, bundle: Bundle, threads: int | None = None, cache: Path | None = None
    ) -> "OpenVinoEngine":
        """Compiles the network and runs it once, so that the first job finds it warm.

        Args:
            threads: cores to use; all where left out.
            cache: a folder that keeps compiled networks for the next start.

        Raises:
            BundleBroken: OpenVINO cannot read the network.
        """
        core = openvino.Core()
        if cache is not None:
            core.set_property({"CACHE_DIR": str(cache)})
        options = {"PERFORMANCE_HINT": "LATENCY"}
        if threads is not None:
            options["INFERENCE_NUM_THREADS"] = str(threads)
        try:
            engine = cls(core.compile_model(core.read_model(bundle.network), "CPU", options))
        except RuntimeError as error:
            raise BundleBroken(f"{bundle.network} cannot be compiled: {error}") from error
        side = bundle.manifest.preprocessing.side
        engine.predict(np.zeros((1, side, side, 3), np.uint8))
        return engine

    def predict(self, batch: np.ndarray) -> np.ndarray:
        """See Engine.predict."""
        with self._lock:
            outputs = self._request.infer([batch], share_inputs=True)
            return np.array(outputs[0], np.float32)
