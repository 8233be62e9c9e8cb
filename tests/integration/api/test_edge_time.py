"""Clients that take their time: what they hold, and for how long, at a real process."""

import time

import pytest

from tests.raw_http import Talk


@pytest.fixture(scope="module")
def api(alone):
    return alone(access="public", head_seconds=0.5, connections=6)


def test_a_head_that_trickles_in_is_cut_off(api):
    with Talk(api.url) as talk:
        began = time.monotonic()
        talk.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
        for i in range(100):
            if time.monotonic() - began > 3:
                break
            talk.send(b"X%d: a\r\n" % i)
            time.sleep(0.1)
        reply = talk.reply()
        assert (reply.status, reply.code) == (408, "request_timeout")
        assert talk.ended()


def test_a_silent_connection_is_closed(api):
    with Talk(api.url) as talk:
        assert talk.ended()


def test_line_ends_keep_no_connection_open(api):
    with Talk(api.url) as talk:
        assert talk.get().reply().status == 200
        talk.send(b"\r\n")
        assert talk.reply().status == 408
        assert talk.ended()


def test_a_second_request_is_given_as_long_as_the_first(api):
    with Talk(api.url) as talk:
        for _ in range(3):
            time.sleep(0.3)
            assert talk.get().reply().status == 200


def test_the_rest_of_a_body_that_nobody_reads_is_dropped_and_then_cut_off(api):
    """Closed at once, a client that still sends might never read why it was refused."""
    head = b"POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
    with Talk(api.url) as talk:
        assert talk.send(head).reply().status == 404
        talk.send(b"a" * 1_000_000)
        assert talk.get().reply().status == 200
    with Talk(api.url) as talk:
        assert talk.send(head + b"a").reply().status == 404
        assert talk.ended()


def test_those_who_hold_connections_keep_nobody_out(api):
    idle = [Talk(api.url) for _ in range(30)]
    with Talk(api.url) as talk:
        assert talk.get().reply().status == 200
    for talk in idle:
        talk.__exit__(None, None, None)


def test_one_too_many_is_told_so(alone):
    """With every place taken by a request under way, nobody is sent off for a newcomer."""
    api = alone(access="public", connections=2)
    head = b"POST /classify HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
    with Talk(api.url) as first, Talk(api.url) as second:
        for talk in (first, second):
            talk.send(head.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
            assert talk.reply().status == 100  # it is being read
        with Talk(api.url) as third:
            reply = third.reply()
            assert (reply.status, reply.code) == (503, "overloaded")
            assert reply.header("retry-after") == "5"
            assert third.ended()
    with Talk(api.url) as fourth:
        assert fourth.get().reply().status == 200
