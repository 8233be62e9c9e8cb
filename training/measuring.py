"""How often a bundle is right on labeled pictures, through the serving preprocessing and an engine."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from classifier.bundle import Bundle
from classifier.engine import Engine
from classifier.engines import shelf
from classifier.errors import ClassifierError
from classifier.limits import ImageLimits
from classifier.manifest import Preprocessing
from classifier.preprocess import prepare
from training.errors import PicturesUnfit
from training.metrics import Accuracy
from training.pictures import Labeled

BATCH = 32
THREADS = 2
TOP = 5
CONSOLE = Console(stderr=True, highlight=False)


def measure(bundle: Bundle, pictures: Sequence[Labeled], engine: str = "openvino") -> Accuracy:
    """Top-1 and top-5 of the bundle; with fewer than five classes the latter is 1.

    Args:
        engine: see `classifier.engines.shelf`.

    Raises:
        BundleBroken, EngineMissing: the bundle cannot be served by it.
        PicturesUnfit: a picture cannot be read; the text names it.
    """
    runs = shelf.load(engine, bundle, None, None)
    return score(runs, pictures, bundle.manifest.preprocessing)


def score(engine: Engine, pictures: Sequence[Labeled], spec: Preprocessing) -> Accuracy:
    """Top-1 and top-5 of an engine; a batch of pictures is in memory at once."""
    first = five = 0
    starts = range(0, len(pictures), BATCH)
    with ThreadPoolExecutor(THREADS) as pool:
        for start in track(starts, "measuring", console=CONSOLE):
            part = pictures[start : start + BATCH]
            batch = np.stack(list(pool.map(partial(_input, spec), [each.path for each in part])))
            best = np.argsort(-engine.predict(batch), axis=1, kind="stable")[:, :TOP]
            for row, picture in zip(best.tolist(), part, strict=True):
                first += row[0] in picture.truth
                five += not set(row).isdisjoint(picture.truth)
    return Accuracy(first / len(pictures), five / len(pictures), len(pictures))


def prepared(paths: Sequence[Path], spec: Preprocessing) -> np.ndarray:
    """Pictures as the workers would feed them, uint8 (N, side, side, 3).

    Raises:
        PicturesUnfit: one cannot be read; the text names it.
    """
    return np.stack([_input(spec, path) for path in track(paths, "reading", console=CONSOLE)])


def _input(spec: Preprocessing, path: Path) -> np.ndarray:
    try:
        return prepare(path.read_bytes(), spec, ImageLimits())
    except OSError as error:
        raise PicturesUnfit(f"{path} cannot be read: {error.strerror}") from error
    except ClassifierError as error:
        raise PicturesUnfit(f"{path}: {error}") from error
