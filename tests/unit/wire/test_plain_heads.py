"""What is read without h11 is what h11 reads; what h11 would doubt is left to it."""

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wire.outside.plain import plain

OK = b"HTTP/1.1 200 OK\r\n"
SIZED = OK + b"Content-Length: 4\r\n"
TEXT = st.binary(max_size=12)
TOKEN = st.text("aZ09!#$%&'*+.^_`|~-", min_size=1, max_size=8).map(str.encode)
LINE = st.one_of(
    st.builds(b"%b: %b\r\n".__mod__, st.tuples(TOKEN, TEXT)),
    st.builds(b"%b:%b\r\n".__mod__, st.tuples(TEXT, TEXT)),
    st.sampled_from(
        [
            b"Content-Length: 4\r\n",
            b"content-length:4\r\n",
            b"CONTENT-LENGTH: \t 4 \t\r\n",
            b"Content-Length: 4\n",
            b"Content-Length : 4\r\n",
            b"Content-Length: 0\r\n",
            b"Content-Length: 4, 4\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Connection: keep-alive\r\n",
            b" folded: 1\r\n",
            b"X: \xe4 \xff\r\n",
            b"X:\r\n",
            b"X: a\tb\r\n",
            b"X: a\x00\r\n",
            b"X: a\rb\r\n",
        ]
    ),
)
STARTS = st.sampled_from(
    [OK, OK, OK, b"HTTP/1.1 200 \r\n", b"HTTP/1.1 200\r\n", b"HTTP/1.0 200 OK\r\n"]
)


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


@settings(max_examples=1500, deadline=None)
@given(STARTS, st.lists(LINE, max_size=5), TEXT)
@example(OK, [b"Content-Length: 4\r\n"], b"")
@example(OK, [b"X: a\r\n", b"content-length:4\r\n", b"Y:\r\n"], b"HTTP/1.1 200 OK\r\n")
def test_a_plain_head_says_what_h11_says(start, lines, rest):
    data = start + b"".join(lines) + b"\r\n" + b"body" + rest
    found = plain(data)
    if found is None:
        return
    head, body, connection = by_h11(data)
    assert found.head == (head.status_code, list(head.headers))
    assert data[found.size : found.size + found.length] == body
    assert connection.trailing_data[0] == data[found.size + found.length :]
    assert (connection.our_state, connection.their_state) == (h11.DONE, h11.DONE)


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
