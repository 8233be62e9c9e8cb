"""Receipt handles: one for each receive, opaque to clients, no state of their own."""

import struct
from typing import NamedTuple

from local.sqs.errors import ReceiptHandleIsInvalidError

_LAYOUT = struct.Struct(">8sIQI")


class Handle(NamedTuple):
    """Which receive of which message: `receive` counts a message's receives from 1."""

    queue: int
    message: int
    receive: int


class HandleCodec:
    """Writes and reads handles of one database.

    `nonce` (8 bytes, random for each database) keeps a handle from an earlier data folder from
    naming a message of this one.
    """

    def __init__(self, nonce: bytes) -> None:
        self._nonce = nonce

    def encode(self, handle: Handle) -> str:
        """The handle as text."""
        return _LAYOUT.pack(self._nonce, *handle).hex()

    def decode(self, text: str, queue: int) -> Handle:
        """The handle that `text` stands for; ReceiptHandleIsInvalidError if it is none of `queue`."""
        try:
            nonce, *numbers = _LAYOUT.unpack(bytes.fromhex(text))
        except (struct.error, ValueError):
            nonce, numbers = b"", [0, 0, 0]
        handle = Handle(*numbers)
        if nonce != self._nonce or handle.queue != queue:
            raise ReceiptHandleIsInvalidError(f'The input receipt handle "{text}" is not valid.')
        return handle
