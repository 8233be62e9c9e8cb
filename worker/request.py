"""What is asked of a picture's host: a judged URL, and our headers."""

import h11

from wire.errors import UpstreamProtocol
from wire.outside.target import host_header, path_of
from wire.urls import Target

HEADERS = (
    (b"Accept", b"image/*"),
    (b"Accept-Encoding", b"identity"),
    (b"User-Agent", b"ClassifyCloud/0.1 (picture classification)"),
)


def written(target: Target) -> h11.Request:
    """The request for a picture.

    Raises:
        UpstreamProtocol: it cannot be written down.
    """
    headers = [(b"Host", host_header(target)), *HEADERS]
    try:
        return h11.Request(method=b"GET", target=path_of(target), headers=headers)
    except h11.LocalProtocolError as error:
        raise UpstreamProtocol from error
