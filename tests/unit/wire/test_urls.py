"""URLs judged by their text, addresses by their value."""

import contextlib
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import addresses, errors, urls


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "invalid_url"),
        ("cat", "invalid_url"),
        ("//example.com/cat.jpg", "invalid_url"),
        ("http://", "invalid_url"),
        ("http:///cat.jpg", "invalid_url"),
        ("http://[::1", "invalid_url"),
        ("http://example.com:port/", "invalid_url"),
        ("http://example.com:99999/", "invalid_url"),
        ("http://example.com:0/", "invalid_url"),
        ("http://./", "invalid_url"),
        ("http://example.com/\ufffe", "invalid_url"),
        ("http://example.com/\uffff", "invalid_url"),
        ("http://example.com/\ud800", "invalid_url"),
        ("http://exa\nmple.com/", "invalid_url"),
        ("http://example.com/a b", "invalid_url"),
        ("http://example.com\\@127.0.0.1/", "invalid_url"),
        ("http://example.com/" + "a" * 2048, "invalid_url"),
        ("ftp://example.com/cat.jpg", "unsupported_scheme"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("upload:uploads/a", "unsupported_scheme"),
        ("data:image/png;base64,AAAA", "unsupported_scheme"),
        ("http://user:secret@example.com/", "credentials_in_url"),
        ("http://user@example.com/", "credentials_in_url"),
        ("http://@example.com/", "credentials_in_url"),
        ("http://127.0.0.1/", "blocked_address"),
        ("http://127.0.0.1:9999/", "blocked_address"),
        ("http://169.254.169.254/latest/meta-data/", "blocked_address"),
        ("http://[::1]/", "blocked_address"),
        ("http://[fe80::1%25eth0]/", "blocked_address"),
        ("http://[::ffff:10.0.0.1]/", "blocked_address"),
        ("http://[64:ff9b::a9fe:a9fe]/", "blocked_address"),
        ("http://0.0.0.0/", "blocked_address"),
        ("http://example.com:22/", "blocked_port"),
        ("https://example.com:8443/", "blocked_port"),
    ],
)
def test_refused_urls(url, code):
    with pytest.raises(errors.ServiceError) as caught:
        urls.check(url)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://example.com/cat.jpg", "example.com", 80),
        ("https://EXAMPLE.com/cat.jpg?size=1", "example.com", 443),
        ("http://example.com:443/", "example.com", 443),
        ("http://93.184.215.14/cat.jpg", "93.184.215.14", 80),
        ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", None, 443),
    ],
)
def test_good_urls(url, host, port):
    target = urls.check(url)
    assert not target.allowed
    assert target.port == port
    assert host is None or target.host == host


def test_only_the_pair_of_host_and_port_is_allowed():
    allow = frozenset({"127.0.0.1:8099"})
    assert urls.check("http://127.0.0.1:8099/a.jpg", allow).allowed
    for other in ("http://127.0.0.1:8098/a.jpg", "http://127.0.0.1/a.jpg"):
        with pytest.raises(errors.BlockedAddress):
            urls.check(other, allow)


def test_refusals_of_an_address_all_look_alike():
    texts = set()
    for host in ("127.0.0.1", "10.1.2.3", "[::1]", "169.254.169.254"):
        with pytest.raises(errors.BlockedAddress) as caught:
            urls.check(f"http://{host}/")
        texts.add(caught.value.public)
        assert host.strip("[]") not in caught.value.public
    assert len(texts) == 1


@given(st.text(max_size=200))
def test_any_text_is_either_taken_or_refused_with_a_code(text):
    with contextlib.suppress(errors.InvalidUrl, errors.UnsupportedScheme, errors.CredentialsInUrl):
        urls.check(text)


NOT_PUBLIC = """
    127.0.0.1 10.0.0.1 172.16.0.1 192.168.1.1 100.64.0.1 169.254.169.254 0.0.0.0 255.255.255.255
    192.0.2.1 198.51.100.1 203.0.113.1 198.18.0.1 240.0.0.1 224.0.0.1
    :: ::1 fe80::1 fc00::1 fd12::1 fec0::1 ff02::1 ff0e::1 2001:db8::1 3fff::1
    ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1 2002:7f00:1::
    2001:0:4136:e378:8000:63bf:3fff:fdd2 2606:4700::5efe:10.0.0.1 2606:4700::200:5efe:a00:1
"""


@pytest.mark.parametrize("text", NOT_PUBLIC.split())
def test_addresses_that_are_not_public(text):
    assert not addresses.is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111"])
def test_addresses_that_are_public(text):
    assert addresses.is_public(ipaddress.ip_address(text))
