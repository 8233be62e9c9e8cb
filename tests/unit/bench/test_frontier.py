"""Who dominates whom, at which settings, and that the frontier asks the simulator for what it says."""

import sys

import pytest

from bench.scaling import frontier
from bench.scaling.dominance import dominates
from bench.scaling.judged import Run, by_us, of_us


def run(wait: float, cost: float, policy: str = "forecast", setting: str = "") -> Run:
    return Run(policy, "trace", 45.0, wait, cost * 10, cost, 0, setting)


@pytest.mark.parametrize(
    ("wait", "cost", "does"),
    [
        (5.0, 10.0, True),  # half the wait at the same cost
        (5.1, 10.0, False),
        (5.0, 10.1, False),
        (10.0, 7.0, True),  # 70 % of the cost at the same wait
        (10.1, 7.0, False),
        (10.0, 7.1, False),
        (1.0, 1.0, True),
    ],
)
def test_to_dominate(wait: float, cost: float, does: bool) -> None:
    assert dominates(run(wait, cost), run(10.0, 10.0, "keda")) is does


def test_a_rival_is_judged_at_each_of_its_settings() -> None:
    keda = [run(10.0, 10.0, "keda", "5"), run(4.0, 11.0, "keda", "1"), run(1.0, 3.0, "keda", "2")]
    assert list(by_us([run(5.0, 9.0)], keda)) == ["not 1, 2"]
    assert list(by_us([run(5.0, 9.0), run(2.0, 9.0)], keda)) == ["not 2"]
    assert list(by_us([run(5.0, 9.0)], keda[:1])) == ["all"]
    assert list(of_us([run(5.0, 9.0), run(2.0, 9.0)], keda)) == ["2"]
    assert list(of_us([run(5.0, 9.0), run(0.5, 9.0)], keda)) == ["none"]


def test_what_comes_after_two_dashes_goes_to_the_simulator(monkeypatch) -> None:
    monkeypatch.setattr(sys, "argv", ["frontier", "a.csv", "--", "--to", "1800"])
    args = frontier.options()
    assert args.traces == ["a.csv"]
    assert args.options == ["--warm-up", "1800", "--to", "1800"]


def test_every_rival_is_run_with_every_queue_length(monkeypatch) -> None:
    asked = []

    def noted(policies, args, option, value, setting):
        asked.extend((policy, option, value, setting) for policy in policies)
        return []

    monkeypatch.setattr(frontier, "simulated", noted)
    frontier.by_length(None)
    lengths = ("1", "2", "3", "4", "5")
    assert set(asked) == {
        (name, "--target-wait" if name == "target-tracking" else "--qos", length, length)
        for name in frontier.RIVALS
        for length in lengths
    }
