"""Whose address counts: the peer's, or what trusted proxies wrote."""

import pytest

from api.limits.addresses import UNKNOWN, counted

PEER = "203.0.113.9"


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ([], 0, PEER),
        (["198.51.100.1"], 0, PEER),  # forged: nobody is trusted
        (["198.51.100.1"], 1, "198.51.100.1"),
        (["6.6.6.6, 198.51.100.1"], 1, "198.51.100.1"),  # what the client itself sent is left of it
        (["6.6.6.6, 198.51.100.1, 10.0.0.7"], 2, "198.51.100.1"),
        (["6.6.6.6", "198.51.100.1", "10.0.0.7"], 2, "198.51.100.1"),  # in headers of their own
        (["198.51.100.1"], 2, PEER),  # fewer than there are proxies: it did not come through them
        ([], 1, PEER),
        (["6.6.6.6, nonsense"], 1, PEER),
        (["6.6.6.6,"], 1, PEER),
        (["198.51.100.1:50000"], 1, "198.51.100.1"),
        (["[2001:db8:1:2:3::4]:50000"], 1, "2001:db8:1:2::/64"),
        (["2001:db8:1:2:3::4"], 1, "2001:db8:1:2::/64"),
        (["::ffff:198.51.100.1"], 1, "198.51.100.1"),
    ],
)
def test_places_are_counted_from_the_right(forwarded, proxies, address) -> None:
    assert counted(PEER, forwarded, proxies) == address


def test_one_customers_ipv6_addresses_are_one() -> None:
    assert counted("2001:db8:0:1::1", [], 0) == counted("2001:db8:0:1:ffff::2", [], 0)
    assert counted("2001:db8:0:1::1", [], 0) != counted("2001:db8:0:2::1", [], 0)


@pytest.mark.parametrize("peer", [None, "", "testclient", "1.2.3.4.5"])
def test_a_peer_without_address_shares_a_bucket_with_its_like(peer) -> None:
    assert counted(peer, [], 0) == UNKNOWN


def test_a_link_local_peer_has_a_zone() -> None:
    assert counted("fe80::1%eth0", [], 0) == "fe80::/64"
