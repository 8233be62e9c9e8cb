"""A request says what it was told to, to any reader, or is not written at all."""

import h11
import httpcore2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wire.outside.request import written

ANY = st.binary(max_size=8) | st.text("aZ0-:/?&= ", max_size=8).map(str.encode)


@given(ANY, st.lists(st.tuples(ANY, ANY), max_size=3), st.binary(max_size=4))
@example(b"/x", [(b"Accept", b"image/*")], b"")
@example(b"/x", [(b"X-Name", b"two words")], b"body")
@example(b"/x HTTP/1.1\r\nEvil: 1", [], b"")
@example(b"/x", [(b"X", b"a\r\nEvil: 1")], b"")
@example(b"/x", [(b"X: a\r\nEvil", b"1")], b"")
def test_whoever_reads_it_finds_what_was_meant(target, headers, body):
    headers = [(b"Host", b"example.com"), *headers, (b"Content-Length", b"%d" % len(body))]
    reader = h11.Connection(h11.SERVER)
    try:
        sent = written(b"POST", target, headers, body)
    except httpcore2.LocalProtocolError:
        return
    assert sent.startswith(b"POST %b HTTP/1.1\r\nHost: example.com\r\n" % target)
    reader.receive_data(sent)
    try:
        found = reader.next_event()
    except (
        h11.RemoteProtocolError
    ):  # a second Host or length, which is said twice as it was meant twice
        names = [name.lower() for name, _ in headers]
        assert len(names) > len(set(names)) or b"transfer-encoding" in names
        return
    assert (found.target, list(found.headers.raw_items())) == (target, headers)
    event = reader.next_event()
    assert (event.data if body else b"") == body


@pytest.mark.parametrize(
    ("target", "name", "value"),
    [
        (b"/a b", b"X", b"y"),
        (b"", b"X", b"y"),
        (b"/\r\nX:", b"X", b"y"),
        (b"/\xe4", b"X", b"y"),
        (b"/", b"", b"y"),
        (b"/", b"X:", b"y"),
        (b"/", b"X\n", b"y"),
        (b"/", b"X", b"y\r\nZ: 1"),
        (b"/", b"X", b"y\n"),
        (b"/", b"X", b"\x00"),
        (b"/", b"X", b" y"),
        (b"/", b"X", b""),
    ],
)
def test_what_could_end_a_line_or_begin_another_is_not_written(target, name, value):
    with pytest.raises(httpcore2.LocalProtocolError):
        written(b"GET", target, [(name, value)])
