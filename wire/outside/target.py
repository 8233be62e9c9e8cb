"""How a judged URL is written into a request: its host as it was judged, a percent-encoded path."""

from urllib.parse import quote

from wire.urls import PORTS, Target, shown

# RFC 3986: characters that a path or query may hold as they are; `%` stands for what is encoded already.
PLAIN = "%/:@!$&'()*+,;=~-._?[]"


def path_of(target: Target) -> bytes:
    """Path and query."""
    path = quote(target.path, safe=PLAIN)
    query = f"?{quote(target.query, safe=PLAIN)}" if target.query else ""
    return f"{path}{query}".encode()


def host_header(target: Target) -> bytes:
    """The `Host` header; an IPv6 literal stands in brackets, a scheme's own port is left out."""
    whole = shown(target.host, target.port)
    own = PORTS[target.scheme]
    return whole.removesuffix(f":{own}").encode() if target.port == own else whole.encode()
