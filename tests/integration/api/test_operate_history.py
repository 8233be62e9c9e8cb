"""What the balancer puts to CloudWatch, the operator's page reads there: the same names, the same units."""

import pytest

from api.operate.history import WINDOWS, History
from balancer.answered import Answered
from balancer.cloudwatch import CloudWatchMetrics
from balancer.metrics import Beside, figures
from balancer.plan import Limits, Plan, Snapshot
from balancer.rules import Rules
from balancer.tick import Tick
from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.latency import bucket, middle

SAW = Snapshot(queued=7, in_flight=2, workers=3, idle=1, busy=2, arrived=40, oldest_wait=1.5)
DONE = Plan(desired=4, reason="why", launch=1)
FARED = Answered({"ok": 96, "timed_out": 4}, {bucket(0.03): 95, bucket(9.0): 1})
TICK = Tick(1, 1, 0.0, SAW, Rules(Limits()), DONE, DONE, (), 0.25, 96, {}, FARED)


@pytest.fixture
async def calls(endpoints, aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", endpoints["S3"])
    made = Aws("us-east-1")
    yield made
    await made.close()


async def test_what_was_put_is_read(calls) -> None:
    metrics = CloudWatchMetrics(calls, "history")
    for _ in range(3):
        metrics.record(figures(TICK, Beside(0.001)))
    await metrics.put()
    # Somebody else's are not ours.
    other = CloudWatchMetrics(calls, "other")
    other.record(figures(TICK, Beside(0.001)))
    await other.put()
    for name, window in WINDOWS.items():
        told = await History(calls, "history").read(name)
        assert len(told["at"]) == window.seconds // window.period + 1
        lines = told["series"] | {f"code {code}": line for code, line in told["codes"].items()}
        found = {
            name: max(value for value in line if value is not None)
            for name, line in lines.items()
            if any(line)
        }
        assert found["arrived"] == 120
        assert (found["queued"], found["inFlight"], found["oldest"]) == (7, 2, 1.5)
        assert (found["busy"], found["idle"], found["desired"]) == (2, 1, 4)
        assert (found["answers"], found["errors"], found["code timed_out"]) == (300, 12, 12)
        assert (found["hourly"], found["perThousand"]) == (0.25, 0.001)
        assert found["p50"] == pytest.approx(middle(bucket(0.03)))
        # One answer in 96 took 9 s: the rank lies at the step, and it is interpolated here and not there.
        assert 0.999 * middle(bucket(0.03)) <= found["p99"] <= 1.001 * middle(bucket(9.0))


async def test_an_outage_is_one(monkeypatch, aws) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    made = Aws("us-east-1")
    with pytest.raises(QueueUnavailable):
        await History(made, "history").read("3h")
    await made.close()
