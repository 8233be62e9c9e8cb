"""Requests that no client library sends, as bytes to a real process: each gets the error it should, in the
service's shape, and nothing behind it on the connection is taken for a request."""

import pytest

from tests.raw_http import Talk

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /nowhere HTTP/1.1\r\nHost: a\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"

INVALID = {
    "length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "the same length twice": POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a list of lengths": POST + b"Content-Length: 3, 3\r\n\r\nabc",
    "a signed length": POST + b"Content-Length: +3\r\n\r\nabc",
    "a negative length": POST + b"Content-Length: -3\r\n\r\nabc",
    "a length out of range": POST + b"Content-Length: 99999999999999999999\r\n\r\nabc",
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a second coding": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "coding twice": CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a bare line feed": b"GET /healthz HTTP/1.1\nHost: a\n\n",
    "a bare line feed in a header": GET + b"X: a\nY: b\r\n\r\n",
    "a bare carriage return": GET + b"X: a\rY: b\r\n\r\n",
    "a folded header": GET + b"X: a\r\n b\r\n\r\n",
    "a nul": GET + b"X: a\0\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": GET + b"Host: b\r\n\r\n",
    "HTTP/0.9": b"GET /healthz\r\n\r\n",
    "HTTP/1.2": b"GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n",
    "HTTP/2 with prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a proxy's CONNECT": b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "a target without a path": b"GET http://elsewhere HTTP/1.1\r\nHost: a\r\n\r\n",
    "an unknown method": b"BREW /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    "a space in the target": b"GET /health z HTTP/1.1\r\nHost: a\r\n\r\n",
    "raw UTF-8 in the target": "GET /é HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "a body on GET": GET + b"Content-Length: 3\r\n\r\nabc",
    "chunks on GET": GET + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "a body on HEAD": b"HEAD /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
}
BROKEN_BODY = {
    "a chunk size that is no number": b"zz\r\nabc\r\n0\r\n\r\n",
    "a chunk size with a prefix": b"0x3\r\nabc\r\n0\r\n\r\n",
    "a chunk size out of range": b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "a chunk size with a bare line feed": b"3\nabc\r\n0\r\n\r\n",
    "a chunk longer than it says": b"2\r\nabc\r\n0\r\n\r\n",
}
TOO_LARGE = {
    "a long target": b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a long header": GET + b"X: " + b"a" * 17_000 + b"\r\n\r\n",
    "a long name": GET + b"a" * 17_000 + b": x\r\n\r\n",
    "many headers": GET + b"".join(b"X%d: a\r\n" % i for i in range(100)) + b"\r\n",
    "a header without end": GET + b"X: " + b"a" * 17_000,
    "a target without end": b"GET /" + b"a" * 17_000,
}


@pytest.fixture(scope="module")
def api(alone):
    return alone(access="public")


@pytest.mark.parametrize("name", INVALID)
def test_what_two_servers_could_read_differently_is_refused(api, name):
    with Talk(api.url) as talk:
        reply = talk.send(INVALID[name] + SMUGGLED).reply()
        assert (reply.status, reply.code) == (400, "invalid_request")
        assert reply.header("content-type") == "application/json"
        assert reply.header("x-content-type-options") == "nosniff"
        assert reply.header("connection") == "close"
        assert talk.ended()


@pytest.mark.parametrize("name", BROKEN_BODY)
def test_a_broken_body_is_no_place_for_another_request(api, name):
    with Talk(api.url) as talk:
        first = talk.send(CHUNKED + b"\r\n" + BROKEN_BODY[name] + SMUGGLED).reply()
        assert first is None or first.status in {400, 404}
        assert talk.ended()


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_head_out_of_bounds_is_refused(api, name):
    with Talk(api.url) as talk:
        reply = talk.send(TOO_LARGE[name]).reply()
        assert (reply.status, reply.code) == (431, "headers_too_large")
        assert talk.ended()


def test_a_head_within_bounds_passes(api):
    with Talk(api.url) as talk:
        many = [f"X{i}: a" for i in range(98)]
        assert talk.get("/healthz", *many).reply().status == 200
        assert talk.get("/healthz", "X: " + "a" * 16_000).reply().status == 200
        assert talk.get("/healthz", "Content-Length: 0").reply().status == 200
        assert talk.send(b"\r\n\r\n" + GET + b"\r\n").reply().status == 200
        assert (
            talk.send(b"GET http://elsewhere/healthz HTTP/1.1\r\nHost: a\r\n\r\n").reply().status
            == 200
        )
        assert talk.send(b"GET /healthz HTTP/1.0\r\n\r\n").reply().status == 200
        assert talk.ended()


def test_a_trailer_is_no_header(api):
    """Whoever checks headers on the way to us, a proxy or our own limits, has not seen it."""
    asked = CHUNKED.replace(b"/nowhere", b"/classify") + b"\r\n"
    with Talk(api.url) as talk:
        reply = talk.send(asked + b"0\r\nContent-Type: multipart/form-data\r\n\r\n").reply()
        assert (reply.status, reply.code) == (415, "unsupported_format")
        assert talk.get().reply().status == 200
    endless = b"0\r\nX-Pad: " + b"a" * 20_000
    with Talk(api.url) as talk:
        talk.send(CHUNKED + b"\r\n")
        assert talk.reply().status == 404
        talk.send(b"0\r\nX-Pad: ")
        for _ in range(100):
            talk.send(endless)
        assert talk.ended()


def test_pipelined_requests_are_answered_in_order_and_bounded(api):
    with Talk(api.url) as talk:
        talk.send((GET + b"\r\n") * 5 + b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
        assert [talk.reply().status for _ in range(6)] == [200] * 5 + [404]
    with Talk(api.url) as talk:
        talk.send((GET + b"\r\n") * 1000)
        answered = 0
        while (reply := talk.reply()) is not None:
            assert reply.status == 200
            answered += 1
        assert answered < 100


def test_no_refusal_takes_the_place_of_an_earlier_answer(api):
    with Talk(api.url) as talk:
        reply = talk.send(GET + b"\r\n" + b"garbage\r\n\r\n").reply()
        assert reply is None or reply.status == 200


def test_a_redirect_never_leads_where_the_request_says(api):
    with Talk(api.url) as talk:
        reply = talk.send(b"GET /healthz/ HTTP/1.1\r\nHost: evil.example\r\n\r\n").reply()
        assert reply.status == 404
        assert "evil" not in reply.head


def test_an_upgrade_is_not_one(api):
    with Talk(api.url) as talk:
        offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
        assert talk.get("/healthz", *offer).reply().status == 200
        assert talk.ended()
