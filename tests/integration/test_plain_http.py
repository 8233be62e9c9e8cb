"""HTTP as `python -m local.sqs` speaks it, to clients that are not boto3."""

import json
import re
import socket
from collections.abc import Iterator
from typing import TypeAlias

import pytest

from tests.servers import Server, sqs

Reply: TypeAlias = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sqs(tmp_path_factory.mktemp("sqs")) as running:
        yield running


@pytest.fixture
def line(server: Server) -> Iterator[socket.socket]:
    address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
    with socket.create_connection(address, timeout=20) as connected:
        yield connected


def request(action: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    lines = [
        "POST / HTTP/1.1",
        "Host: 127.0.0.1",
        f"X-Amz-Target: AmazonSQS.{action}",
        *(headers or (f"Content-Length: {len(body) if length is None else length}",)),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def replies(line: socket.socket, count: int) -> list[Reply]:
    """So many answers; the rest of what came must be nothing."""
    file, found = line.makefile("rb"), []
    for _ in range(count):
        status = int(file.readline().split()[1])
        head = dict(re.findall(r"(\S+): (.*)\r\n", b"".join(iter(file.readline, b"\r\n")).decode()))
        found.append((status, head, file.read(int(head["content-length"]))))
    return found


def made(line: socket.socket, name: str) -> str:
    line.sendall(request("CreateQueue", json.dumps({"QueueName": name}).encode()))
    ((status, _, body),) = replies(line, 1)
    assert status == 200
    return str(json.loads(body)["QueueUrl"])


def test_requests_in_a_row_are_answered_in_their_order(line: socket.socket) -> None:
    url = made(line, "row").encode()
    polled = b'{"QueueUrl": "%b", "WaitTimeSeconds": 1}' % url
    line.sendall(request("ReceiveMessage", polled) + request("ListQueues", b"{}"))
    first, second = replies(line, 2)
    assert (first[0], first[2]) == (200, b"{}")
    assert url.decode() in json.loads(second[2])["QueueUrls"]
    assert {"date", "x-amzn-requestid", "content-type"} <= set(second[1])


def test_a_body_may_come_byte_by_byte_and_in_chunks(line: socket.socket) -> None:
    for byte in request("ListQueues", b"{}"):
        line.sendall(bytes([byte]))
    assert replies(line, 1)[0][0] == 200
    chunks = b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    line.sendall(request("ListQueues", chunks, "Transfer-Encoding: chunked"))
    assert replies(line, 1)[0][0] == 200


def test_a_body_that_is_too_long_is_refused_and_the_next_request_served(
    line: socket.socket,
) -> None:
    size = 16 * 1_048_576 + 1
    line.sendall(request("ListQueues", b"", length=size))
    for _ in range(16):
        line.sendall(b" " * 1_048_576)
    line.sendall(b" ")
    ((status, _, body),) = replies(line, 1)
    assert (status, "longer than" in json.loads(body)["message"]) == (400, True)
    made(line, "afterwards")


@pytest.mark.parametrize(
    "asked",
    [
        b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
    ],
)
def test_a_connection_ends_when_the_client_wants_no_more(line: socket.socket, asked: bytes) -> None:
    line.sendall(asked)
    assert replies(line, 1)[0][2] == b'{"status": "ok"}'
    assert line.recv(1) == b""


def test_what_is_no_http_is_told_so(line: socket.socket) -> None:
    line.sendall(b"\x16\x03\x01 not http\r\n\r\n")
    assert replies(line, 1)[0][0] == 400
    assert line.recv(1) == b""


def test_what_is_no_http_behind_a_request_ends_both(line: socket.socket) -> None:
    polled = json.dumps({"QueueUrl": made(line, "both"), "WaitTimeSeconds": 20}).encode()
    line.sendall(request("ReceiveMessage", polled) + b"\x16\x03\x01 not http\r\n\r\n")
    line.settimeout(10)
    assert line.recv(1) == b""


def test_the_head_alone_where_only_that_is_asked_for(line: socket.socket) -> None:
    line.sendall(b"HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    told = line.makefile("rb").read()
    assert told.startswith(b"HTTP/1.1 4")
    assert told.endswith(b"\r\n\r\n")
