"""Over TLS, as to AWS itself: the certificate is checked against AWS_CA_BUNDLE."""

import asyncio
import datetime
import ipaddress
import ssl

import pytest
from botocore.httpsession import create_urllib3_context
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.express import Express

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def certificate(folder, name):
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / f"{name}.pem", folder / f"{name}.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public, private


@pytest.fixture
async def heard(tmp_path, monkeypatch):
    public, private = certificate(tmp_path, "here")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(public, private)
    heard = []

    async def line(reader, writer):
        heard.append(0)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
                await reader.readexactly(int(length))
                heard[-1] += 1
                writer.write(ANSWER)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(line, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"https://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(public))
    yield heard
    server.close()


async def receive(express):
    return await express.call("ReceiveMessage", QueueUrl="https://127.0.0.1/0/q")


async def test_calls_go_over_tls(heard):
    aws = Aws("us-east-1")
    express = Express(aws, aws.client("sqs"))
    for _ in range(4):
        await receive(express)
    assert heard == [1, 3]  # boto3's connection, and one that is kept
    express.close()


async def test_the_bundle_of_requests_counts_where_there_is_no_other(heard, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "here.pem"))
    monkeypatch.delenv("AWS_CA_BUNDLE")
    aws = Aws("us-east-1")
    express = Express(aws, aws.client("sqs"))
    for _ in range(4):
        await receive(express)
    assert heard == [1, 3]
    express.close()


def test_certificates_are_checked_as_strictly_as_by_boto3():
    aws = Aws("us-east-1")
    ours, theirs = aws.trusted(), create_urllib3_context()
    assert ours.verify_flags == theirs.verify_flags
    assert ours.options == theirs.options
    assert ours.minimum_version == theirs.minimum_version
    assert ours.verify_mode is ssl.CERT_REQUIRED
    assert ours.check_hostname


async def test_a_stranger_is_not_told_anything(heard, tmp_path, monkeypatch):
    aws = Aws("us-east-1")
    client = aws.client("sqs")
    express = Express(aws, client)
    await receive(express)
    other, _ = certificate(tmp_path, "elsewhere")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(other))
    stranger = Aws("us-east-1")
    late = Express(stranger, client)
    late._patterns.update(express._patterns)
    tls = stranger.trusted()
    with pytest.raises(ssl.SSLCertVerificationError):
        await late._line(express._patterns["ReceiveMessage"].url).ask(b"")
    assert tls.verify_mode is ssl.CERT_REQUIRED
    with pytest.raises(QueueUnavailable):
        await receive(Express(stranger, stranger.client("sqs")))
