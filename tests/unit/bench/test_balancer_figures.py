"""What a balancer costs, from what was counted."""

from collections import Counter

import pytest

from bench.balancer.counter import action
from bench.balancer.figures import Cost, slowest, table
from bench.balancer.instances import pages

CALLS = Counter(
    ReceiveMessage=22, DeleteMessageBatch=20, DescribeInstances=10, GetQueueAttributes=5
)
COST = Cost(1000, 1000, ticks=5, tick=4.0, cpu=1.0, longest=4.2, calls=CALLS, reports=200)


def test_shares_are_of_ticks_and_of_time():
    assert COST.cpu_a_tick == 200.0
    assert COST.core == pytest.approx(0.05)
    assert COST.report_calls == pytest.approx(0.21)
    assert (COST.pages, COST.control_calls) == (2.0, 1.0)
    assert "0.210" in table([COST])


def test_the_slowest_policy_is_no_look():
    times = {"median": 1.0, "longest": 3.0}
    assert slowest({"one": times, "look": {"median": 90.0, "longest": 99.0}}) == 3.0


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n\r\n", "ReceiveMessage"),
        (b"POST /service/G/operation/PutMetricData HTTP/1.1\r\nHost: x\r\n\r\n", "PutMetricData"),
        (b"PUT /bucket/state/leader.json HTTP/1.1\r\nHost: x\r\n\r\n", "PUT object"),
    ],
)
def test_a_call_is_known_by_its_head(head, name):
    assert action(head) == name


def test_pages_are_as_large_as_those_of_ec2():
    found = pages(2_500, "lab", "2026-01-01T00:00:00.000Z")
    assert [page.count(b"<instanceId>") for page in found] == [1000, 1000, 500]
    assert [b"<nextToken>" in page for page in found] == [True, True, False]
    assert len(pages(0, "lab", "2026-01-01T00:00:00.000Z")) == 1
