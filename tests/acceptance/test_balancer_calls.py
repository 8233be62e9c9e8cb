"""What a large fleet costs its balancer in calls: pages and reports, and nothing else that grows."""

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def measured():
    run = subprocess.run(
        [sys.executable, "-m", "bench.balancer", "--json", "--tick=1.5", "--ticks=4"]
        + ["--workers=10", "--workers=1500"],
        stdout=subprocess.PIPE,
        text=True,
        timeout=580,
    )
    assert run.returncode == 0
    return json.loads(run.stdout)


def test_calls_do_not_grow_with_the_fleet_beyond_pages_and_reports(measured):
    small, large = measured["costs"]
    assert (small["seen"], large["seen"]) == (10, 1500)
    assert large["control_calls_a_tick"] <= small["control_calls_a_tick"] + 1.0
    assert large["pages_a_tick"] <= 2 * small["pages_a_tick"] + 0.5
    assert "RunInstances" not in large["calls"]
    assert "TerminateInstances" not in large["calls"]


def test_reports_are_taken_and_removed_ten_at_a_time(measured):
    _, large = measured["costs"]
    # 0.1 and 0.1; receives that find the queue empty, or hold fewer, come on top.
    assert large["calls_a_report"] < 0.35
