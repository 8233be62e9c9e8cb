"""TLS names and verifies the host, though an address is dialed."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.unit.worker.origin import fetching, moved, origin, page
from wire.errors import ServiceError
from worker.fetch import Fetcher, Limits


def certificate(folder, name):
    """A certificate that signs itself; the file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "tls.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + signed.public_bytes(Encoding.PEM)
    )
    return file


@pytest.mark.parametrize(
    ("host", "trusted", "code"),
    [
        ("samples.local", True, None),
        ("samples.local", False, "upstream_protocol"),
        ("other.local", True, "upstream_protocol"),
    ],
)
async def test_tls_is_proven_for_the_name_though_an_address_is_dialed(
    tmp_path, host, trusted, code
):
    file = certificate(tmp_path, "samples.local")
    names = []
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    serving.sni_callback = lambda socket, name, context: names.append(name)
    trust = ssl.create_default_context(cafile=file if trusted else None)

    async def resolve(host, port):
        return ["127.0.0.1"]

    async with origin({"/x": page(b"x")}, serving) as server:
        allow = frozenset({f"{host}:{server.port}"})
        fetcher = Fetcher(resolve, allow, Limits(seconds=5), tls=trust)
        if code is None:
            assert await fetcher.fetch(f"https://{host}:{server.port}/x") == b"x"
        else:
            with pytest.raises(ServiceError) as caught:
                await fetcher.fetch(f"https://{host}:{server.port}/x")
            assert caught.value.code == code
        await fetcher.close()
    assert set(names) == {host}


async def test_a_host_that_speaks_no_tls_breaks_the_protocol():
    async def plain(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with fetching(host, seconds=5) as fetcher:
        with pytest.raises(ServiceError) as caught:
            await fetcher.fetch(f"https://{host}/x")
    server.close()
    assert caught.value.code == "upstream_protocol"


async def test_a_redirect_from_https_to_http_is_followed(tmp_path):
    """As browsers do: nothing secret is sent, and the host that was proven chose it."""
    file = certificate(tmp_path, "samples.local")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)

    async def resolve(host, port):
        return ["127.0.0.1"]

    async with origin({"/y": page(b"y")}) as plain:
        pages = {"/x": moved(f"http://samples.local:{plain.port}/y")}
        async with origin(pages, serving) as server:
            allow = frozenset(f"samples.local:{each.port}" for each in (server, plain))
            trust = ssl.create_default_context(cafile=file)
            fetcher = Fetcher(resolve, allow, Limits(seconds=5), tls=trust)
            assert await fetcher.fetch(f"https://samples.local:{server.port}/x") == b"y"
            await fetcher.close()


class Cork:
    """Says so many answers in records of their own, all in one piece; asked again, it says so."""

    def __init__(self, answers):
        self._answers, self.connections = answers, 0

    async def serve(self, reader, writer):
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                if b"/x" in await reader.readuntil(b"\r\n\r\n"):
                    inside = writer.transport._ssl_protocol
                    for answer in self._answers:
                        inside._sslobj.write(answer)
                    inside._process_outgoing()
                else:
                    writer.write(page(b"second"))
        writer.close()


@pytest.mark.parametrize(
    ("answers", "connections"),
    [
        ([page(b"first")], 1),
        ([page(b"first"), page(b"smuggled")], 2),
        ([page(b"first")[:-5], b"first", page(b"smuggled")], 2),
    ],
)
async def test_what_comes_in_a_further_record_is_no_answer_to_the_next(
    tmp_path, answers, connections
):
    file = certificate(tmp_path, "samples.local")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    cork = Cork(answers)
    server = await asyncio.start_server(cork.serve, "127.0.0.1", 0, ssl=serving)
    place = f"samples.local:{server.sockets[0].getsockname()[1]}"

    async def resolve(host, port):
        return ["127.0.0.1"]

    trust = ssl.create_default_context(cafile=file)
    fetcher = Fetcher(resolve, frozenset({place}), Limits(seconds=5), tls=trust)
    assert await fetcher.fetch(f"https://{place}/x") == b"first"
    assert len(fetcher._pool.kept) == 2 - connections  # kept, or closed at once
    assert await fetcher.fetch(f"https://{place}/y") == b"second"
    await fetcher.close()
    server.close()
    assert cork.connections == connections


class Noise:
    """Says what it was told to, then a record that nobody can decrypt, until the other end leaves."""

    def __init__(self, said):
        self._said, self.asked = said, 0

    async def serve(self, reader, writer):
        self.asked += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self._said)
        below = writer.transport._ssl_protocol._transport
        below.write(b"\x17\x03\x03\x00\x20" + b"G" * 32)
        with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
            await reader.read()
        writer.close()


@pytest.mark.parametrize(
    ("said", "code"),
    [(b"", "upstream_protocol"), (page(b"some of it")[:-3], "incomplete_body")],
    ids=["head", "body"],
)
async def test_a_record_that_does_not_decrypt_is_a_broken_connection(tmp_path, said, code):
    file = certificate(tmp_path, "samples.local")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    noise = Noise(said)
    server = await asyncio.start_server(noise.serve, "127.0.0.1", 0, ssl=serving)
    place = f"samples.local:{server.sockets[0].getsockname()[1]}"

    async def resolve(host, port):
        return ["127.0.0.1"]

    trust = ssl.create_default_context(cafile=file)
    fetcher = Fetcher(resolve, frozenset({place}), Limits(seconds=5), tls=trust)
    with pytest.raises(ServiceError) as caught:
        await fetcher.fetch(f"https://{place}/x")
    await fetcher.close()
    server.close()
    assert (caught.value.code, noise.asked) == (code, 1)
