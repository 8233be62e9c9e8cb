"""What an origin has said already and nobody has read, wherever between the network and us it lies."""

from typing import Any

import anyio.streams.tls
import httpcore2


def unread(stream: httpcore2.AsyncNetworkStream) -> bool:
    """Whether anything waits to be read, the end included; also when nobody can tell.

    It lies in the kernel, in our line where a read took less than had come, as a TLS record that was not
    opened yet, or as the rest of an opened one. The libraries' insides are looked into for TLS; where they
    have become others, all is unread.
    """
    inside: Any = stream
    try:
        below = inside._stream
        if isinstance(below, anyio.streams.tls.TLSStream):
            if below._ssl_object.pending() or below._read_bio.pending:
                return True
            below = below.transport_stream
        return bool(below.unread())
    except AttributeError:
        return True
