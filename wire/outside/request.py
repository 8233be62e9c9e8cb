"""A request as it goes over the wire."""

import re
from collections.abc import Iterable

import httpcore2

# RFC 9110, 5.1 and 5.5, and RFC 9112, 3.2: nothing of these can end a line, or begin another field.
TARGET = re.compile(rb"[!-~]+")
NAME = re.compile(rb"[0-9A-Za-z!#$%&'*+.^_`|~-]+")
VALUE = re.compile(rb"[!-~](?:[ -~]*[!-~])?")


def written(
    method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes = b""
) -> bytes:
    """Its bytes; whoever has a body names its length among the headers.

    Raises:
        httpcore2.LocalProtocolError: something cannot be written down.
    """
    fields = list(headers)
    clean = TARGET.fullmatch(target) and all(
        NAME.fullmatch(name) and VALUE.fullmatch(value) for name, value in fields
    )
    if not clean:
        raise httpcore2.LocalProtocolError("the request cannot be written down")
    lines = [b"%b %b HTTP/1.1" % (method, target)]
    lines += [b"%b: %b" % field for field in fields]
    return b"\r\n".join([*lines, b"", body])
