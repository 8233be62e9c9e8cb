"""Which IP addresses are public. Judged on the address a socket is about to connect to.

`ipaddress.is_global` alone is not enough: on Python 3.11 it is True for IPv4-compatible, NAT64, 6to4,
multicast and site-local forms, several of which carry a private IPv4 address inside.
"""

import ipaddress
from ipaddress import IPv4Address, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

# Each form embeds an IPv4 address that a translator on the way would connect to.
EMBEDDING = (
    IPv6Network("::/96"),  # IPv4-compatible, RFC 4291
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped, RFC 4291
    IPv6Network("64:ff9b::/96"),  # NAT64, RFC 6052
    IPv6Network("64:ff9b:1::/48"),  # local NAT64, RFC 8215
    IPv6Network("2001::/32"),  # Teredo, RFC 4380
    IPv6Network("2002::/16"),  # 6to4, RFC 3056
    IPv6Network("fec0::/10"),  # site-local, deprecated by RFC 3879
    IPv6Network("3fff::/20"),  # documentation, RFC 9637
    IPv6Network("5f00::/16"),  # segment routing, RFC 9602
)
ISATAP = {0x00005EFE, 0x02005EFE}  # interface identifiers of RFC 5214


def parse(text: str) -> Address | None:
    """The address when the text is one, without zone; None when it is a name.

    A zone id (`fe80::1%eth0`) makes the text no address here, and no name either: callers refuse it.
    """
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether anybody on the Internet could reach it, and only there."""
    if not address.is_global or address.is_multicast:
        return False
    return isinstance(address, IPv4Address) or not _embeds(address)


def _embeds(address: IPv6Address) -> bool:
    if address.scope_id is not None or (int(address) >> 32) & 0xFFFFFFFF in ISATAP:
        return True
    return any(address in network for network in EMBEDDING)
