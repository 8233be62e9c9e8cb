"""Which addresses are public: a row for each class, and the registries of IANA as a property."""

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import addresses

NOT_PUBLIC = {
    "loopback": "127.0.0.1 127.255.255.254 ::1",
    "unspecified": "0.0.0.0 ::",
    "this network": "0.0.0.1 0.255.255.255",
    "private": "10.0.0.0 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.0 192.168.255.255",
    "unique local": "fc00::1 fd12::1 fd00:ec2::254 fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "carrier-grade NAT": "100.64.0.0 100.127.255.255 100.100.100.200",
    "link-local": "169.254.0.0 169.254.169.254 169.254.255.255 fe80::1 febf::1",
    "multicast": "224.0.0.1 239.255.255.255 ff02::1 ff0e::1 ff00::",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1 255.255.255.254",
    "documentation": "192.0.2.1 198.51.100.1 203.0.113.255 2001:db8::1 3fff::1 3fff:fff::1",
    "site-local": "fec0::1 feff::1",
    "benchmarking": "198.18.0.0 198.19.255.255 2001:2::1",
    "6to4 relays": "192.88.99.0 192.88.99.1 192.88.99.255",
    "IETF assignments": "192.0.0.0 192.0.0.8 192.0.0.170 192.0.0.192 192.0.0.255 2001:1::1",
    "AS112 and AMT": "192.31.196.1 192.52.193.1 192.175.48.1 2620:4f:8000::1 2001:3::1 2001:4:112::1",
    "a cloud's own": "168.63.129.16",
    "IPv4-mapped": "::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8",
    "IPv4-translated": "::ffff:0:127.0.0.1",
    "IPv4-compatible": "::127.0.0.1 ::8.8.8.8 ::a9fe:a9fe",
    "NAT64": "64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::808:808",
    "local NAT64": "64:ff9b:1::a00:1 64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
    "6to4": "2002:7f00:1:: 2002:a9fe:a9fe::1 2002:808:808::1",
    "Teredo": "2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "ISATAP": "2606:4700::5efe:10.0.0.1 2606:4700::200:5efe:a00:1",
    "discard-only": "100::1 100:0:0:1::1",
    "ORCHID": "2001:10::1 2001:1f:ffff::1 2001:20::1 2001:2f:ffff::1 2001:30::1",
    "segment routing": "5f00::1",
    "not assigned": "4000::1 8000::1 1::1 200::1",
    "with a zone": "fe80::1%1 fe80::1%eth0 2606:4700:4700::1111%eth0",
}
ROWS = [(kind, text) for kind, texts in NOT_PUBLIC.items() for text in texts.split()]


@pytest.mark.parametrize(("kind", "text"), ROWS)
def test_addresses_that_are_not_public(kind, text):
    assert not addresses.is_public(ipaddress.ip_address(text)), kind


# The first and the last beside each list's networks, and hosts that many pictures come from.
PUBLIC = """
    1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
    168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0
    192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
    198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 8.8.8.8 93.184.215.14
    2000::1 2001:200::1 2001:db7:ffff::1 2001:db9::1 2001:4860:4860::8888 2003::1 2606:4700:4700::1111
    2620:4f:7fff::1 2620:4f:8001::1 2a00:1450:4001:81b::2004 3ffe::1 3fff:1000::1
"""


@pytest.mark.parametrize("text", PUBLIC.split())
def test_addresses_that_are_public(text):
    assert addresses.is_public(ipaddress.ip_address(text))


# IANA IPv4 and IPv6 Special-Purpose Address Registries, all rows, and what lies outside 2000::/3.
SPECIAL_4 = """
    0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12
    192.0.0.0/24 192.0.0.0/29 192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32
    192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24
    198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 255.255.255.255/32
"""
SPECIAL_6 = """
    ::1/128 ::/128 ::ffff:0:0/96 ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23
    2001::/32 2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48
    2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16
    fc00::/7 fe80::/10 fec0::/10 ff00::/8 ::/3 4000::/2 8000::/1
"""
NETWORKS_4 = [IPv4Network(text) for text in SPECIAL_4.split()]
NETWORKS_6 = [IPv6Network(text) for text in SPECIAL_6.split()]


def inside(network):
    """Addresses of a network, its first and last among them."""
    first, last = int(network.network_address), int(network.broadcast_address)
    kind = type(network.network_address)
    return st.integers(first, last).map(kind)


SPECIAL = st.sampled_from([*NETWORKS_4, *NETWORKS_6]).flatmap(inside)
ANY = st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address)
UNICAST = inside(addresses.GLOBAL_UNICAST)


@given(SPECIAL)
def test_no_special_purpose_address_is_public(address):
    assert not addresses.is_public(address)


@given(ANY | UNICAST | SPECIAL)
def test_a_public_address_is_in_no_registry_and_is_global_to_python_too(address):
    if addresses.is_public(address):
        networks = NETWORKS_4 if address.version == 4 else NETWORKS_6
        assert not any(address in network for network in networks)
        assert address.is_global
        assert not address.is_multicast


def mapped(four):
    return 0xFFFF << 32 | four


def compatible(four):
    return four


def nat64(four):
    return 0x64FF9B << 96 | four


def local_nat64(four):
    # RFC 6052, 2.2: behind a prefix of 48 bits, the eight bits from the 64th on are zero.
    return 0x64FF9B0001 << 80 | (four >> 16) << 64 | (four & 0xFFFF) << 40


def six_to_four(four):
    return 0x2002 << 112 | four << 80 | 1


def teredo(four):
    # RFC 4380: server, flags, port and client, the last two inverted.
    return 0x20010000 << 96 | 0x41A6E378 << 64 | 0x80001234 << 32 | (four ^ 0xFFFFFFFF)


def isatap(four):
    return 0x26064700 << 96 | 0x5EFE << 32 | four


def isatap_global(four):
    return 0x26064700 << 96 | 0x02005EFE << 32 | four


FORMS = [mapped, compatible, nat64, local_nat64, six_to_four, teredo, isatap, isatap_global]


@pytest.mark.parametrize("form", FORMS)
@given(
    four=st.sampled_from(NETWORKS_4).flatmap(inside) | st.integers(0, 2**32 - 1).map(IPv4Address)
)
def test_no_ipv6_address_that_embeds_ipv4_is_public(form, four):
    assert not addresses.is_public(IPv6Address(form(int(four))))


def test_the_forms_are_what_the_library_takes_them_for():
    four = IPv4Address("127.0.0.1")
    assert IPv6Address(mapped(int(four))).ipv4_mapped == four
    assert IPv6Address(six_to_four(int(four))).sixtofour == four
    assert IPv6Address(teredo(int(four))).teredo[1] == four
    assert IPv6Address(nat64(int(four))) == IPv6Address("64:ff9b::7f00:1")
    assert IPv6Address(local_nat64(int(four))) == IPv6Address("64:ff9b:1:7f00:0:100::")
