"""Small well-known data sets: CIFAR-10 and Fashion-MNIST, from their own files or as Keras fetches them.

Files: `*.npz` with x_train, y_train, x_test, y_test; the four `*-ubyte` files, packed or not; CIFAR-10's
binary version (`data_batch_1.bin` and so on). Nothing is unpickled. Pictures have to be square already: they
are scaled whole, where the service cuts the central square out of an oblong one.
"""

import gzip
import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from classifier.classes import ClassName
from training.decoded import Split
from training.errors import DataMissing, PicturesUnfit
from training.lab.source import Part

Half = tuple[np.ndarray, np.ndarray]
NAMES = {
    "cifar10": [
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ],
    "fashion_mnist": [
        *("T-shirt", "trouser", "pullover", "dress", "coat"),
        *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
    ],
}
FILES = "an .npz file, the four *-ubyte files, or data_batch_1.bin and its like"
CIFAR_SIDE = 32


@dataclass(frozen=True)
class Arrays:
    """See `training.lab.source.Source`. Pictures uint8 (N, H, W, 3) or (N, H, W), labels int64 (N,)."""

    name: str
    halves: dict[Part, Half]

    @property
    def classes(self) -> tuple[ClassName, ...]:
        """See Source."""
        count = int(max(labels.max() for _, labels in self.halves.values())) + 1
        names = NAMES.get(self.name, [])
        if len(names) < count:
            names = [str(at) for at in range(count)]
        return tuple(ClassName(class_id=str(at), name=name) for at, name in enumerate(names))

    @property
    def parts(self) -> frozenset[Part]:
        """See Source."""
        return frozenset(self.halves)

    @cached_property
    def fingerprint(self) -> str:
        """See Source."""
        digest = hashlib.sha256()
        for part in sorted(self.halves):
            for each in self.halves[part]:
                digest.update(np.ascontiguousarray(each).data)
        return digest.hexdigest()

    def split(self, part: Part, side: int) -> Split:
        """See Source."""
        pictures, labels = self.halves[part]
        if pictures.ndim == 3:
            pictures = np.repeat(pictures[..., None], 3, axis=3)
        if pictures.shape[1:3] != (side, side):
            pictures = np.stack([_scaled(picture, side) for picture in pictures])
        names = [f"{part} {at}" for at in range(len(labels))]
        return Split(pictures, labels.astype(np.int64).ravel(), names)


def holds(folder: Path) -> bool:
    """Whether `of_files` can read the folder or file."""
    return any(found for _, found in _readers(folder))


def of_files(folder: Path, name: str) -> Arrays:
    """Raises PicturesUnfit where a file is cut short or of another form."""
    for read, found in _readers(folder):
        if found:
            try:
                return Arrays(name, read(folder))
            except (OSError, ValueError, KeyError, EOFError, zlib.error) as error:
                raise PicturesUnfit(f"{folder} cannot be read as {FILES}: {error}") from error
    raise DataMissing(f"{folder} holds neither {FILES}")


def fetched(loader: str) -> Arrays:
    """By Keras' own loader, which keeps what it fetched; raises DataMissing where it cannot."""
    import keras

    try:
        train, test = getattr(keras.datasets, loader).load_data()
    except Exception as error:  # whatever the network makes it raise
        raise DataMissing(
            f"{loader} cannot be fetched ({str(error).splitlines()[0]}): "
            f"give its files, --data with {FILES}"
        ) from error
    return Arrays(loader, {"train": train, "validation": test})


def _readers(folder: Path) -> list[tuple[Callable[[Path], dict[Part, Half]], bool]]:
    return [
        (_npz, folder.suffix == ".npz" and folder.is_file()),
        (_ubyte, any(folder.glob("train-images-idx3-ubyte*"))),
        (_bins, any(folder.glob("data_batch_*.bin"))),
    ]


def _npz(path: Path) -> dict[Part, Half]:
    with np.load(path, allow_pickle=False) as found:
        return {
            "train": (found["x_train"], found["y_train"]),
            "validation": (found["x_test"], found["y_test"]),
        }


def _ubyte(folder: Path) -> dict[Part, Half]:
    def read(name: str, header: int) -> np.ndarray:
        path = next(iter(sorted(folder.glob(f"{name}*"))))
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return np.frombuffer(data, np.uint8, offset=header)

    def half(name: str) -> Half:
        labels = read(f"{name}-labels-idx1-ubyte", 8)
        return read(f"{name}-images-idx3-ubyte", 16).reshape(len(labels), 28, 28), labels

    return {"train": half("train"), "validation": half("t10k")}


def _bins(folder: Path) -> dict[Part, Half]:
    def half(pattern: str) -> Half:
        data = b"".join(path.read_bytes() for path in sorted(folder.glob(pattern)))
        rows = np.frombuffer(data, np.uint8).reshape(-1, 1 + 3 * CIFAR_SIDE**2)
        pictures = rows[:, 1:].reshape(-1, 3, CIFAR_SIDE, CIFAR_SIDE).transpose(0, 2, 3, 1)
        return np.ascontiguousarray(pictures), rows[:, 0]

    return {"train": half("data_batch_*.bin"), "validation": half("test_batch.bin")}


def _scaled(picture: np.ndarray, side: int) -> np.ndarray:
    image = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image)
