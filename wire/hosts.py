"""A URL's host in its one spelling: what is judged is, letter for letter, what is looked up and dialed.

The host parser of the WHATWG URL standard (url.spec.whatwg.org, 3.5), which is how browsers read a host, and
stricter where no host name needs its leniency. What comes out is an address in its shortest form, or a name
that no resolver would take for an address: `inet_aton`, and so getaddrinfo, reads `2130706433`, `0x7f.1` and
`0177.1` as loopback, and compatibility mapping makes digits of `①②⑦`.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import unquote

import idna

from wire.errors import BlockedAddress, InvalidUrl

MAX_LENGTH = 253  # RFC 1035, without the dot of the root
NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")


@lru_cache(maxsize=256)  # 2 kB each at most; the same host comes again and again
def canonical(host: str) -> str:
    """The host as DNS, TLS and sockets are to know it: ASCII, in lower case, without brackets.

    Args:
        host: as it stands in a URL; an IPv6 address in its brackets.

    Raises:
        BlockedAddress: an IPv6 address with a zone: it means something on one machine only.
        InvalidUrl: no name that DNS could hold, and no address.
    """
    if host.startswith("[") and host.endswith("]"):
        return _six(host)
    name = _ascii(_decoded(host)).lower().removesuffix(".")
    if len(name) > MAX_LENGTH or not NAME.fullmatch(name):
        raise InvalidUrl
    if NUMBER.fullmatch(name.rpartition(".")[2]):
        return _four(name)
    return name


def is_local(host: str) -> bool:
    """Whether a canonical host names this machine by definition, RFC 6761."""
    return host == "localhost" or host.endswith(".localhost")


def _decoded(host: str) -> str:
    if "%" not in host:
        return host
    try:
        return unquote(host, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidUrl from error


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    if len(name) > MAX_LENGTH + 1:  # before the mapping, whose cost grows with it
        raise InvalidUrl
    try:
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
        return ".".join(_label(label) for label in mapped.split("."))
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidUrl from error


def _label(label: str) -> str:
    # Left as it is when ASCII: the library knows no underscore, and hosts with one exist.
    return label if label.isascii() else idna.alabel(label).decode()


def _six(host: str) -> str:
    if "%" in host:
        raise BlockedAddress
    try:
        return str(IPv6Address(host.removeprefix("[").removesuffix("]")))
    except ValueError as error:
        raise InvalidUrl from error


def _four(name: str) -> str:
    numbers = [_number(part) for part in name.split(".")]
    *high, low = numbers
    if len(high) > 3 or any(number > 255 for number in high) or low >= 256 ** (4 - len(high)):
        raise InvalidUrl
    return str(IPv4Address(low + sum(part << 8 * (3 - at) for at, part in enumerate(high))))


def _number(part: str) -> int:
    """A part of an IPv4 address: decimal, octal after `0`, hexadecimal after `0x`."""
    if not NUMBER.fullmatch(part):
        raise InvalidUrl
    try:
        if part.startswith("0x"):
            return int(part[2:] or "0", 16)
        return int(part, 8 if part.startswith("0") else 10)
    except ValueError as error:
        raise InvalidUrl from error
