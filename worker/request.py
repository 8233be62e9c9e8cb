"""How a judged URL is written on the wire: an ASCII host, a percent-encoded path, our headers."""

from urllib.parse import quote, urlsplit

import httpcore
import idna

from wire.errors import InvalidUrl
from wire.urls import PORTS, Target

# RFC 3986: characters that a path or query may hold as they are; `%` stands for what is encoded already.
PLAIN = "%/:@!$&'()*+,;=~-._?[]"
HEADERS = (
    (b"Accept", b"image/*"),
    (b"Accept-Encoding", b"identity"),
    (b"User-Agent", b"ClassifyCloud/0.1 (picture classification)"),
)


def address_of(target: Target) -> httpcore.URL:
    """The request's origin and target.

    Raises:
        InvalidUrl: the host is no name that DNS could hold.
    """
    parts = urlsplit(target.url)
    path = quote(parts.path or "/", safe=PLAIN)
    query = f"?{quote(parts.query, safe=PLAIN)}" if parts.query else ""
    return httpcore.URL(
        scheme=parts.scheme.encode(),
        host=ascii_host(target.host),
        port=target.port,
        target=f"{path}{query}".encode(),
    )


def host_header(target: Target) -> bytes:
    """The `Host` header; an IPv6 literal stands in brackets, a scheme's own port is left out."""
    host = ascii_host(target.host)
    shown = b"[%s]" % host if b":" in host else host
    own = PORTS[urlsplit(target.url).scheme]
    return shown if target.port == own else b"%s:%d" % (shown, target.port)


def ascii_host(host: str) -> bytes:
    """The host as DNS and TLS know it: international names in their `xn--` form (UTS 46)."""
    try:
        return host.encode("ascii") if host.isascii() else idna.encode(host, uts46=True)
    except idna.IDNAError as error:
        raise InvalidUrl from error
