"""The figures of a tick, and where they go."""

import socket
import urllib.request
from dataclasses import replace

from balancer.cloudwatch import MOST_VALUES, CloudWatchMetrics
from balancer.metrics import figures
from balancer.patience import Overdue
from balancer.plan import Limits, Plan, Snapshot
from balancer.prometheus import PrometheusMetrics
from balancer.rules import Rules
from balancer.tick import Tick
from wire.errors import QueueUnavailable

SAW = Snapshot(queued=7, in_flight=2, workers=3, idle=1, busy=2, oldest_wait=1.5)
DONE = Plan(desired=4, reason="why", launch=1)
TICK = Tick(1, 1, 0.0, SAW, Rules(Limits()), DONE, DONE, served=9)


class RecordingAws:
    """Takes the place of `wire.aws.Aws`: keeps the calls, fails as long as it is told to."""

    def __init__(self) -> None:
        self.calls = []
        self.down = False

    def client(self, service: str):
        assert service == "cloudwatch"
        return self

    def put_metric_data(self, **call) -> None:
        self.calls.append(call)

    async def call(self, method, **call) -> None:
        if self.down:
            raise QueueUnavailable
        method(**call)


def test_a_dozen_figures_a_tick_and_one() -> None:
    found = {figure.name: figure.value for figure in figures(TICK, None)}
    assert len(found) == 13
    assert found["QueueDepth"] == 7
    assert found["WorkersDesired"] == 4
    assert found["Launches"] == 1
    assert found["Served"] == 9
    assert found["OldestWait"] == 1.5


def test_an_unknown_wait_is_no_wait_of_zero() -> None:
    tick = replace(TICK, saw=Snapshot(queued=0, in_flight=0, workers=0))
    assert "OldestWait" not in {figure.name for figure in figures(tick, None)}


def test_what_costs_something_says_how_much() -> None:
    ended = (Overdue("a", 5.0, "late", booting=True), Overdue("b", 0.0, "stuck"))
    saw = replace(SAW, boot_seconds=40.0)
    tick = replace(TICK, saw=saw, hourly=0.75, ended=ended)
    found = {figure.name: figure.value for figure in figures(tick, 0.0012)}
    assert len(found) == 16
    assert (found["HourlyCost"], found["CostPerThousand"]) == (0.75, 0.0012)
    assert (found["BootSeconds"], found["BootsOverdue"]) == (40.0, 1)


async def test_ticks_travel_together() -> None:
    aws = RecordingAws()
    metrics = CloudWatchMetrics(aws, "test")
    for _ in range(12):
        metrics.record(figures(replace(TICK, served=1), None))
    await metrics.put()
    [call] = aws.calls
    assert call["Namespace"] == "ClassifyCloud"
    assert len(call["MetricData"]) == 13
    depth = next(row for row in call["MetricData"] if row["MetricName"] == "QueueDepth")
    assert depth["Values"] == [7] * 12
    assert depth["Counts"] == [1] * 12
    assert depth["Dimensions"] == [{"Name": "Deployment", "Value": "test"}]


async def test_nothing_to_put_is_no_call() -> None:
    aws = RecordingAws()
    await CloudWatchMetrics(aws, "test").put()
    assert aws.calls == []


async def test_an_outage_costs_its_figures_and_nothing_else() -> None:
    aws = RecordingAws()
    metrics = CloudWatchMetrics(aws, "test")
    aws.down = True
    metrics.record(figures(replace(TICK, served=1), None))
    await metrics.put()
    aws.down = False
    metrics.record(figures(replace(TICK, served=1), None))
    await metrics.put()
    assert [len(row["Values"]) for row in aws.calls[0]["MetricData"]] == [1] * 13


async def test_one_call_carries_no_more_values_than_it_may() -> None:
    aws = RecordingAws()
    metrics = CloudWatchMetrics(aws, "test")
    for _ in range(MOST_VALUES + 20):
        metrics.record(figures(replace(TICK, served=1), None))
    await metrics.put()
    assert {len(row["Values"]) for row in aws.calls[0]["MetricData"]} == {MOST_VALUES}


def test_figures_can_be_scraped() -> None:
    metrics = PrometheusMetrics()
    metrics.record(figures(TICK, None))
    metrics.record(figures(replace(TICK, served=1), None))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    metrics.serve(port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    assert "classifycloud_queue_depth 7.0" in lines
    assert "classifycloud_workers_busy 2.0" in lines
    assert "classifycloud_served_total 10.0" in lines
    assert "classifycloud_launches_total 2.0" in lines
