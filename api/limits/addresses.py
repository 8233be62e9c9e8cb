"""Whose address a request comes from, as limits count it."""

import functools
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

UNKNOWN = "unknown"
SITE = 64  # bits of IPv6 that one customer has at least, RFC 6177


def counted(peer: str | None, forwarded: Sequence[str], proxies: int) -> str:
    """The client's IPv4 address, or the /64 of its IPv6 address.

    Each trusted proxy adds the address that it heard from at the right end of X-Forwarded-For, so that
    what stands `proxies` places from the right was written by the outermost of them; all further
    left was sent by whoever asks. With fewer entries the request did not come through them all.

    Args:
        peer: the other end of the connection.
        forwarded: the values of every X-Forwarded-For header, in order.
        proxies: how many proxies in front are trusted; with none the header means nothing.
    """
    if not proxies:
        return _of_peer(peer or "")
    hops = [hop for value in forwarded for hop in value.split(",")]
    told = _parsed(hops[-proxies].strip()) if proxies <= len(hops) else None
    return _of_peer(peer or "") if told is None else _counted(told)


@functools.lru_cache(1024)
def _of_peer(peer: str) -> str:
    address = _parsed(peer)
    return UNKNOWN if address is None else _counted(address)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Some proxies write the port too: `192.0.2.1:50000`, `[2001:db8::1]:50000`."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _counted(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(IPv6Network((address, SITE), strict=False))
        address = address.ipv4_mapped
    return str(address)
