"""Lines on their way to CloudWatch: none is lost, none is put twice, no call is larger than it may be."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from ami.logs.batch import BYTES, EVENTS, Batches
from ami.logs.journal import Line, read

LINES = st.builds(
    Line,
    process=st.sampled_from(["worker", "api"]),
    at=st.integers(0, 3 * 24 * 3600 * 1000),
    text=st.sampled_from(["x", "y" * 100_000, "z" * 199_000]),
    cursor=st.just("c"),
)


@given(st.lists(LINES, max_size=60))
@settings(max_examples=60, deadline=None)
def test_every_line_is_put_once_within_the_limits(lines):
    batches, put = Batches(), []
    for line in lines:
        batches.add(line)
    while chosen := batches.next():
        assert len({line.process for line in chosen}) == 1
        assert len(chosen) <= EVENTS
        assert sum(line.size for line in chosen) <= BYTES
        assert chosen[-1].at - chosen[0].at <= 24 * 3600 * 1000
        assert [line.at for line in chosen] == sorted(line.at for line in chosen)
        put += chosen
        batches.done(chosen)
    assert sorted(map(id, put)) == sorted(map(id, lines))


def test_what_is_too_much_goes_from_the_front_and_is_counted():
    batches = Batches(most=2)
    for at in range(5):
        batches.add(Line("worker", at, "x", "c"))
    assert [line.at for line in batches.next()] == [3, 4]
    assert batches.dropped == 3


def test_an_entry_of_the_journal():
    entry = {
        "_SYSTEMD_UNIT": "classifycloud-worker.service",
        "__REALTIME_TIMESTAMP": "1700000000123456",
        "__CURSOR": "s=1",
        "MESSAGE": '{"event": "ready"}',
    }
    assert read(json.dumps(entry)) == Line("worker", 1700000000123, '{"event": "ready"}', "s=1")
    assert read(json.dumps(entry | {"MESSAGE": [104, 105, 255]})).text == "hi�"
    assert read(json.dumps(entry | {"_SYSTEMD_UNIT": "ssh.service"})) is None
    assert read(json.dumps(entry | {"MESSAGE": None})) is None
    assert read("[]") is None
    assert read("no JSON") is None
