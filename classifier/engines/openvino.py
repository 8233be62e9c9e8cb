"""Serves a bundle's network on CPUs through OpenVINO.

The network is compiled for a batch on each core, which a worker needs from its first burst on, and over the
same weights for all cores at a single batch, once that is asked for. Docs: docs/decisions/0016-engine.md and
0021-starting.md, with what was measured.
"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

from classifier.bundle import Bundle
from classifier.engines.compiling import Later, in_turn
from classifier.engines.mapped import Mapped
from classifier.engines.runtime import runtime
from classifier.errors import BundleBroken

PORTION = 4
"""On one core a batch of 4 costs 27.3 ms of CPU a picture, of 1 30.5, of 8 27.2 (InceptionV3, int8)."""

# Threads that are tied to cores wait for whatever else runs there; here the front end and decoders do.
_LOOSE = {"ENABLE_CPU_PINNING": "NO"}


class Network:
    """A compiled network, for so many callers at once; more of them wait.

    Where there are more callers than streams, batches wait inside: a stream that is done begins the next
    one at once, while Python's lock may be anybody's.
    """

    def __init__(self, compiled: Any, callers: int) -> None:
        self._requests: SimpleQueue[Any] = SimpleQueue()
        for _ in range(callers):
            self._requests.put(compiled.create_infer_request())

    def infer(self, batch: np.ndarray) -> np.ndarray:
        """uint8 (N, side, side, 3) to float32 (N, classes)."""
        # It shares the memory of what it could write to only; a picture just read from a pipe is copied.
        shared = np.require(batch, requirements=("C", "W"))
        pictures = runtime.Tensor(shared, shared_memory=True)
        request = self._requests.get()
        try:
            request.start_async(pictures, None)
            request.wait()
            return np.array(request.get_output_tensor(0).data, np.float32)
        finally:
            self._requests.put(request)


class OpenVinoEngine:
    """Batches of any size. Safe to call from several threads."""

    portion = PORTION

    def __init__(
        self, beside: Network, whole: Callable[[], Network], lanes: int, mapped: Mapped
    ) -> None:
        self._beside = beside
        self._whole = Later(whole)
        self._mapped = mapped
        self.lanes = self.ahead = lanes

    @classmethod
    def load(
        cls,
        bundle: Bundle,
        threads: int | None = None,
        cache: Path | None = None,
        precision: str | None = None,
    ) -> "OpenVinoEngine":
        """Compiles the network for its lanes and runs it once, so that the first job finds it warm.

        Args:
            threads: cores to use; all where left out. There is a lane for each.
            cache: a folder that keeps compiled networks for the next start.
            precision: f32 or bf16, of what is not int8; left out, the bundle's, and OpenVINO's choice for
                this CPU where that is neither.

        Raises:
            BundleBroken: OpenVINO cannot read the network.
        """
        lanes = threads or cores()
        options = _options(precision or bundle.manifest.precision)
        options |= {"INFERENCE_NUM_THREADS": str(lanes)}
        core = runtime.Core()
        if cache is not None:
            core.set_property({"CACHE_DIR": str(cache)})
        mapped = Mapped((bundle.folder,) if cache is None else (bundle.folder, cache))
        compiled = partial(_compiled, core, bundle, cache, mapped)
        try:
            beside = compiled(options | {"NUM_STREAMS": str(lanes)}, 2 * lanes)
        except RuntimeError as error:
            raise BundleBroken(f"{bundle.network} cannot be compiled: {error}") from error
        whole = partial(compiled, options | {"PERFORMANCE_HINT": "LATENCY"}, 1)
        return cls(beside, whole if lanes > 1 else lambda: beside, lanes, mapped)

    def predict(self, batch: np.ndarray) -> np.ndarray:
        """See Engine.predict; the first call waits until the network is compiled for that."""
        return self._inferred(self._whole.begun().result(), batch)

    def predict_soon(self, batch: np.ndarray) -> np.ndarray:
        """See Engine.predict_soon."""
        return self._inferred(self._whole.now() or self._beside, batch)

    def predict_beside(self, batch: np.ndarray) -> np.ndarray:
        """See Engine.predict_beside."""
        return self._inferred(self._beside, batch)

    def _inferred(self, network: Network, batch: np.ndarray) -> np.ndarray:
        scores = network.infer(batch)
        self._mapped.rest()
        return scores


def _compiled(
    core: Any,
    bundle: Bundle,
    cache: Path | None,
    mapped: Mapped,
    options: dict[str, str],
    callers: int,
) -> Network:
    """The network, warm. Raises RuntimeError."""
    with in_turn(cache), mapped.gathering():
        network = Network(core.compile_model(str(bundle.network), "CPU", options), callers)
    side = bundle.manifest.preprocessing.side
    network.infer(np.zeros((1, side, side, 3), np.uint8))
    return network


def cores() -> int:
    """The cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _options(precision: str) -> dict[str, str]:
    if precision in ("f32", "bf16"):
        return _LOOSE | {"INFERENCE_PRECISION_HINT": precision}
    return dict(_LOOSE)
