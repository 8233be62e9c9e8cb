"""Engines by name; each is imported when it is asked for, since each takes libraries of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from classifier.bundle import Bundle
from classifier.engine import Engine

Load: TypeAlias = Callable[[Bundle, int | None, Path | None], Engine]


def load(name: str, bundle: Bundle, threads: int | None, cache: Path | None) -> Engine:
    """The engine of that name, warm.

    Args:
        name: openvino or keras.
        threads: cores to use, all when None; keras takes what its backend takes.
        cache: folder for compiled networks.

    Raises:
        BundleBroken: the bundle cannot be served by it.
        EngineMissing: its libraries are not installed.
        KeyError: there is no such engine.
    """
    return find(name)(bundle, threads, cache)


def find(name: str) -> Load:
    """What loads such engines, its libraries imported; raises EngineMissing and KeyError."""
    return _ENGINES[name]()


def _openvino() -> Load:
    from classifier.engines.openvino import OpenVinoEngine

    return OpenVinoEngine.load


def _keras() -> Load:
    from classifier.engines.keras import KerasEngine

    return lambda bundle, _threads, cache: KerasEngine.load(bundle, cache=cache)


_ENGINES = {"openvino": _openvino, "keras": _keras}
