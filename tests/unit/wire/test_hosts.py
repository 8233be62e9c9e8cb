"""One spelling for each host, and none that a resolver takes for an address that was not judged."""

import contextlib
import ipaddress
import socket

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wire import addresses, errors, hosts, urls
from wire.outside.target import host_header
from worker.request import written


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("example.com", "example.com"),
        ("EXAMPLE.com", "example.com"),
        ("example.com.", "example.com"),
        ("some_bucket.s3.example.com", "some_bucket.s3.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("my_own.bücher.example", "my_own.xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("%65xample.com", "example.com"),
        ("b%C3%BCcher.example", "xn--bcher-kva.example"),
        ("exa\u00admple.com", "example.com"),
        ("exa\u200bmple.com", "example.com"),
        ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"),
        ("1.2.3.four", "1.2.3.four"),
        ("0x7f.com", "0x7f.com"),
        ("8.8.8.8", "8.8.8.8"),
        ("134744072", "8.8.8.8"),
        ("0x8.0x8.0x808", "8.8.8.8"),
        ("010.010.010.010", "8.8.8.8"),
        ("1.0x", "1.0.0.0"),
        ("[2606:4700:4700::1111]", "2606:4700:4700::1111"),
        ("[2606:4700:4700:0:0:0:0:1111]", "2606:4700:4700::1111"),
    ],
)
def test_the_one_spelling(host, found):
    assert hosts.canonical(host) == found
    assert hosts.canonical(f"[{found}]" if ":" in found else found) == found


@pytest.mark.parametrize(
    "host",
    [
        "", ".", "..", "a..b", "example.com..", ".example.com", "-ä.example", "ä..example",
        "ä" * 64 + ".example", "a" * 64 + ".example", "a." * 127 + "example", "ä" * 300,
        "exa mple.com", "exa%20mple.com", "exa%00mple.com", "a%2Fb", "a%23b", "a%40b", "a%3A80", "a%5Cb",
        "%31%32%37.0.0.1%00.example.com", "%ff%fe", "%", "%zz", "%2531",
        "a℀b", "a＠b", "a：80", "a／b", "a？b",
        "a#b", "a\\b", "a<b", "a,b", "a;b", "a!b", "a*b", "*", "a'b", "(a)",
        "1.2.3.4.5", "256.1.1.1", "1.256.1.1", "1.1.1.256", "4294967296", "0x100000000", "1..1", "08", "09.1",
        "0xg.1", "1.0x1g.7", "example.08", "example.1", "a.0x1",
        "[]", "[1.2.3.4]", "[example.com]", "[::1", "[:::1]", "[::1]]", "[v1.a]",
        "[::g]", "[::1.2.3]", "[ ::1]",
    ],
)  # fmt: skip
def test_what_is_no_host(host):
    with pytest.raises(errors.InvalidUrl):
        hosts.canonical(host)


@pytest.mark.parametrize("host", ["[fe80::1%eth0]", "[fe80::1%25eth0]", "[::1%lo]", "[::1%25]"])
def test_a_zone_is_refused_as_an_address(host):
    with pytest.raises(errors.BlockedAddress):
        hosts.canonical(host)


# Loopback and the metadata service in every disguise.
DISGUISED = """
    127.0.0.1 127.0.0.1. 127.1 127.0.1 2130706433 0x7f.1 0x7F.0.0.1 0X7f000001 0x7f.0x0.0x0.0x1 017700000001
    0177.0.0.1 0177.0.0.01 00000177.0.0.1 0 0.0 0x0 00 0.0.0.0 127.255.255.254
    ①②⑦.⓪.⓪.① ①②⑦.0.0.1 １２７.0.0.1 127。0。0。1 127．0．0．1 127｡0｡0｡1 ①２７。1 𝟏𝟐𝟕.𝟎.𝟎.𝟏 ¹²⁷.0.0.1
    %31%32%37.0.0.1 %31%32%37%2e%30%2e%30%2e%31 127%2E1 %E2%91%A0%E2%91%A1%E2%91%A6.0.0.1 127%E3%80%82%30.0.1
    127\u00ad.0.0.1 127.0\u200b.0.1 1\u206027.0.0.1 127.0.0.1\ufeff
    169.254.169.254 169.254.43518 0xa9fea9fe 2852039166 0251.0376.0251.0376 0xa9.0xfe.0xa9.0xfe
    localhost LOCALHOST localhost. LocalHost loc%61lhost ｌｏｃａｌｈｏｓｔ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ
    loc\u00adalhost a.localhost x.y.localhost.
    localhoſt
    [::1] [::] [0:0:0:0:0:0:0:1] [0000::0001] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:7f00:1]
    [::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::a00:1] [2002:7f00:1::] [2001::1] [::1%25lo] [fe80::1%25lo]
    [fe80::1] [fec0::1] [ff02::1] [fd00:ec2::254] [::ffff:0:127.0.0.1] [2606:4700::5efe:127.0.0.1]
"""


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", DISGUISED.split())
def test_every_disguise_is_refused_by_its_text(scheme, host):
    refusals = set()
    for url in (f"{scheme}://{host}/x", f"{scheme}://{host}:443/", f"{scheme}://{host}:9999?x"):
        with pytest.raises(errors.BlockedAddress) as caught:
            urls.check(url)
        refusals.add(
            (caught.value.status, caught.value.code, caught.value.public, caught.value.retry_in)
        )
    assert refusals == {(403, "blocked_address", errors.BlockedAddress.message, None)}


PIECES = st.sampled_from(
    [
        *"0179aAxX.:%-_@/\\[]#?。．①⑦⓪１２７ßſ\u00ad\u200b\u0130ä", "127", "0x7f",
        "0177", "2130706433", "localhost",
        "::ffff:", "%31", "%2e", "xn--", "example.com", "\u3002", "⒈", "℀",
    ]
)  # fmt: skip
HOSTS = st.lists(PIECES, min_size=1, max_size=8).map("".join) | st.text(max_size=30)
NUMERIC = st.lists(
    st.integers(0, 2**33).flatmap(
        lambda n: st.sampled_from([f"{n}", f"0x{n:x}", f"0{n:o}", f"{n % 256}"])
    ),
    min_size=1,
    max_size=5,
).map(".".join)


def numeric(host):
    """What the system's resolver makes of it without asking anybody."""
    with contextlib.suppress(OSError):
        found = socket.getaddrinfo(host, 80, flags=socket.AI_NUMERICHOST, type=socket.SOCK_STREAM)
        return {row[4][0] for row in found}
    return set()


@settings(max_examples=1000, deadline=None)
@given(HOSTS | NUMERIC, st.sampled_from(["", ".", ":80", ":443", ":"]))
@example("2130706433", "")
@example("①②⑦.⓪.⓪.①", ".")
@example("134744072", ":80")
def test_what_is_judged_is_what_is_asked_for_and_dialed(host, end):
    try:
        target = urls.check(f"http://{host}{end}/picture.jpg")
    except errors.ServiceError:
        return
    origin = h11.Connection(h11.SERVER)
    origin.receive_data(written(target))
    assert dict(origin.next_event().headers)[b"host"] == host_header(target)
    assert host_header(target).decode("ascii") in {
        target.host, f"[{target.host}]", f"{target.host}:443", f"[{target.host}]:443"
    }  # fmt: skip
    # Never a text that the resolver reads as an address, unless it is that address, judged and public.
    for address in numeric(target.host.encode("ascii")):
        assert address == target.host
        assert addresses.is_public(ipaddress.ip_address(address))
    assert urls.check(f"http://{urls.shown(target.host, target.port)}/").host == target.host


@given(
    NUMERIC
    | st.from_regex(r"(0[xX])?[0-9a-fA-F]{1,9}(\.(0[xX])?[0-9a-fA-F]{1,4}){0,4}", fullmatch=True)
)
def test_what_inet_aton_reads_is_never_a_name(text):
    """glibc's own reader is the witness: whatever it takes for an address, we do, and for the same one."""
    try:
        packed = socket.inet_aton(text)
    except OSError:
        return
    try:
        assert hosts.canonical(text) == socket.inet_ntoa(packed)
    except errors.InvalidUrl:
        return
