"""What is asked of a picture's host: a judged URL, and our headers."""

import httpcore2

from wire.errors import UpstreamProtocol
from wire.outside import request
from wire.outside.target import host_header, path_of
from wire.urls import Target

HEADERS = (
    (b"Accept", b"image/*"),
    (b"Accept-Encoding", b"identity"),
    (b"User-Agent", b"ClassifyCloud/0.1 (picture classification)"),
)


def written(target: Target) -> bytes:
    """The request for a picture.

    Raises:
        UpstreamProtocol: it cannot be written down.
    """
    headers = [(b"Host", host_header(target)), *HEADERS]
    try:
        return request.written(b"GET", path_of(target), headers)
    except httpcore2.LocalProtocolError as error:
        raise UpstreamProtocol from error
