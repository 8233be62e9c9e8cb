"""Bodies out of bounds, and methods that there are not, as bytes to a real process."""

import pytest

from tests.raw_http import Talk

LIMIT = 1000  # bytes of a picture
POST = "POST /classify HTTP/1.1\r\nHost: a\r\n"


@pytest.fixture(scope="module")
def api(alone):
    return alone(access="public", max_bytes=LIMIT, wait=1)


def ask(talk, *headers, body=b""):
    talk.send((POST + "".join(f"{line}\r\n" for line in headers) + "\r\n").encode() + body)
    return talk


def test_who_announces_too_much_is_refused_before_he_sends_it(api):
    with Talk(api.url) as talk:
        ask(talk, "Content-Length: 10000000", "Expect: 100-continue")
        reply = talk.reply()
        assert (reply.status, reply.code) == (413, "body_too_large")


def test_who_announces_little_is_asked_to_go_on(api):
    with Talk(api.url) as talk:
        ask(talk, "Content-Length: 5", "Expect: 100-continue")
        assert talk.reply().status == 100
        reply = talk.send(b"abcde").reply()
        assert (reply.status, reply.code) == (503, "queue_unavailable")  # there is no store here


@pytest.mark.parametrize("kind", ["image/jpeg", "multipart/form-data; boundary=x"])
def test_who_announces_nothing_is_stopped_midway(api, kind):
    with Talk(api.url) as talk:
        ask(talk, "Transfer-Encoding: chunked", f"Content-Type: {kind}")
        if "form" in kind:
            start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
            talk.send(b"%x\r\n" % len(start) + start + b"\r\n")
        for _ in range(80):
            talk.send(b"3e8\r\n" + b"a" * 1000 + b"\r\n")
        reply = talk.reply()
        assert (reply.status, reply.code) == (413, "body_too_large")
        talk.send(b"0\r\n\r\n")
        assert talk.get().reply().status == 200


def test_a_body_that_does_not_come_is_not_waited_for(api):
    with Talk(api.url, timeout=60) as talk:
        reply = ask(talk, "Content-Length: 500", body=b"a").reply()
        assert (reply.status, reply.code) == (408, "request_timeout")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_are_told_which_there_are(api, method):
    with Talk(api.url) as talk:
        talk.send(f"{method} /classify HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        if method == "HEAD":
            talk.get()  # a body behind it would be taken for the next answer
            assert "405" in talk.head().split("\r\n")[0]
            assert talk.reply().status == 200
        else:
            reply = talk.reply()
            assert (reply.status, reply.code) == (405, "method_not_allowed")
            assert reply.header("allow") == "get, post"
            assert b"Host" not in reply.body  # TRACE gives nothing back


def test_a_refusal_of_the_edge_is_counted(api):
    with Talk(api.url) as talk:
        assert talk.send(b"garbage\r\n\r\n").reply().status == 400
    with Talk(api.url) as talk:
        counted = talk.get("/metrics").reply().body.decode()
    line = 'requests_total{code="invalid_request",route="none",status="400"}'
    assert float(counted.split(line)[1].split()[0]) >= 1
