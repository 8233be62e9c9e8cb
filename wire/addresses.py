"""Which IP addresses are public. Judged on the address a socket is about to connect to.

`ipaddress.is_global` is not asked: what it says differs between releases of Python, and on 3.11 it is True
for IPv4-compatible, NAT64, 6to4, multicast and site-local forms, several of which carry a private IPv4
address inside. IPv4 is public but for a list; IPv6 is not, but for global unicast without its own list.

Source: IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), read in 2026. Entries that the
registry calls globally reachable are in the lists too: they lead to relays and sinks, never to pictures.
"""

import ipaddress
from bisect import bisect_right
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

REFUSED_4 = (
    "0.0.0.0/8",  # this network, RFC 791
    "10.0.0.0/8",  # private, RFC 1918
    "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
    "127.0.0.0/8",  # loopback, RFC 1122
    "168.63.129.16/32",  # Azure's own services inside every machine there
    "169.254.0.0/16",  # link-local, RFC 3927; the metadata services
    "172.16.0.0/12",  # private, RFC 1918
    "192.0.0.0/24",  # IETF protocol assignments, RFC 6890
    "192.0.2.0/24",  # documentation, RFC 5737
    "192.31.196.0/24",  # AS112, RFC 7535
    "192.52.193.0/24",  # AMT relays, RFC 7450
    "192.88.99.0/24",  # 6to4 relays, RFC 7526
    "192.168.0.0/16",  # private, RFC 1918
    "192.175.48.0/24",  # AS112, RFC 7534
    "198.18.0.0/15",  # benchmarking, RFC 2544
    "198.51.100.0/24",  # documentation, RFC 5737
    "203.0.113.0/24",  # documentation, RFC 5737
    "224.0.0.0/4",  # multicast, RFC 5771
    "240.0.0.0/4",  # reserved, RFC 1112, and broadcast
)
# All else is for special use or for none: ::, ::1, the mapped and compatible forms, both prefixes of NAT64,
# 100::/64 (discard), 5f00::/16 (segment routing), fc00::/7, fe80::/10, fec0::/10 and ff00::/8.
GLOBAL_UNICAST = IPv6Network("2000::/3")
REFUSED_6 = (
    "2001::/23",  # IETF protocol assignments, RFC 2928: Teredo, benchmarking, AMT, ORCHID and others
    "2001:db8::/32",  # documentation, RFC 3849
    "2002::/16",  # 6to4, RFC 3056
    "2620:4f:8000::/48",  # AS112, RFC 7534
    "3fff::/20",  # documentation, RFC 9637
)
ISATAP = {0x00005EFE, 0x02005EFE}  # interface identifiers of RFC 5214; an IPv4 address follows


def parse(text: str) -> Address | None:
    """The address when the text is one; None when it is a name. A zone (`fe80::1%eth0`) is kept."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether anybody on the Internet could reach it, and only there."""
    if isinstance(address, IPv4Address):
        return int(address) not in _REFUSED_4
    if address.scope_id is not None or address not in GLOBAL_UNICAST:
        return False
    return int(address) not in _REFUSED_6 and (int(address) >> 32) & 0xFFFFFFFF not in ISATAP


class _Ranges:
    """Numbers of addresses, found by bisection; the ranges do not overlap."""

    def __init__(self, networks: Sequence[IPv4Network] | Sequence[IPv6Network]) -> None:
        ordered = sorted((int(net.network_address), int(net.broadcast_address)) for net in networks)
        self._first = [first for first, _ in ordered]
        self._last = [last for _, last in ordered]

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._first, number) - 1
        return at >= 0 and number <= self._last[at]


_REFUSED_4 = _Ranges([IPv4Network(text) for text in REFUSED_4])
_REFUSED_6 = _Ranges([IPv6Network(text) for text in REFUSED_6])
