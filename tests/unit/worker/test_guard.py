"""Which addresses are dialed: judged after DNS, on the address itself."""

import socket

import httpcore2
import pytest

from wire import urls
from wire.errors import BlockedAddress, BlockedPort, ServiceError, UpstreamUnreachable
from wire.messages import ErrorBody
from wire.outside.guard import GuardedBackend, SystemResolver
from wire.outside.origin import NoSuchName
from worker.fetch import Fetcher
from worker.request import written

PUBLIC = "93.184.216.34"
# A row for each class is in tests/unit/wire/test_addresses.py; here is that the dial asks.
PRIVATE = """
    127.0.0.1 0.0.0.0 10.0.0.1 169.254.169.254 100.64.0.1 192.88.99.1 198.18.0.1 224.0.0.1 255.255.255.255
    :: ::1 ::ffff:127.0.0.1 ::ffff:93.184.216.34 ::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::a9fe:a9fe 2001::1
    2002:7f00:1::1 2606:4700::5efe:7f00:1 fe80::1 fe80::1%1 fd00:ec2::254 fec0::1 ff02::1
    2606:4700:4700::1111%1 no-address 127.1 2130706433
"""


class Wire(httpcore2.AsyncNetworkBackend):
    """Notes what is dialed; nothing leaves the machine."""

    def __init__(self, dead=()):
        self.dialed, self._dead = [], dead

    async def connect_tcp(self, host, port, *_):
        self.dialed.append((host, port))
        if host in self._dead:
            raise httpcore2.ConnectError
        return httpcore2.AsyncMockStream([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"])


def guarded(*addresses, allow=(), dead=()):
    wire = Wire(dead)

    async def resolve(host, port):
        if not addresses:
            raise socket.gaierror
        return list(addresses)

    return wire, GuardedBackend(resolve, frozenset(allow), wire)


@pytest.mark.parametrize("address", PRIVATE.split())
async def test_a_private_address_is_never_dialed(address):
    wire, guard = guarded(address)
    with pytest.raises(BlockedAddress):
        await guard.connect_tcp("example.com", 80)
    assert wire.dialed == []


@pytest.mark.parametrize("address", PRIVATE.split())
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
    with pytest.raises(httpcore2.ConnectError):
        await guard.connect_tcp("example.com", 80)


async def test_a_port_that_never_answers_is_unreachable():
    class Silent(Wire):
        async def connect_tcp(self, host, port, *_):
            raise httpcore2.ConnectTimeout

    async def resolve(host, port):
        return [PUBLIC]

    fetcher = Fetcher(resolve)
    fetcher._pool._network_backend = GuardedBackend(resolve, frozenset(), Silent())
    with pytest.raises(UpstreamUnreachable):
        await fetcher.fetch("http://example.com/")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), NoSuchName),
        (socket.gaierror(socket.EAI_NODATA, "No address associated with hostname"), NoSuchName),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), UpstreamUnreachable),
        (OSError("too many open files"), UpstreamUnreachable),
    ],
)
async def test_a_name_without_address_is_unreachable(fault, kind):
    async def resolve(host, port):
        raise fault

    with pytest.raises(UpstreamUnreachable) as caught:
        await GuardedBackend(resolve, frozenset(), Wire()).connect_tcp("nowhere.invalid", 80)
    assert type(caught.value) is kind
    assert caught.value.public == UpstreamUnreachable.message


async def test_python_s_own_reading_of_names_takes_no_part(monkeypatch):
    """socket.getaddrinfo maps text by the IDNA of 2003, and bytes by nothing."""
    asked = []

    def getaddrinfo(host, port, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, port))]

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    resolver = SystemResolver(1)
    assert await resolver("example.com", 80) == [PUBLIC]
    resolver.close()
    assert asked == [b"example.com"]


async def test_the_name_that_is_looked_up_is_the_one_that_was_judged():
    asked = []

    async def resolve(host, port):
        asked.append((host, port))
        raise socket.gaierror(socket.EAI_NONAME, "")

    fetcher = Fetcher(resolve)
    for url in (
        "http://BÜCHER.Example./a",
        "https://b%C3%BCcher.example:443/b",
        "http://134744072/",
    ):
        with pytest.raises(UpstreamUnreachable):
            await fetcher.fetch(url)
    assert asked == [
        ("xn--bcher-kva.example", 80),
        ("xn--bcher-kva.example", 443),
        ("8.8.8.8", 80),
    ]


async def test_the_allow_list_is_for_a_host_with_its_port():
    wire, guard = guarded("127.0.0.1", allow={"samples.local:8080"})
    await guard.connect_tcp("samples.local", 8080)
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


# Every spelling is in tests/unit/wire/test_hosts.py; here is that none gets as far as a socket.
HOSTILE = """
    http://127.0.0.1/ http://127.1/ http://0x7f.1/ http://0177.0.0.1/ http://2130706433/ http://0/
    http://localhost/ http://LOCALHOST./ http://a.localhost/ http://①②⑦.⓪.⓪.①/ http://127。0。0。1/ https://１２７.0.0.1/
    http://%31%32%37.0.0.1/ http://[::1]/ http://[::ffff:127.0.0.1]/ http://[::1%25lo]/ http://[64:ff9b::7f00:1]/
    http://169.254.169.254/latest/meta-data/ http://0xa9fea9fe/ http://[fd00:ec2::254]/ https://192.168.0.1/
"""


@pytest.mark.parametrize("url", HOSTILE.split())
async def test_no_spelling_of_a_private_address_is_dialed(url, monkeypatch):
    dialed = []
    monkeypatch.setattr("socket.socket.connect", lambda *args: dialed.append(args))
    monkeypatch.setattr("socket.socket.connect_ex", lambda *args: dialed.append(args))
    resolver = SystemResolver(2)
    fetcher = Fetcher(resolver)
    with pytest.raises(ServiceError) as caught:
        await fetcher.fetch(url)
    assert isinstance(caught.value, BlockedAddress)
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
        ("http://134744072/x", b"/x", b"8.8.8.8"),
        ("http://example.com?", b"/", b"example.com"),
        ("http://example.com//a//b?c?d", b"//a//b?c?d", b"example.com"),
        ("http://example.com/../a", b"/../a", b"example.com"),
    ],
)
def test_how_a_url_is_written_on_the_wire(url, target, host):
    if target is None:
        with pytest.raises(ServiceError):
            urls.check(url)
        return
    judged = urls.check(url)
    assert written(judged).startswith(b"GET %b HTTP/1.1\r\nHost: %b\r\nAccept: " % (target, host))


async def test_every_refusal_of_an_address_is_the_same_whoever_refuses():
    """What the front end says of a text and what a worker says of a dial: not a byte apart."""
    said = set()
    for url in HOSTILE.split():
        with pytest.raises(BlockedAddress) as caught:
            urls.check(url)
        said.add(ErrorBody.of(caught.value).model_dump_json())
    for address in PRIVATE.split():
        _, guard = guarded(address)
        with pytest.raises(BlockedAddress) as caught:
            await guard.connect_tcp("example.com", 80)
        travelled = ErrorBody.model_validate_json(ErrorBody.of(caught.value).model_dump_json())
        raised = travelled.raised()
        assert (raised.status, raised.retry_in) == (403, None)
        said.add(ErrorBody.of(raised).model_dump_json())
    assert said == {'{"code":"blocked_address","message":"This address may not be fetched."}'}
