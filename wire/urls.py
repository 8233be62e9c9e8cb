"""Which URLs are taken at all: judged on the text alone, before any name is resolved.

The front end refuses here what it can refuse at once; the worker asks again on every hop, and judges
the address itself when it dials. A URL is taken apart once, here: nobody parses it a second time, in
another way.
"""

import re
import unicodedata
from dataclasses import dataclass

from wire import addresses, errors, hosts

MAX_BYTES = 2048
NO_PART = {"Cc", "Cs", "Zs", "Zl", "Zp"}  # controls, lone surrogates, white space
NEVER = {"\\", "\ufffe", "\uffff"}  # the last two can be in no SQS message
PLAIN = re.compile(r"[!-\[\]-~]+")  # ASCII that may stand in a URL
PORTS = {"http": 80, "https": 443}

# RFC 3986, appendix B.
PARTS = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?://(?P<place>[^/?#]*))?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.DOTALL,
)
PLACE = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:]+)(?::(?P<port>[0-9]{0,5}))?")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads. The host is canonical, path and query are as they were written.

    `allowed` says that host and port were allowed by name.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str
    query: str | None
    allowed: bool


def place(url: str) -> str:
    """Canonical host and port, however a URL spells them: to count by, never to dial.

    "" for all that have none: uploads, and what is refused by its text.
    """
    parts = PARTS.fullmatch(url) if is_clean(url) else None
    if parts is None or parts["scheme"].lower() not in PORTS:
        return ""
    try:
        return shown(*_host_and_port(parts["place"] or "", PORTS[parts["scheme"].lower()]))
    except errors.ServiceError:
        return ""


def check(url: str, allow: frozenset[str] = frozenset()) -> Target:
    """Judge a URL by its text.

    Args:
        url: what the client sent.
        allow: `host:port` pairs that may be fetched though they are not public.

    Raises:
        InvalidUrl, UnsupportedScheme, CredentialsInUrl, BlockedAddress, BlockedPort
    """
    parts = PARTS.fullmatch(url) if is_clean(url) else None
    if parts is None:
        raise errors.InvalidUrl
    scheme, place = parts["scheme"].lower(), parts["place"] or ""
    if scheme not in PORTS:
        raise errors.UnsupportedScheme
    if "@" in place:
        raise errors.CredentialsInUrl
    host, port = _host_and_port(place, PORTS[scheme])
    allowed = shown(host, port) in allow
    if not allowed:
        _judge(host, port)
    return Target(url, scheme, host, port, parts["path"] or "/", parts["query"], allowed)


def is_clean(text: str) -> bool:
    """Whether it is short enough for a URL, and has only characters that one may have."""
    if len(text) > MAX_BYTES:
        return False
    if text.isascii():
        return PLAIN.fullmatch(text) is not None
    fit = not any(unicodedata.category(char) in NO_PART or char in NEVER for char in text)
    return fit and len(text.encode()) <= MAX_BYTES


def shown(host: str, port: int) -> str:
    """Host and port as an allow-list has them, and a `Host` header."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _host_and_port(place: str, default: int) -> tuple[str, int]:
    found = PLACE.fullmatch(place)
    if found is None:
        raise errors.InvalidUrl
    port = int(found["port"] or default)
    if not 0 < port < 65536:
        raise errors.InvalidUrl
    return hosts.canonical(found["host"]), port


def _judge(host: str, port: int) -> None:
    literal = addresses.parse(host)
    if hosts.is_local(host) or (literal is not None and not addresses.is_public(literal)):
        raise errors.BlockedAddress
    if port not in PORTS.values():
        raise errors.BlockedPort
