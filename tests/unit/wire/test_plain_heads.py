"""What is read without h11 is what h11 reads; what h11 would doubt is left to it."""

import time

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wire.outside.plain import plain

OK = b"HTTP/1.1 200 OK\r\n"
SIZED = OK + b"Content-Length: 4\r\n"
TOKEN = st.text("aZ09!#$%&'*+.^_`|~-", min_size=1, max_size=8).map(str.encode)
VALUE = st.text('aZ0 9:;=\t\xe4\xff"', max_size=12).map(lambda text: text.encode("latin-1"))
FIELD = st.builds(b"%b:%b\r\n".__mod__, st.tuples(TOKEN, VALUE))
LENGTH = st.sampled_from(
    [
        b"Content-Length: 4\r\n",
        b"content-length:3\r\n",
        b"CONTENT-LENGTH: \t 4 \t\r\n",
        b"Content-length:0\r\n",
    ]
)
ODD = st.sampled_from(
    [
        b"Content-Length: 4\n",
        b"Content-Length : 4\r\n",
        b"Content-Length: 4, 4\r\n",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: keep-alive\r\n",
        b" folded: 1\r\n",
        b"X: a\x00\r\n",
        b"X: a\rb\r\n",
        b"X\r\n",
        b"\r\n",
    ]
) | st.binary(max_size=12)
STATUS = st.sampled_from(
    [OK, OK, OK, OK, b"HTTP/1.1 200 \r\n", b"HTTP/1.1 200\r\n", b"HTTP/1.0 200 OK\r\n"]
)


@st.composite
def heads(draw):
    """Mostly well-formed, of several fields, one of which is the length; something odd in every fourth."""
    lines = [*draw(st.lists(FIELD, max_size=5)), draw(LENGTH)]
    if draw(st.integers(0, 3)) == 0:
        lines.append(draw(ODD))
    return draw(STATUS) + b"".join(draw(st.permutations(lines))) + b"\r\n"


def by_h11(data):
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "-")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    head, body = connection.next_event(), b""
    while isinstance(event := connection.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    return head, body, connection


def test_a_plain_head_says_what_h11_says():
    """In heads of every shape; a good part of them has to be plain for that to say anything."""
    plain_ones = 0

    @settings(max_examples=1500, deadline=None)
    @given(heads(), st.binary(max_size=12))
    @example(OK + b"X: a\r\ncontent-length:4\r\nY:\r\n\r\n", b"HTTP/1.1 200 OK\r\n")
    def compare(head, rest):
        nonlocal plain_ones
        data = head + b"body" + rest
        found = plain(data)
        if found is None:
            return
        plain_ones += 1
        head, body, connection = by_h11(data)
        assert found.head == (head.status_code, list(head.headers))
        assert data[found.size : found.size + found.length] == body
        assert connection.trailing_data[0] == data[found.size + found.length :]
        assert (connection.our_state, connection.their_state) == (h11.DONE, h11.DONE)

    compare()
    assert plain_ones > 300


@pytest.mark.parametrize("blank", [b" ", b"\t", b" \t", b":", b"a ", b"X:"])
def test_no_head_takes_longer_than_its_bytes_do(blank):
    """The worst that the meter lets through at once takes about as long as any."""

    def spent(filling):
        data = SIZED + b"X: a" + filling * (32_000 // len(filling)) + b"b\r\n\r\nbody"
        times = []
        for _ in range(5):
            began = time.perf_counter()
            plain(data)
            times.append(time.perf_counter() - began)
        return min(times)

    assert spent(blank) < 50 * spent(b"a")


@pytest.mark.parametrize(
    "head",
    [
        SIZED,
        OK + b'Server: nginx\r\nContent-Type: image/jpeg\r\ncontent-length:  4 \r\nETag: "x"\r\n',
        b"HTTP/1.1 200 \r\nContent-Length: 4\r\nX-Empty:\r\n",
        SIZED + b"Content-Encoding: gzip\r\nX: \xc3\xa4\tb\r\n",
    ],
)
def test_usual_heads_are_plain(head):
    assert plain(head + b"\r\nbody").length == 4


@pytest.mark.parametrize(
    "data",
    [
        b"",
        SIZED,
        SIZED + b"\r",
        OK + b"\r\n",
        SIZED + SIZED,
        SIZED + b"Content-Length: 4\r\n\r\n",
        SIZED + b"Transfer-Encoding: chunked\r\n\r\n",
        SIZED + b"Connection: close\r\n\r\n",
        SIZED + b"Connection: keep-alive\r\n\r\n",
        SIZED + b"Upgrade: h2c\r\n\r\n",
        SIZED + b"X: folded\r\n over lines\r\n\r\n",
        SIZED.replace(b"\r\n", b"\n") + b"\n",
        SIZED.replace(b"200", b"204") + b"\r\n",
        SIZED.replace(b"200", b"100") + b"\r\n",
        SIZED.replace(b"200", b"302") + b"\r\n",
        SIZED.replace(b"1.1", b"1.0") + b"\r\n",
        b"\r\n" + SIZED + b"\r\n",
        OK + b"Content-Length: +4\r\n\r\n",
        OK + b"Content-Length: 4_0\r\n\r\n",
        OK + b"Content-Length: \xb2\r\n\r\n",
        OK + b"Content-Length: " + 16 * b"9" + b"\r\n\r\n",
        OK + b"Content-Length : 4\r\n\r\n",
        OK + b"X: a\r\nContent-Length\r\n\r\n",
        OK + b"X: \x00\r\nContent-Length: 4\r\n\r\n",
        OK + b"X: \x7f\r\nContent-Length: 4\r\n\r\n",
    ],
)
def test_what_is_not_usual_is_left_to_h11(data):
    assert plain(data) is None
