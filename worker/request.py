"""How a judged URL is written on the wire: its host as it was judged, a percent-encoded path, our headers."""

from urllib.parse import quote

import h11

from wire.errors import UpstreamProtocol
from wire.urls import PORTS, Target, shown

# RFC 3986: characters that a path or query may hold as they are; `%` stands for what is encoded already.
PLAIN = "%/:@!$&'()*+,;=~-._?[]"
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
    path = quote(target.path, safe=PLAIN)
    query = f"?{quote(target.query, safe=PLAIN)}" if target.query else ""
    headers = [(b"Host", host_header(target)), *HEADERS]
    try:
        return h11.Request(method=b"GET", target=f"{path}{query}".encode(), headers=headers)
    except h11.LocalProtocolError as error:
        raise UpstreamProtocol from error


def host_header(target: Target) -> bytes:
    """The `Host` header; an IPv6 literal stands in brackets, a scheme's own port is left out."""
    whole = shown(target.host, target.port)
    own = PORTS[target.scheme]
    return whole.removesuffix(f":{own}").encode() if target.port == own else whole.encode()
