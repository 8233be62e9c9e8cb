"""How a judged URL is written on the wire: its host as it was judged, a percent-encoded path, our headers."""

from urllib.parse import quote

import httpcore2

from wire.urls import PORTS, Target, shown

# RFC 3986: characters that a path or query may hold as they are; `%` stands for what is encoded already.
PLAIN = "%/:@!$&'()*+,;=~-._?[]"
HEADERS = (
    (b"Accept", b"image/*"),
    (b"Accept-Encoding", b"identity"),
    (b"User-Agent", b"ClassifyCloud/0.1 (picture classification)"),
)


def address_of(target: Target) -> httpcore2.URL:
    """The request's origin and target."""
    path = quote(target.path, safe=PLAIN)
    query = f"?{quote(target.query, safe=PLAIN)}" if target.query else ""
    return httpcore2.URL(
        scheme=target.scheme.encode(),
        host=target.host.encode(),
        port=target.port,
        target=f"{path}{query}".encode(),
    )


def host_header(target: Target) -> bytes:
    """The `Host` header; an IPv6 literal stands in brackets, a scheme's own port is left out."""
    whole = shown(target.host, target.port)
    own = PORTS[target.scheme]
    return whole.removesuffix(f":{own}").encode() if target.port == own else whole.encode()
