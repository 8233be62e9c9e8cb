"""Which addresses are dialed: judged after DNS, on the address itself."""

import socket

import httpcore
import pytest

from wire import urls
from wire.errors import BlockedAddress, BlockedPort, ServiceError, UpstreamUnreachable
from worker.fetch import Fetcher
from worker.guard import GuardedBackend, SystemResolver
from worker.request import address_of, ascii_host, host_header

PUBLIC = "93.184.216.34"
PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:93.184.216.34",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2001::1",
    "2002:7f00:1::1",
    "2001:db8::1",
    "2606:4700::5efe:7f00:1",
    "fe80::1",
    "fe80::1%1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "3fff::1",
    "5f00::1",
    "no address",
]


class Wire(httpcore.AsyncNetworkBackend):
    """Notes what is dialed; nothing leaves the machine."""

    def __init__(self, dead=()):
        self.dialed, self._dead = [], dead

    async def connect_tcp(self, host, port, *_):
        self.dialed.append((host, port))
        if host in self._dead:
            raise httpcore.ConnectError
        return httpcore.AsyncMockStream([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"])


def guarded(*addresses, allow=(), dead=()):
    wire = Wire(dead)

    async def resolve(host, port):
        if not addresses:
            raise socket.gaierror
        return list(addresses)

    return wire, GuardedBackend(resolve, frozenset(allow), wire)


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_private_address_is_never_dialed(address):
    wire, guard = guarded(address)
    with pytest.raises(BlockedAddress):
        await guard.connect_tcp("example.com", 80)
    assert wire.dialed == []


@pytest.mark.parametrize("address", PRIVATE)
async def test_one_private_address_among_public_ones_is_enough(address):
    wire, guard = guarded(PUBLIC, address)
    with pytest.raises(BlockedAddress):
        await guard.connect_tcp("example.com", 80)
    assert wire.dialed == []


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700:4700::1111"])
async def test_the_judged_address_is_dialed_not_the_name(address):
    wire, guard = guarded(address)
    await guard.connect_tcp("example.com", 443)
    assert wire.dialed == [(address, 443)]


async def test_the_next_address_is_tried_when_one_is_dead():
    wire, guard = guarded("1.1.1.1", "8.8.8.8", dead={"1.1.1.1"})
    await guard.connect_tcp("example.com", 80)
    assert wire.dialed == [("1.1.1.1", 80), ("8.8.8.8", 80)]


async def test_all_dead_is_told():
    _, guard = guarded("1.1.1.1", "8.8.8.8", dead={"1.1.1.1", "8.8.8.8"})
    with pytest.raises(httpcore.ConnectError):
        await guard.connect_tcp("example.com", 80)


async def test_a_port_that_never_answers_is_unreachable():
    class Silent(Wire):
        async def connect_tcp(self, host, port, *_):
            raise httpcore.ConnectTimeout

    async def resolve(host, port):
        return [PUBLIC]

    fetcher = Fetcher(resolve)
    fetcher._pool._network_backend = GuardedBackend(resolve, frozenset(), Silent())
    with pytest.raises(UpstreamUnreachable):
        await fetcher.fetch("http://example.com/")


async def test_a_name_without_address_is_unreachable():
    _, guard = guarded()
    with pytest.raises(UpstreamUnreachable):
        await guard.connect_tcp("nowhere.invalid", 80)


async def test_the_allow_list_is_for_a_host_with_its_port():
    wire, guard = guarded("127.0.0.1", allow={"samples.local:8080"})
    await guard.connect_tcp("Samples.local.", 8080)
    assert wire.dialed == [("127.0.0.1", 8080)]
    with pytest.raises(BlockedAddress):
        await guard.connect_tcp("samples.local", 80)
    with pytest.raises(BlockedAddress):
        await guard.connect_tcp("other.local", 8080)


async def test_a_name_that_changes_its_address_is_judged_each_time():
    answers = [[PUBLIC], ["127.0.0.1"]]
    wire = Wire()

    async def rebinding(host, port):
        return answers.pop(0)

    guard = GuardedBackend(rebinding, frozenset(), wire)
    await guard.connect_tcp("rebind.example", 80)
    with pytest.raises(BlockedAddress):
        await guard.connect_tcp("rebind.example", 80)
    assert wire.dialed == [(PUBLIC, 80)]


async def test_no_socket_file_is_opened():
    _, guard = guarded(PUBLIC)
    with pytest.raises(BlockedAddress):
        await guard.connect_unix_socket("/var/run/docker.sock")


# Ways to write loopback and the metadata service that a text check alone would let through: the system's
# own resolver reads them all, and none needs a name server.
HOSTILE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://127.0.0.1./",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://①②⑦.0.0.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[0:0:0:0:0:ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[fe80::1%25lo]/",
    "http://[64:ff9b::7f00:1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://169.254.43518/",
    "http://[fd00:ec2::254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "https://10.0.0.1/",
    "https://192.168.0.1/",
]


@pytest.mark.parametrize("url", HOSTILE)
async def test_no_spelling_of_a_private_address_is_dialed(url, monkeypatch):
    dialed = []
    monkeypatch.setattr("socket.socket.connect", lambda *args: dialed.append(args))
    monkeypatch.setattr("socket.socket.connect_ex", lambda *args: dialed.append(args))
    resolver = SystemResolver(2)
    fetcher = Fetcher(resolver)
    with pytest.raises(ServiceError) as caught:
        await fetcher.fetch(url)
    assert isinstance(caught.value, (BlockedAddress, UpstreamUnreachable))
    assert not dialed
    await fetcher.close()
    resolver.close()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "invalid_url"),
        ("cat.jpg", "invalid_url"),
        ("//example.com/cat.jpg", "invalid_url"),
        ("http://", "invalid_url"),
        ("http:///cat.jpg", "invalid_url"),
        ("http://exa mple.com/", "invalid_url"),
        ("http://example.com\\@127.0.0.1/", "invalid_url"),
        ("http://example.com/\r\nHost: x", "invalid_url"),
        ("http://example.com:99999/", "invalid_url"),
        ("http://[::1/", "invalid_url"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("ftp://example.com/cat.jpg", "unsupported_scheme"),
        ("gopher://example.com/", "unsupported_scheme"),
        ("data:image/png;base64,AAAA", "unsupported_scheme"),
        ("javascript:alert(1)", "unsupported_scheme"),
        ("http://user:secret@example.com/", "credentials_in_url"),
        ("http://example.com@127.0.0.1/", "credentials_in_url"),
        ("http://example.com:22/", "blocked_port"),
        ("http://example.com:6379/", "blocked_port"),
        ("https://example.com:8443/", "blocked_port"),
    ],
)
async def test_text_that_is_refused_is_not_even_resolved(url, code):
    resolved = []

    async def resolve(host, port):
        resolved.append(host)
        return [PUBLIC]

    with pytest.raises(ServiceError) as caught:
        await Fetcher(resolve).fetch(url)
    assert caught.value.code == code
    assert resolved == []


async def test_a_blocked_port_is_an_error_of_its_own():
    with pytest.raises(BlockedPort):
        await Fetcher(SystemResolver(1)).fetch("http://example.com:25/")


@pytest.mark.parametrize(
    ("url", "target", "host"),
    [
        ("http://example.com", b"/", b"example.com"),
        ("http://example.com/a b", None, None),
        ("http://example.com/ä?q=ü#part", b"/%C3%A4?q=%C3%BC", b"example.com"),
        ("http://example.com/%41%2f?a=b%20c", b"/%41%2f?a=b%20c", b"example.com"),
        ("https://example.com:443/x", b"/x", b"example.com"),
        ("https://example.com:80/x", b"/x", b"example.com:80"),
        ("http://bücher.example/x", b"/x", b"xn--bcher-kva.example"),
        ("http://[2606:4700:4700::1111]/x", b"/x", b"[2606:4700:4700::1111]"),
        ("http://EXAMPLE.com./x", b"/x", b"example.com"),
    ],
)
def test_how_a_url_is_written_on_the_wire(url, target, host):
    if target is None:
        with pytest.raises(ServiceError):
            urls.check(url)
        return
    judged = urls.check(url)
    assert address_of(judged).target == target
    assert host_header(judged) == host


@pytest.mark.parametrize("host", ["ä" * 64 + ".example", "-ä.example", "ä..example"])
def test_a_host_that_dns_cannot_hold_is_no_url(host):
    with pytest.raises(ServiceError) as caught:
        ascii_host(host)
    assert caught.value.code == "invalid_url"
