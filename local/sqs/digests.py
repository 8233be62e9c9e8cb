"""The MD5 sums by which SQS clients check that a message arrived whole."""

import base64
import hashlib
import struct
from collections.abc import Mapping
from typing import Any

_STRING, _BINARY = b"\x01", b"\x02"


def body_md5(body: bytes) -> str:
    """Hex MD5 of the body in UTF-8."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def attributes_md5(attributes: Mapping[str, Mapping[str, Any]]) -> str:
    """Hex MD5 of message attributes as the SQS developer guide lays them out.

    For each name in order: length and bytes of name, length and bytes of type, one byte for the
    kind of value, length and bytes of value; lengths are 4 bytes, big-endian.
    """
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        attribute = attributes[name]
        data_type = str(attribute["DataType"])
        digest.update(_counted(name.encode()) + _counted(data_type.encode()))
        if data_type.startswith("Binary"):
            digest.update(_BINARY + _counted(base64.b64decode(attribute["BinaryValue"])))
        else:
            digest.update(_STRING + _counted(str(attribute["StringValue"]).encode()))
    return digest.hexdigest()


def _counted(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
