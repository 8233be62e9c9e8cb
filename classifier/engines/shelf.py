"""Engines by name; each is imported when it is asked for, since each takes libraries of its own."""

from pathlib import Path

from classifier.bundle import Bundle
from classifier.engine import Engine


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
    return _ENGINES[name](bundle, threads, cache)


def _openvino(bundle: Bundle, threads: int | None, cache: Path | None) -> Engine:
    from classifier.engines.openvino import OpenVinoEngine

    return OpenVinoEngine.load(bundle, threads=threads, cache=cache)


def _keras(bundle: Bundle, _threads: int | None, cache: Path | None) -> Engine:
    from classifier.engines.keras import KerasEngine

    return KerasEngine.load(bundle, cache=cache)


_ENGINES = {"openvino": _openvino, "keras": _keras}
