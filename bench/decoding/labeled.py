"""Photos whose file names are their labels, and a network that knows them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

import classifier.unwatched as unwatched  # noqa: F401
from classifier.errors import BundleBroken

SUFFIXES = (".jpg", ".jpeg")


class Photo(NamedTuple):
    """A file's bytes and the outputs that are right for it."""

    data: bytes
    right: frozenset[int]


def photos(folder: Path, labels: Path) -> list[Photo]:
    """JPEGs named `tabby.jpg` or `n02123045_tabby.JPEG`.

    Args:
        folder: of them.
        labels: a line for each of the network's outputs, names of one thing with commas between.

    Raises:
        ValueError: a name that no label has, or no photo.
    """
    names = [
        {each.strip().lower() for each in line.split(",")}
        for line in labels.read_text().splitlines()
    ]
    found = []
    for path in sorted(each for each in folder.iterdir() if each.suffix.lower() in SUFFIXES):
        name = path.stem.lower()
        if name[0] == "n" and name[1:9].isdigit():
            name = name[10:]
        right = frozenset(at for at, each in enumerate(names) if name.replace("_", " ") in each)
        if not right:
            raise ValueError(f"{labels} has no label for {path.name}")
        found.append(Photo(path.read_bytes(), right))
    if not found:
        raise ValueError(f"{folder} has no JPEG")
    return found


class Network:
    """A network that OpenVINO reads, of uint8 (1, side, side, 3).

    Raises:
        BundleBroken: OpenVINO does not read it, or its input is another one.
    """

    def __init__(self, path: Path) -> None:
        import openvino

        try:
            self._model = openvino.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": 1})
            shape = tuple(self._model.input(0).shape)
        except RuntimeError as error:
            raise BundleBroken(f"{path} cannot be read: {error}") from error
        if len(shape) != 4 or shape[0] != 1 or shape[1] != shape[2] or shape[3] != 3:
            raise BundleBroken(f"{path} takes {shape}, not (1, side, side, 3)")
        self.side = int(shape[1])

    def scores(self, square: np.ndarray) -> np.ndarray:
        """Shares of 1, float64."""
        answer = np.asarray(self._model(square[None])[0][0], np.float64)
        return np.asarray(answer / answer.sum())
