"""What a layer made of a picture, out of a file of NumPy's or of JSON."""

import array
import math
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy

_NPY = re.compile(rb"'descr': '<f4', 'fortran_order': False, 'shape': \(([0-9, ]*)\)")


@dataclass(frozen=True, slots=True)
class Features:
    """What a layer made of a picture, float32 in C order.

    Attributes:
        shape: of one picture's activation.
        data: the numbers, four bytes each, little-endian.
        content: the answer's body as it came: a file of NumPy's (.npy), or JSON.
        job, model: as the service names them; the model with its version.
    """

    shape: tuple[int, ...]
    data: bytes
    content: bytes
    job: str | None = None
    model: str | None = None

    def __len__(self) -> int:
        return len(self.data) // 4

    def values(self) -> "array.array[float]":
        """The numbers, flat; without NumPy."""
        found: array.array[float] = array.array("f")
        found.frombytes(self.data)
        if sys.byteorder == "big":
            found.byteswap()
        return found

    def as_npy(self) -> bytes:
        """A file of NumPy's (.npy, version 1.0)."""
        shape = f"({self.shape[0]},)" if len(self.shape) == 1 else str(self.shape)
        head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
        head = head.ljust(-(-(len(head) + 11) // 64) * 64 - 11) + "\n"
        return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + self.data

    def numpy(self) -> "numpy.ndarray[Any, Any]":
        """The same as an array of `shape`. Raises ImportError where NumPy is not installed."""
        import numpy

        return numpy.frombuffer(self.data, dtype="<f4").reshape(self.shape)


def from_npy(content: bytes, job: str | None = None, model: str | None = None) -> Features:
    """A file of NumPy's, version 1.0, as the service writes it; ValueError for any other."""
    end = 10 + int.from_bytes(content[8:10], "little")
    head = _NPY.search(content[10:end])
    if not content.startswith(b"\x93NUMPY\x01\x00") or head is None:
        raise ValueError("no file of NumPy's with float32 in it")
    shape = tuple(int(each) for each in head[1].split(b",") if each.strip())
    if len(content) - end != 4 * math.prod(shape):
        raise ValueError("the file is not whole")
    return Features(shape, content[end:], content, job, model)


def from_values(document: dict[str, Any], content: bytes) -> Features:
    """The same out of the JSON form; null stands for what is no number."""
    values = array.array(
        "f", (math.nan if each is None else each for each in document.get("values", ()))
    )
    if sys.byteorder == "big":
        values.byteswap()
    model = f"{document.get('model')} {document.get('modelVersion')}"
    shape = tuple(document["shape"])
    return Features(shape, values.tobytes(), content, document["uuid"], model)
