"""URLs judged by their text."""

import contextlib
import timeit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wire import errors, urls


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
        ("http://example.com/a\tb", "invalid_url"),
        ("http://example.com/a\x00b", "invalid_url"),
        ("http://example.com/a\x7fb", "invalid_url"),
        ("http://example.com/a\x85b", "invalid_url"),
        ("http://example.com/a\u2028b", "invalid_url"),
        (" http://example.com/", "invalid_url"),
        ("http://example.com/\u3000", "invalid_url"),
        ("http:example.com", "invalid_url"),
        ("http:/example.com", "invalid_url"),
        ("http:\\\\example.com", "invalid_url"),
        ("http://:80/", "invalid_url"),
        ("http://example.com:80:80/", "invalid_url"),
        ("http://example.com:-80/", "invalid_url"),
        ("http://example.com:+80/", "invalid_url"),
        ("http://example.com:8_0/", "invalid_url"),
        ("http://example.com:８０/", "invalid_url"),
        ("http://example.com:000080/", "invalid_url"),
        ("http://[::1]example.com/", "invalid_url"),
        ("http://example.com[::1]/", "invalid_url"),
        ("http://[2606:4700:4700::1111/", "invalid_url"),
        ("1http://example.com/", "invalid_url"),
        ("http://1.1.1.1 &@2.2.2.2# @3.3.3.3/", "invalid_url"),
        ("http://example.com\\@127.0.0.1/", "invalid_url"),
        ("http://example.com/" + "a" * 2048, "invalid_url"),
        ("ftp://example.com/cat.jpg", "unsupported_scheme"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("upload:uploads/a", "unsupported_scheme"),
        ("data:image/png;base64,AAAA", "unsupported_scheme"),
        ("http://user:secret@example.com/", "credentials_in_url"),
        ("http://user@example.com/", "credentials_in_url"),
        ("http://@example.com/", "credentials_in_url"),
        ("http://a:b@127.0.0.1/", "credentials_in_url"),
        ("http://127.0.0.1#@example.com/", "blocked_address"),
        ("http://127.0.0.1?@example.com/", "blocked_address"),
        ("http://example.com:80@127.0.0.1/", "credentials_in_url"),
        ("https:javascript://127.0.0.1/", "invalid_url"),
        ("ws://example.com/", "unsupported_scheme"),
        ("blob:http://example.com/", "unsupported_scheme"),
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
        ("HTTPS://example.com", "example.com", 443),
        ("http://example.com:/", "example.com", 80),
        ("http://example.com?q=a@b:c", "example.com", 80),
        ("http://example.com#/x", "example.com", 80),
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
    six = frozenset({"[::1]:8099", "localhost:8099"})
    assert urls.check("http://[0:0::1]:8099/", six).allowed
    assert urls.check("http://LOCALHOST.:8099/", six).allowed
    with pytest.raises(errors.BlockedAddress):
        urls.check("http://[::1]:8098/", six)
    with pytest.raises(errors.BlockedAddress):
        urls.check("http://a.localhost:8099/", six)


def test_refusals_of_an_address_all_look_alike():
    texts = set()
    for host in ("127.0.0.1", "10.1.2.3", "[::1]", "169.254.169.254"):
        with pytest.raises(errors.BlockedAddress) as caught:
            urls.check(f"http://{host}/")
        texts.add(caught.value.public)
        assert host.strip("[]") not in caught.value.public
    assert len(texts) == 1


REFUSALS = (
    errors.InvalidUrl,
    errors.UnsupportedScheme,
    errors.CredentialsInUrl,
    errors.BlockedAddress,
    errors.BlockedPort,
)
ALPHABET = "htps:/?#[]@%.0179xaZ-_\\ \t\r\n\x00\u00ad\u200b。．①⑦１ßäİ\ud800\ufffe℀：＠"
LIKE_A_URL = st.builds(
    "{}{}{}".format,
    st.sampled_from(
        ["http://", "https://", "HTTP:", "http:/", "//", "", "ftp://", "http:\\\\", "h://"]
    ),
    st.text(ALPHABET, max_size=40) | st.text(max_size=40),
    st.sampled_from(["", "/", "/a.jpg?b=c#d", ":80/", ":22", "?", "#", "@example.com/"]),
)


@settings(max_examples=500)
@given(st.text(max_size=200) | LIKE_A_URL)
def test_any_text_is_either_taken_or_refused_with_a_code(text):
    try:
        target = urls.check(text)
    except REFUSALS:
        return
    assert target.scheme in ("http", "https")
    assert target.port in (80, 443)
    assert target.host.isascii()
    assert target.host == target.host.lower()
    assert not set(target.host) & set("%@[]/?#\\ ")


SLOW = {
    "plain": "http://" + "a" * 2041,
    "digits": "http://" + "1" * 2041,
    "dots": "http://" + "." * 2041,
    "labels": "http://" + "a." * 1020,
    "hexadecimal": "http://0x" + "f" * 2039,
    "brackets": "http://" + "[" * 2041,
    "colons": "http://[" + ":" * 2040,
    "percent": "http://" + "%31" * 680,
    "encoded marks": "http://" + "%CC%81" * 340,
    "marks": "http://" + "a" + "\u0301\u0316" * 510,
    "long ones": "http://" + "\ufdfa" * 680,  # one character that maps to eighteen
    "long host of long ones": "http://" + "\ufdfa" * 253,
    "sigmas": "http://" + "\u03a3" * 253,
    "right to left": "http://" + "\u05d0" * 253,
    "joiners": "http://" + "\u0915\u094d\u200d" * 84,
    "middle dots": "http://" + "l\u00b7" * 126,
    "punycode": "http://xn--" + "a" * 2000,
    "schemes": "a" * 2048,
    "dashes": "a-" * 1024 + ":",
    "ats": "http://" + "@" * 2041,
    "far too long": "http://" + "\u0301" * 1_000_000,
}


@pytest.mark.parametrize("kind", SLOW)
def test_no_text_costs_more_than_a_thousand_good_ones(kind):
    """Against the machine's own speed, so that a busy one fails nothing; each is a few times a good one."""
    good = _best_of(20, "https://images.example.com/2024/05/cat-on-a-mat.jpg?size=large")
    assert _best_of(5, SLOW[kind]) < 1000 * good


def _best_of(times, url):
    return min(timeit.repeat(lambda: _refused(url), number=1, repeat=times))


def _refused(url):
    with contextlib.suppress(REFUSALS):
        urls.check(url)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://host.test/a", "host.test:80"),
        ("HTTP://h%6Fst.TEST./a?b#c", "host.test:80"),
        ("http://host.test:80", "host.test:80"),
        ("http://host.test:", "host.test:80"),
        ("http://host.test:080/", "host.test:80"),
        ("https://host.test/", "host.test:443"),
        ("http://134744072/", "8.8.8.8:80"),
        ("http://[2606:4700:4700:0::1111]/", "[2606:4700:4700::1111]:80"),
        ("upload:uploads/1", ""),
        ("ftp://host.test/", ""),
        ("http://user@host.test/", ""),
        ("http://host.test:99999/", ""),
        ("http://host .test/", ""),
        ("http://%ff/", ""),
        ("http:///", ""),
        ("", ""),
    ],
)
def test_a_host_is_counted_as_one_however_it_is_spelled(url, place):
    assert urls.place(url) == place


@given(st.text(max_size=200) | LIKE_A_URL)
def test_any_text_can_be_counted(text):
    assert urls.place(text) == "" or urls.place(text).rpartition(":")[2].isdecimal()
