"""The figures of a tick, and where they go."""

import socket
import urllib.request
from dataclasses import replace

from balancer.answered import Answered
from balancer.cloudwatch import MOST_VALUES, CloudWatchMetrics
from balancer.metrics import Beside, figures
from balancer.patience import Overdue
from balancer.plan import Limits, Plan, Snapshot
from balancer.prometheus import PrometheusMetrics
from balancer.rules import Rules
from balancer.tick import Tick
from wire.errors import QueueUnavailable
from wire.latency import bucket, middle

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


def test_figures_a_tick() -> None:
    found = {figure.name: figure.value for figure in figures(TICK, Beside())}
    assert len(found) == 18
    assert found["QueueDepth"] == 7
    assert found["WorkersDesired"] == 4
    assert found["Launches"] == 1
    assert found["Served"] == 9
    assert found["OldestWait"] == 1.5


def test_an_unknown_wait_is_no_wait_of_zero() -> None:
    tick = replace(TICK, saw=Snapshot(queued=0, in_flight=0, workers=0))
    assert "OldestWait" not in {figure.name for figure in figures(tick, Beside())}


def test_what_costs_something_says_how_much() -> None:
    ended = (Overdue("a", 5.0, "late", booting=True), Overdue("b", 0.0, "stuck"))
    saw = replace(SAW, boot_seconds=40.0)
    tick = replace(TICK, saw=saw, hourly=0.75, ended=ended)
    found = {figure.name: figure.value for figure in figures(tick, Beside(0.0012, 3, 2))}
    assert len(found) == 23
    assert (found["HourlyCost"], found["CostPerThousand"]) == (0.75, 0.0012)
    assert (found["BootSeconds"], found["BootsOverdue"]) == (40.0, 1)
    assert (found["WorkersCriterion"], found["DeadLetters"]) == (3, 2)


def test_launches_that_were_tried_and_did_not_come_are_failures_and_those_held_back_are_none() -> (
    None
):
    wanted = Plan(desired=9, reason="why", launch=6)
    tick = replace(TICK, wanted=wanted, done=replace(wanted, launch=3, held_back=1))
    found = {figure.name: figure.value for figure in figures(tick, Beside())}
    assert (found["Launches"], found["LaunchFailures"]) == (3, 2)


def test_failures_are_the_service_s_own_and_not_a_client_s_or_a_host_s() -> None:
    codes = {"ok": 9, "timed_out": 2, "invalid_url": 4, "upstream_status": 8, "fetch_timeout": 16}
    tick = replace(TICK, answered=Answered(codes=codes), keys_age=12.0)
    found = {f.name: f.value for f in figures(tick, Beside()) if f.code is None}
    assert (found["Answers"], found["Errors"], found["Failures"]) == (39, 30, 2)
    assert found["KeysAge"] == 12.0


async def test_ticks_travel_together() -> None:
    aws = RecordingAws()
    metrics = CloudWatchMetrics(aws, "test")
    for _ in range(12):
        metrics.record(figures(replace(TICK, served=1), Beside()))
    await metrics.put()
    [call] = aws.calls
    assert call["Namespace"] == "ClassifyCloud"
    assert len(call["MetricData"]) == 18
    depth = next(row for row in call["MetricData"] if row["MetricName"] == "QueueDepth")
    assert (depth["Values"], depth["Counts"]) == ([7], [12])
    assert depth["Dimensions"] == [{"Name": "Deployment", "Value": "test"}]


async def test_nothing_to_put_is_no_call() -> None:
    aws = RecordingAws()
    await CloudWatchMetrics(aws, "test").put()
    assert aws.calls == []


async def test_an_outage_costs_its_figures_and_nothing_else() -> None:
    aws = RecordingAws()
    metrics = CloudWatchMetrics(aws, "test")
    aws.down = True
    metrics.record(figures(replace(TICK, served=1), Beside()))
    await metrics.put()
    aws.down = False
    metrics.record(figures(replace(TICK, served=1), Beside()))
    await metrics.put()
    assert [len(row["Values"]) for row in aws.calls[0]["MetricData"]] == [1] * 18


async def test_one_call_carries_no_more_values_than_it_may() -> None:
    aws = RecordingAws()
    metrics = CloudWatchMetrics(aws, "test")
    for count in range(MOST_VALUES + 20):
        metrics.record(figures(replace(TICK, served=count), Beside()))
    await metrics.put()
    sizes = {row["MetricName"]: len(row["Values"]) for row in aws.calls[0]["MetricData"]}
    assert sizes["Served"] == MOST_VALUES
    assert max(sizes.values()) == MOST_VALUES


async def test_errors_go_by_code_and_times_by_how_often_they_occurred() -> None:
    aws = RecordingAws()
    metrics = CloudWatchMetrics(aws, "test")
    fared = Answered(
        {"ok": 40, "timed_out": 2, "upstream_status": 1}, {bucket(0.03): 38, bucket(2.0): 2}
    )
    for _ in range(2):
        metrics.record(figures(replace(TICK, answered=fared), Beside()))
    await metrics.put()
    rows = aws.calls[0]["MetricData"]
    by_code = {
        tuple(each["Value"] for each in row["Dimensions"]): row["Values"]
        for row in rows
        if row["MetricName"] == "Errors"
    }
    assert by_code == {("test",): [3], ("test", "timed_out"): [2], ("test", "upstream_status"): [1]}
    [latency] = [row for row in rows if row["MetricName"] == "Latency"]
    assert dict(zip(latency["Values"], latency["Counts"], strict=True)) == {
        middle(bucket(0.03)): 76,
        middle(bucket(2.0)): 4,
    }


def test_figures_can_be_scraped() -> None:
    metrics = PrometheusMetrics()
    metrics.record(figures(TICK, Beside()))
    metrics.record(figures(replace(TICK, served=1), Beside()))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    metrics.serve(port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    assert "classifycloud_balancer_queue_depth 7.0" in lines
    assert "classifycloud_balancer_oldest_wait_seconds 1.5" in lines
    assert "classifycloud_balancer_workers_busy 2.0" in lines
    assert "classifycloud_balancer_served_total 10.0" in lines
    assert "classifycloud_balancer_launches_total 2.0" in lines
