"""Which URLs are taken at all: judged on the text alone, before any name is resolved.

The front end refuses here what it can refuse at once; the worker asks again on every hop, and judges
the address itself when it dials.
"""

import unicodedata
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from wire import addresses, errors

MAX_BYTES = 2048
NO_PART = {"Cc", "Cs", "Zs", "Zl", "Zp"}  # controls, lone surrogates, white space
NEVER = {"\\", "\ufffe", "\uffff"}  # the last two can be in no SQS message
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: the host in lower case, the port, and whether it was allowed by name."""

    url: str
    host: str
    port: int
    allowed: bool


def check(url: str, allow: frozenset[str] = frozenset()) -> Target:
    """Judge a URL by its text.

    Args:
        url: what the client sent.
        allow: `host:port` pairs that may be fetched though they are not public.

    Raises:
        InvalidUrl, UnsupportedScheme, CredentialsInUrl, BlockedAddress, BlockedPort
    """
    parts = _split(url)
    if parts.scheme not in PORTS:
        raise errors.UnsupportedScheme
    if "@" in parts.netloc:
        raise errors.CredentialsInUrl
    host, port = _host_and_port(parts)
    if f"{host}:{port}" in allow:
        return Target(url, host, port, allowed=True)
    literal = addresses.parse(host)
    if "%" in host or (literal is not None and not addresses.is_public(literal)):
        raise errors.BlockedAddress
    if port not in PORTS.values():
        raise errors.BlockedPort
    return Target(url, host, port, allowed=False)


def _split(url: str) -> SplitResult:
    # urlsplit would silently drop tabs and line breaks; nothing is guessed here.
    if any(unicodedata.category(char) in NO_PART or char in NEVER for char in url):
        raise errors.InvalidUrl
    if not url or len(url.encode()) > MAX_BYTES:
        raise errors.InvalidUrl
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise errors.InvalidUrl from error
    if not parts.scheme:
        raise errors.InvalidUrl
    return parts


def _host_and_port(parts: SplitResult) -> tuple[str, int]:
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise errors.InvalidUrl from error
    name = (host or "").lower().rstrip(".")
    if not name or port == 0:
        raise errors.InvalidUrl
    return name, port or PORTS[parts.scheme]
