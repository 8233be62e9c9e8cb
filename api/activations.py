"""What came out of a layer, on its way to its client: out of the answer or the store, as .npy or JSON."""

import array
import json
import re
import sys
from collections.abc import AsyncIterator

from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from wire import log
from wire.errors import Internal
from wire.messages import NPY, Answer, Features
from wire.names import features_key
from wire.store import Store

CHUNK = 4096  # values that are written at a time: 2 ms, in which nobody else is served
VERSION_1 = b"\x93NUMPY\x01\x00"
_NO_NUMBER = re.compile("-?Infinity|NaN")  # which JSON does not know
_log = log.get(__name__)


class Activations:
    """Reads what workers kept, and lets go of what was sent."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def file(self, answer: Answer) -> bytes:
        """The .npy file of an answer with features.

        Raises:
            Internal: it is not there any more, or the answer has none.
            QueueUnavailable: the store cannot be reached.
        """
        if answer.features is None:
            raise Internal
        if answer.features.npy is not None:
            return answer.features.npy
        # By the job's id and not by what the message says: a worker may name nothing else.
        kept = await self._store.get(features_key(answer.uuid))
        if kept is None:
            raise Internal("The activation is not kept any more; ask again.")
        return kept

    def after(self, answer: Answer) -> BackgroundTask | None:
        """What is to be done once the client has it."""
        if answer.features is None or answer.features.key is None:
            return None
        return BackgroundTask(self._remove, features_key(answer.uuid))

    async def _remove(self, key: str) -> None:
        try:
            await self._store.delete(key)
        except Exception as error:  # it expires by itself
            _log.warning("activation left behind", key=key, reason=repr(error))


def as_npy(answer: Answer, file: bytes, headers: dict[str, str]) -> Response:
    """The file as it is; its headers say whose it is."""
    assert answer.features is not None  # noqa: S101
    about = {
        "Content-Disposition": 'attachment; filename="activation.npy"',
        "X-Job": answer.uuid,
        "X-Model": f"{answer.model} {answer.model_version}",
        "X-Shape": ",".join(map(str, answer.features.shape)),
        "X-Dtype": answer.features.dtype,
    }
    return Response(file, headers=about | headers, media_type=NPY)


def as_json(answer: Answer, file: bytes, headers: dict[str, str]) -> Response:
    """A document whose `values` are written bit by bit, so that others are served meanwhile."""
    assert answer.features is not None  # noqa: S101
    return StreamingResponse(
        _document(answer, values_of(answer.features, file)),
        headers=headers,
        media_type="application/json",
    )


def values_of(features: Features, file: bytes) -> "array.array[float]":
    """The values in C order; the format is NumPy's, version 1.0.

    Raises:
        Internal: this is no such file.
    """
    length = 10 + int.from_bytes(file[8:10], "little")
    values: array.array[float] = array.array("f")
    known = file[:8] == VERSION_1 and features.dtype == "float32"
    if not known or (len(file) - length) % values.itemsize:
        raise Internal
    values.frombytes(file[length:])
    if sys.byteorder == "big":
        values.byteswap()
    return values


async def _document(answer: Answer, values: "array.array[float]") -> AsyncIterator[bytes]:
    assert answer.features is not None  # noqa: S101
    head = answer.model_dump(
        mode="json",
        by_alias=True,
        exclude_none=True,
        include={"uuid", "image_url", "model", "model_version", "timings"},
    )
    head |= {
        "layer": answer.features.layer,
        "shape": answer.features.shape,
        "dtype": answer.features.dtype,
    }
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b',"values":['
    for at in range(0, len(values), CHUNK):
        text = json.dumps(values[at : at + CHUNK].tolist(), separators=(",", ":"))[1:-1]
        yield (b"," if at else b"") + _NO_NUMBER.sub("null", text).encode()
    yield b"]}\n"
